/** A task through all its steps over ports in memory: what is made, and what survives. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tableKeys } from '../../shared/keys.ts';
import { LEASE_MS, MAX_VANISHED_ATTEMPTS } from '../../shared/limits.ts';
import { WORKFLOW_ERRORS } from '../../shared/names.ts';
import type { ObjectStore, Ports, Table } from '../../shared/ports.ts';
import { recordShardFailure } from '../../shared/shards/recordShardFailure.ts';
import type { ShardRef } from '../../shared/schemas/workflow.ts';
import { takeShard } from '../../shared/shards/lease.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
import { cancelTask } from '../../shared/tasks/controlTask.ts';
import { getDocument } from '../../shared/tasks/downloads.ts';
import { failTask, finishTask } from '../../shared/tasks/finishTask.ts';
import { listDocuments, listFailures } from '../../shared/tasks/readReports.ts';
import { getTask } from '../../shared/tasks/readTasks.ts';
import { createMemoryPorts } from '../support/memoryPorts.ts';
import { readZip } from '../support/readZip.ts';
import {
  archiveBytes,
  assembleAndFinish,
  givenTemplate,
  plannedShards,
  renderAll,
  slowed,
  startedTask,
  UNHURRIED,
} from '../support/runTask.ts';
import { loadTask, OWNER } from '../support/tasks.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-pipeline-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function archiveNames(ports: Ports, taskId: string): Promise<string[]> {
  const path = join(folder, `${taskId}.zip`);
  await writeFile(path, await archiveBytes(ports, taskId));
  return [...(await readZip(path)).keys()];
}

const people = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `P${i + 1}` }));

/** An object store that fails the `nth` write. */
function failingStore(store: ObjectStore, nth: number): ObjectStore {
  let writes = 0;
  return {
    ...store,
    put: async (...args: Parameters<ObjectStore['put']>) => {
      if (++writes === nth)
        throw Object.assign(new Error('broken'), { name: 'ServiceUnavailable' });
      return store.put(...args);
    },
  };
}

describe('a task', () => {
  it('makes one document a row, whatever the cut', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const archives: Buffer[] = [];
    for (const concurrency of [1, 2, 4]) {
      const { taskId } = await startedTask(ports, {
        templateIds: [templateId],
        data: people(400),
        options: { concurrency },
      });
      const outcomes = await renderAll(ports, taskId);
      expect(outcomes).toHaveLength(concurrency);
      await assembleAndFinish(ports, taskId);
      expect(await getTask(ports, OWNER, taskId)).toMatchObject({
        status: 'completed',
        succeeded: 400,
        pending: 0,
        progress: 100,
      });
      archives.push(await archiveBytes(ports, taskId));
      expect(await archiveNames(ports, taskId)).toHaveLength(401);
    }
    expect(archives[1]?.equals(archives[0] ?? Buffer.alloc(0))).toBe(true);
    expect(archives[2]?.equals(archives[0] ?? Buffer.alloc(0))).toBe(true);
  });

  it('puts its documents into folders, and hands out each by the name in its folder', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await startedTask(ports, {
      templateIds: [templateId],
      data: [
        { name: 'Ana', team: 'Sales' },
        { name: 'Bo', team: '' },
        { name: 'Cy', team: 'sales' },
      ],
      fileName: '{team}/{name}',
    });
    await renderAll(ports, taskId);
    await assembleAndFinish(ports, taskId);
    expect(await archiveNames(ports, taskId)).toEqual([
      'Sales/Ana (1).docx',
      '_/Bo (2).docx',
      'sales/Cy (3).docx',
      '_manifest.csv',
    ]);
    const documents = await listDocuments(ports, OWNER, taskId, { limit: 1 });
    expect(documents.data).toMatchObject([{ row: 1, name: 'Sales/Ana (1).docx' }]);
    expect(await getDocument(ports, OWNER, taskId, 1)).toMatchObject({ fileName: 'Ana (1).docx' });
  });

  it('keeps row values out of logs, metrics and the workflow', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name} {missing}');
    const { taskId } = await startedTask(ports, {
      templateIds: [templateId],
      data: [{ name: 'SECRET-VALUE' }, { name: 'SECRET\u0002VALUE' }],
      options: { missingValue: 'error' },
    });
    const outcomes = await renderAll(ports, taskId);
    await assembleAndFinish(ports, taskId);
    const outside = JSON.stringify([
      ports.log.entries,
      ports.metrics.counts,
      ports.workflow.starts,
      outcomes,
      ports.connections.sent,
      await listFailures(ports, OWNER, taskId, { limit: 100 }),
    ]);
    expect(outside).not.toContain('SECRET');
  });

  it('that fails in every row is failed and says why', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name} {missing}');
    const { taskId } = await startedTask(ports, {
      templateIds: [templateId],
      data: people(3),
      options: { missingValue: 'error' },
    });
    await renderAll(ports, taskId);
    await assembleAndFinish(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      status: 'failed',
      failed: 3,
      error: { code: 'GENERATION_FAILED' },
    });
    expect(await archiveNames(ports, taskId)).toEqual(['_manifest.csv', '_failures.csv']);
  });

  it('that stops at an error tries no further row', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const data = people(100).map((row, i) => (i === 9 ? {} : row)) as { name: string }[];
    data[9] = { name: 'bad \u0001' };
    const { taskId } = await startedTask(ports, {
      templateIds: [templateId],
      data,
      options: { onError: 'stop', concurrency: 1 },
    });
    await renderAll(ports, taskId);
    await assembleAndFinish(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      status: 'failed',
      succeeded: 9,
      failed: 1,
      pending: 90,
      error: {
        message: expect.stringMatching(/failed, of row 10, as onError "stop" asks/) as string,
      },
    });
    expect(await archiveNames(ports, taskId)).toHaveLength(11);
  });
});

