/** Starts the local cloud as a process of its own, on free ports, and stops it again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Two levels up from here, and from build/programs/ where programs are bundled to (program.cjs). */
export const ROOT = join(import.meta.dirname, '..', '..');

/** What the local cloud writes once it is ready (docs/local-cloud.md). */
const ReadySchema = z.object({
  pid: z.int(),
  apiUrl: z.string(),
  websocketUrl: z.string(),
  servicesUrl: z.string(),
  apiKey: z.string(),
});
export type ReadyCloud = z.infer<typeof ReadySchema>;

/** How to start one, as `npm start` does (package.json). */
export const CLOUD_ARGUMENTS: readonly string[] = [
  '--max-semi-space-size=4',
  '--single-threaded-gc',
  '--optimize-for-size',
  join(ROOT, 'local/start.cjs'),
];

/** Of one on free ports. */
export const cloudEnvironment = (dataDir: string): Record<string, string | undefined> => ({
  ...process.env,
  HTTP_PORT: '0',
  WS_PORT: '0',
  SERVICES_PORT: '0',
  SHEAF_DATA_DIR: dataDir,
  // glibc keeps an arena for each of many threads, which here means a fifth more memory. Said here,
  // start.cjs starts no child for it: the process that is waited for is the cloud itself.
  MALLOC_ARENA_MAX: '2',
});

/** What a data folder says of the local cloud that runs in it, if one does and is ready. */
export async function readReady(dataDir: string): Promise<ReadyCloud | undefined> {
  try {
    return ReadySchema.parse(JSON.parse(await readFile(join(dataDir, 'local.json'), 'utf8')));
  } catch {
    return undefined; // Not written yet, or withdrawn.
  }
}

export type LocalCloud = ReadyCloud & {
  readonly process: ChildProcess;
  /** Ends it cleanly, by force if it does not follow. */
  stop(): Promise<void>;
};

const POLL_MS = 50;
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;
/** Kept of what it prints, for the message when it does not start. */
const TAIL_CHARACTERS = 4_000;

/**
 * Starts the local cloud and waits until it is ready.
 * @param dataDir where it keeps its state
 * @param onProgress told each line that says what it is busy with until then
 * @throws Error with what it printed, when it ends before it is ready; the signal's reason
 */
export async function startLocalCloud(
  dataDir: string,
  environment: Record<string, string> = {},
  signal?: AbortSignal,
  onProgress: (line: string) => void = () => undefined,
): Promise<LocalCloud> {
  const child = spawn(process.execPath, CLOUD_ARGUMENTS, {
    cwd: ROOT,
    env: { ...cloudEnvironment(dataDir), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  let isReady = false;
  const keep = (text: Buffer) => (tail = (tail + text.toString('utf8')).slice(-TAIL_CHARACTERS));
  child.stdout.on('data', (text: Buffer) => {
    keep(text);
    for (const line of text.toString('utf8').split('\n')) {
      if (!isReady && line.endsWith('…')) onProgress(line);
    }
  });
  child.stderr.on('data', keep);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));

  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(force);
  };

  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (signal?.aborted) {
      await stop();
      throw signal.reason as Error;
    }
    if (child.exitCode !== null) {
      throw new Error(`The local cloud ended with code ${child.exitCode}.\n${tail.trim()}`);
    }
    const ready = await readReady(dataDir);
    if (ready && ready.pid === child.pid) {
      isReady = true;
      return { ...ready, process: child, stop };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await stop();
  throw new Error(
    `The local cloud was not ready after ${READY_TIMEOUT_MS / 1000} s.\n${tail.trim()}`,
  );
}
