/**
 * The cloud assembly that the local cloud runs: synthesized once for each state of the sources, kept
 * under build/local/, so that a second start reads files only.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { z } from 'zod';
import { explained } from '../../disk/diskFault.ts';
import { takeLock, type Lock } from '../../disk/lockFile.ts';
import { fingerprint } from './fingerprint.ts';

export interface PreparedAssembly {
  /** Folder with manifest.json, the template and the assets. */
  readonly folder: string;
  /** The worker threads' entry, as plain JavaScript. */
  readonly bootstrapPath: string;
  /** Whether an earlier start had made it. */
  readonly reused: boolean;
}

/** Assemblies besides the newest are removed when no local cloud has used them for this long. */
const KEPT_MS = 3600 * 1000;
const KEPT_COUNT = 3;

/** The project's folder: the nearest one above this module that holds cdk.json, bundled or not. */
export function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'cdk.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('There is no cdk.json above the local cloud.');
    folder = parent;
  }
  return folder;
}

/**
 * Marks an assembly as used, now and then, as functions load their bundles when they are needed.
 * @returns stops it
 */
export function keepInUse({ folder }: PreparedAssembly): () => void {
  const timer = setInterval(() => {
    // Gone only if somebody has removed build/: the next start makes it again.
    utimes(folder, new Date(), new Date()).catch(() => undefined);
  }, KEPT_MS / 4);
  return () => clearInterval(timer);
}

/**
 * The assembly of the present sources, made if need be. Several starts at once make it once.
 * @param root the project's folder, with cdk.json in it
 * @param onSynthesis told before the synthesis, which takes some seconds
 * @throws with what the CDK app printed, when it cannot be synthesized
 */
export async function prepareAssembly(
  root: string,
  onSynthesis: () => void = () => undefined,
): Promise<PreparedAssembly> {
  const cache = join(root, 'build', 'local');
  const folder = join(cache, (await fingerprint(root)).slice(0, 20));
  const prepared = { folder, bootstrapPath: join(folder, 'bootstrap.mjs') };
  if (await isThere(folder)) {
    await utimes(folder, new Date(), new Date());
    return { ...prepared, reused: true };
  }
  const lock = await openCache(cache);
  try {
    if (await isThere(folder)) return { ...prepared, reused: true };
    onSynthesis();
    await removeOld(cache);
    // Made beside, then renamed: a folder of this name is always whole.
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await synthesize(root, unfinished);
    bundleBootstrap(root, unfinished);
    await rename(unfinished, folder);
    return { ...prepared, reused: false };
  } finally {
    lock.release();
  }
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** @throws Error that says what to do when the folder cannot be written */
async function openCache(cache: string): Promise<Lock> {
  try {
    await mkdir(cache, { recursive: true });
    return await waitForLock(join(cache, 'lock'));
  } catch (error) {
    const remedy = 'Let this user write the folder of the project.';
    throw explained(error, `What is made of infra/ cannot be kept in ${cache}`, remedy);
  }
}

async function waitForLock(path: string): Promise<Lock> {
  for (;;) {
    const lock = takeLock(path);
    if (!('heldBy' in lock)) return lock;
    await sleep(100);
  }
}

async function removeOld(cache: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(cache, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const path = join(cache, name);
        return { path, usedAt: (await stat(path)).mtimeMs };
      }),
  );
  const byAge = folders.sort((a, b) => b.usedAt - a.usedAt);
  for (const { path, usedAt } of byAge.slice(KEPT_COUNT)) {
    if (Date.now() - usedAt > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}

const CdkJsonSchema = z.object({ context: z.record(z.string(), z.unknown()).default({}) });

/** Each stream is a thread of some 25 MB; a browser opens six connections to a host. */
const LOCAL_STREAMS = 10;

/** This machine admits what it can by itself (stepFunctions/admission.ts): no account bounds it. */
const UNBOUNDED = { 'sheaf:lambdaConcurrency': 10_000, 'sheaf:eventStreams': LOCAL_STREAMS };

/** Runs the CDK app as the CDK command line does, in a process of its own: it needs 300 MB. */
async function synthesize(root: string, folder: string): Promise<void> {
  const app = `${folder}.app.cjs`;
  bundleApp(root, app);
  const cdkJson: unknown = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8'));
  const { context } = CdkJsonSchema.parse(cdkJson);
  const child = spawn(process.execPath, ['--enable-source-maps', app], {
    cwd: root,
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...UNBOUNDED }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const collect = (text: Buffer) => (printed = (printed + text.toString()).slice(-20_000));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await rm(app, { force: true });
  if (code !== 0) {
    throw new Error(`infra/app.ts could not be synthesized (exit code ${code}):\n${printed}`);
  }
}

/**
 * Writes the CDK app as plain JavaScript: a TypeScript loader in its process would take a third of its
 * time, and so would reading the CDK's modules for what they export, which `import` does.
 */
function bundleApp(root: string, outfile: string): void {
  buildSync({
    absWorkingDir: root,
    entryPoints: ['infra/app.ts'],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'infra/app.ts')).href) },
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'silent',
  });
}

/** Bundles the worker threads' entry into `folder`. */
export function bundleBootstrap(root: string, folder: string): string {
  const outfile = join(folder, 'bootstrap.mjs');
  buildSync({
    entryPoints: [join(root, 'local', 'lambda', 'bootstrap.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  });
  return outfile;
}
