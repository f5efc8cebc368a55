/** Row steps whose services call back: whenever they do, each row gets its answer once, and is sent once. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { takeCallback } from '../../../shared/callbacks/takeCallback.ts';
import { newCreation } from '../../../shared/creation.ts';
import { objectKeys } from '../../../shared/keys.ts';
import type { WebAnswer } from '../../../shared/ports.ts';
import { RowSchema } from '../../../shared/schemas/common.ts';
import { CreateTaskSchema, RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { callShard } from '../../../shared/shards/callShard.ts';
import { cancelTask, pauseTask, resumeTask } from '../../../shared/tasks/controlTask.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { deleteTask } from '../../../shared/tasks/deleteTask.ts';
import { listFailures } from '../../../shared/tasks/readReports.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { readArchive } from '../../support/archives.ts';
import { callUntilItEnds, type Waits } from '../../support/callShards.ts';
import { createFasterClock } from '../../support/fasterClock.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { mortalPorts } from '../../support/mortalPorts.ts';
import { archiveBytes, runTask, startedTask, UNHURRIED } from '../../support/runTask.ts';
import { loadTask, OWNER } from '../../support/tasks.ts';

const TIMES = 20;
const clock = createFasterClock(TIMES);
const ACCEPTED: WebAnswer = { status: 202, headers: {}, body: new Uint8Array(), isWhole: true };
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** What a service was asked, and how it calls back. */
interface Sent {
  readonly key: string;
  readonly url: string;
  readonly n: number;
}

/** Of the second step there is no number. */
const BodySchema = z.object({ url: z.string(), n: z.number().default(0) });

const AskedSchema = z.object({ ask: z.object({ said: z.string() }) });

/** A service that takes everything, and calls back when `react` says so. */
function world(react: (sent: Sent, back: (body?: unknown) => Promise<void>) => unknown) {
  const ports = createMemoryPorts({ clock });
  const sent: Sent[] = [];
  const back = async (url: string, bytes: Uint8Array, contentType = 'application/json') => {
    expect(url.startsWith(`${ports.apiUrl}/callbacks/`)).toBe(true);
    await takeCallback(ports, url.slice(url.lastIndexOf('/') + 1), { contentType, bytes });
  };
  ports.web.answer = (request) => {
    const body = BodySchema.parse(JSON.parse(request.body ?? '{}'));
    const one = { key: request.headers['idempotency-key'] ?? '', ...body };
    sent.push(one);
    void react(one, (said = { said: `answer ${one.n}` }) =>
      back(one.url, Buffer.from(JSON.stringify(said))),
    );
    return ACCEPTED;
  };
  return { ports, sent, back };
}
type World = ReturnType<typeof world>;

const asking = (more: object = {}) => ({
  name: 'ask',
  mode: 'callback',
  timeoutSeconds: 60,
  request: { url: 'https://api.example.com/ask', body: { n: '{n}', url: '{callbackUrl}' } },
  response: { values: { said: '/said' } },
  rateLimit: { perSecond: 1_000, concurrent: 100 },
  ...more,
});

async function given({ ports }: World, rows: number, steps: object[] = [asking()], more = {}) {
  const { taskId } = await startedTask(ports, {
    data: Array.from({ length: rows }, (_, i) => ({ n: i + 1 })),
    steps: steps as never,
    fileName: '{n}',
    ...more,
  });
  return taskId;
}

/** Runs a task to its end, or to its pause. */
async function run({ ports }: World, taskId: string, waits: Waits = {}) {
  const ends: string[] = [];
  await runTask(ports, taskId, {
    call: async (shard) => {
      const called = await callUntilItEnds(ports, shard, UNHURRIED, waits);
      ends.push(...called.waits);
    },
  });
  return ends;
}

const saidIn = async ({ ports }: World, taskId: string) =>
  Object.fromEntries(
    (await readArchive(await archiveBytes(ports, taskId)))
      .filter(({ name }) => name.endsWith('.json') && !name.startsWith('_'))
      .map(({ name, bytes }) => [name, RowSchema.parse(JSON.parse(String(bytes)))]),
  );
