/**
 * What the workflow suites need of a workflow engine: an SFN client with machines behind it, one
 * function whose payload tells it what to do, and a bucket. The local host below is ours; one over an
 * AWS account would create the machines and deploy `behave` as a Lambda function.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { ServicePlace } from '../../../functions/adapters/clients/jsonService.ts';
import { z } from 'zod';
import { createWorkflowEngine } from '../../../local/stepFunctions/engine.ts';
import type { WorkflowEngine } from '../../../local/stepFunctions/engine.ts';
import type { InvokeOutcome } from '../../../local/stepFunctions/services.ts';

export interface WorkflowHost {
  readonly client: SFNClient;
  /** Where it is, for clients of other kinds. */
  readonly place: ServicePlace;
  /** The ARN of a machine of the suite, by its name. */
  machineArn(name: string): string;
  readonly bucket: string;
  putObject(key: string, text: string): Promise<void>;
  getObject(key: string): Promise<string>;
  close(): Promise<void>;
}

/** What only a host in this process can tell and do. */
export interface LocalWorkflowHost extends WorkflowHost {
  /** Payloads of all invocations, in their order. */
  readonly invocations: Payload[];
  /** Milliseconds of the waits that were asked for (Wait states and retries). */
  readonly sleeps: number[];
  /** The most invocations that ran at once. */
  peak(): number;
  /** Lets every function that holds go on. */
  release(): void;
  /** Lets every function that holds fail with the error. */
  failHeld(error: string): void;
  /** Lets the time limits of 5 minutes and more ring. */
  ringLongAlarms(): void;
  /** Stops the engine where it stands; a new one goes on over the same folder. */
  restart(): Promise<void>;
  /** Says no to these actions from now on. */
  deny(actions: string[]): void;
}

/** What the suite's function does with its payload. */
const PayloadSchema = z.looseObject({
  do: z
    .enum(['return', 'fail', 'failTimes', 'failTimesThenHold', 'big', 'hold', 'never'])
    .default('return'),
  value: z.unknown().optional(),
  /** The name of the error to throw. */
  error: z.string().default('Boom'),
  /** failTimes: how often, counted by `key`. */
  times: z.int().default(1),
  key: z.string().default(''),
  /** big: how many characters to return. */
  size: z.int().default(0),
});
export type Payload = z.infer<typeof PayloadSchema>;

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:111122223333:function:suite';
const PREFIX = 'arn:aws:states:us-east-1:111122223333';
const LONG_ALARM_MS = 300_000;

/** Machines of a suite, by name: definitions in Amazon States Language. */
export type Machines = Record<string, unknown>;

/**
 * The engine of local/stepFunctions behind a loopback endpoint, with time that passes at once.
 * @param onUnrecorded told when the disk does not take what happens; without it that is a fault of the suite
 */
