/** Workers that call services are killed anywhere: every row ends with its answers, and no call is paid for twice. */
import { describe, expect, it } from 'vitest';
import { WORKFLOW_ERRORS } from '../../../shared/names.ts';
import type { WebAnswer } from '../../../shared/ports.ts';
import type { ShardRef } from '../../../shared/schemas/workflow.ts';
import { callShard } from '../../../shared/shards/callShard.ts';
import { createFasterClock } from '../../support/fasterClock.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { mortalPorts } from '../../support/mortalPorts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { loadTask } from '../../support/tasks.ts';

const ROWS = 40;
const answerOf = (body: unknown): WebAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body)),
  isWhole: true,
});

/** Leases of the dead run out in time. */
const clock = createFasterClock(20);

async function givenTask() {
  const ports = createMemoryPorts({ clock });
  const paid = new Map<string, string>();
  ports.web.answer = async (request) => {
    await clock.sleep(300);
    const key = request.headers['idempotency-key'] ?? '';
    const body = String(request.body);
    // A service that keeps keys does the same work once: another body under one key is a fault.
    if (paid.has(key) && paid.get(key) !== body) throw new Error('One key for two questions.');
    paid.set(key, body);
    return answerOf({ said: `answer of ${body}` });
  };
  const step = (name: string, of: string) => ({
    name,
    request: { url: `https://api.example.com/${name}`, body: { of } },
    response: { values: { said: '/said' } },
    rateLimit: { perSecond: 30, concurrent: 20 },
  });
  const templateId = await givenTemplate(ports, '{second.said}');
  const { taskId } = await startedTask(ports, {
    templateIds: [templateId],
    data: Array.from({ length: ROWS }, (_, i) => ({ n: i + 1 })),
    steps: [step('first', '{n}'), step('second', '{first.said}')],
    options: { maxRetries: 10 },
  });
  return { ports, paid, taskId };
}

type World = Awaited<ReturnType<typeof givenTask>>;

/** Calls a shard as the workflow does: once more whenever it breaks, or is held by somebody else. */
async function untilItEnds({ ports }: World, shard: ShardRef, worker: typeof ports) {
  let present = worker;
  for (let tries = 0; tries < 50; tries++) {
    try {
      return await callShard(present, shard, { remainingMs: () => 600_000 });
    } catch (error) {
      present = ports;
      if ((error as Error).name === WORKFLOW_ERRORS.shardBusy) await clock.sleep(4_000);
    }
  }
  throw new Error('It never ended.');
}

describe('a worker that is killed at any of its calls', () => {
  it.each([2, 4, 6, 9, 14, 22].flatMap((at) => [[at, 'before'] as const, [at, 'behind'] as const]))(
    'loses nothing, and pays for nothing twice (call %i, %s its effect)',
    async (at, when) => {
      const world = await givenTask();
      const { ports, paid, taskId } = world;
      const runs: string[] = [];
      const mortal = mortalPorts(ports, at, when);
      let isFirst = true;
      await runTask(ports, taskId, {
        call: async (shard) => {
          const worker = isFirst ? mortal.ports : ports;
          isFirst = false;
          runs.push((await untilItEnds(world, shard, worker)).status);
        },
      });
      const task = await loadTask(ports, taskId);
      expect(task).toMatchObject({ status: 'completed', succeeded: ROWS, failed: 0 });
      expect(paid.size).toBe(2 * ROWS);
      expect(runs.at(-1)).toBe('done');
    },
    60_000,
  );
});
