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

/** Modules of functions/runtime that reach outside. */
const REPLACED = /^functions\/runtime\/(ports|ports\/\w+|logging|metrics|tracing|environment)\.ts$/;

/** Tasks of fewer documents are one shard: few enough that small tasks meet both. */
const SMALL_PROBE: Omit<Mutation, 'seed'> = {
  name: 'small tasks are measured, too',
  file: 'shared/limits.ts',
  from: 'export const PROBE_DOCUMENTS = 2_000;',
  to: 'export const PROBE_DOCUMENTS = 24;',
};

/** @throws Error when a mutation's text does not stand in its file exactly once */
export async function bundleEngine(outfile: string, mutations: readonly Mutation[] = []) {
  const all = [SMALL_PROBE, ...mutations];
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
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'error',
    plugins: [simulated],
  });
}
