import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tableKeys } from '../../../shared/keys.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { renderShard } from '../../../shared/shards/renderShard.ts';
import type { ShardRef } from '../../../shared/schemas/workflow.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import {
  givenTemplate,
  plannedShards,
  slowed,
  startedTask,
  UNHURRIED,
} from '../../support/runTask.ts';

/** Trips through the event loop that a call takes, as one over a network does. */
const TURNS = 4;

const MEBIBYTE = 1024 * 1024;

const people = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `P${i}` }));

/** A shard of these rows. */
async function givenShard(ports: MemoryPorts, data: Row[]): Promise<ShardRef> {
  const templateId = await givenTemplate(ports, 'Dear {name}');
  const { taskId } = await startedTask(ports, {
    templateIds: [templateId],
    data,
    options: { concurrency: 1 },
  });
  const [shard] = await plannedShards(ports, taskId);
  if (!shard) throw new Error('There is no shard.');
  return shard;
}

/** Renders where looking at the clock takes time, in place of work. */
async function renderSlowly(ports: MemoryPorts, shard: ShardRef, lookMs: number) {
  /** When each report was written, and until when the lease was held before. */
  const renewals: { at: number; before: number }[] = [];
  let leaseUntil = Infinity;
  const update: MemoryPorts['table']['update'] = async (...args) => {
    for (let i = 0; i < TURNS; i++) await new Promise((resolve) => setImmediate(resolve));
    const item = await ports.table.update(...args);
    if (item?.['reported']) renewals.push({ at: ports.clock.now(), before: leaseUntil });
    if (typeof item?.['leaseUntil'] === 'number') leaseUntil = item['leaseUntil'];
    return item;
  };
  const outcome = await renderShard(
    { ...slowed(ports, lookMs), table: { ...ports.table, update } },
    shard,
    UNHURRIED,
  );
  expect(outcome).toMatchObject({ status: 'done', succeeded: shard.rowCount });
  return renewals;
}

describe('renderShard', () => {
  it('reports while it renders rows that have all arrived', async () => {
    const ports = createMemoryPorts();
    const renewals = await renderSlowly(ports, await givenShard(ports, people(2_000)), 10);
    expect(renewals.length).toBeGreaterThan(5);
  });

  it.each([300, 600, 1_000])(
    'holds its lease beside documents of several times %i ms',
    async (ms) => {
      const ports = createMemoryPorts();
      const renewals = await renderSlowly(ports, await givenShard(ports, people(240)), ms);
      expect(renewals.length).toBeGreaterThan(5);
      expect(renewals.filter(({ at, before }) => at >= before)).toEqual([]);
    },
  );

  it('lets go of the shard and tells why it failed when its upload cannot be aborted', async () => {
    const objects = createMemoryObjectStore({
      before(call, key) {
        if (!key.includes('/segments/')) return;
        if (call === 'uploadPart' || call === 'abort') throw new Error(`broken: ${call}`);
      },
    });
    const ports = createMemoryPorts({ objects });
    // Twice what fits in a part, even as DEFLATE packs it.
    const data = Array.from({ length: 32 }, () => ({
      name: randomBytes(MEBIBYTE / 2).toString('hex'),
    }));
    const shard = await givenShard(ports, data);
    await expect(renderShard(ports, shard, UNHURRIED)).rejects.toThrow('broken: uploadPart');
    const item = await ports.table.get(tableKeys.shard(shard.taskId, shard.firstRow));
    expect(item).toMatchObject({ status: 'working', leaseUntil: 0 });
  });
});
