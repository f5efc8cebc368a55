/** Those who look on: subscribers and pollers that come and go. */
import type { SheafClient } from '../../../client/client.ts';
import { ApiError, ConnectionFailed } from '../../../client/errors.ts';
import type { Snapshot } from '../../../shared/schemas/stream.ts';
import { counterViolations } from '../invariants/counts.ts';
import { endsHeard, streamViolations, type Heard } from '../invariants/stream.ts';
import { sleep } from './attempts.ts';
import type { Ledger } from './ledger.ts';
import type { PlayedTask } from './playedTask.ts';
import type { PlannedWatcher } from './scenario.ts';

export interface Watcher {
  /** Ends it, and judges what it saw. */
  leave(): Promise<void>;
  /** Everything that it was told, as text. */
  readonly heard: () => string;
}

export interface WatchedWorld {
  readonly client: SheafClient;
  readonly ledger: Ledger;
}

/** @param task undefined: all tasks */
export function watch(
  world: WatchedWorld,
  { kind }: PlannedWatcher,
  task: PlayedTask | undefined,
): Watcher {
  return kind === 'socket' ? subscribe(world, task) : poll(world, task);
}

const FAULTS = (error: unknown) => error instanceof ConnectionFailed || error instanceof ApiError;

function subscribe({ client, ledger }: WatchedWorld, task: PlayedTask | undefined): Watcher {
  const leaving = new AbortController();
  /** A client that had to give up begins anew, and knows nothing of before. */
  const heard: Heard[][] = [];
  const who = `A subscriber of ${task?.name ?? 'all tasks'}`;

  const listen = async () => {
    while (!leaving.signal.aborted) {
      const now: Heard[] = [];
      heard.push(now);
      try {
        const about = task ? { taskId: task.taskId } : {};
        for await (const event of client.events({ ...about, signal: leaving.signal })) {
          now.push(event);
          if (event.type === 'snapshot') ledger.count('snapshots heard');
          else ledger.count('events heard');
        }
        if (task) return;
      } catch (error) {
        if (leaving.signal.aborted || !FAULTS(error)) {
          if (!leaving.signal.aborted) ledger.violation(`${who} broke: ${String(error)}`);
          return;
        }
        // Deleted, or not reachable for long.
        if (error instanceof ApiError && error.status === 404) return;
        await sleep(200);
      }
    }
  };
  const done = listen();
  return {
    async leave() {
      leaving.abort(new Error('The subscriber leaves.'));
      await done;
      for (const one of heard) {
        for (const sentence of streamViolations(one)) ledger.violation(`${who}: ${sentence}`);
        if (task && endsHeard(one, task.taskId) > 1) ledger.violation(`${who} heard two ends.`);
      }
    },
    heard: () => JSON.stringify(heard),
  };
}

const POLL_MS = 120;

function poll({ client, ledger }: WatchedWorld, task: PlayedTask | undefined): Watcher {
  if (!task) throw new Error('A poller looks at one task.');
  const leaving = new AbortController();
  const seen: Snapshot[] = [];
  const total = task.plan.rows * task.plan.templates;
  const look = async () => {
    while (!leaving.signal.aborted) {
      try {
        seen.push(await client.getProgress({ taskId: task.taskId }, { signal: leaving.signal }));
        ledger.count('polls');
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return;
        if (!leaving.signal.aborted && !FAULTS(error)) {
          ledger.violation(`A poller of ${task.name} broke: ${String(error)}`);
        }
      }
      await sleep(POLL_MS);
    }
  };
  const done = look();
  return {
    async leave() {
      leaving.abort(new Error('The poller leaves.'));
      await done;
      let seq = 0;
      for (const progress of seen) {
        if (progress.seq < seq) {
          ledger.violation(`A poller of ${task.name} saw ${progress.seq} after ${seq}.`);
        }
        seq = progress.seq;
        for (const sentence of counterViolations(progress, total)) {
          ledger.violation(`A poller of ${task.name}: ${sentence}`);
        }
      }
    },
    heard: () => JSON.stringify(seen),
  };
}
