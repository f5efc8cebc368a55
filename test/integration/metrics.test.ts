/** What a task gives to count: metrics are output, which alarms and the dashboard rely on. */
import { expect, it } from 'vitest';
import type { Row } from '../../shared/schemas/common.ts';
import { METRICS } from '../../shared/names.ts';
import { recordShardFailure } from '../../shared/shards/recordShardFailure.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
import { createMemoryPorts } from '../support/memoryPorts.ts';
import {
  assembleAndFinish,
  givenTemplate,
  MEASURED_DOCUMENTS,
  plannedShards,
  startedTask,
  UNHURRIED,
} from '../support/runTask.ts';
import { loadTask } from '../support/tasks.ts';

it('counts each document, shard, task and byte once, whatever is repeated', async () => {
  const ports = createMemoryPorts();
  const templateId = await givenTemplate(ports, 'Dear {name}');
  const rows = MEASURED_DOCUMENTS + 40;
  const { taskId } = await startedTask(ports, {
    templateIds: [templateId],
    // The first has no name, the third is blank.
    data: Array.from({ length: rows }, (_, i): Row =>
      i === 0 ? { n: 1 } : i === 2 ? { name: '' } : { name: `P${i}` },
    ),
    options: { concurrency: 2, missingValue: 'error' },
  });
  const [made, lost] = await plannedShards(ports, taskId);
  if (!made || !lost) throw new Error('Two shards were expected.');
  for (let i = 0; i < 2; i++) await renderShard(ports, made, UNHURRIED);
  const error = { Error: 'Sandbox.Timedout', Cause: '' };
  for (let i = 0; i < 2; i++) await recordShardFailure(ports, { shard: lost, error });
  await assembleAndFinish(ports, taskId);
  await assembleAndFinish(ports, taskId);

  const { archive } = await loadTask(ports, taskId);
  expect(archive?.bytes).toBeGreaterThan(0);
  expect(ports.metrics.counts).toEqual({
    [METRICS.documentsRendered]: made.rowCount - 2,
    [METRICS.documentsFailed]: 1 + lost.rowCount,
    [METRICS.shardsRendered]: 1,
    [METRICS.shardsFailed]: 1,
    [METRICS.archiveBytes]: archive?.bytes,
    [METRICS.tasksFinished]: 1,
  });
});
