/** Bundles all functions with esbuild: each becomes build/functions/<name>/index.cjs. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { stop } from 'esbuild';
import { CONSOLE_FOLDER } from '../../shared/console/consoleFiles.ts';
import { FUNCTIONS, type FunctionName } from '../../shared/names.ts';
import { handlerPath } from './handlerPath.ts';
import { bundleAll } from './passes.ts';

/** The code of a function, by its name. Tests give another one, so that they need no bundles. */
export type FunctionCode = (name: FunctionName) => Code;

/**
 * How much garbage esbuild may let pile up, in per cent of what it holds (Go, runtime/debug,
 * SetGCPercent). By default it is made for machines with memory to spare.
 */
const ESBUILD_GARBAGE_PERCENT = '50';

/**
 * Left out of the bundles: the SDK's search for credentials in files, of single sign-on, of other
 * processes and machines, a sixth of every bundle. Lambda gives them in the environment.
 */
const REPLACED = {
  '@aws-sdk/credential-provider-node': 'functions/runtime/credentials.ts',
};

/**
 * Builds the bundles of all functions.
 * @param root the folder that holds functions/ and build/
 * @throws Error that names the handlers that are missing, or what esbuild found
 */
export async function bundledFunctions(root: string): Promise<FunctionCode> {
  requireHandlers(root);
  process.env['GOGC'] ??= ESBUILD_GARBAGE_PERCENT;
  const outdir = join(root, 'build/functions');
  const entries = new Map(FUNCTIONS.map((name) => [name, handlerPath(name)]));
  const files = await bundleAll({ root, outdir, entries, replaced: REPLACED });
  await stop();
  for (const file of files) writeIfChanged(file.path, file.contents);
  // Loaded only now, so that esbuild and the CDK are not in memory at the same time.
  const { Code } = await import('aws-cdk-lib/aws-lambda');
  return (name) => Code.fromAsset(join(outdir, name));
}

/** Where the function that publishes the console finds its files: beside its own code. */
export const consoleFolder = (root: string): string =>
  join(root, 'build/functions', 'publishConsole' satisfies FunctionName, CONSOLE_FOLDER);

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
