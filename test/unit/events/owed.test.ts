/** The order in which events are numbered that could not be told when they happened. */
import { describe, expect, it } from 'vitest';
import { numbering, owing, seqOfEnd } from '../../../shared/events/owed.ts';
import { publishOwed } from '../../../shared/events/publish.ts';
import { endEvent, eventsOfChange, startedEvent } from '../../../shared/events/taskEvents.ts';
import type { OwedEvent } from '../../../shared/schemas/events.ts';
import type { TaskItem } from '../../../shared/schemas/items.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTask, loadTask, TASK_ID } from '../../support/tasks.ts';
import { heard, subscribe } from './support.ts';

async function givenEnded() {
  const ports = createMemoryPorts();
  await givenTask(ports, {
    status: 'partially_completed',
    stage: 'done',
    run: 1,
    finishedAt: 1_000,
  });
  return { ports, ended: await loadTask(ports, TASK_ID) };
}

/** A call that has an ended task go on, at once or when its turn comes. */
function retried(ended: TaskItem, status: 'running' | 'queued', at: number) {
  const changes = { status, ...(status === 'running' ? { run: ended.run + 1 } : { queuedAt: at }) };
  const task: TaskItem = { ...ended, ...changes };
  return { task, changes, events: eventsOfChange(ended, task, { at, by: 'owner-a' }) };
}

const typesOf = (task: TaskItem, events: readonly OwedEvent[]) =>
  Object.values(numbering(task, events).set)
    .flatMap((value): OwedEvent[] => (typeof value === 'object' ? [value] : []))
    .sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0))
    .map(({ type }) => type);

describe('an end that nobody could tell yet', () => {
  it.each([5_000, 1_000, 500])(
    'is numbered before what began after it, by a clock that says %i',
    async (at) => {
      const { ended } = await givenEnded();
      const { task, events } = retried(ended, 'running', at);
      const owed = [startedEvent(task, 3, at), ...events, endEvent(ended)];
      expect(typesOf(task, owed)).toEqual(['task_completed', 'retry_requested', 'task_started']);
      // Both ends, where the second run is over, too.
      const over: TaskItem = { ...task, status: 'completed', finishedAt: at };
      expect(typesOf(over, [endEvent(over), ...owed])).toEqual([
        'task_completed',
        'retry_requested',
        'task_started',
        'task_completed',
      ]);
    },
  );

  it('is the last of all of a task that rests by it, though it waited for another run meanwhile', async () => {
    const { ended } = await givenEnded();
    const { task, events } = retried(ended, 'queued', 5_000);
    const cancelled: TaskItem = { ...task, status: 'cancelled', finishedAt: 4_000 };
    expect(typesOf(cancelled, [endEvent(cancelled), ...events])).toEqual([
      'retry_requested',
      'task_cancelled',
    ]);
    expect(typesOf(task, [...events, endEvent(ended)])).toEqual([
      'task_completed',
      'retry_requested',
    ]);
  });

  it('reaches those who listen before the start of the retry', async () => {
    const { ports, ended } = await givenEnded();
    const { task, changes, events } = retried(ended, 'running', 5_000);
    await subscribe(ports, 'c1', TASK_ID);
    const owed = owing([endEvent(ended), ...events, startedEvent(task, 3, 5_000)]);
    const owes = await changeTask(ports, TASK_ID, { set: { ...changes, ...owed, endedRun: 1 } });
    if (owes) await publishOwed(ports, owes);
    const told = heard(ports).flatMap((message) => ('seq' in message ? [message.type] : []));
    expect(told).toEqual(['task_completed', 'task_started']);
  });

  it('has no number, though the end of the run before had one', async () => {
    const { ended } = await givenEnded();
    const first: TaskItem = { ...ended, endedRun: 1, endSeq: 7 };
    expect(seqOfEnd(first)).toBe(7);
    const second: TaskItem = { ...first, run: 2 };
    expect(seqOfEnd(second)).toBeUndefined();
    const end = endEvent(second);
    const owes: TaskItem = { ...second, seq: 9, endedRun: 2, owed: { [end.key]: end } };
    expect(seqOfEnd(owes)).toBeUndefined();
    expect(numbering(owes, [end]).set).toMatchObject({ endSeq: 10 });
    expect(seqOfEnd({ ...owes, owed: { [end.key]: { ...end, seq: 10 } }, endSeq: 10 })).toBe(10);
  });
});
