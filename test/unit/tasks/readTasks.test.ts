import { beforeEach, describe, expect, it } from 'vitest';
import { tableKeys } from '../../../shared/keys.ts';
import type { TaskStatus } from '../../../shared/schemas/common.ts';
import { activeTasks, countActiveTasks, listTasks } from '../../../shared/tasks/readTasks.ts';
import { changeTask } from '../../../shared/tasks/taskStore.ts';
import { createFakeClock } from '../../support/memoryPorts.ts';
import { createMemoryTable, type MemoryTable } from '../../support/memoryTable.ts';
import { OWNER, taskItem } from '../../support/tasks.ts';

let table: MemoryTable;
beforeEach(() => {
  table = createMemoryTable(createFakeClock());
});

const idOf = (n: number) => `task_${String(n).padStart(26, '0')}`;

/** Puts tasks with these numbers, which are in the order of their creation. */
async function putTasks(numbers: Iterable<number>, status: TaskStatus, ended: boolean) {
  for (const n of numbers) {
    const { activeSort, ...task } = taskItem({ taskId: idOf(n), status });
    await table.put(tableKeys.task(idOf(n)), ended ? task : { ...task, activeSort });
  }
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Ids of all pages, and how many queries each took. */
async function allPages(query: { status?: TaskStatus; limit: number }) {
  const pages: string[][] = [];
  const queries: number[] = [];
  let cursor: string | null = null;
  do {
    const before = table.calls.query;
    const page = await listTasks({ table }, OWNER, { ...query, ...(cursor && { cursor }) });
    pages.push(page.data.map(({ taskId }) => taskId));
    queries.push(table.calls.query - before);
    cursor = page.nextCursor;
  } while (cursor);
  return { pages, queries };
}

describe('a list of tasks', () => {
  it('shows what the items say, not what the index has', async () => {
    await putTasks([1], 'running', false);
    await changeTask({ table }, idOf(1), { add: { succeeded: 17 } });
    const { data } = await listTasks({ table }, OWNER, { limit: 10 });
    expect(data).toMatchObject([{ taskId: idOf(1), succeeded: 17 }]);
  });

  it('has pages of the size asked for, newest first', async () => {
    await putTasks(range(0, 7), 'completed', true);
    const { pages } = await allPages({ limit: 3 });
    expect(pages).toEqual([[6, 5, 4].map(idOf), [3, 2, 1].map(idOf), [0].map(idOf)]);
  });

  it('finds all in a state, once, with pages of the size asked for', async () => {
    for (const n of range(0, 12)) await putTasks([n], n % 3 ? 'completed' : 'failed', true);
    const { pages } = await allPages({ status: 'failed', limit: 3 });
    expect(pages).toEqual([[9, 6, 3].map(idOf), [0].map(idOf)]);
  });

  it('looks for a rare state among very many tasks a bounded stretch at a time', async () => {
    await putTasks([0], 'failed', true);
    await putTasks(range(1, 10_500), 'completed', true);
    const { pages, queries } = await allPages({ status: 'failed', limit: 20 });
    expect(pages).toEqual([[], [idOf(0)]]);
    expect(Math.max(...queries)).toBeLessThanOrEqual(11);
  });

  it('finds active tasks without looking at those that have ended', async () => {
    await putTasks([0], 'running', false);
    await putTasks(range(1, 3_000), 'completed', true);
    const { pages, queries } = await allPages({ status: 'running', limit: 20 });
    expect(pages).toEqual([[idOf(0)]]);
    expect(queries).toEqual([1]);
  });
});

describe('active tasks', () => {
  it('are counted without looking at those that have ended, nor at any item', async () => {
    await putTasks([0, 5], 'running', false);
    await putTasks([1], 'pending', false);
    await putTasks([2], 'scheduled', false);
    await putTasks(range(10, 2_010), 'completed', true);
    expect(await countActiveTasks({ table }, OWNER)).toEqual({ activeTasks: 2 });
    expect(table.calls).toMatchObject({ query: 1, get: 0 });
  });

  it('are as many as are asked for, the newest', async () => {
    await putTasks(range(0, 30), 'running', false);
    const tasks = await activeTasks({ table }, OWNER, 3);
    expect(tasks.map(({ taskId }) => taskId)).toEqual([29, 28, 27].map(idOf));
    expect(await activeTasks({ table }, OWNER, 100)).toHaveLength(30);
  });

  it('are no longer among them once they end, and are again when they go on', async () => {
    await putTasks([0], 'running', false);
    await changeTask({ table }, idOf(0), { set: { status: 'failed' } });
    expect(await countActiveTasks({ table }, OWNER)).toEqual({ activeTasks: 0 });
    expect(await activeTasks({ table }, OWNER, 10)).toEqual([]);
    await changeTask({ table }, idOf(0), { set: { status: 'running' } });
    expect(await countActiveTasks({ table }, OWNER)).toEqual({ activeTasks: 1 });
  });
});
