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
import type { Condition } from '../ports.ts';
import { isFinal } from '../tasks/lifeCycle.ts';
import { expiring } from '../tasks/retention.ts';
import { changeTask, taskStore } from '../tasks/taskStore.ts';
import type { Listener, ListenerPorts, NumberedEvent, Telling } from './listener.ts';
import { LISTENERS } from './listeners.ts';
import { numberedEvents, numbering, owedAttribute, owedEvents, owingChange } from './owed.ts';
import { eventsOfChange, progressEvents, type FailedDocument } from './taskEvents.ts';
import { createTurnWatch, isDue, takeTurn, TurnLost, type Turn, type TurnWatch } from './turn.ts';

export type { FailedDocument } from './taskEvents.ts';
export type PublishPorts = ListenerPorts;

/** document_failed events in one push: what an interval's share of the allowed rate is. */
export const FAILURES_PER_PUSH = Math.floor((FAILURE_EVENTS_PER_SECOND * PUSH_INTERVAL_MS) / 1000);

/** How long to wait between two tries for the turn. */
const TURN_POLL_MS = 25;

interface SettleOptions {
  readonly inHaste?: boolean;
  /** How long to wait for the turn, in ms. */
  readonly patienceMs: number;
  /** Of who looks again and again: by it a turn that nobody holds is found without waiting. */
  readonly watch?: TurnWatch | undefined;
}

interface ChangeToTell {
  readonly changes: Partial<TaskItem>;
  readonly condition: Condition;
  readonly at: number;
  /** Further events of the same write. */
  readonly also?: readonly OwedEvent[];
}

/** Whether one still waits, for so many ms. */
function patience({ clock }: Pick<PublishPorts, 'clock'>, ms: number): () => boolean {
  if (ms === 0) return () => false;
  const begun = clock.monotonicMs();
  return () => clock.monotonicMs() - begun < ms;
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

  /**
   * Tells what is owed and numbered, and gives the turn back.
   * @returns whether all of it was told, and the task after that, unless the turn was lost
   */
  async function tellOwed(ports: PublishPorts, turn: Turn, inHaste: boolean) {
    const events = numberedEvents(turn.task);
    let told: boolean;
    try {
      told =
        events.length === 0 || (await tellAll(ports, { task: turn.task, events, turn, inHaste }));
    } catch (error) {
      if (error instanceof TurnLost) return { told: false };
      await turn.giveBack();
      throw error;
    }
    const task = await turn.giveBack(told ? events.map(({ key }) => owedAttribute(key)) : []);
    return { told, task };
  }

  /**
   * Tells everything that lasts and was not told yet. May be repeated.
   * @returns whether nothing is owed any more
   */
  async function settle(
    ports: PublishPorts,
    task: TaskItem,
    { inHaste = false, patienceMs, watch = createTurnWatch(ports) }: SettleOptions,
  ): Promise<boolean> {
    const isPatient = patience(ports, patienceMs);
    let latest: TaskItem | undefined = task;
    // Of a task that was deleted meanwhile there is nobody to tell.
    while (latest && owedEvents(latest).length > 0) {
      const abandoned = watch.abandoned(latest);
      const turn = await takeTurn(ports, latest, {
        ...numbering(latest, owedEvents(latest)),
        abandoned,
      });
      if (turn) {
        const { told, task: after } = await tellOwed(ports, turn, inHaste);
        // A listener left it to the next teller, who comes later.
        if (!told && after) return false;
        latest = after ?? (await taskStore.find(ports, task.taskId));
        continue;
      }
      if (!isPatient()) return false;
      await ports.clock.sleep(TURN_POLL_MS);
      latest = await taskStore.find(ports, task.taskId);
    }
    return true;
  }

  /**
   * Tells the numbers of a task, and failed documents with them; at most one push every
   * PUSH_INTERVAL_MS is made, by whoever comes first, and fewer where a push costs much.
   * @param patienceMs how long to wait for the turn; by default it is given up at once
   * @returns whether this push was made (then the failures were told, too)
   */
  async function publishProgress(
    ports: PublishPorts,
    task: TaskItem,
    failures: readonly FailedDocument[] = [],
    { patienceMs = 0, watch = createTurnWatch(ports) }: Partial<SettleOptions> = {},
  ): Promise<boolean> {
    const failed = failures.slice(0, FAILURES_PER_PUSH);
    const isPatient = patience(ports, patienceMs);
    // Once the task ends, the end is all there is to tell.
    for (
      let latest: TaskItem | undefined = task;
      latest && !isFinal(latest.status);
      latest = await taskStore.find(ports, task.taskId)
    ) {
      const now = ports.clock.now();
      // Most reports come too soon after a push: they need not write to learn it.
      const due = isDue(latest, now);
      if (due && owedEvents(latest).length > 0)
        await settle(ports, latest, { patienceMs: 0, watch });
      else if (due) {
        const turn = await takeTurn(ports, latest, {
          count: progressEvents(latest, failed).length,
          dueAt: now,
          abandoned: watch.abandoned(latest),
        });
        if (turn) {
          await push(ports, turn, failed);
          return true;
        }
      }
      if (!isPatient()) return false;
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

  /** Tells what is owed while work waits behind it: a crowd is left to the next teller. */
  async function publishOwed(ports: PublishPorts, task: TaskItem): Promise<void> {
    await settle(ports, task, { inHaste: true, patienceMs: 2 * PUSH_LEASE_MS });
  }

  /**
   * Tells everyone of the end of a task whose final state is written: each once, and as the last event.
   * May be repeated.
   */
  async function publishEnd(ports: PublishPorts, ended: TaskItem): Promise<void> {
    await settle(ports, ended, { patienceMs: Number.POSITIVE_INFINITY });
  }

  /**
   * Changes a task's state where the condition holds, and takes the turn to tell of it in the same write
   * if nobody has it.
   * @returns the task after that, and how to tell of it: before, a crash leaves the event owed.
   *   Undefined when the condition does not hold
   */
  async function changeToTell(
    ports: PublishPorts,
    before: TaskItem,
    { changes, condition, at, also = [] }: ChangeToTell,
  ): Promise<{ task: TaskItem; tell: () => Promise<void> } | undefined> {
    const after = { ...before, ...changes };
    const events = [...also, ...eventsOfChange(before, after, { at })];
    const set = owingChange(expiring(before, changes, at), events, after.run);
    const numbered = numbering(after, [...owedEvents(before), ...events]);
    const turn = await takeTurn(ports, before, {
      count: numbered.count,
      set: { ...set, ...numbered.set },
      condition,
    });
    if (!turn) {
      const task = await changeTask(ports, before.taskId, { set }, condition);
      return task && { task, tell: () => publishEnd(ports, task) };
    }
    const tell = async () => {
      const { task } = await tellOwed(ports, turn, false);
      const after = task ?? (await taskStore.find(ports, before.taskId));
      if (after) await publishEnd(ports, after);
    };
    return { task: turn.task, tell };
  }

  return { publishProgress, publishOwed, publishEnd, changeToTell };
}

export const { publishProgress, publishOwed, publishEnd, changeToTell } =
  createPublisher(LISTENERS);
