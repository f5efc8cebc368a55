/** A local cloud that can be disturbed, as a process that is killed and started again in the same folder. */
import { fork, type ChildProcess } from 'node:child_process';
import { createClient } from '../../../cli/target/client.ts';
import type { SheafClient } from '../../../client/client.ts';
import { ALLOW_LOOPBACK_TARGETS } from '../../../shared/names.ts';
import { bundleProgram } from '../../support/bundleProgram.ts';
import { WordSchema, type Manner, type Measures, type Order, type Word } from './protocol.ts';

const PROGRAM = 'build/tests/chaosCloud.mjs';
const START_MS = 120_000;

export type Ready = Extract<Word, { kind: 'ready' }>;

export interface CloudNotices {
  readonly onDisturbed: (manner: Manner) => void;
  readonly onKilledWorker: (name: string) => void;
  /** It ended though nobody had asked for it. */
  readonly onEnded: (why: string) => void;
  /** What it printed outside of its logs. */
  readonly onPrinted: (text: string) => void;
}

export interface CloudProcess {
  /** Where it is; the same after every start. */
  readonly ready: Ready;
  readonly client: SheafClient;
  /** Whether it runs, as far as is known. */
  readonly isUp: boolean;
  /** Starts it, where it does not run. @throws Error with why it does not */
  start(): Promise<void>;
  /** Ends it, every thread of it with it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Tells it something; nothing happens when it does not run. */
  order(order: Order): void;
  /** Memory and descriptors; undefined when it does not run. */
  measure(): Promise<Measures | undefined>;
}

/** Starts a local cloud in a folder, and waits until it is ready. */
export async function openCloud(
  dataDir: string,
  environment: Readonly<Record<string, string>>,
  notices: CloudNotices,
): Promise<CloudProcess> {
  bundleProgram('test/simulation/cloud/chaosCloud.ts', PROGRAM);
  let child: ChildProcess | undefined;
  let ready: Ready | undefined;
  let closed: Promise<void> = Promise.resolve();
  let onMeasured: (measures: Measures | undefined) => void = () => undefined;

  async function launch(): Promise<Ready> {
    const started = fork(PROGRAM, {
      // As `npm start` has them (package.json), and what measures need.
      execArgv: [
        '--max-semi-space-size=4',
        '--single-threaded-gc',
        '--optimize-for-size',
        '--expose-gc',
      ],
      env: {
        ...process.env,
        HTTP_PORT: portOf(ready?.apiUrl),
        WS_PORT: portOf(ready?.websocketUrl),
        SERVICES_PORT: portOf(ready?.servicesUrl),
        SHEAF_DATA_DIR: dataDir,
        MALLOC_ARENA_MAX: '2',
        [ALLOW_LOOPBACK_TARGETS]: '1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    let tail = '';
    const keep = (text: Buffer) => {
      tail = (tail + text.toString('utf8')).slice(-2_000);
      notices.onPrinted(text.toString('utf8'));
    };
    started.stdout?.on('data', keep);
    started.stderr?.on('data', keep);
    closed = new Promise((resolve) => {
      started.once('close', (code, signal) => {
        // Whoever ends it on purpose forgets it first.
        const isWanted = child !== started;
        if (!isWanted) child = undefined;
        onMeasured(undefined);
        if (!isWanted) notices.onEnded(`code ${code}, signal ${signal}: ${tail.trim()}`);
        resolve();
      });
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        started.kill('SIGKILL');
        reject(new Error(`The local cloud was not ready after ${START_MS / 1000} s.\n${tail}`));
      }, START_MS);
      void closed.then(() => {
        clearTimeout(timer);
        reject(new Error(`The local cloud ended while it started.\n${tail}`));
      });
      started.on('message', (message) => {
        const word = WordSchema.parse(message);
        if (word.kind === 'disturbed') notices.onDisturbed(word.manner);
        if (word.kind === 'killedWorker') notices.onKilledWorker(word.function);
        if (word.kind === 'measured') onMeasured(word.measures);
        if (word.kind !== 'ready') return;
        clearTimeout(timer);
        ready = word;
        resolve(word);
      });
    });
  }

  const found = await launch();
  const client = createClient(found);
  return {
    ready: found,
    client,
    get isUp() {
      return child !== undefined;
    },
    async start() {
      if (!child) await launch();
    },
    async end(signal) {
      const ending = child;
      child = undefined;
      ending?.kill(signal);
      await closed;
    },
    order: (order) => void child?.send(order),
    measure: () =>
      new Promise((resolve) => {
        if (!child) return resolve(undefined);
        onMeasured = resolve;
        child.send({ kind: 'measure' } satisfies Order);
      }),
  };
}

const portOf = (url: string | undefined): string => (url === undefined ? '0' : new URL(url).port);
