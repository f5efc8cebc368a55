/** Faults beside the calls: what was paid for is kept, and what people change meanwhile is asked again. */
import { describe, expect, it } from 'vitest';
import { WorkflowError } from '../../../shared/problems.ts';
import { WORKFLOW_ERRORS } from '../../../shared/names.ts';
import type { WebAnswer, WebRequest } from '../../../shared/ports.ts';
import { RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { recordShardFailure } from '../../../shared/shards/recordShardFailure.ts';
import { callShard, type CallShardPorts } from '../../../shared/shards/callShard.ts';
import { pauseTask } from '../../../shared/tasks/controlTask.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { CALL_RESERVE_MS } from '../../../shared/limits.ts';
import { callUntilItEnds } from '../../support/callShards.ts';
import { createFasterClock } from '../../support/fasterClock.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { loadTask, OWNER } from '../../support/tasks.ts';

const clock = createFasterClock(20);
const UNHURRIED = { remainingMs: () => 900_000 };

async function givenTask(
  rows: number,
  options: object = {},
  answer?: (request: WebRequest) => WebAnswer,
) {
  const ports = createMemoryPorts({ clock });
  const asked: string[] = [];
  ports.web.answer = async (request) => {
    await clock.sleep(200);
    asked.push(request.headers['idempotency-key'] ?? '');
    return (
      answer?.(request) ?? {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ said: `to ${request.body}` })),
        isWhole: true,
      }
    );
  };
  const templateId = await givenTemplate(ports, '{answer.said}');
  const { taskId } = await startedTask(ports, {
    templateIds: [templateId],
    data: Array.from({ length: rows }, (_, i) => ({ n: i + 1 })),
    steps: [
      {
        name: 'answer',
        request: { url: 'https://api.example.com/x', body: { n: '{n}' } },
        response: { values: { said: '/said' } },
        rateLimit: { perSecond: 20, concurrent: 20 },
        timeoutSeconds: 2,
      },
    ],
    options,
  });
  return { ports, asked, taskId };
}

type World = Awaited<ReturnType<typeof givenTask>>;

/** Ports of which one call fails, once. */
function failingOnce(
  ports: World['ports'],
  isIt: (name: string, key: string, nth: number) => boolean,
) {
  let [nth, hasFailed] = [0, false];
  const failed = <T>(name: string, key: string, go: () => Promise<T>): Promise<T> => {
    if (hasFailed || !isIt(name, key, nth++)) return go();
    hasFailed = true;
    return Promise.reject(new WorkflowError(WORKFLOW_ERRORS.serviceUnavailable, 'Not now.'));
  };
  const { objects, table } = ports;
  return {
    ...ports,
    objects: {
      ...objects,
      put: (...call: Parameters<typeof objects.put>) =>
        failed('put', call[0], () => objects.put(...call)),
    },
    table: {
      ...table,
      put: (...call: Parameters<typeof table.put>) =>
        failed('item', call[0].sk, () => table.put(...call)),
      update: (...call: Parameters<typeof table.update>) =>
        failed('update', call[0].sk, () => table.update(...call)),
    },
  };
}

describe('a call of the services that fails once', () => {
  it.each([
    ['writing answers', (name: string, key: string) => name === 'put' && key.includes('/answers/')],
    [
      'listing answers',
      (name: string, key: string) => name === 'item' && key.startsWith('ANSWERS'),
    ],
    [
      'a checkpoint',
      (name: string, key: string, nth: number) =>
        name === 'update' && key.startsWith('CALL') && nth > 3,
    ],
    [
      'counting',
      (name: string, key: string, nth: number) => name === 'update' && key === 'META' && nth > 3,
    ],
  ])('costs no answer (%s)', async (_what, isIt) => {
    const { ports, asked, taskId } = await givenTask(60);
    let worker: CallShardPorts = failingOnce(ports, isIt);
    let tries = 0;
    await runTask(ports, taskId, {
      call: async (shard) => {
        for (;;) {
          try {
            return await callShard(worker, shard, UNHURRIED);
          } catch {
            tries++;
            worker = ports;
            await clock.sleep(11_000);
          }
        }
      },
    });
    expect(await loadTask(ports, taskId)).toMatchObject({ status: 'completed', succeeded: 60 });
    expect(tries).toBe(1);
    // Nothing of what was answered was asked again.
    expect(asked).toHaveLength(60);
  });
});

it('a shard whose worker has no time left goes on in another one at once', async () => {
  const { ports, asked, taskId } = await givenTask(200);
  const ends: string[] = [];
  await runTask(ports, taskId, {
    call: async (shard) => {
      // Six seconds of calls, of the ten that they take.
      const limits = { remainingMs: () => CALL_RESERVE_MS + 6_000 };
      const { outcome, waits } = await callUntilItEnds(ports, shard, limits);
      ends.push(...waits, outcome.status);
    },
  });
  expect(ends.length).toBeGreaterThan(2);
  expect(ends.at(-1)).toBe('done');
  expect(await loadTask(ports, taskId)).toMatchObject({ status: 'completed', succeeded: 200 });
  expect(asked).toHaveLength(200);
});

it('a task that is to stop at a failure stops calling', async () => {
  const { ports, asked, taskId } = await givenTask(300, { onError: 'stop' }, (request) =>
    request.body === '{"n":3}'
      ? { status: 422, headers: {}, body: Buffer.alloc(0), isWhole: true }
      : {
          status: 200,
          headers: {},
          body: Buffer.from('{"said":"x"}'),
          isWhole: true,
        },
  );
  await runTask(ports, taskId);
  expect(await loadTask(ports, taskId)).toMatchObject({ status: 'failed', stopReason: 'error' });
  expect(asked.length).toBeLessThan(150);
});

it('rows that are corrected between their calls and their documents are asked anew', async () => {
  const { ports, asked, taskId } = await givenTask(30);
  await runTask(ports, taskId, {
    call: async (shard) => {
      const outcome = await callShard(ports, shard, UNHURRIED);
      await pauseTask(ports, OWNER, taskId);
      return outcome;
    },
  });
  expect(await loadTask(ports, taskId)).toMatchObject({ status: 'paused', succeeded: 0 });
  expect(asked).toHaveLength(30);
  const body = { rows: '1', corrections: [{ row: 7, values: { n: 700 } }] };
  await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse(body));
  await runTask(ports, taskId);
  expect(await loadTask(ports, taskId)).toMatchObject({ status: 'completed', succeeded: 30 });
  expect(asked).toHaveLength(31);
});

it('rows whose worker was given up are called by a retry, each once', async () => {
  const { ports, asked, taskId } = await givenTask(20);
  await runTask(ports, taskId, {
    call: (shard) =>
      recordShardFailure(ports, { shard, error: { Error: 'Sandbox.Timedout', Cause: '' } }),
  });
  expect(await loadTask(ports, taskId)).toMatchObject({ status: 'failed', failed: 20 });
  await retryTask(ports, OWNER, taskId, RetryTaskSchema.parse({}));
  await runTask(ports, taskId);
  expect(await loadTask(ports, taskId)).toMatchObject({ status: 'completed', succeeded: 20 });
  expect(asked).toHaveLength(20);
});
