/** The function pool, with small bundles written for each case. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync, transformSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleBootstrap } from '../../local/cloudFormation/assembly/assembly.ts';
import {
  computingFunctions,
  createFunctionPool,
  instanceLimit,
  type FunctionPool,
} from '../../local/lambda/functionPool.ts';
import type { FunctionDefinition } from '../../local/cloudFormation/functionDefinitions.ts';
import { createMeters, type Meters } from '../../local/billing/meter.ts';

let folder: string;
let bootstrapPath: string;
let pool: FunctionPool | undefined;
let meters: Meters;
const printed: { text: string; isError: boolean }[] = [];
const timedOut: [string, number][] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheaf-functions-'));
  bootstrapPath = bundleBootstrap(process.cwd(), folder);
});
afterEach(async () => {
  await pool?.stop();
  printed.length = 0;
  timedOut.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true }));

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:subject';
let bundles = 0;

const definitionOf = (folder: string): FunctionDefinition => ({
  logicalId: 'Subject',
  name: 'subject',
  arn: ARN,
  handler: 'index.handler',
  folder,
  memoryMegabytes: 256,
  timeoutMs: 20_000,
  reserved: undefined,
  environment: {},
  roleArn: '',
});

/** CommonJS, as bundles are; what cannot be parsed stays as it is. */
function asBundle(source: string): string {
  try {
    return transformSync(source, { format: 'cjs', logLevel: 'silent' }).code;
  } catch {
    return source;
  }
}

