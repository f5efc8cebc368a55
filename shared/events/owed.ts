/**
 * What a task owes to tell: events that last, kept in attributes of the task's own item until every
 * listener has them. They get there in the very write that changes the state, so no crash can part the
 * two; each has an attribute of its own, so writers who add some at the same time do not meet.
 */
import { OWED_PREFIX } from '../keys.ts';
import type { LastingEvent, OwedEvent } from '../schemas/events.ts';
import type { TaskItem } from '../schemas/items.ts';
import { isFinal } from '../tasks/lifeCycle.ts';
import { expiring } from '../tasks/retention.ts';
import { eventsOfChange, runOf } from './taskEvents.ts';

const TERMINAL: ReadonlySet<string> = new Set(['task_completed', 'task_cancelled', 'task_failed']);

/** Whether nothing comes after this event in its run. */
export const isTerminal = ({ type }: { type: string }) => TERMINAL.has(type);

export const owedAttribute = (key: string) => `${OWED_PREFIX}${key}`;

/** Attributes that owe these events: part of the write that makes them so. */
export const owing = (events: readonly OwedEvent[]): Record<string, OwedEvent> =>
  Object.fromEntries(events.map((event) => [owedAttribute(event.key), event]));

/**
 * A change of a task's state together with what it gives to tell, and how long the task is kept then.
 * @param by the owner whose call it is
 */
export const telling = (
  before: TaskItem,
  changes: Partial<TaskItem>,
  { at, by }: { at: number; by?: string },
): Record<string, unknown> => {
  const after = { ...before, ...changes };
  const events = eventsOfChange(before, after, { at, by });
  return owingChange(expiring(before, changes, at), events, after.run);
};

/** A change together with the events that it gives to tell, in this run. */
export const owingChange = (
  changes: Partial<TaskItem>,
  events: readonly OwedEvent[],
  run: number,
): Record<string, unknown> => ({
  ...changes,
  ...owing(events),
  ...(events.some(isTerminal) ? { endedRun: run } : {}),
});

/** Of the same moment the pause of a run comes behind its start. */
const isPause = ({ type }: OwedEvent) => type === 'task_paused';

const inOrder = (a: OwedEvent, b: OwedEvent) =>
  (a.at < b.at ? -1 : a.at > b.at ? 1 : 0) ||
  Number(isPause(a)) - Number(isPause(b)) ||
  (a.key < b.key ? -1 : 1);

/** What is read of a task to number what it owes. */
type Numbered = Pick<TaskItem, 'seq' | 'run' | 'status'>;

/**
 * Owed events without a number, as they are numbered: by time, and the end of a run behind all of it, whatever clocks
 * say. What began after an end follows it; where the task rests by that end, that is nothing.
 */
function numberedNext(task: Numbered, owed: readonly OwedEvent[]): LastingEvent[] {
  const events = owed.filter((event) => event.seq === undefined);
  const ordered = events.filter((event) => !isTerminal(event)).sort(inOrder);
  const ends = events.filter(isTerminal).sort((a, b) => runOf(b) - runOf(a));
  for (const end of ends) {
    const rests = isFinal(task.status) && task.run === runOf(end);
    const next = rests ? -1 : ordered.findIndex((event) => runOf(event) > runOf(end));
    ordered.splice(next < 0 ? ordered.length : next, 0, end);
  }
  return ordered.map((event, i) => ({ ...event, seq: task.seq + 1 + i }));
}

/** What the write that numbers owed events sets and counts. @param task as it is after that write, but for its seq */
export function numbering(task: Numbered, owed: readonly OwedEvent[]) {
  const numbered = numberedNext(task, owed);
  const end = numbered.findLast(isTerminal);
  return {
    count: numbered.length,
    set: { ...owing(numbered), ...(end ? { endSeq: end.seq } : {}) },
  };
}

/** The number of the end of the task's present run; undefined until it has one. */
export function seqOfEnd(task: TaskItem): number | undefined {
  const { run, endedRun, endSeq } = task;
  // Until the end of a retry is numbered, the number that is there is that of an earlier run.
  const awaits = owedEvents(task).some((event) => isTerminal(event) && event.seq === undefined);
  return endedRun === run && !awaits ? endSeq : undefined;
}

export const owedEvents = (task: TaskItem): OwedEvent[] => Object.values(task.owed ?? {});

/** Owed events that have their number, in its order: what is to be told now. */
export const numberedEvents = (task: TaskItem): LastingEvent[] =>
  owedEvents(task)
    .flatMap((event) => (event.seq === undefined ? [] : [{ ...event, seq: event.seq }]))
    .sort((a, b) => a.seq - b.seq);
