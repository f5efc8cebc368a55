/**
 * Telling what happens to a task: in the order of `seq`, to every listener.
 *
 * State is always written before it is told, so whoever reads after an event sees at least what it says.
 * Events that last are owed by the task's item (owed.ts) from the write that changed its state until every
 * listener has them; whoever has the turn tells what is owed, his own or what another left when it broke
 * down. Progress is told by whoever comes first after it is due, and what comes sooner is left out.
 */
import { FAILURE_EVENTS_PER_SECOND, PUSH_INTERVAL_MS, PUSH_LEASE_MS } from '../limits.ts';
import type { OwedEvent } from '../schemas/events.ts';
import type { TaskItem } from '../schemas/items.ts';
import { isFinal } from '../tasks/lifeCycle.ts';
import { loadTask } from '../tasks/taskStore.ts';
import type { Listener, ListenerPorts, NumberedEvent, Telling } from './listener.ts';
import { LISTENERS } from './listeners.ts';
import {
  isTerminal,
  numberedAfter,
  numberedEvents,
  owedAttribute,
  owedEvents,
  owing,
} from './owed.ts';
import { endEvent, progressEvents, startedEvent, type FailedDocument } from './taskEvents.ts';
import { createTurnWatch, isDue, takeTurn, TurnLost, type Turn } from './turn.ts';

export type { FailedDocument } from './taskEvents.ts';
export type PublishPorts = ListenerPorts;

/** document_failed events in one push: what an interval's share of the allowed rate is. */
export const FAILURES_PER_PUSH = Math.floor((FAILURE_EVENTS_PER_SECOND * PUSH_INTERVAL_MS) / 1000);

/** How long to wait between two tries for the turn. */
const TURN_POLL_MS = 25;

/** An event that is owed together with its number, unless it was before. */
interface Addition {
  /** Undefined when the task, as it is now, has it already. */
  readonly event: (task: TaskItem) => OwedEvent | undefined;
  /** The attribute that remembers in which run it was. */
  readonly once: 'startedRun' | 'endedRun';
}

interface SettleOptions {
  readonly addition?: Addition;
  readonly inHaste?: boolean;
  /** How long to wait for the turn, in ms. */
  readonly patienceMs: number;
}

