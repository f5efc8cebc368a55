/**
 * The two passes of esbuild that make the bundles. The functions share most of their modules, and reading
 * and pruning modules is most of the work: the first pass does it once for all, the second makes the one
 * file of each function from what the first gave (docs/adr/0047-two-passes-and-a-code-cache.md).
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { build, type BuildOptions, type OutputFile, type Plugin } from 'esbuild';
import { engineBuildOf } from './engineBuild.ts';

/** What is made: one file for each name, `<outdir>/<name>/index.cjs`. */
export interface Bundles {
  /** Absolute folder that paths are relative to. */
  readonly root: string;
  /** Absolute folder of the results. */
  readonly outdir: string;
  /** The module that each is made from, relative to `root`, by name. */
  readonly entries: ReadonlyMap<string, string>;
  /** Modules that stand for others: a path relative to `root`, by what is imported. */
  readonly replaced: Readonly<Record<string, string>>;
}

/** The oldest Node.js that runs the bundles: the local cloud's. Lambda's is newer. */
const TARGET = 'node20.19';

const COMMON = {
  bundle: true,
  platform: 'node',
  target: TARGET,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'silent',
  // CommonJS has none of it: a module that asked for it would find undefined.
  logOverride: { 'empty-import-meta': 'error' },
  write: false,
} satisfies BuildOptions;

/**
 * Makes the bundles, in memory.
 * @throws Error with what esbuild found, and where
 */
export async function bundleAll(bundles: Bundles): Promise<OutputFile[]> {
  return joined(bundles, await pruned(bundles));
}

/** First pass: each module read once; what several functions use is in files between them. */
async function pruned({ root, outdir, entries, replaced }: Bundles): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    ...COMMON,
    absWorkingDir: root,
    outdir,
    entryPoints: [...entries].map(([name, path]) => ({ in: path, out: `${name}/index` })),
    alias: Object.fromEntries(
      Object.entries(replaced).map(([name, path]) => [name, join(root, path)]),
    ),
    format: 'esm',
    splitting: true,
    define: { SHEAF_ENGINE_BUILD: JSON.stringify(engineBuildOf(root)) },
    // The AWS SDK goes in as well: what Lambda brings along differs by region and day.
    mainFields: ['module', 'main'],
    minifySyntax: true,
    // Whitespace stays for now: what a map says of a place holds up to the end of its line.
    legalComments: 'inline',
    plugins: [ownSourcesOnly],
  });
  return outputFiles;
}

/** Second pass: one CommonJS file for each function. */
async function joined(
  { root, outdir, entries }: Bundles,
  pieces: readonly OutputFile[],
): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    ...COMMON,
    absWorkingDir: root,
    outdir,
    entryPoints: [...entries.keys()].map((name) => ({
      in: join(outdir, name, 'index.js'),
      out: `${name}/index`,
    })),
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    // import() becomes require(): V8 does not find the way back to it from code that it kept.
    supported: { 'dynamic-import': false },
    // Identifiers stay as they are: stacks in dependencies are read without a map.
    minifyWhitespace: true,
    // Node.js prints the line at which a module failed: not all of it.
    lineLimit: 500,
    legalComments: 'external',
    plugins: [inMemory(pieces)],
  });
  return outputFiles;
}

/**
 * Leaves dependencies out of the source maps, by giving each a map that holds one position only.
 * Node.js reads a whole map at the first stack that it prints: with dependencies that took 75 MB and
 * a third of a second of renderShard's cold start.
 */
const ownSourcesOnly: Plugin = {
  name: 'own-sources-only',
  setup(bundler) {
    const map = { version: 3, sources: ['dependency'], mappings: 'AAAA' };
    const comment = mapComment(Buffer.from(JSON.stringify(map)));
    bundler.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')) + comment,
      loader: 'js',
    }));
  },
};

/** Reads what the first pass gave from where it would have been written to. */
function inMemory(pieces: readonly OutputFile[]): Plugin {
  const byPath = new Map(pieces.map((piece) => [piece.path, piece]));
  return {
    name: 'in-memory',
    setup(bundler) {
      bundler.onResolve({ filter: /./ }, ({ path, importer }) => {
        const absolute = resolve(dirname(importer), path);
        // The others are modules of Node.js itself.
        return byPath.has(absolute) ? { path: absolute } : { path, external: true };
      });
      bundler.onLoad({ filter: /./ }, ({ path }) => {
        const map = byPath.get(`${path}.map`);
        return {
          contents: (byPath.get(path)?.text ?? '') + (map ? mapComment(map.contents) : ''),
          loader: 'js',
        };
      });
    },
  };
}

const mapComment = (map: Uint8Array) =>
  `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`;