/** A pool of one function with this source; `invoke` runs it. */
function poolOf(
  source: string,
  options: Partial<FunctionDefinition> & {
    idleMs?: number;
    cores?: number;
    maxBytes?: number;
  } = {},
) {
  const { idleMs, maxBytes, cores = 1, ...overrides } = options;
  const bundle = join(folder, `bundle-${++bundles}`);
  mkdirSync(bundle);
  meters = createMeters(() => 0);
  writeFileSync(join(bundle, 'index.cjs'), asBundle(source));
  pool = createFunctionPool({
    definitions: [{ ...definitionOf(bundle), ...overrides }],
    bootstrapPath,
    cores,
    keptWarm: new Set(),
    environmentOf: (definition) => ({
      FROM_TEMPLATE: 'yes',
      NAME: definition.name,
      ...definition.environment,
    }),
    print: (_, text, isError) => printed.push({ text, isError }),
    onTimeout: ({ logicalId }, ms) => timedOut.push([logicalId, ms]),
    meter: meters.functions,
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return pool;
}

const invoke = async (subject: FunctionPool, event: unknown = {}) => {
  const result = await subject.invoke(ARN, JSON.stringify(event));
  const answer: unknown = result.ok ? JSON.parse(result.payload) : result.error;
  return answer;
};

describe('warming', () => {
  const COUNTS = `const loadedAt = Date.now(); export const handler = async () => loadedAt;`;

  it('loads an instance that the first event finds, and no second one', async () => {
    const subject = poolOf(COUNTS);
    await subject.warm([ARN, 'arn:unknown', ARN]);
    const warmedAt = Date.now();
    expect(await invoke(subject)).toBeLessThanOrEqual(warmedAt);
    expect(meters.read().lambda.Subject).toMatchObject({ invocations: 1, coldStarts: 1 });
  });

  it('loads nothing where there is no room, and ends with the pool', async () => {
    const full = poolOf(COUNTS, { maxBytes: -1 });
    await full.warm([ARN]);
    expect(await invoke(full)).toBeGreaterThan(0);
    await full.stop();
    await full.warm([ARN]);
  });
});

describe('an invocation', () => {
  it('answers what the handler returns, with the environment it is given and no other', async () => {
    const subject = poolOf(`
      export const handler = async (event) => ({ event, env: Object.keys(process.env).sort() });`);
    expect(await invoke(subject, { a: [1, null] })).toEqual({
      event: { a: [1, null] },
      env: [
        'AWS_LAMBDA_LOG_GROUP_NAME',
        'AWS_LAMBDA_LOG_STREAM_NAME',
        'FROM_TEMPLATE',
        'NAME',
        '_X_AMZN_TRACE_ID',
      ],
    });
  });

  it('gives the context object of Lambda', async () => {
    const subject = poolOf(`
      export const handler = async (_, context) => ({
        ...context, remaining: context.getRemainingTimeInMillis() });`);
    expect(await invoke(subject)).toMatchObject({
      functionName: 'subject',
      functionVersion: '$LATEST',
      invokedFunctionArn: ARN,
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/subject',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      remaining: expect.any(Number) as number,
    });
  });

  it.each([3600_000, -3600_000])(
    'has the time that remains by no clock that can be set, such as by %d ms',
    async (jump) => {
      const subject = poolOf(`
        export const handler = async (_, context) => {
          const now = Date.now;
          Date.now = () => now() + ${jump};
          return context.getRemainingTimeInMillis();
        };`);
      const remaining = await invoke(subject);
      expect(remaining).toBeGreaterThan(0);
      expect(remaining).toBeLessThanOrEqual(20_000);
    },
  );

  it('keeps an instance between events, and its module state', async () => {
    const subject = poolOf(`let count = 0; export const handler = async () => ++count;`);
    expect([await invoke(subject), await invoke(subject)]).toEqual([1, 2]);
  });

  it('answers null for undefined', async () => {
    expect(await invoke(poolOf(`export const handler = async () => undefined;`))).toBeNull();
  });

  it('runs one event at a time in an instance, and at most the limit at once', async () => {
    const subject = poolOf(
      `let busy = 0;
       export const handler = async () => {
         busy++;
         await new Promise((r) => setTimeout(r, 500));
         return { busy: busy--, pid: process.env.AWS_LAMBDA_LOG_STREAM_NAME };
       };`,
      { cores: 2 },
    );
    const answers = (await Promise.all(Array.from({ length: 12 }, () => invoke(subject)))) as {
      busy: number;
      pid: string;
    }[];
    expect(answers.map((a) => a.busy)).toEqual(Array(12).fill(1));
    expect(new Set(answers.map((a) => a.pid)).size).toBe(4);
  });

  it('has one instance for events that are done sooner than another one would start', async () => {
    const subject = poolOf(`export const handler = async () => 1;`, { cores: 2 });
    await invoke(subject);
    for (let i = 0; i < 10; i++)
      await Promise.all(Array.from({ length: 4 }, () => invoke(subject)));
    expect(meters.read().lambda.Subject).toMatchObject({ invocations: 41, coldStarts: 1 });
  });

  it('has one instance for each core of a function that computes, two of one that waits', () => {
    expect([instanceLimit(2, true), instanceLimit(2, false), instanceLimit(64, false)]).toEqual([
      2, 4, 8,
    ]);
    const small = definitionOf('');
    const large = { ...small, memoryMegabytes: 1769 };
    expect(computingFunctions([small], new Set())).toEqual(new Set());
    expect(computingFunctions([large], new Set())).toEqual(new Set([ARN]));
    expect(computingFunctions([large], new Set([ARN]))).toEqual(new Set());
  });

  it('retires an idle instance when another one grows, while that one still works', async () => {
    const subject = poolOf(
      `let count = 0;
       export const handler = async ({ waits, grows }) => {
         count++;
         if (waits) await new Promise((r) => setTimeout(r, 1_000));
         const taken = grows ? Buffer.alloc(64 * 1024 * 1024, 1) : undefined;
         for (let i = 0; taken && i < 80; i++) await new Promise((r) => setTimeout(r, 50));
         return count;
       };`,
      { cores: 2, maxBytes: 100 * 1024 * 1024 },
    );
    // Three instances, each of which has seen one event.
    await Promise.all(Array.from({ length: 3 }, () => invoke(subject, { waits: true })));
    const grown = invoke(subject, { grows: true });
    await expect.poll(() => meters.read().lambda.Subject?.coldStarts).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // One is as busy as it is large, one stays: of the others nothing is left.
    const both = [invoke(subject, { waits: true }), invoke(subject, { waits: true })];
    expect(await Promise.all(both)).toEqual([2, 1]);
    await grown;
  });

  it('retires idle instances', async () => {
    const subject = poolOf(`let count = 0; export const handler = async () => ++count;`, {
      idleMs: 1,
    });
    await invoke(subject);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await invoke(subject)).toBe(1);
  });

  it('passes on what the function prints', async () => {
    await invoke(
      poolOf(`export const handler = async () => { console.log('out'); console.error('bad'); };`),
    );
    await expect
      .poll(() => printed)
      .toEqual([
        { text: 'out\n', isError: false },
        { text: 'bad\n', isError: true },
      ]);
  });
});

describe('a failed invocation', () => {
  it('carries the name, message and trace of what the handler threw', async () => {
    const subject = poolOf(`
      export const handler = async () => {
        const error = new Error('lease taken'); error.name = 'ShardBusy'; throw error; };`);
    expect(await invoke(subject)).toMatchObject({
      errorType: 'ShardBusy',
      errorMessage: 'lease taken',
      trace: expect.arrayContaining([expect.stringContaining('lease taken')]) as string[],
    });
  });

  it('does not end the instance', async () => {
    const subject = poolOf(`
      let count = 0;
      export const handler = async (event) => { count++; if (event.fail) throw 'text'; return count; };`);
    expect(await invoke(subject, { fail: true })).toMatchObject({
      errorType: 'string',
      errorMessage: 'text',
    });
    expect(await invoke(subject)).toBe(2);
  });

  it.each([
    ['loops for ever', 'for (;;) {}'],
    ['waits for ever', 'await new Promise(() => setInterval(() => {}, 1000));'],
  ])('times out when the handler %s, and the next event gets a new instance', async (_, body) => {
    const subject = poolOf(
      `export const handler = async (event) => { if (event.ok) return 'fine'; ${body} };`,
      { timeoutMs: 300 },
    );
    expect(await invoke(subject)).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(
        /^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.30 seconds$/,
      ) as string,
    });
    expect(await invoke(subject, { ok: true })).toBe('fine');
    expect(timedOut).toEqual([['Subject', 300]]);
  });

  it('says Runtime.ExitError when the process exits', async () => {
    expect(
      await invoke(poolOf(`export const handler = async () => process.exit(3);`)),
    ).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3') as string,
    });
  });

  it('says Runtime.OutOfMemory when the memory of the function is used up', async () => {
    const subject = poolOf(
      `export const handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})); };`,
      { memoryMegabytes: 32 },
    );
    expect(await invoke(subject)).toMatchObject({ errorType: 'Runtime.OutOfMemory' });
  });

  it.each([
    [
      'an exception outside of the handler',
      `setTimeout(() => { throw new RangeError('late'); });`,
      'RangeError',
    ],
    [
      'a rejection that nobody handles',
      `void Promise.reject(new Error('late'));`,
      'Runtime.UnhandledPromiseRejection',
    ],
  ])('reports %s', async (_, body, errorType) => {
    const subject = poolOf(
      `export const handler = async () => { ${body} await new Promise((r) => setTimeout(r, 5000)); };`,
    );
    expect(await invoke(subject)).toMatchObject({ errorType, errorMessage: 'late' });
  });

  it.each([
    ['a bundle that throws', `throw new TypeError('no table');`, 'TypeError'],
    ['a bundle that imports what is not there', `import 'nowhere';`, 'Runtime.ImportModuleError'],
    ['a bundle without the handler', `export const other = 1;`, 'Runtime.HandlerNotFound'],
    ['a bundle that does not parse', `export const handler = ;`, 'SyntaxError'],
  ])('reports %s', async (_, source, errorType) => {
    expect(await invoke(poolOf(source))).toMatchObject({ errorType });
  });

  it('says so when the answer has no JSON', async () => {
    expect(await invoke(poolOf(`export const handler = async () => 1n;`))).toMatchObject({
      errorType: 'Runtime.MarshalError',
    });
  });

  it('refuses an answer over 6 MB', async () => {
    const subject = poolOf(`export const handler = async () => 'x'.repeat(6 * 1024 * 1024);`);
    expect(await invoke(subject)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('refuses an event over 6 MB', async () => {
    const subject = poolOf(`export const handler = async () => 1;`);
    expect(await invoke(subject, 'x'.repeat(6 * 1024 * 1024))).toMatchObject({
      errorType: 'RequestTooLargeException',
    });
  });

  it('does not know other functions', async () => {
    const subject = poolOf(`export const handler = async () => 1;`);
    expect(await subject.invoke(`${ARN}-other`, '{}')).toMatchObject({
      ok: false,
      error: { errorType: 'ResourceNotFoundException' },
    });
  });
});

describe('code that was compiled before', () => {
  const COUNTING = `let n = 0; function next() { return ++n; } export const handler = async () => next();`;
  /** Runs one event in an instance of its own, which ends when `settled` no longer throws. */
  const once = async (subject: FunctionPool, settled: () => void = () => undefined) => {
    const answer = await invoke(subject);
    await vi.waitFor(settled, { timeout: 10_000 });
    await subject.stop();
    return answer;
  };
  const latestBundle = () => join(folder, `bundle-${bundles}`);
  const codeFile = (bundle: string) => {
    const names = readdirSync(bundle).filter((name) => name.endsWith('.code'));
    expect(names).toHaveLength(1);
    return join(bundle, names[0] ?? '');
  };
  /** Runs a new bundle once, until its code is kept. */
  const keptOf = async (source: string) => {
    const subject = poolOf(source);
    const bundle = latestBundle();
    await once(subject, () => void codeFile(bundle));
    return bundle;
  };

  it('is kept beside the bundle and taken by the next instance', async () => {
    const bundle = await keptOf(COUNTING);
    const { ino } = statSync(codeFile(bundle));
    expect(await once(poolOf('', { folder: bundle }))).toBe(1);
    // What V8 had refused would have been written anew.
    expect(statSync(codeFile(bundle)).ino).toBe(ino);
  });

  it('is not taken for another source, even one of the same length', async () => {
    const bundle = await keptOf(`export const handler = async () => 'old';`);
    const path = join(bundle, 'index.cjs');
    writeFileSync(path, readFileSync(path, 'utf8').replace('old', 'new'));
    expect(await once(poolOf('', { folder: bundle }))).toBe('new');
    expect(await once(poolOf('', { folder: bundle }))).toBe('new');
  });

  it.each([
    ['cut off', (code: Buffer) => code.subarray(0, code.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['zeroes', (code: Buffer) => Buffer.alloc(code.length)],
    ['damaged', (code: Buffer) => Buffer.from(code).fill(1, code.length - 64)],
  ])('is made anew when it is %s', async (_, damage) => {
    const bundle = await keptOf(COUNTING);
    const path = codeFile(bundle);
    const whole = readFileSync(path);
    writeFileSync(path, damage(whole));
    const mended = () => expect(readFileSync(path).equals(damage(whole))).toBe(false);
    expect(await once(poolOf('', { folder: bundle }), mended)).toBe(1);
  });

  it('lets stacks name the sources', async () => {
    const bundle = join(folder, 'mapped');
    mkdirSync(bundle);
    writeFileSync(
      join(bundle, 'source.ts'),
      '\n\nexport const handler = () => { throw new Error("x"); };\n',
    );
    buildSync({
      entryPoints: [join(bundle, 'source.ts')],
      outfile: join(bundle, 'index.cjs'),
      format: 'cjs',
      sourcemap: true,
    });
    for (const start of ['without', 'with']) {
      const answer = await once(
        poolOf('', { folder: bundle, environment: { NODE_OPTIONS: '--enable-source-maps' } }),
      );
      expect([start, answer]).toEqual([
        start,
        expect.objectContaining({
          trace: expect.arrayContaining([expect.stringContaining('source.ts:3')]) as string[],
        }),
      ]);
    }
  });
});

describe('what Lambda would bill', () => {
  const counted = () => meters.read().lambda.Subject;

  it('is the time of each event and of the one cold start', async () => {
    const subject = poolOf(`export const handler = async () => 1;`);
    await invoke(subject);
    await invoke(subject);
    expect(counted()).toMatchObject({ memoryMegabytes: 256, invocations: 2, coldStarts: 1 });
    expect(counted()?.initMs).toBeGreaterThan(0);
    expect(counted()?.billedMs).toBeGreaterThanOrEqual(2);
  });

  it('tells work from waiting', async () => {
    const subject = poolOf(`export const handler = async ({ waits }) => {
      const end = performance.now() + 200;
      if (waits) await new Promise((resolve) => setTimeout(resolve, 200));
      else while (performance.now() < end);
    };`);
    await invoke(subject, { waits: true });
    const waited = counted()?.cpuMs ?? Infinity;
    await invoke(subject, { waits: false });
    const worked = (counted()?.cpuMs ?? 0) - waited;
    expect(worked).toBeGreaterThan(waited);
    expect(counted()?.billedMs).toBeGreaterThanOrEqual(400);
  });

  it.each([
    ['fails', `export const handler = async () => { throw new Error('no'); };`],
    ['ends its process', `export const handler = async () => process.exit(3);`],
    [
      'takes too long',
      `export const handler = () => new Promise(() => setInterval(() => {}, 1e3));`,
    ],
  ])('includes an event that %s', async (_, source) => {
    const subject = poolOf(source, { timeoutMs: 100 });
    await invoke(subject);
    expect(counted()).toMatchObject({ invocations: 1 });
  });
});

describe('stopping', () => {
  it('ends events under way and waiting, and takes no more', async () => {
    const subject = poolOf(
      `export const handler = () => new Promise(() => setInterval(() => {}, 1e3));`,
    );
    const underWay = Array.from({ length: 4 }, () => invoke(subject));
    await subject.stop();
    for (const answer of [...(await Promise.all(underWay)), await invoke(subject)]) {
      expect(answer).toMatchObject({ errorType: 'Runtime.ExitError' });
    }
  });
});
