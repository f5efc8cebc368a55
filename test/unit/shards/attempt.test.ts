/** Work of another kind than rendering: all that an attempt does for it, without a document. */
import { describe, expect, it } from 'vitest';
import { LEASE_MS } from '../../../shared/limits.ts';
import { tableKeys } from '../../../shared/keys.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import type { Segment } from '../../../shared/schemas/items.ts';
import { workOnShard } from '../../../shared/shards/attempt.ts';
import type { PartOutcome, PrepareWork } from '../../../shared/shards/work.ts';
import { receive } from '../../../shared/stream/receive.ts';
import { cancelTask } from '../../../shared/tasks/controlTask.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import {
  givenTemplate,
  plannedShards,
  slowed,
  startedTask,
  UNHURRIED,
} from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

/** Adds up a column; a row without it fails. What it writes is the sum. */
const adding =
  (partMs = 1_000): PrepareWork =>
  async (ports) => ({
    parts: 1,
    partMs,
    async open(key, before) {
      let sum = before ? Number(Buffer.from(await ports.objects.read(before.key)).toString()) : 0;
      let value: unknown;
      return {
        row: ({ values }) => void (value = values['n']),
        part(): PartOutcome | Promise<PartOutcome> {
          if (typeof value !== 'number') {
            const detail = 'There is no number.';
            return { status: 'failed', label: 'sum', failure: { code: 'RENDER_FAILED', detail } };
          }
          sum += value;
          // Every other part takes a turn, as a call would.
          return value % 2 === 0
            ? { status: 'succeeded' }
            : Promise.resolve({ status: 'succeeded' });
        },
        full: false,
        flush: async () => undefined,
        async finish(): Promise<Segment> {
          await ports.objects.put(key, Buffer.from(String(sum)));
          const nothing = { documents: 0, entriesBytes: 0, directoryBytes: 0, manifestBytes: 0 };
          const lines = { manifestCrc: 0, failures: 0, failuresBytes: 0, failuresCrc: 0 };
          return { key, ...nothing, ...lines };
        },
        abort: async () => undefined,
      };
    },
  });

const ROWS = 240;
/** 0 + 1 + … + 239, but for the row that has none. */
const SUM = (ROWS * (ROWS - 1)) / 2 - 7;

async function given() {
  const ports = createMemoryPorts();
  const templateId = await givenTemplate(ports, 'Dear {name}');
  const data = Array.from({ length: ROWS }, (_, n): Row => (n === 7 ? { name: 'none' } : { n }));
  const { taskId } = await startedTask(ports, {
    templateIds: [templateId],
    data,
    options: { concurrency: 1 },
  });
  const [shard] = await plannedShards(ports, taskId);
  if (!shard) throw new Error('There is no shard.');
  const item = () => ports.table.get(tableKeys.shard(taskId, 1));
  const written = async () => {
    const segments = (await item())?.['segments'] as Segment[];
    return Buffer.from(await ports.objects.read(segments.at(-1)?.key ?? '')).toString();
  };
  return { ports, taskId, shard, item, written };
}

