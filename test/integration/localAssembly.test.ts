/** Synthesis once for each state of the sources, in a small project of its own. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAssembly } from '../../local/cloudFormation/assembly/assembly.ts';
import { fingerprint, SOURCES } from '../../local/cloudFormation/assembly/fingerprint.ts';
import { loadAssembly } from '../../local/cloudFormation/cloudTemplate.ts';

let root: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** Stands for the CDK app: writes an assembly of one stack, and counts how often it ran. */
const APP = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
const folder: string = process.env.CDK_OUTDIR ?? '';
const context = JSON.parse(process.env.CDK_CONTEXT_JSON ?? '{}');
appendFileSync('runs', 'x');
if (context.broken) throw new Error('no such construct');
mkdirSync(folder);
const json = (name: string, value: object) => writeFileSync(folder + '/' + name, JSON.stringify(value));
json('manifest.json', { artifacts: {
  Tree: { type: 'cdk:tree' },
  Assets: { type: 'cdk:asset-manifest', properties: { file: 'Stack.assets.json' } },
  Stack: { type: 'aws:cloudformation:stack', displayName: context.name, properties: { templateFile: 'Stack.template.json' } },
} });
json('Stack.assets.json', { files: { hash: { source: { path: 'asset.hash' }, destinations: { d: { objectKey: 'hash.zip' } } } } });
json('Stack.template.json', { Resources: {} });
`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sheaf-assembly-'));
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  write('package.json', '{"type":"module"}');
  write('package-lock.json', '{}');
  write('tsconfig.json', '{}');
  write('cdk.json', '{"context":{"name":"Small"}}');
  write('infra/app.ts', APP);
  write('functions/api/handler.ts', 'export const handler = 1;');
  write('shared/names.ts', '');
  for (const source of SOURCES) {
    if (!source.includes('.')) write(`${source}/x.ts`, '');
  }
  write('examples/offer-letter.docx', '');
  write('examples/people.csv', '');
  write('local/time.ts', '');
  write('local/lambda/bootstrap.ts', 'console.log("bootstrap");');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const runs = () => readFileSync(join(root, 'runs'), 'utf8').length;

describe('prepareAssembly', () => {
  it('makes the assembly, and finds it again at the next start', async () => {
    const first = await prepareAssembly(root);
    const second = await prepareAssembly(root);
    expect([first.reused, second.reused, runs()]).toEqual([false, true, 1]);
    expect(second.folder).toBe(first.folder);
    expect(readFileSync(first.bootstrapPath, 'utf8')).toContain('bootstrap');
    expect(await loadAssembly(first.folder)).toEqual({
      stackName: 'Small',
      template: { Parameters: {}, Resources: {}, Outputs: {} },
      assetFolders: new Map([['hash.zip', join(first.folder, 'asset.hash')]]),
    });
  });

  it('makes it once for starts at the same moment', async () => {
    const all = await Promise.all([1, 2, 3].map(() => prepareAssembly(root)));
    expect(all.filter(({ reused }) => !reused)).toHaveLength(1);
    expect(runs()).toBe(1);
  });

  it('makes it anew when a source has changed, but not for its date', async () => {
    await prepareAssembly(root);
    utimesSync(join(root, 'infra/app.ts'), new Date(), new Date());
    await prepareAssembly(root);
    expect(runs()).toBe(1);
    for (const path of ['functions/api/handler.ts', 'shared/deep/new.ts', 'package-lock.json']) {
      write(path, `// ${path}`);
      await prepareAssembly(root);
    }
    expect(runs()).toBe(4);
  });

  it('says what the app printed when it fails, and leaves nothing that a next start would take', async () => {
    write('cdk.json', '{"context":{"broken":true}}');
    await expect(prepareAssembly(root)).rejects.toThrow(/infra\/app\.ts.*no such construct/s);
    await expect(prepareAssembly(root)).rejects.toThrow(/no such construct/);
    expect(readdirSync(join(root, 'build', 'local'))).toEqual([]);
  });

  it('removes what no start has used for long', async () => {
    const made: string[] = [];
    for (let i = 0; i < 6; i++) {
      write('shared/names.ts', `// ${i}`);
      const { folder } = await prepareAssembly(root);
      made.push(folder);
      const old = new Date(Date.now() - (10 - i) * 3_600_000);
      utimesSync(folder, old, old);
    }
    // What came last is the newest of all; of the others two stay.
    const left = readdirSync(join(root, 'build', 'local')).map((name) =>
      join(root, 'build', 'local', name),
    );
    expect(left.sort()).toEqual(made.slice(-4).sort());
  });
});

describe('fingerprint', () => {
  it('covers every module that the bootstrap of functions is made from', () => {
    const { metafile } = buildSync({
      entryPoints: ['local/lambda/bootstrap.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
      metafile: true,
    });
    const isCovered = (path: string) =>
      SOURCES.some((source) => path === source || path.startsWith(`${source}/`));
    expect(Object.keys(metafile.inputs).filter((path) => !isCovered(path))).toEqual([]);
  });

  it('tells apart what is in two files from what is in one', async () => {
    write('shared/a.ts', 'ab');
    write('shared/b.ts', 'c');
    const before = await fingerprint(root);
    write('shared/a.ts', 'a');
    write('shared/b.ts', 'bc');
    expect(await fingerprint(root)).not.toBe(before);
  });
});