describe('a shard', () => {
  it('whose attempt broke is tried again and counted once', async () => {
    const base = createMemoryPorts();
    const templateId = await givenTemplate(base, 'Dear {name}');
    const { taskId } = await startedTask(base, { templateIds: [templateId], data: people(40) });
    const [shard] = await plannedShards(base, taskId);
    if (!shard) throw new Error('There is no shard.');
    const broken = { ...base, objects: failingStore(base.objects, 1) };
    await expect(renderShard(broken, shard, UNHURRIED)).rejects.toThrow('broken');
    const first = await renderShard(base, shard, UNHURRIED);
    expect(first).toMatchObject({ status: 'done', succeeded: shard.rowCount });
    expect(await renderShard(base, shard, UNHURRIED)).toEqual(first);
    expect(await getTask(base, OWNER, taskId)).toMatchObject({ succeeded: shard.rowCount });
  });

  it('is worked on by one attempt; a dead one is replaced when its lease ends', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await startedTask(ports, { templateIds: [templateId], data: people(40) });
    const [shard] = await plannedShards(ports, taskId);
    if (!shard) throw new Error('There is no shard.');

    // The first attempt hangs while it writes its segment, as if it had been killed there.
    let goOn: () => void = () => undefined;
    const hanging = {
      ...ports,
      objects: {
        ...ports.objects,
        put: async (...args: Parameters<ObjectStore['put']>) => {
          await new Promise<void>((resolve) => (goOn = resolve));
          return ports.objects.put(...args);
        },
      },
    };
    const zombie = renderShard(hanging, shard, UNHURRIED);
    const outcome = zombie.catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(renderShard(ports, shard, UNHURRIED)).rejects.toMatchObject({
      name: WORKFLOW_ERRORS.shardBusy,
    });

    ports.clock.advance(LEASE_MS);
    const second = await renderShard(ports, shard, UNHURRIED);
    expect(second).toMatchObject({ status: 'done', succeeded: shard.rowCount });
    goOn();
    expect(await outcome).toMatchObject({ name: WORKFLOW_ERRORS.leaseLost });
    await assembleAndFinish(ports, taskId);
    expect((await listDocuments(ports, OWNER, taskId, { limit: 100 })).data).toHaveLength(
      shard.rowCount,
    );
  });

  it('outlives more killed workers than retries, but not any number of them', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await startedTask(ports, {
      templateIds: [templateId],
      data: people(40),
      options: { maxRetries: 0 },
    });
    const [shard] = await plannedShards(ports, taskId);
    if (!shard) throw new Error('There is no shard.');
    const loadedTask = await loadTask(ports, taskId);
    const killed = async (ref: ShardRef) => {
      // What a worker leaves that is killed as soon as it holds the lease.
      await takeShard(ports, ref, loadedTask);
      ports.clock.advance(LEASE_MS);
    };
    for (let i = 0; i < MAX_VANISHED_ATTEMPTS; i++) await killed(shard);
    await expect(takeShard(ports, shard, loadedTask)).resolves.toMatchObject({
      attempt: MAX_VANISHED_ATTEMPTS + 1,
    });
    ports.clock.advance(LEASE_MS);
    await expect(renderShard(ports, shard, UNHURRIED)).rejects.toMatchObject({
      name: WORKFLOW_ERRORS.retriesExhausted,
    });
  });

  it('that was tried as often as allowed is given up, and its rows are accounted for', async () => {
    const base = createMemoryPorts();
    const templateId = await givenTemplate(base, 'Dear {name}');
    const { taskId } = await startedTask(base, {
      templateIds: [templateId],
      data: people(240),
      options: { maxRetries: 1, concurrency: 2 },
    });
    const [bad, good] = await plannedShards(base, taskId);
    if (!bad || !good) throw new Error('Two shards were expected.');
    for (let attempt = 0; attempt < 2; attempt++) {
      const broken = { ...base, objects: failingStore(base.objects, 1) };
      await expect(renderShard(broken, bad, UNHURRIED)).rejects.toThrow('broken');
    }
    await expect(renderShard(base, bad, UNHURRIED)).rejects.toMatchObject({
      name: WORKFLOW_ERRORS.retriesExhausted,
    });
    const error = { Error: 'ServiceUnavailable', Cause: '' };
    const failed = await recordShardFailure(base, { shard: bad, error });
    expect(await recordShardFailure(base, { shard: bad, error })).toEqual(failed);
    await renderShard(base, good, UNHURRIED);
    await assembleAndFinish(base, taskId);
    expect(await getTask(base, OWNER, taskId)).toMatchObject({
      status: 'partially_completed',
      succeeded: good.rowCount,
      failed: bad.rowCount,
      pending: 0,
    });
    const failures = await listFailures(base, OWNER, taskId, { limit: 100 });
    expect(failures.data[0]).toMatchObject({ row: 1, code: 'SHARD_FAILED' });
    const cursor = failures.nextCursor ?? '';
    const more = await listFailures(base, OWNER, taskId, { limit: 100, cursor });
    const rows = [...failures.data, ...more.data].map(({ row }) => row);
    expect(rows).toEqual(Array.from({ length: bad.rowCount }, (_, i) => i + 1));
    expect(more.nextCursor).toBeNull();
    expect(await archiveNames(base, taskId)).toHaveLength(good.rowCount + 2);
  });

  it('stops at a document boundary when the task is cancelled, and keeps what it made', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await startedTask(ports, {
      templateIds: [templateId],
      data: people(240),
      options: { concurrency: 2 },
    });
    const [first, second] = await plannedShards(ports, taskId);
    if (!first || !second) throw new Error('Two shards were expected.');
    await renderShard(ports, first, UNHURRIED);
    await cancelTask(ports, OWNER, taskId);
    expect(await renderShard(ports, second, UNHURRIED)).toMatchObject({ status: 'stopped' });
    await assembleAndFinish(ports, taskId);
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      status: 'cancelled',
      succeeded: 120,
      pending: 120,
    });
    expect(await archiveNames(ports, taskId)).toHaveLength(121);
  });
});