const failuresOf = async ({ ports }: World, taskId: string) =>
  (await listFailures(ports, OWNER, taskId, { limit: 100 })).data;
const tokenOf = ({ url }: Sent) => url.slice(url.lastIndexOf('/') + 1);

describe('a step whose service calls back', () => {
  it('takes the body of the callback for its answer, and waits by a token until all came', async () => {
    const its = world(async ({ n }, back) => {
      await clock.sleep(2_000 + 100 * n);
      await back();
    });
    const taskId = await given(its, 10);
    const ends = await run(its, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'completed', succeeded: 10 });
    expect((await saidIn(its, taskId))['3 (3).json']).toEqual({ ask: { said: 'answer 3' } });
    expect(its.sent).toHaveLength(10);
    expect(new Set(its.sent.map(({ url }) => url)).size).toBe(10);
    // Nobody waited for the end of the time.
    expect(new Set(ends)).toEqual(new Set(['told']));
    expect(ends.length).toBeLessThanOrEqual(2);
  });

  it('goes on with later steps, and takes files', async () => {
    const its = world(async ({ url, n }, back) => {
      await clock.sleep(1_000);
      if (n > 0) return back();
      return its.back(url, PNG, 'image/png');
    });
    const paint = asking({
      name: 'paint',
      request: {
        url: 'https://api.example.com/paint',
        body: { said: '{ask.said}', url: '{callbackUrl}' },
      },
      response: { file: { from: 'body', name: '{n}.png' } },
    });
    const taskId = await given(its, 3, [asking(), paint]);
    await run(its, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'completed', succeeded: 3 });
    const files = await readArchive(await archiveBytes(its.ports, taskId));
    expect(files.filter(({ name }) => name.endsWith('.png')).map(({ bytes }) => bytes)).toEqual([
      PNG,
      PNG,
      PNG,
    ]);
    expect(its.sent).toHaveLength(6);
  });

  it.each<
    readonly [
      string,
      (back: () => Promise<void>) => unknown,
      'beforeToken' | 'whileItWaits' | undefined,
    ]
  >([
    ['while the request is not answered yet', (back) => back(), undefined],
    ['before the token is kept', () => undefined, 'beforeToken'],
    ['right behind the token', () => undefined, 'whileItWaits'],
  ])('takes a callback that comes %s', async (_, react, when) => {
    const its = world((_sent, back) => react(back));
    const all = async () => {
      for (const { url, n } of its.sent) {
        await its.back(url, Buffer.from(JSON.stringify({ said: `answer ${n}` })));
      }
    };
    const taskId = await given(its, 3);
    const ends = await run(its, taskId, when && { [when]: all });
    expect(await loadTask(its.ports, taskId)).toMatchObject({
      status: 'completed',
      succeeded: 3,
    });
    expect(ends).not.toContain('timeout');
    expect(its.sent).toHaveLength(3);
  });

  it('takes one that comes in the moment in which the worker has looked for it', async () => {
    const its = world(() => undefined);
    const { objects } = its.ports;
    const read = objects.read.bind(objects);
    let hasCome = false;
    objects.read = async (key, range) => {
      const isLook = key.includes('/callbacks/');
      try {
        return await read(key, range);
      } finally {
        const [one] = its.sent;
        if (isLook && !hasCome && one) {
          hasCome = true;
          await its.back(one.url, Buffer.from('{"said":"just now"}'));
        }
      }
    };
    const taskId = await given(its, 1);
    expect(await run(its, taskId)).toEqual(['told']);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'completed', succeeded: 1 });
  });

  it('wakes for two that come last at the same moment, and takes doubles for what came first', async () => {
    const its = world(() => undefined);
    const taskId = await given(its, 4);
    const ends = await run(its, taskId, {
      async whileItWaits() {
        const [first, second, ...others] = its.sent;
        if (!first || !second) throw new Error('Rows were sent.');
        const say = (one: Sent, said: string) =>
          its.back(one.url, Buffer.from(JSON.stringify({ said })));
        await say(first, 'first');
        await say(first, 'again');
        await say(second, 'second');
        await say(second, 'again');
        await Promise.all(others.map((one) => say(one, 'last')));
      },
    });
    // Doubles may wake it early: then it looks, and waits on.
    expect(ends.at(-1)).toBe('told');
    const said = await saidIn(its, taskId);
    expect(Object.values(said).map((row) => AskedSchema.parse(row).ask.said)).toEqual([
      'first',
      'second',
      'last',
      'last',
    ]);
  });

  it('fails rows whose callback does not come, and sends only those anew when they are retried', async () => {
    let isMended = false;
    const its = world(({ n }, back) => (n === 2 && !isMended ? undefined : back()));
    const taskId = await given(its, 3, [asking({ timeoutSeconds: 5 })]);
    expect(await run(its, taskId)).toEqual(['timeout']);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ succeeded: 2, failed: 1 });
    expect(await failuresOf(its, taskId)).toMatchObject([
      {
        row: 2,
        code: 'STEP_FAILED',
        detail: expect.stringContaining('No callback came within 5 s') as string,
      },
    ]);
    // What comes too late for the first request is no answer to the second.
    const late = its.sent.find(({ n }) => n === 2);
    if (!late) throw new Error('Row 2 was sent.');
    await its.back(late.url, Buffer.from('{"said":"too late"}'));
    isMended = true;
    await retryTask(its.ports, OWNER, taskId, RetryTaskSchema.parse({}));
    await run(its, taskId);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ succeeded: 3, failed: 0 });
    expect(its.sent.map(({ n }) => n).sort()).toEqual([1, 2, 2, 3]);
    const again = its.sent.findLast(({ n }) => n === 2);
    expect([again?.url === late.url, again?.key === late.key]).toEqual([false, false]);
    expect(JSON.stringify(await saidIn(its, taskId))).not.toContain('too late');
  });

  it('judges the body as it would an answer', async () => {
    const its = world((_, back) => back({ other: 'field' }));
    const taskId = await given(its, 1);
    await run(its, taskId);
    expect(await failuresOf(its, taskId)).toMatchObject([
      { row: 1, code: 'STEP_FAILED', detail: expect.stringContaining('/said') as string },
    ]);
  });

  it('is not waited for where the service refuses the request', async () => {
    const its = world(() => undefined);
    its.ports.web.answer = () => ({ ...ACCEPTED, status: 422 });
    const taskId = await given(its, 1);
    expect(await run(its, taskId)).toEqual([]);
    expect(await failuresOf(its, taskId)).toMatchObject([{ row: 1, code: 'STEP_FAILED' }]);
  });
});

