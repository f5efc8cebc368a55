/** Where runs take place: a local cloud, its disk, and who sees to it that it comes up again. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, sleep } from './attempts.ts';
import { openCloud, type CloudProcess } from './cloudProcess.ts';
import type { Ledger } from './ledger.ts';
import type { Disturbance } from './protocol.ts';
import type { PlannedFault } from './scenario.ts';
import { openSmallDisk } from './smallDisk.ts';

export interface Arena {
  readonly cloud: CloudProcess;
  readonly dataDir: string;
  readonly canFillDisk: boolean;
  /** What the processes printed beside their logs. */
  readonly printed: () => string;
  /** How long it has not run since it was opened, in ms: in that time nothing can go wrong in it. */
  readonly downMs: () => number;
  /** Lets something go wrong; resolves when it is over. */
  inject(fault: PlannedFault): Promise<void>;
  /** Ends all that goes wrong, and has the cloud run and answer. */
  calm(): Promise<void>;
  /** @param keepAs where the folder is copied to, for whoever looks for the cause of a violation */
  close(keepAs?: string): Promise<void>;
}

/** Of the text that processes print, as much is kept. */
const PRINTED_CHARACTERS = 2_000_000;
/** A cloud that does not come up within this time never will. */
const UP_MS = 150_000;

/**
 * Starts a local cloud in a folder of its own.
 * @param wantsDisk whether the folder is to be on a small disk, where one can be had
 */
export async function openArena(
  ledger: Ledger,
  taskLimit: number,
  wantsDisk: boolean,
): Promise<Arena> {
  const disk = wantsDisk ? openSmallDisk() : undefined;
  const root = disk?.folder ?? (await mkdtemp(join(tmpdir(), 'sheaf-chaos-')));
  const dataDir = join(root, 'cloud');
  let printed = '';
  let disturbance: Disturbance | undefined;
  let isFull = false;
  /** Whether it may end by itself: a disk was full since it was started. */
  let mayEnd = false;
  let isClosing = false;
  let starting: Promise<void> | undefined;
  /** What was before, and since when it does not run, if it does not. */
  let downBefore = 0;
  let downSince: number | undefined;
  const wentDown = () => void (downSince ??= performance.now());
  const cameUp = () => {
    if (downSince !== undefined) downBefore += performance.now() - downSince;
    downSince = undefined;
  };

  const cloud = await openCloud(
    dataDir,
    { SHEAF_TASK_LIMIT: String(taskLimit), SHEAF_QUIET: '1' },
    {
      onDisturbed: (manner) => ledger.count(`faults: call ${manner}`),
      onKilledWorker(name) {
        ledger.count('faults: worker killed');
        ledger.note(`killed a worker of ${name}`);
      },
      onEnded(why) {
        wentDown();
        ledger.note(`the cloud ended: ${why}`);
        if (mayEnd) ledger.count('faults: ended for its full disk');
        else if (!isClosing) ledger.violation(`The cloud ended by itself, ${why}`);
        void sleep(300).then(ensureUp);
      },
      onPrinted: (text) => void (printed = (printed + text).slice(-PRINTED_CHARACTERS)),
    },
  );

  /** Starts it, again and again, until it runs. */
  function ensureUp(): Promise<void> {
    if (isClosing) return Promise.resolve();
    starting ??= (async () => {
      const until = performance.now() + UP_MS;
      while (!isClosing) {
        try {
          await cloud.start();
          if (!isFull) mayEnd = false;
          cameUp();
          ledger.note('the cloud is up');
          if (disturbance) cloud.order({ kind: 'disturb', disturbance });
          return;
        } catch (error) {
          ledger.note(`the cloud did not start: ${String(error)}`);
          if (performance.now() > until) {
            ledger.violation(`The cloud does not start any more: ${String(error)}`);
            return;
          }
          await sleep(500);
        }
      }
    })().finally(() => (starting = undefined));
    return starting;
  }

  async function inject(fault: PlannedFault): Promise<void> {
    switch (fault.kind) {
      case 'killCloud':
        ledger.count('faults: cloud killed');
        ledger.note('killing the cloud');
        wentDown();
        await cloud.end('SIGKILL');
        await sleep(fault.downMs);
        return ensureUp();
      case 'killWorker': {
        const { kind, of, pick, afterMs } = fault;
        return cloud.order({ kind, of, pick, afterMs });
      }
      case 'services': {
        const { manner, share, seed } = fault;
        const mine = { manner, share, seed };
        disturbance = mine;
        ledger.note(`${share * 100} % of the calls are ${manner}`);
        cloud.order({ kind: 'disturb', disturbance });
        await sleep(fault.forMs);
        // A later one may have come in its place.
        if (disturbance !== mine) return;
        disturbance = undefined;
        ledger.note('calls go through again');
        return cloud.order({ kind: 'settle' });
      }
      case 'fullDisk':
        if (!disk) return;
        ledger.count('faults: disk full');
        ledger.note('the disk is full');
        isFull = true;
        mayEnd = true;
        disk.fill();
        await sleep(fault.forMs);
        disk.free();
        isFull = false;
        ledger.note('the disk has room again');
    }
  }

  return {
    cloud,
    dataDir,
    canFillDisk: disk !== undefined,
    printed: () => printed,
    downMs: () => downBefore + (downSince === undefined ? 0 : performance.now() - downSince),
    inject,
    async calm() {
      disturbance = undefined;
      disk?.free();
      cloud.order({ kind: 'settle' });
      const until = performance.now() + UP_MS;
      for (;;) {
        await ensureUp();
        const health = await attempt(() => cloud.client.getHealth());
        if (health.kind === 'done') return;
        if (performance.now() > until) {
          return ledger.violation('The cloud does not answer although nothing is wrong.');
        }
        await sleep(200);
      }
    },
    async close(keepAs) {
      isClosing = true;
      await starting;
      // Killed, it leaves what it had not ended as it was.
      await cloud.end(keepAs === undefined ? 'SIGTERM' : 'SIGKILL');
      if (keepAs !== undefined) await cp(dataDir, keepAs, { recursive: true });
      if (disk) disk.remove();
      else await rm(root, { recursive: true, force: true });
    },
  };
}
