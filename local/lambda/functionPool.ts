/**
 * Runs the template's functions: one event at a time per instance, more instances on demand, idle
 * ones retired. Events wait in order while every instance that may run is busy.
 */
import type { FunctionDefinition } from '../cloudFormation/functionDefinitions.ts';
import type { FunctionMeter } from '../billing/meter.ts';
import { createFunctionGroup, type FunctionGroup } from './functionGroup.ts';
import { startInstance as startThread } from './functionInstance.ts';
import { createIdleInstances } from './idleInstances.ts';
import type { Invoke, InvocationResult, InvokeStream } from './invoke.ts';

export interface FunctionPool {
  /**
   * Runs one event, given and answered as JSON text; never rejects.
   * @param functionArn as the template gives it; an unknown one answers ResourceNotFoundException
   */
  readonly invoke: Invoke;
  /** The same for a function whose answer is a stream. */
  readonly stream: InvokeStream;
  /**
   * Loads an instance of each ahead of its first event, one after the other, as far as there is room:
   * whoever is at work meanwhile has the other cores.
   */
  warm(functionArns: Iterable<string>): Promise<void>;
  /** Ends every instance; events under way answer Runtime.ExitError. */
  stop(): Promise<void>;
}

export interface FunctionPoolOptions {
  readonly definitions: readonly FunctionDefinition[];
  readonly bootstrapPath: string;
  /** CPU cores that the functions may use. */
  readonly cores: number;
  /** Functions of which one instance stays loaded: those that answer people. */
  readonly keptWarm: ReadonlySet<string>;
  /** Functions whose answers are streams: as many at a time as are reserved for them. */
  readonly streaming?: ReadonlySet<string>;
  readonly environmentOf: (definition: FunctionDefinition) => Record<string, string>;
  readonly print: (definition: FunctionDefinition, text: string, isError: boolean) => void;
  /** Told of an instance that was ended after so many ms, because its time was over. */
  readonly onTimeout?: (definition: FunctionDefinition, ms: number) => void;
  /** Told of all that Lambda would bill. */
  readonly meter?: FunctionMeter;
  /** How long an instance may idle before it is retired, in ms. */
  readonly idleMs?: number;
  /** What all instances may have together before idle ones are retired, in bytes. */
  readonly maxBytes?: number;
  /** Starts an instance: a thread of this process, unless given. */
  readonly startInstance?: typeof startThread;
}

/** Lambda gives a whole vCPU at this memory; from there on a function is taken to compute. */
const ONE_CPU_MEGABYTES = 1769;

/** Instances of a function that mostly waits for others: for each core, and in all. */
const WAITING_INSTANCES_PER_CORE = 2;
const WAITING_INSTANCES_MAX = 8;

/**
 * An instance starts in a quarter of a second, and every step of a task has its own: a small task is
 * several times as fast when those of the last one are still there.
 */
const IDLE_MS = 30_000;

/**
 * An event waits for a busy instance, if there is one, as long as another one would take to start: most
 * are done much sooner, and on a busy machine starts only make it busier. What computes has a core of
 * its own, so it waits for little more than a step of a small task.
 */
const PATIENCE = 1;
const COMPUTING_PATIENCE = 0.5;

/**
 * What all instances may have together before idle ones are given up, by what each of them tells. One
 * that waits for others has some 18 MB, one that renders a large shard some 100 MB. A task of a few rows
 * meets ten functions, a data source and a check included, which have 300 MB: with less than that, each
 * task gives up what the next one needs first. Two that render large shards leave room for little else,
 * as such a task needs the memory itself and a second matters less to it
 * (docs/adr/0042-instances-by-their-memory.md).
 */
const INSTANCES_BYTES = 384 * 1024 * 1024;

/** Lambda's limit on a synchronous event: 6 MB. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

export function createFunctionPool(options: FunctionPoolOptions): FunctionPool {
  const { definitions, cores, keptWarm, meter, idleMs = IDLE_MS } = options;
  const { maxBytes = INSTANCES_BYTES, startInstance = startThread } = options;
  const computes = computingFunctions(definitions, keptWarm);
  const isFull = () => [...groups.values()].reduce((sum, { bytes }) => sum + bytes, 0) > maxBytes;
  const idle = createIdleInstances({
    idleMs,
    isFull,
    retire: (group, instance) => (group as FunctionGroup).retire(instance),
  });
  const groupOf = (definition: FunctionDefinition): FunctionGroup =>
    createFunctionGroup({
      start: () =>
        startInstance({
          definition,
          bootstrapPath: options.bootstrapPath,
          environment: options.environmentOf(definition),
          print: (text, isError) => options.print(definition, text, isError),
          onReady(spent) {
            groups.get(definition.arn)?.tookToStart(spent.durationMs);
            meter?.coldStart(definition.logicalId, definition.memoryMegabytes, spent);
          },
          onMemory: () => idle.trim(),
          onTimeout: (ms) => options.onTimeout?.(definition, ms),
          onInvoked: (spent) =>
            meter?.invocation(definition.logicalId, definition.memoryMegabytes, spent),
        }),
      limit: options.streaming?.has(definition.arn)
        ? (definition.reserved ?? Infinity)
        : instanceLimit(cores, computes.has(definition.arn)),
      patience: computes.has(definition.arn) ? COMPUTING_PATIENCE : PATIENCE,
      keptWarm: keptWarm.has(definition.arn),
      idle,
    });
  const groups = new Map(definitions.map((definition) => [definition.arn, groupOf(definition)]));

  /** The function's instances, or why it cannot be asked. */
  const found = (functionArn: string, payload: string): FunctionGroup | InvocationResult => {
    const group = groups.get(functionArn);
    if (!group) return refusal('ResourceNotFoundException', `Function not found: ${functionArn}`);
    const bytes = Buffer.byteLength(payload);
    if (bytes <= MAX_EVENT_BYTES) return group;
    return refusal(
      'RequestTooLargeException',
      `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${MAX_EVENT_BYTES} bytes)`,
    );
  };

  return {
    async invoke(functionArn, payload) {
      const group = found(functionArn, payload);
      return 'ok' in group ? group : group.invoke(payload);
    },
    async stream(functionArn, payload, sink) {
      const group = found(functionArn, payload);
      if ('ok' in group) return group;
      return group.stream(payload, sink) ?? refusal('TooManyRequestsException', 'Rate Exceeded.');
    },
    async warm(functionArns) {
      for (const functionArn of functionArns) {
        if (isFull()) return;
        await groups.get(functionArn)?.warm();
      }
    },
    async stop() {
      await Promise.all([...groups.values()].map((group) => group.stop()));
    },
  };
}

/**
 * The functions that take a whole core for themselves. Those that answer people do not: they must not
 * wait for each other.
 */
export function computingFunctions(
  definitions: readonly Pick<FunctionDefinition, 'arn' | 'memoryMegabytes'>[],
  keptWarm: ReadonlySet<string>,
): Set<string> {
  const computing = definitions.filter(
    ({ arn, memoryMegabytes }) => memoryMegabytes >= ONE_CPU_MEGABYTES && !keptWarm.has(arn),
  );
  return new Set(computing.map(({ arn }) => arn));
}

/** How many instances of a function may run at once. */
export const instanceLimit = (cores: number, computes: boolean): number =>
  computes ? cores : Math.min(cores * WAITING_INSTANCES_PER_CORE, WAITING_INSTANCES_MAX);

const refusal = (errorType: string, errorMessage: string): InvocationResult => ({
  ok: false,
  error: { errorType, errorMessage },
});