describe('control of a task that waits', () => {
  it('is paused at once, takes callbacks while it is, and sends nothing again when it is resumed', async () => {
    const its = world(() => undefined);
    const taskId = await given(its, 3);
    const ends = await run(its, taskId, {
      whileItWaits: () => pauseTask(its.ports, OWNER, taskId),
    });
    expect(ends).toEqual(['told']);
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'paused' });
    for (const { url, n } of its.sent.slice(0, 2)) {
      await its.back(url, Buffer.from(JSON.stringify({ said: `answer ${n}` })));
    }
    await resumeTask(its.ports, OWNER, taskId);
    const last = its.sent[2];
    if (!last) throw new Error('Three rows were sent.');
    await run(its, taskId, {
      whileItWaits: () => its.back(last.url, Buffer.from('{"said":"answer"}')),
    });
    expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'completed', succeeded: 3 });
    expect(its.sent).toHaveLength(3);
  });

  it('is cancelled at once, whether its token is kept or is about to be', async () => {
    for (const when of ['beforeToken', 'whileItWaits'] as const) {
      const its = world(() => undefined);
      const taskId = await given(its, 2);
      const ends = await run(its, taskId, {
        [when]: () => cancelTask(its.ports, OWNER, taskId),
      });
      expect(ends).toEqual(['told']);
      expect(await loadTask(its.ports, taskId)).toMatchObject({ status: 'cancelled' });
    }
  });

  it('takes nothing for a task that is deleted, and nothing by a URL that was not given out', async () => {
    const its = world((_, back) => back());
    const taskId = await given(its, 1);
    await run(its, taskId);
    const [one] = its.sent;
    if (!one) throw new Error('A row was sent.');
    const refused = { code: 'NOT_FOUND' };
    const body = { contentType: '', bytes: Buffer.from('{}') };
    const take = (token: string) => takeCallback(its.ports, token, body);
    await take(tokenOf(one));
    await expect(take(tokenOf(one).replace('.1.', '.2.'))).rejects.toMatchObject(refused);
    await expect(take('x')).rejects.toMatchObject(refused);
    await deleteTask(its.ports, OWNER, taskId);
    await expect(take(tokenOf(one))).rejects.toMatchObject(refused);
  });
});