describe('work of another kind', () => {
  it('is counted, reported, told of and published', async () => {
    const { ports, taskId, shard, item, written } = await given();
    const message = { action: 'subscribe', channels: ['task_progress'], filters: { taskId } };
    await receive(ports, { connectionId: 'c', ownerId: OWNER, body: JSON.stringify(message) });
    const outcome = await workOnShard(slowed(ports, 5), shard, adding(), UNHURRIED);
    expect(outcome).toMatchObject({ status: 'done', succeeded: ROWS - 1, failed: 1 });
    expect(await item()).toMatchObject({ status: 'done', leaseUntil: 0 });
    expect(await ports.table.get(tableKeys.task(taskId))).toMatchObject({
      succeeded: ROWS - 1,
      failed: 1,
    });
    expect(ports.connections.sent.map(({ message: sent }) => sent).join()).toContain(
      'There is no number.',
    );
    expect(await written()).toBe(String(SUM));
    // A repeat answers at once.
    expect(await workOnShard(ports, shard, adding(), UNHURRIED)).toEqual(outcome);
  });

  it('goes on from its checkpoint when its time is over', async () => {
    const { ports, shard, item, written } = await given();
    const hurried = { remainingMs: () => 15_000 };
    const first = await workOnShard(slowed(ports, 100), shard, adding(), hurried);
    expect(first.status).toBe('stopped');
    expect(first.succeeded).toBeGreaterThan(10);
    expect(first.succeeded).toBeLessThan(ROWS - 1);
    let status = '';
    for (let round = 2; status !== 'done' && round < 20; round++) {
      ({ status } = await workOnShard(slowed(ports, 100), { ...shard, round }, adding(), hurried));
    }
    expect(status).toBe('done');
    expect(await item()).toMatchObject({ counts: { succeeded: ROWS - 1, failed: 1 } });
    expect(await written()).toBe(String(SUM));
  });

  it('loses no more than what came after its last checkpoint when its worker is killed', async () => {
    const { ports, shard, item, written } = await given();
    let puts = 0;
    const objects = {
      ...ports.objects,
      async put(...args: Parameters<typeof ports.objects.put>) {
        if (++puts > 2) throw new Error('killed');
        return ports.objects.put(...args);
      },
    };
    const dying = slowed({ ...ports, objects }, 300);
    await expect(workOnShard(dying, shard, adding(), UNHURRIED)).rejects.toThrow('killed');
    const reached = (await item())?.['reached'] as { rows: number };
    expect(reached.rows).toBeGreaterThan(20);
    expect(await workOnShard(ports, shard, adding(), UNHURRIED)).toMatchObject({
      status: 'done',
      succeeded: ROWS - 1,
    });
    expect(await written()).toBe(String(SUM));
  });

  it('stops where it is told to, and keeps what it did', async () => {
    const { ports, taskId, shard, item } = await given();
    let reports = 0;
    const table = {
      ...ports.table,
      async update(...args: Parameters<typeof ports.table.update>) {
        if (args[1].set?.['reported'] && ++reports === 2) await cancelTask(ports, OWNER, taskId);
        return ports.table.update(...args);
      },
    };
    const outcome = await workOnShard(slowed({ ...ports, table }, 5), shard, adding(), UNHURRIED);
    expect(outcome.status).toBe('stopped');
    expect(await item()).toMatchObject({ status: 'stopped', counts: { failed: 1 } });
    const { rows } = (await item())?.['reached'] as { rows: number };
    expect(rows).toBe(outcome.succeeded + outcome.failed);
    expect(rows).toBeLessThan(ROWS);
  });

  it.each([
    ['back', -3_600_000],
    ['ahead', 3_600_000],
  ])('outlives a clock that is set %s while it works', async (_, jump) => {
    const { ports, shard } = await given();
    let updates = 0;
    const table = {
      ...ports.table,
      async update(...args: Parameters<typeof ports.table.update>) {
        if (++updates === 3) ports.clock.jump(jump);
        return ports.table.update(...args);
      },
    };
    const outcome = await workOnShard(slowed({ ...ports, table }, 5), shard, adding(), UNHURRIED);
    expect(outcome).toMatchObject({ status: 'done', succeeded: ROWS - 1 });
  });

  it('is taken up at once when the clock was set back behind a lease that nobody renews', async () => {
    const { ports, shard } = await given();
    const dead = {
      ...ports,
      objects: { ...ports.objects, put: () => new Promise<never>(() => undefined) },
    };
    void workOnShard(dead, shard, adding(), UNHURRIED);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(workOnShard(ports, shard, adding(), UNHURRIED)).rejects.toMatchObject({
      name: 'ShardBusy',
    });
    ports.clock.jump(-360 * LEASE_MS);
    expect(await workOnShard(ports, shard, adding(), UNHURRIED)).toMatchObject({ status: 'done' });
  });
});