describe('the progress of a shard', () => {
  const ROWS = 200;
  /** A shard whose rows take so long by its clock that it reports every few dozen, all of them seconds. */
  async function slowShard() {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await startedTask(ports, {
      templateIds: [templateId],
      data: people(ROWS),
      options: { concurrency: 1 },
    });
    const [shard] = await plannedShards(ports, taskId);
    if (shard?.rowCount !== ROWS) throw new Error('One shard was expected.');
    return { ports, shard, clock: slowed(ports, 3).clock };
  }

  it('is written while further rows are rendered', async () => {
    const { ports, shard, clock } = await slowShard();
    const gates: (() => void)[] = [];
    const table: Table = {
      ...ports.table,
      async update(key, change, condition) {
        if (change.add?.succeeded) await new Promise<void>((resolve) => gates.push(resolve));
        return ports.table.update(key, change, condition);
      },
    };
    let asksForMoreRows = false;
    const objects: ObjectStore = {
      ...ports.objects,
      async *stream(key, range) {
        yield* ports.objects.stream(key, range);
        asksForMoreRows = true;
      },
    };
    const rendered = renderShard({ ...ports, clock, table, objects }, shard, UNHURRIED);
    await vi.waitUntil(() => asksForMoreRows);
    // All rows were rendered beside the first report, which is still on its way.
    expect(gates).toHaveLength(1);
    const opening = setInterval(() => gates.shift()?.());
    expect(await rendered).toMatchObject({ status: 'done', succeeded: ROWS });
    clearInterval(opening);
    const task = await ports.table.get(tableKeys.task(shard.taskId));
    expect(task).toMatchObject({ succeeded: ROWS });
  });

  it('ends the attempt when it cannot be written, with nothing published', async () => {
    const { ports, shard, clock } = await slowShard();
    const table: Table = {
      ...ports.table,
      update: (key, change, condition) =>
        change.set?.reported
          ? Promise.resolve(undefined)
          : ports.table.update(key, change, condition),
    };
    await expect(renderShard({ ...ports, clock, table }, shard, UNHURRIED)).rejects.toMatchObject({
      name: WORKFLOW_ERRORS.leaseLost,
    });
    expect(ports.objects.keys().filter((key) => key.includes('/segments/'))).toEqual([]);
  });
});

describe('the end', () => {
  it('may be written twice and at the same time', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await startedTask(ports, { templateIds: [templateId], data: people(5) });
    await renderAll(ports, taskId);
    await assembleAndFinish(ports, taskId);
    const before = await getTask(ports, OWNER, taskId);
    await Promise.all([
      finishTask(ports, { taskId, run: 1 }),
      finishTask(ports, { taskId, run: 1 }),
    ]);
    await failTask(ports, { taskId, run: 1, error: { Error: 'States.Timeout', Cause: '' } });
    expect(await getTask(ports, OWNER, taskId)).toEqual(before);
  });

  it('of a workflow that broke keeps what the shards recorded', async () => {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, 'Dear {name}');
    const { taskId } = await startedTask(ports, { templateIds: [templateId], data: people(5) });
    await renderAll(ports, taskId);
    await failTask(ports, { taskId, run: 1, error: { Error: 'States.Timeout', Cause: 'x' } });
    expect(await getTask(ports, OWNER, taskId)).toMatchObject({
      status: 'failed',
      succeeded: 5,
      error: { code: 'GENERATION_FAILED' },
    });
  });
});
