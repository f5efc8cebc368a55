import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SOURCE = `const answer = () => 42; module.exports = { handler: () => answer() };`;

/** The module under test, as JavaScript. */
const { outputFiles: LOADER } = buildSync({
  entryPoints: [fileURLToPath(new URL('../../../../local/lambda/loadBundle.ts', import.meta.url))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});

let folder: string;
let path: string;
let script: string;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'sheaf-bundle-'));
  folder = join(root, 'bundle');
  mkdirSync(folder);
  path = join(folder, 'index.cjs');
  writeFileSync(path, SOURCE);
  for (const { text } of LOADER) writeFileSync(join(root, 'loadBundle.mjs'), text);
  script = join(root, 'run.mjs');
  writeFileSync(
    script,
    `import { loadBundle } from './loadBundle.mjs';
    const { exports, keepCode } = loadBundle(process.argv[2]);
    process.stdout.write(String(exports.handler()));
    keepCode();`,
  );
});
afterEach(() => rmSync(dirname(script), { recursive: true }));

/**
 * Loads the bundle, runs it, keeps its code; gives what the handler answered. In a process of its own: V8
 * looks at no kept code for a source that the same process has compiled before.
 */
const runOnce = () => execFileSync(process.execPath, [script, path], { encoding: 'utf8' });
const codePath = () => `${path}.${process.versions.v8}-${process.arch}.code`;
const inode = () => statSync(codePath()).ino;

/** Two checksums come before what V8 gave. */
const HEADER_BYTES = 8;

describe('the compiled code of a bundle', () => {
  it('is kept under the name of the V8 that made it, and taken by the same', () => {
    expect(runOnce()).toBe('42');
    const before = inode();
    expect(runOnce()).toBe('42');
    // What V8 had refused would have been written anew.
    expect(inode()).toBe(before);
  });

  it('is kept once more when it has seen more events', () => {
    const events = (count: number) =>
      execFileSync(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `import { statSync } from 'node:fs';
          import { loadBundle } from ${JSON.stringify(join(dirname(script), 'loadBundle.mjs'))};
          const { keepCode } = loadBundle(${JSON.stringify(path)});
          const inodes = [];
          for (let i = 0; i < ${count}; i++) {
            keepCode();
            inodes.push(statSync(${JSON.stringify(codePath())}).ino);
          }
          process.stdout.write(String(new Set(inodes).size));`,
        ],
        { encoding: 'utf8' },
      );
    expect(events(20)).toBe('2');
    // What was taken is not written again.
    expect(events(20)).toBe('1');
  });

  it('of another V8 stays as it is beside that of this one', () => {
    const other = `${path}.12.4.254.21-node.33-${process.arch}.code`;
    writeFileSync(other, 'of another');
    expect(runOnce()).toBe('42');
    expect(readFileSync(other, 'utf8')).toBe('of another');
    expect(readdirSync(folder)).toHaveLength(3);
  });

  // CodeSerializer's header: magic number, version, checksum of the source, flags, each of four bytes.
  it.each([
    ['magic number', 0],
    ['version', 4],
    ['flags', 12],
  ])('is refused by V8 when its %s is another, and made anew', (_, place) => {
    runOnce();
    const kept = readFileSync(codePath());
    const code = Buffer.from(kept.subarray(HEADER_BYTES));
    code.writeUInt32LE((code.readUInt32LE(place) ^ 1) >>> 0, place);
    const foreign = Buffer.concat([kept.subarray(0, HEADER_BYTES), code]);
    foreign.writeUInt32LE(crc32(code), 4);
    writeFileSync(codePath(), foreign);
    expect(runOnce()).toBe('42');
    expect(readFileSync(codePath()).subarray(HEADER_BYTES)).not.toEqual(code);
    const mended = inode();
    expect(runOnce()).toBe('42');
    expect(inode()).toBe(mended);
  });
});

describe('a stack', () => {
  it.each([
    ['while it loads', 'throw new Error("early");'],
    ['when it is called', 'export const handler = () => { throw new Error("late"); };'],
  ])('of what fails %s names the source', (_, code) => {
    buildSync({
      stdin: { contents: `\n\n${code}`, sourcefile: 'original.ts', loader: 'ts' },
      outfile: path,
      platform: 'node',
      format: 'cjs',
      sourcemap: 'linked',
    });
    const result = spawnSync(process.execPath, ['--enable-source-maps', script, path], {
      encoding: 'utf8',
    });
    expect(result.stderr).toContain('original.ts:3:');
  });
});
