/** The local cloud of a folder, for a command: the one that runs there, or one that is started for it. */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import {
  CLOUD_ARGUMENTS,
  cloudEnvironment,
  readReady,
  ROOT,
  type ReadyCloud,
} from './localCloud.ts';

export interface HeldCloud extends ReadyCloud {
  /** Whether it was started for this command: it stops when the last command that holds it ends. */
  readonly isOwn: boolean;
  readonly release: () => void;
}

const POLL_MS = 20;
/** How long a start is waited for, and one that is ending or being started by somebody else. */
const READY_TIMEOUT_MS = 120_000;
const HOLD_TIMEOUT_MS = 5_000;
/** Of what it printed, for the message when it does not start. */
const TAIL_CHARACTERS = 4_000;

/** Why a start ended: another one has the folder, which is not ready yet, or not gone yet. */
const IN_USE = /Another local cloud \(process \d+\) runs/;

/**
 * Holds the local cloud of a data folder, so that it runs until this is released or the process ends.
 * @param onStart told when one has to be started
 * @throws CliError with what it printed when it does not start; the signal's reason
 */
export async function holdLocalCloud(
  dataDir: string,
  signal: AbortSignal,
  onStart: () => void,
): Promise<HeldCloud> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let told = false;
  for (;;) {
    const running = await holdReady(await readReady(dataDir));
    if (running) return { ...running, isOwn: false };
    if (!told) onStart();
    told = true;
    const outcome = await start(dataDir, signal, deadline);
    if ('apiUrl' in outcome) return { ...outcome, isOwn: true };
    if (!IN_USE.test(outcome.printed)) {
      throw new CliError('The local cloud does not start.', EXIT.failed, linesOf(outcome.printed));
    }
  }
}

const linesOf = (text: string) => text.trim().split('\n');

async function start(dataDir: string, signal: AbortSignal, deadline: number) {
  const cloud = spawnCloud(dataDir);
  try {
    while (Date.now() < deadline) {
      signal.throwIfAborted();
      if (cloud.hasEnded()) return { printed: cloud.printed() };
      const ready = await readReady(dataDir);
      const held = ready?.pid === cloud.pid ? await holdReady(ready) : undefined;
      if (held) return held;
      await pause(POLL_MS);
    }
    throw new CliError(
      `The local cloud was not ready after ${READY_TIMEOUT_MS / 1000} s.`,
      EXIT.failed,
      linesOf(cloud.printed()),
    );
  } catch (error) {
    cloud.kill();
    throw error;
  } finally {
    cloud.forget();
  }
}

/** Holds the one that wrote this, if it still runs; the process's end lets it go, too. */
export async function holdReady(ready: ReadyCloud | undefined) {
  const release = ready && (await hold(ready));
  return ready && release && { ...ready, release };
}

/** Keeps a request open for as long as the cloud is needed; undefined when nobody answers. */
function hold({ servicesUrl, apiKey }: ReadyCloud): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const request = get(`${servicesUrl}/-/hold`, {
      agent: false,
      headers: { authorization: `Bearer ${apiKey}` },
      timeout: HOLD_TIMEOUT_MS,
    });
    request
      .on('response', (response) => {
        request.setTimeout(0);
        response.resume().on('error', () => undefined);
        resolve(() => request.destroy());
      })
      .on('timeout', () => request.destroy())
      .on('error', () => resolve(undefined))
      .on('close', () => resolve(undefined));
  });
}

/** Starts one that no Ctrl+C of this terminal reaches, and that stops when nobody holds it. */
function spawnCloud(dataDir: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-start-'));
  const path = join(folder, 'printed');
  // A pipe would break when this command ends while another one still uses the cloud.
  const output = openSync(path, 'a', 0o600);
  const child = spawn(process.execPath, CLOUD_ARGUMENTS, {
    cwd: ROOT,
    env: { ...cloudEnvironment(dataDir), SHEAF_STOP_WHEN_UNUSED: '1', SHEAF_QUIET: '1' },
    stdio: ['ignore', output, output],
    detached: true,
    windowsHide: true,
  });
  closeSync(output);
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  child.unref();
  return {
    pid: child.pid,
    hasEnded: () => failure !== undefined || child.exitCode !== null || child.signalCode !== null,
    printed: () => failure?.message ?? readFileSync(path, 'utf8').slice(-TAIL_CHARACTERS),
    kill: () => void child.kill('SIGTERM'),
    /** It has its file open for as long as it prints. */
    forget: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
