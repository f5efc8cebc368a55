/** What one subscriber heard: numbers rise by task, and each end is told once. */
import { counterViolations } from './counts.ts';
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import type { ServerMessage, Snapshot, TaskEvent } from '../../../shared/schemas/stream.ts';

/** Counters, where they are told. */
type Told = Pick<Snapshot, 'total' | 'succeeded' | 'failed' | 'skipped'>;

/** Snapshots and events in the order in which they came; other replies are left out. */
export type Heard =
  | {
      readonly type: 'snapshot';
      readonly tasks: readonly (Pick<Snapshot, 'taskId' | 'seq' | 'status'> & Partial<Told>)[];
    }
  | TaskEvent;

const ENDS: ReadonlySet<string> = new Set(['task_completed', 'task_failed', 'task_cancelled']);
/** What may follow an end: another run works, or waits for its turn. */
const BEGINNINGS: ReadonlySet<string> = new Set(['task_started', 'task_resumed', 'task_queued']);

/** The messages of one connection as this module takes them. */
export function heardOf(messages: readonly ServerMessage[]): Heard[] {
  return messages.flatMap((message): Heard[] => {
    if (message.type === 'subscribed') return [{ type: 'snapshot', tasks: message.payload.tasks }];
    return 'seq' in message ? [message] : [];
  });
}

/** How many ends of a task were told. */
export const endsHeard = (heard: readonly Heard[], taskId: string): number =>
  heard.filter(
    (message) =>
      message.type !== 'snapshot' && ENDS.has(message.type) && message.payload.taskId === taskId,
  ).length;

/** An event that lasts, as the list of a task's events has it. */
export interface LastingNumber {
  readonly seq: number;
  readonly type: string;
}

/**
 * What one reader missed of a task that it followed over several answers, each of which went on where the one before
 * had broken off: everything that lasts, behind the first snapshot.
 * @param lasting in the order of their numbers, up to the end
 * @param isWhole whether the last answer went up to the end; else what counts is what lies before the last that was heard
 */
export function gapViolations(
  heard: readonly Heard[],
  taskId: string,
  lasting: readonly LastingNumber[],
  isWhole: boolean,
): string[] {
  const numbers = new Set<number>();
  let shown: number | undefined;
  let last = 0;
  for (const message of heard) {
    if (message.type === 'snapshot') {
      for (const task of message.tasks) if (task.taskId === taskId) shown = task.seq;
    } else if (message.payload.taskId === taskId) {
      numbers.add(message.seq);
      last = Math.max(last, message.seq);
    }
  }
  if (shown === undefined) return [];
  const since = shown;
  return lasting
    .filter(({ seq }) => seq > since && (isWhole || seq <= last) && !numbers.has(seq))
    .map(({ seq, type }) => `${type} of ${taskId}, number ${seq}, was passed over.`);
}

/** Violations of the counters that one reader was told, at whatever moment. */
export function toldCountViolations(heard: readonly Heard[]): string[] {
  const told = heard.flatMap((message): readonly Partial<Told>[] =>
    message.type === 'snapshot' ? message.tasks : [message.payload as Partial<Told>],
  );
  return told.flatMap(({ total, succeeded, failed, skipped }) =>
    total === undefined || succeeded === undefined || failed === undefined || skipped === undefined
      ? []
      : counterViolations({ total, succeeded, failed, skipped }, total),
  );
}

/**
 * Violations in what one connection heard, or one client that drops what it had before (client/events.ts).
 * The end may bear the number of a snapshot that was taken when the task had ended. Two ends of a task are
 * of two runs when they happened at two times. Who subscribes once more gets another snapshot, and events of the first
 * subscription may be on their way behind it: they are old news to a client, and still rise among themselves.
 */
export function streamViolations(heard: readonly Heard[]): string[] {
  const violations: string[] = [];
  const seqs = new Map<string, number>();
  /** The last number that an event had; of tasks of which a second snapshot came. */
  const events = new Map<string, number>();
  const shownAgain = new Set<string>();
  /** Tasks whose last snapshot showed them as ended, and those whose end was told last. */
  const shownEnded = new Set<string>();
  const ended = new Set<string>();
  const ends = new Set<string>();
  const goesOn = (taskId: string) => {
    shownEnded.delete(taskId);
    ended.delete(taskId);
  };
  for (const message of heard) {
    if (message.type === 'snapshot') {
      for (const { taskId, seq, status } of message.tasks) {
        const before = seqs.get(taskId) ?? -1;
        if (seq < before) violations.push(`A snapshot of ${taskId} has ${seq} after ${before}.`);
        if (seqs.has(taskId)) shownAgain.add(taskId);
        seqs.set(taskId, Math.max(seq, before));
        if (isFinal(status)) shownEnded.add(taskId);
        else goesOn(taskId);
      }
      continue;
    }
    const { type, seq, at } = message;
    const { taskId } = message.payload;
    const last = shownAgain.has(taskId) ? events : seqs;
    const before = last.get(taskId) ?? -1;
    const isEnd = ENDS.has(type);
    const rises = isEnd && shownEnded.has(taskId) ? seq >= before : seq > before;
    if (!rises) violations.push(`${type} of ${taskId} has ${seq} after ${before}.`);
    seqs.set(taskId, Math.max(seq, seqs.get(taskId) ?? -1));
    events.set(taskId, Math.max(seq, events.get(taskId) ?? -1));
    if (isEnd) {
      if (ends.has(`${taskId} ${at}`)) violations.push(`The end of ${taskId} at ${at} came twice.`);
      ends.add(`${taskId} ${at}`);
      ended.add(taskId);
    } else if (BEGINNINGS.has(type)) {
      goesOn(taskId);
    } else if (ended.has(taskId)) {
      violations.push(`${type} of ${taskId} came behind its end.`);
    }
  }
  return violations;
}
