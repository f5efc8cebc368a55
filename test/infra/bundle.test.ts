import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundledFunctions } from '../../infra/functions/bundle.ts';
import { FUNCTIONS } from '../../shared/names.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sheaf-bundle-'));
  // What the build of the engines is known by.
  write('shared/engine.ts', '');
  write('package-lock.json', '{}');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const bundlePath = (name: string) => join(root, 'build/functions', name, 'index.cjs');

function writeHandlers(text = "export const handler = async () => 'done';\n"): void {
  for (const name of FUNCTIONS) write(`functions/${name}/handler.ts`, text);
}

describe('bundles', () => {
  it('are one CommonJS file a function, with a map without sources', async () => {
    writeHandlers();
    await bundledFunctions(root);
    for (const name of FUNCTIONS) {
      expect(readFileSync(bundlePath(name), 'utf8')).toContain('0&&(module.exports={handler})');
      const map: unknown = JSON.parse(readFileSync(`${bundlePath(name)}.map`, 'utf8'));
      expect(map).toMatchObject({ sources: [expect.stringContaining(name)] });
      expect(map).not.toHaveProperty('sourcesContent');
    }
  });

  it('keep dependencies out of the maps, which are read when a stack is printed', async () => {
    write('node_modules/large/index.js', 'export const large = () => 1;\n');
    write('node_modules/large/package.json', '{"name": "large", "type": "module"}');
    writeHandlers("import { large } from 'large';\nexport const handler = () => large();\n");
    await bundledFunctions(root);
    const map: unknown = JSON.parse(readFileSync(`${bundlePath('api')}.map`, 'utf8'));
    expect(map).toMatchObject({
      sources: [expect.stringMatching(/dependency$/), expect.stringMatching(/api\/handler.ts$/)],
    });
  });

  it('load what is imported on demand by require, which code that V8 kept can do as well', async () => {
    writeHandlers("export const handler = async () => (await import('node:os')).EOL;\n");
    await bundledFunctions(root);
    const code = readFileSync(bundlePath('api'), 'utf8');
    expect(code).toContain('require("node:os")');
    expect(code).not.toMatch(/\bimport\(/);
  });

  it('hold no client that their function does not use, though modules are shared', async () => {
    write('node_modules/client/index.js', 'export class Client {}\nglobalThis.client = Client;\n');
    write('node_modules/client/package.json', '{"name": "client", "type": "module"}');
    write(
      'shared/client.ts',
      "import { Client } from 'client';\nexport const open = () => new Client();",
    );
    writeHandlers();
    const uses = "import { open } from '../../shared/client.ts';\nexport const handler = open;\n";
    write('functions/api/handler.ts', uses);
    write('functions/stream/handler.ts', uses);
    await bundledFunctions(root);
    const holding = FUNCTIONS.filter((name) =>
      readFileSync(bundlePath(name), 'utf8').includes('Client'),
    );
    expect(holding.sort()).toEqual(['api', 'stream']);
  });

  it('let a stack name our own files and lines', async () => {
    writeHandlers('\n\nexport const handler = 1;\nthrow new Error("broken");\n');
    await bundledFunctions(root);
    const child = spawnSync(process.execPath, ['--enable-source-maps', bundlePath('api')]);
    expect(child.stderr.toString()).toContain('functions/api/handler.ts:4');
  });

  it('run CommonJS packages, which ask for require, __filename and __dirname', async () => {
    write('node_modules/old/package.json', '{"name": "old", "main": "index.js"}');
    write(
      'node_modules/old/index.js',
      "const path = require('path'); module.exports = () => path.relative(__dirname, __filename);",
    );
    writeHandlers("import old from 'old';\nconsole.log(old());\nexport const handler = old;\n");
    await bundledFunctions(root);
    // A process of its own: `require` exists in tests, and would hide that bundles lack it.
    const said = execFileSync(process.execPath, [bundlePath('api')], { encoding: 'utf8' });
    expect(said).toBe('index.cjs\n');
  });

  it('are left alone when nothing changed, so that a process that reads them is not disturbed', async () => {
    writeHandlers();
    await bundledFunctions(root);
    const before = statSync(bundlePath('api'));
    await bundledFunctions(root);
    expect(statSync(bundlePath('api')).ino).toBe(before.ino);
    writeHandlers("export const handler = async () => 'changed';\n");
    await bundledFunctions(root);
    expect(readFileSync(bundlePath('api'), 'utf8')).toContain('changed');
  });

  it('are not begun while a handler is missing: the message names it', async () => {
    writeHandlers();
    rmSync(join(root, 'functions/stream'), { recursive: true });
    await expect(bundledFunctions(root)).rejects.toThrow('functions/stream/handler.ts');
    expect(existsSync(bundlePath('api'))).toBe(false);
  });

  it('are not written when one cannot be built: the message names place and fault', async () => {
    writeHandlers();
    write('functions/planShards/handler.ts', "export { handler } from './nowhere.ts';\n");
    await expect(bundledFunctions(root)).rejects.toThrow(
      /functions\/planShards\/handler.ts:1:.*nowhere/,
    );
    expect(existsSync(bundlePath('api'))).toBe(false);
  });
});