/** @param listeners in the order in which they are told */
export function createPublisher(listeners: readonly Listener[]) {
  /** Tells all listeners; whether the events are done with. */
  async function tellAll(ports: PublishPorts, telling: Telling): Promise<boolean> {
    let told = true;
    for (const listener of listeners) {
      if ((await listener.tell(ports, telling)) === 'left') told = false;
    }
    return told;
  }

  /** Tells what is owed and numbered, and gives the turn back. */
  async function tellOwed(ports: PublishPorts, turn: Turn, inHaste: boolean): Promise<boolean> {
    const events = numberedEvents(turn.task);
    let told: boolean;
    try {
      told =
        events.length === 0 || (await tellAll(ports, { task: turn.task, events, turn, inHaste }));
    } catch (error) {
      if (error instanceof TurnLost) return false;
      await turn.giveBack();
      throw error;
    }
    await turn.giveBack(told ? events.map(({ key }) => owedAttribute(key)) : []);
    return told;
  }

  /**
   * Tells everything that lasts and was not told yet.
   * @returns whether nothing is owed any more
   */
  async function settle(
    ports: PublishPorts,
    task: TaskItem,
    { addition, inHaste = false, patienceMs }: SettleOptions,
  ): Promise<boolean> {
    const waiting = createTurnWatch(ports);
    for (let latest = task; ; latest = await loadTask(ports, task.taskId)) {
      const added =
        addition && latest[addition.once] !== latest.run ? addition.event(latest) : undefined;
      const owed = [...owedEvents(latest), ...(added ? [added] : [])];
      if (owed.length === 0) return true;
      const numbered = numberedAfter(latest.seq, owed);
      const end = numbered.find(isTerminal);
      const turn = await takeTurn(ports, latest, {
        count: numbered.length,
        set: {
          ...owing(numbered),
          ...(addition && added ? { [addition.once]: latest.run } : {}),
          ...(end ? { endSeq: end.seq } : {}),
        },
        abandoned: waiting.abandoned(latest),
      });
      if (turn) {
        if ((await tellOwed(ports, turn, inHaste)) || !inHaste) continue;
        return false;
      }
      if (waiting.waitedMs() >= patienceMs) return false;
      await ports.clock.sleep(TURN_POLL_MS);
    }
  }

  /**
   * Tells the numbers of a task, and failed documents with them; at most one push every
   * PUSH_INTERVAL_MS is made, by whoever comes first, and fewer where a push costs much.
   * @param patienceMs how long to wait for the turn; 0 gives up at once
   * @returns whether this push was made (then the failures were told, too)
   */
  async function publishProgress(
    ports: PublishPorts,
    task: TaskItem,
    failures: readonly FailedDocument[] = [],
    patienceMs = 0,
  ): Promise<boolean> {
    const failed = failures.slice(0, FAILURES_PER_PUSH);
    const waiting = patienceMs > 0 ? createTurnWatch(ports) : undefined;
    // Once the task ends, the end is all there is to tell.
    for (let latest = task; !isFinal(latest.status); latest = await loadTask(ports, task.taskId)) {
      const now = ports.clock.now();
      if (owedEvents(latest).length > 0) await settle(ports, latest, { patienceMs: 0 });
      // Most reports come too soon after a push: they need not write to learn it.
      else if (isDue(latest, now)) {
        const turn = await takeTurn(ports, latest, {
          count: progressEvents(latest, failed).length,
          dueAt: now,
          abandoned: waiting?.abandoned(latest),
        });
        if (turn) {
          await push(ports, turn, failed);
          return true;
        }
      }
      if (!waiting || waiting.waitedMs() >= patienceMs) return false;
      await ports.clock.sleep(TURN_POLL_MS);
    }
    return false;
  }

  async function push(ports: PublishPorts, turn: Turn, failed: readonly FailedDocument[]) {
    const { task } = turn;
    try {
      if (isFinal(task.status)) return;
      const events = progressEvents(task, failed);
      const first = task.seq - events.length + 1;
      const at = new Date(task.pushedAt).toISOString();
      const numbered = events.map((event, i): NumberedEvent => ({ ...event, seq: first + i, at }));
      await tellAll(ports, { task, events: numbered, turn, inHaste: true });
    } finally {
      await turn.giveBack();
    }
  }

  /**
   * Tells that the work of the task's run has begun. May be repeated: it is told once.
   * @param estimatedSeconds how long it will take, as far as is known
   */
  async function publishStart(
    ports: PublishPorts,
    task: TaskItem,
    estimatedSeconds: number,
  ): Promise<void> {
    const at = ports.clock.now();
    await settle(ports, task, {
      addition: {
        once: 'startedRun',
        event: (latest) =>
          isFinal(latest.status) ? undefined : startedEvent(latest, estimatedSeconds, at),
      },
      inHaste: true,
      patienceMs: 2 * PUSH_LEASE_MS,
    });
  }

  /**
   * Tells everyone of the end of a task whose final state is written: each once, and as the last event.
   * May be repeated.
   */
  async function publishEnd(ports: PublishPorts, ended: TaskItem): Promise<void> {
    await settle(ports, ended, {
      addition: {
        once: 'endedRun',
        // Another run may have begun meanwhile.
        event: (latest) => (isFinal(latest.status) ? endEvent(latest) : undefined),
      },
      patienceMs: Number.POSITIVE_INFINITY,
    });
  }

  return { publishProgress, publishStart, publishEnd };
}

export const { publishProgress, publishStart, publishEnd } = createPublisher(LISTENERS);
