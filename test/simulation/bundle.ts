/**
 * Bundles the project's code with the simulated world in place of the real one: what functions/runtime has of
 * AWS and of the platform is replaced, and nothing else. A mutation changes a line on the way.
 */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build as bundle, type Plugin } from 'esbuild';

/** A fault that is put into the code. */
export interface Mutation {
  readonly name: string;
  /** From this seed on it is found soon. */
  readonly seed: number;
  /** Below the project's root. */
  readonly file: string;
  /** Text that stands in it once. */
  readonly from: string;
  readonly to: string;
}

const root = join(import.meta.dirname, '../..');
const RUNTIME = join(import.meta.dirname, 'world/runtime.ts');
/** Stands for the platform's Request, Response and Headers. */
const FETCH = join(import.meta.dirname, 'world/fetch.ts');

/** Modules of functions/runtime that reach outside. */
const REPLACED = /^functions\/runtime\/(ports|ports\/\w+|logging|metrics|tracing|environment)\.ts$/;

/** What is otherwise in every simulated world, and is no fault. */
const OTHERWISE: readonly Omit<Mutation, 'seed'>[] = [
  // Tasks of fewer documents are one shard: few enough that small tasks meet both.
  {
    name: 'small tasks are measured, too',
    file: 'shared/limits.ts',
    from: 'export const PROBE_DOCUMENTS = 2_000;',
    to: 'export const PROBE_DOCUMENTS = 24;',
  },
  // A clock that stands still while rows are measured lets them be rendered a hundred times.
  {
    name: 'rows are measured once',
    file: 'shared/shards/sample.ts',
    from: 'const MAX_ROUNDS = 100;',
    to: 'const MAX_ROUNDS = 1;',
  },
  // What a process keeps of an earlier task would outlive its world, and a scenario would not repeat to the letter.
  {
    name: 'every process reads an earlier task anew',
    file: 'shared/reuse/baseDocuments.ts',
    from: "const kept = new WeakMap<Ports['objects'], Kept>();",
    to: 'const kept = { get: (_: unknown): Kept | undefined => undefined, set: () => undefined };',
  },
  {
    name: 'every process reads corrections anew',
    file: 'shared/dataSources/corrections.ts',
    from: 'if (latest?.key === key) return latest.corrections;',
    to: '',
  },
  // The gateway answers in virtual time.
  {
    name: 'no answer is waited for in real time',
    file: 'client/call.ts',
    from: 'AbortSignal.timeout(ANSWER_TIMEOUT_MS)',
    to: 'new AbortController().signal',
  },
];

/** @throws Error when a mutation's text does not stand in its file exactly once */
export async function bundleEngine(outfile: string, mutations: readonly Mutation[] = []) {
  const all = [...OTHERWISE, ...mutations];
  const simulated: Plugin = {
    name: 'simulated',
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
        const file = relative(root, join(resolveDir, path));
        const isReplaced = REPLACED.test(file) && importer !== RUNTIME;
        return isReplaced ? { path: RUNTIME } : undefined;
      });
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const here = all.filter(({ file }) => join(root, file) === path);
        if (here.length === 0) return undefined;
        let contents = await readFile(path, 'utf8');
        for (const { name, from, to } of here) {
          if (contents.split(from).length !== 2) {
            throw new Error(
              `The mutation "${name}" does not fit ${relative(root, path)} any more.`,
            );
          }
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
  await bundle({
    absWorkingDir: root,
    entryPoints: [join(import.meta.dirname, 'engine.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    define: { 'import.meta.dirname': '__dirname' },
    inject: [FETCH],
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'error',
    plugins: [simulated],
  });
}
