/** What the local cloud, and the programs that are built here, need of this machine. */
import { mkdir, mkdtemp, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem, totalmem, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Context } from '../../context.ts';
import { explain } from '../../errors.ts';
import { ROOT, readReady } from '../../target/localCloud.ts';
import { holdReady } from '../../target/sharedCloud.ts';
import { dataDirOf } from '../../target/target.ts';
import { size } from '../../terminal/words.ts';
import type { Finding } from './finding.ts';

/** Tables, documents and archives of a small job; below the second, nothing can be begun. */
const ROOMY_BYTES = 2e9;
const LEAST_BYTES = 200e6;
/** The local cloud and its workers take some 400 MB, and a large table as much again. */
const ROOMY_MEMORY_BYTES = 1e9;

/** Names and usual numbers of the ports of `sheaf start`. */
const PORTS = [
  ['HTTP_PORT', 3000],
  ['WS_PORT', 3001],
  ['SERVICES_PORT', 3002],
] as const;

export async function* examineMachine(context: Context): AsyncGenerator<Finding, void, undefined> {
  const dataDir = dataDirOf(context);
  // An older one could not have begun (preflight.cjs).
  yield { grade: 'good', what: 'Node.js', detail: process.versions.node };
  yield await folderFinding('Programs', join(ROOT, 'build'), 'what runs is built there');
  yield await folderFinding('State', dataDir, 'the local cloud keeps everything there');
  yield await folderFinding('Temporary files', tmpdir(), 'TMPDIR names another place');
  yield await spaceFinding(dataDir);
  yield memoryFinding();
  const running = await holdReady(await readReady(dataDir));
  running?.release();
  if (running) {
    yield { grade: 'good', what: 'Local cloud', detail: `runs at ${running.apiUrl}` };
  } else {
    yield {
      grade: 'good',
      what: 'Local cloud',
      detail: 'does not run; commands start one when they need it, sheaf start keeps one',
    };
    for (const [name, usual] of PORTS) yield await portFinding(name, portOf(context, name, usual));
  }
  yield await officeFinding(context);
}

/** Whether files can be made there; of a folder that is not there, whether it could be made. */
async function folderFinding(what: string, folder: string, why: string): Promise<Finding> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: Error) => error);
  try {
    if (made instanceof Error) throw made;
    const trial = await mkdtemp(join(folder, '.doctor-'));
    await writeFile(join(trial, 'file'), 'x').finally(() => rm(trial, { recursive: true }));
    return { grade: 'good', what, detail: `${folder} can be written` };
  } catch (error) {
    const detail = `${folder} cannot be written. ${explain(error).message}`;
    return { grade: 'bad', what, detail, advice: `Let this user write it: ${why}.` };
  } finally {
    // Made for the trial alone.
    if (typeof made === 'string') await removeEmpty(folder, made);
  }
}

/** Removes folders that were made, from the innermost to the outermost. */
async function removeEmpty(innermost: string, outermost: string): Promise<void> {
  for (let folder = innermost; ; folder = dirname(folder)) {
    await rmdir(folder).catch(() => undefined);
    if (folder === outermost || folder === dirname(folder)) return;
  }
}

async function spaceFinding(dataDir: string): Promise<Finding> {
  const what = 'Disk';
  const { bavail, bsize } = await statfs(await nearestFolder(dataDir));
  const free = bavail * bsize;
  const detail = `${size(free)} are free for ${dataDir}`;
  if (free >= ROOMY_BYTES) return { grade: 'good', what, detail };
  return {
    grade: free >= LEAST_BYTES ? 'odd' : 'bad',
    what,
    detail,
    advice: 'Documents are kept there and in archives: make room, or set SHEAF_DATA_DIR.',
  };
}

/** The folder, or the innermost of those around it that is there. */
async function nearestFolder(path: string): Promise<string> {
  return stat(path).then(
    () => path,
    () => (dirname(path) === path ? path : nearestFolder(dirname(path))),
  );
}

function memoryFinding(): Finding {
  const what = 'Memory';
  const detail = `${size(freemem())} of ${size(totalmem())} are free`;
  if (freemem() >= ROOMY_MEMORY_BYTES) return { grade: 'good', what, detail };
  return { grade: 'odd', what, detail, advice: 'Close other programs before large jobs.' };
}

function portOf({ env }: Context, name: string, usual: number): number {
  const given = env[name];
  return given === undefined || given === '' ? usual : Number(given);
}

async function portFinding(name: string, port: number): Promise<Finding> {
  const what = `Port ${port}`;
  if (port === 0) return { grade: 'good', what: name, detail: 'any that is free' };
  const fault = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'error'));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
  if (fault === undefined) return { grade: 'good', what, detail: 'is free' };
  return {
    grade: 'odd',
    what,
    detail: fault === 'EADDRINUSE' ? 'another program has it' : `cannot be used (${fault})`,
    advice: `sheaf start needs it: set ${name} to another one, or use sheaf start --free-ports.`,
  };
}

/** Nothing that Sheaf does needs it; some of its tests look at documents with it. */
async function officeFinding({ env }: Context): Promise<Finding> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const names = process.platform === 'win32' ? ['soffice.exe', 'soffice.com'] : ['soffice'];
  for (const path of folders.flatMap((folder) => names.map((name) => join(folder, name)))) {
    if (await stat(path).catch(() => undefined)) {
      return { grade: 'good', what: 'LibreOffice', detail: path };
    }
  }
  return {
    grade: 'good',
    what: 'LibreOffice',
    detail: 'is not here; only tests of this project use it (https://www.libreoffice.org)',
  };
}