describe('workers that are killed', () => {
  it.each(
    [1, 2, 3, 5, 8, 13, 21].flatMap(
      (call) =>
        [
          [call, 'before'],
          [call, 'behind'],
        ] as const,
    ),
  )(
    'lose no callback, and send nothing under another key (call %i, %s its effect)',
    async (call, when) => {
      const its = world(async ({ n }, back) => {
        await clock.sleep(500 * n);
        await back();
      });
      const taskId = await given(its, 6);
      let isKilled = false;
      await runTask(its.ports, taskId, {
        async call(shard) {
          if (!isKilled) {
            isKilled = true;
            const mortal = mortalPorts(its.ports, call, when);
            await callShard(mortal.ports, shard, UNHURRIED).catch(() => undefined);
          }
          for (let tries = 0; ; tries++) {
            try {
              await callUntilItEnds(its.ports, shard, UNHURRIED);
              return;
            } catch (error) {
              if (tries > 20) throw error;
              await clock.sleep(2_000);
            }
          }
        },
      });
      expect(await loadTask(its.ports, taskId)).toMatchObject({
        status: 'completed',
        succeeded: 6,
      });
      const keys = new Map<number, Set<string>>();
      for (const { n, key, url } of its.sent) {
        keys.set(n, (keys.get(n) ?? new Set()).add(`${key} ${url}`));
      }
      expect([...keys.values()].map(({ size }) => size)).toEqual(Array(6).fill(1));
    },
  );
});

describe('an order with such steps', () => {
  const refusal = async (step: object) => {
    const { ports } = world(() => undefined);
    const parsed = CreateTaskSchema.safeParse({ data: [{ n: 1 }], steps: [step] });
    if (!parsed.success) return parsed.error.issues.map(({ path, message }) => [path, message]);
    return createTask(ports, OWNER, parsed.data, newCreation('task', ports)).then(
      () => 'taken',
      (error: unknown) => (error as { errors?: unknown }).errors,
    );
  };

  it('needs the URL where the answer comes later, and has none where it does not', async () => {
    expect(await refusal(asking())).toBe('taken');
    const request = { url: 'https://api.example.com/ask', body: { n: '{n}' } };
    expect(await refusal(asking({ request }))).toMatchObject([{ pointer: '/steps/0/request' }]);
    expect(await refusal(asking({ mode: 'sync' }))).toMatchObject([{ pointer: '/steps/0/mode' }]);
  });

  it('may wait for a week, and for an answer that is held for 14 minutes', async () => {
    expect(await refusal(asking({ timeoutSeconds: 604_800 }))).toBe('taken');
    expect(await refusal(asking({ timeoutSeconds: 604_801 }))).toHaveLength(1);
    expect(await refusal(asking({ mode: 'sync', timeoutSeconds: 841 }))).toEqual([
      [['steps', 0, 'timeoutSeconds'], expect.stringContaining('At most 840')],
    ]);
  });

  it('keeps no URL and no answer in items of the table', async () => {
    const its = world((_, back) => back({ said: 'a secret answer' }));
    const taskId = await given(its, 2);
    await run(its, taskId);
    const { items } = await its.ports.table.query({ partition: `TASK#${taskId}`, limit: 1_000 });
    expect(JSON.stringify(items)).not.toMatch(/secret answer|callbacks\//);
    expect(await its.ports.objects.list(`tasks/${taskId}/callbacks/`, 10)).toMatchObject({
      keys: [expect.stringContaining('/ask-'), expect.stringContaining('/ask-')],
    });
    expect(objectKeys.steps(taskId)).toContain(taskId);
  });
});
