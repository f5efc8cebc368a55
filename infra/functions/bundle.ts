/** Bundles all functions with esbuild: each becomes build/functions/<name>/index.mjs. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { build, stop, type OutputFile, type Plugin } from 'esbuild';
import { FUNCTIONS, type FunctionName } from '../../shared/names.ts';
import { handlerPath } from './handlerPath.ts';

/** The code of a function, by its name. Tests give another one, so that they need no bundles. */
export type FunctionCode = (name: FunctionName) => Code;

/** The oldest Node.js that runs the bundles: the local cloud's. Lambda's is newer. */
const TARGET = 'node20.19';

/** What an ES module lacks and CommonJS packages inside the bundle ask for. */
const COMMONJS_GLOBALS =
  "import{createRequire}from'node:module';" +
  "import{fileURLToPath as __toPath}from'node:url';" +
  "import{dirname as __toDirectory}from'node:path';" +
  'const require=createRequire(import.meta.url);' +
  'const __filename=__toPath(import.meta.url);' +
  'const __dirname=__toDirectory(__filename);';

/**
 * Leaves dependencies out of the source maps, by giving each a map that holds one position only.
 * Node.js reads a whole map at the first stack that it prints: with dependencies that took 75 MB and
 * a third of a second of renderShard's cold start.
 */
const ownSourcesOnly: Plugin = {
  name: 'own-sources-only',
  setup(bundler) {
    const map = { version: 3, sources: ['dependency'], mappings: 'AAAA' };
    const encoded = Buffer.from(JSON.stringify(map)).toString('base64');
    const comment = `\n//# sourceMappingURL=data:application/json;base64,${encoded}`;
    bundler.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')) + comment,
      loader: 'js',
    }));
  },
};

/**
 * How much garbage esbuild may let pile up, in per cent of what it holds (Go, runtime/debug,
 * SetGCPercent). By default it is made for machines with memory to spare: 570 MB for our bundles.
 */
const ESBUILD_GARBAGE_PERCENT = '50';

/**
 * Builds the bundles of all functions, one after the other: all at once would be a little faster and
 * take three times the memory, on machines that are about to run everything else, too.
 * @param root the folder that holds functions/ and build/
 * @throws Error that names the handlers that are missing, or what esbuild found
 */
export async function bundledFunctions(root: string): Promise<FunctionCode> {
  requireHandlers(root);
  process.env['GOGC'] ??= ESBUILD_GARBAGE_PERCENT;
  const files: OutputFile[] = [];
  for (const name of FUNCTIONS) files.push(...(await bundle(root, name)));
  await stop();
  for (const file of files) writeIfChanged(file.path, file.contents);
  // Loaded only now, so that esbuild and the CDK are not in memory at the same time.
  const { Code } = await import('aws-cdk-lib/aws-lambda');
  return (name) => Code.fromAsset(join(root, 'build/functions', name));
}

async function bundle(root: string, name: FunctionName): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: handlerPath(name), out: `${name}/index` }],
    outdir: 'build/functions',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: TARGET,
    // The AWS SDK goes in as well: what Lambda brings along differs by region and day.
    mainFields: ['module', 'main'],
    banner: { js: COMMONJS_GLOBALS },
    // Identifiers stay as they are: stacks in dependencies are read without a map.
    minifySyntax: true,
    minifyWhitespace: true,
    // Node.js prints the line at which a module failed: not all of it.
    lineLimit: 500,
    sourcemap: true,
    sourcesContent: false,
    plugins: [ownSourcesOnly],
    legalComments: 'external',
    logLevel: 'silent',
    write: false,
  });
  return outputFiles;
}

function requireHandlers(root: string): void {
  const missing = FUNCTIONS.map(handlerPath).filter((path) => !existsSync(join(root, path)));
  if (missing.length === 0) return;
  throw new Error(
    `Cannot bundle: ${missing.join(', ')} not found under ${root}. ` +
      'Every name in FUNCTIONS (shared/names.ts) needs a folder with a handler.',
  );
}

/** Replaces the file as a whole, so that a synthesis beside this one never reads half a bundle. */
function writeIfChanged(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}