export async function createLocalHost(
  machines: Machines,
  onUnrecorded?: (error: unknown) => void,
): Promise<LocalWorkflowHost> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sheaf-workflow-'));
  const objects = new Map<string, Uint8Array>();
  const invocations: Payload[] = [];
  const sleeps: number[] = [];
  const failures = new Map<string, number>();
  const denied = new Set<string>();
  const begin = Date.now();
  let offset = 0;
  let running = 0;
  let peak = 0;
  let longAlarms: (() => void)[] = [];
  const holding: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const hold = () =>
    new Promise<void>((resolve, reject) => {
      holding.push({ resolve, reject });
    });

  async function behave(payload: Payload): Promise<unknown> {
    switch (payload.do) {
      case 'return':
        return 'value' in payload ? payload.value : payload;
      case 'fail':
        throw failureNamed(payload.error);
      case 'failTimes':
      case 'failTimesThenHold': {
        const before = failures.get(payload.key) ?? 0;
        failures.set(payload.key, before + 1);
        if (before < payload.times) throw failureNamed(payload.error);
        return payload.do === 'failTimes' ? { failures: before } : hold();
      }
      case 'big':
        return 'x'.repeat(payload.size);
      case 'hold':
        await hold();
        return 'value' in payload ? payload.value : payload;
      case 'never':
        return new Promise(() => undefined);
    }
  }

  async function invoke(functionArn: string, input: unknown): Promise<InvokeOutcome> {
    if (functionArn !== FUNCTION_ARN) {
      const errorMessage = `Function not found: ${functionArn}:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: 0; Proxy: null)`;
      return { ok: false, errorType: 'Lambda.ResourceNotFoundException', errorMessage };
    }
    const payload = PayloadSchema.parse(input);
    invocations.push(payload);
    running += 1;
    peak = Math.max(peak, running);
    try {
      return { ok: true, payload: await behave(payload) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { ok: false, errorType: name, errorMessage: message, trace: [`${name}: ${message}`] };
    } finally {
      running -= 1;
    }
  }

  const openEngine = (): WorkflowEngine =>
    createWorkflowEngine({
      dataDir,
      clock: {
        now: () => begin + offset,
        async sleep(ms) {
          sleeps.push(ms);
          offset += ms;
          await new Promise((resolve) => setImmediate(resolve));
        },
        alarm(ms, ring) {
          if (ms >= LONG_ALARM_MS) {
            longAlarms.push(ring);
            return () => {
              longAlarms = longAlarms.filter((alarm) => alarm !== ring);
            };
          }
          const timer = setTimeout(ring, 20);
          return () => {
            clearTimeout(timer);
          };
        },
      },
      random: { bytes: (count) => randomBytes(count) },
      invoke,
      objects: {
        async read(bucket, key) {
          const body = bucket === 'suite' ? objects.get(key) : undefined;
          if (body) return body;
          throw new Error('The specified key does not exist.');
        },
        async write(bucket, key, body) {
          if (bucket !== 'suite') throw new Error('The specified bucket does not exist.');
          objects.set(key, body);
        },
      },
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: onUnrecorded ? () => undefined : failLoudly,
      },
      ...(onUnrecorded && { onUnrecorded }),
      stateMachines: Object.entries(machines).map(([name, definition]) => ({
        arn: `${PREFIX}:stateMachine:${name}`,
        name,
        definition,
        type: 'STANDARD',
      })),
    });

  let engine = openEngine();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const target = String(request.headers['x-amz-target']);
      void engine
        .handle(target, Buffer.concat(pieces).toString('utf8'), (action) => !denied.has(action))
        .then(({ status, headers, body }) => response.writeHead(status, headers).end(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const place = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'suite', secretAccessKey: 'suite' },
    maxAttempts: 1,
  };
  const client = new SFNClient(place);

  return {
    client,
    place,
    bucket: 'suite',
    machineArn: (name) => `${PREFIX}:stateMachine:${name}`,
    async putObject(key, text) {
      objects.set(key, Buffer.from(text, 'utf8'));
    },
    async getObject(key) {
      return Buffer.from(objects.get(key) ?? []).toString('utf8');
    },
    invocations,
    sleeps,
    peak: () => peak,
    release() {
      for (const { resolve } of holding.splice(0)) resolve();
    },
    failHeld(error) {
      for (const { reject } of holding.splice(0)) reject(failureNamed(error));
    },
    ringLongAlarms() {
      const ringing = longAlarms;
      longAlarms = [];
      for (const ring of ringing) ring();
    },
    async restart() {
      await engine.close();
      engine = openEngine();
      engine.resumeAll();
    },
    deny(actions) {
      for (const action of actions) denied.add(action);
    },
    async close() {
      client.destroy();
      await engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const failureNamed = (name: string) => Object.assign(new Error('as told'), { name });

/** The suites cause no fault of the engine itself. */
function failLoudly(message: string, fields?: Record<string, unknown>): never {
  throw new Error(`${message} ${JSON.stringify(fields)}`);
}
