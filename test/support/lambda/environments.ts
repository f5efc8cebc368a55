/** Runs the template's functions as AWS does: each in a process of its own, by Lambda's runtime client. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { z } from 'zod';
import type { FunctionDefinition } from '../../../local/cloudFormation/functionDefinitions.ts';
import type { FunctionPool, FunctionPoolOptions } from '../../../local/lambda/functionPool.ts';
import type { InvocationResult } from '../../../local/lambda/invoke.ts';
import { startEnvironment, type Environment } from './environment.ts';

/** One event that a function was given, and what came of it. */
export interface Invocation {
  readonly logicalId: string;
  readonly payload: unknown;
  readonly result: InvocationResult;
}

export interface Environments {
  /** Stands for the local cloud's own pool of functions (local/localCloud.ts). */
  readonly createPool: (options: FunctionPoolOptions) => FunctionPool;
  /** All that was invoked so far, in the order in which it ended. */
  readonly invocations: readonly Invocation[];
  readonly definitions: readonly FunctionDefinition[];
  /** Starts another environment of a function, changed as said; it ends with the others. */
  start(
    definition: FunctionDefinition,
    changes?: { readonly variables?: Record<string, string>; readonly timeoutMs?: number },
  ): Promise<Environment>;
  /** The environment of a function that takes its events, started if need be. */
  serving(definition: FunctionDefinition): Promise<Environment>;
  /** Gives that one an event, JSON, after those that it has been given. */
  invoke(definition: FunctionDefinition, payload: string): Promise<InvocationResult>;
  /** From now on the function of this logical id has so long for an event. */
  giveTime(logicalId: string, timeoutMs: number): Promise<void>;
  /** Those that are there now. */
  readonly running: readonly Environment[];
  /** Removes the functions' files. */
  remove(): void;
}

/** What is copied of a bundle: not the compiled code that the local cloud may have left beside it. */
const ofBundle = (path: string) => !path.endsWith('.code');

/** @param daemonAddress where X-Ray's daemon listens, `host:port` */
export function createEnvironments(daemonAddress: string): Environments {
  const root = mkdtempSync(join(tmpdir(), 'sheaf-lambda-'));
  const clientPath = join(root, 'client.mjs');
  buildSync({
    entryPoints: [fileURLToPath(new URL('./client/main.ts', import.meta.url))],
    outfile: clientPath,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'silent',
  });
  const invocations: Invocation[] = [];
  const environments = new Set<Environment>();
  const times = new Map<string, number>();
  /** The one of each function that takes events, by ARN. */
  const byArn = new Map<string, Promise<Environment>>();
  let options: FunctionPoolOptions | undefined;

  /** A folder from which nothing of the project can be found, as in Lambda. */
  function taskRoot({ folder, logicalId }: FunctionDefinition): string {
    const copy = join(root, logicalId);
    cpSync(folder, copy, { recursive: true, filter: ofBundle });
    return copy;
  }

  const start: Environments['start'] = async (given, { variables = {}, timeoutMs } = {}) => {
    if (options === undefined) throw new Error('The local cloud has not made its pool yet.');
    const { environmentOf, print } = options;
    const definition = {
      ...given,
      folder: taskRoot(given),
      timeoutMs: timeoutMs ?? times.get(given.logicalId) ?? given.timeoutMs,
    };
    const environment = await startEnvironment({
      definition,
      clientPath,
      variables: {
        ...environmentOf(definition),
        ...asLambdaSets(given, daemonAddress),
        ...variables,
      },
      print: (text, isError) => print(given, text, isError),
    });
    environments.add(environment);
    return environment;
  };

  /** One event after the other: one environment of each function is enough here. */
  const lines = new Map<string, Promise<unknown>>();
  function inLine<T>(arn: string, run: () => Promise<T>): Promise<T> {
    const turn = (lines.get(arn) ?? Promise.resolve()).then(run);
    lines.set(
      arn,
      turn.catch(() => undefined),
    );
    return turn;
  }
  async function serving(definition: FunctionDefinition): Promise<Environment> {
    const present = await byArn.get(definition.arn);
    if (present?.usable) return present;
    const started = start(definition);
    byArn.set(definition.arn, started);
    return started;
  }
  const invoke: Environments['invoke'] = (definition, payload) =>
    inLine(definition.arn, async () => {
      const result = await (await serving(definition)).invoke(payload);
      const { logicalId } = definition;
      invocations.push({ logicalId, payload: JSON.parse(payload), result });
      return result;
    });

  return {
    invocations,
    get definitions() {
      return options?.definitions ?? [];
    },
    get running() {
      return [...environments].filter(({ usable }) => usable);
    },
    start,
    invoke,
    serving: (definition) => inLine(definition.arn, () => serving(definition)),
    async giveTime(logicalId, timeoutMs) {
      times.set(logicalId, timeoutMs);
      const arn = options?.definitions.find((one) => one.logicalId === logicalId)?.arn ?? '';
      await (await byArn.get(arn))?.stop();
    },
    createPool(given) {
      options = given;
      const definitions = new Map(given.definitions.map((one) => [one.arn, one]));
      return {
        async invoke(arn, payload) {
          const definition = definitions.get(arn);
          if (!definition) throw new Error(`The template has no function ${arn}.`);
          return invoke(definition, payload);
        },
        async stream(arn, payload, sink) {
          const definition = definitions.get(arn);
          if (!definition) throw new Error(`The template has no function ${arn}.`);
          const result = await invoke(definition, payload);
          // All at once: what is written when is the function's matter, and looked at elsewhere.
          if (result.ok && 'contentType' in result) {
            sink.contentType(z.string().parse(result.contentType));
            await sink.write(Buffer.from(result.payload));
          }
          return result;
        },
        warm: () => Promise.resolve(),
        async stop() {
          await Promise.all([...environments].map((environment) => environment.stop()));
        },
      };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Variables that Lambda sets and the local cloud does not. */
function asLambdaSets({ name }: FunctionDefinition, daemonAddress: string): Record<string, string> {
  return {
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_LEVEL: 'INFO',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `2026/01/01/[$LATEST]${randomUUID().replaceAll('-', '')}`,
    AWS_XRAY_DAEMON_ADDRESS: daemonAddress,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    NODE_PATH: '',
    PATH: '/usr/local/bin:/usr/bin/:/bin',
  };
}
