/**
 * Runs the template's functions: one event at a time per instance, more instances on demand, idle
 * ones retired. Events wait in order while every instance that may run is busy.
 */
import type { FunctionDefinition } from '../template/functionDefinitions.ts';
import { createFunctionGroup, type FunctionGroup } from './functionGroup.ts';
import { startInstance } from './functionInstance.ts';
import { createIdleInstances } from './idleInstances.ts';
import type { Invoke, InvocationResult } from './invoke.ts';

export interface FunctionPool {
  /**
   * Runs one event, given and answered as JSON text; never rejects.
   * @param functionArn as the template gives it; an unknown one answers ResourceNotFoundException
   */
  readonly invoke: Invoke;
  /** Loads an instance ahead of its first event. */
  warm(functionArn: string): void;
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
  readonly environmentOf: (definition: FunctionDefinition) => Record<string, string>;
  readonly print: (definition: FunctionDefinition, text: string, isError: boolean) => void;
  /** How long an instance may idle before it is retired, in ms. */
  readonly idleMs?: number;
}

/** Lambda gives a whole vCPU at this memory; from there on a function is taken to compute. */
const ONE_CPU_MEGABYTES = 1769;

/** Instances of a function that mostly waits for others: for each core, and in all. */
const WAITING_INSTANCES_PER_CORE = 2;
const WAITING_INSTANCES_MAX = 8;

/**
 * An instance costs 20 to 70 MB and starts in a quarter of a second: it stays while shard follows
 * shard, and goes soon after the last one. Besides those kept warm, one for each core may idle, so that
 * what earlier steps of a task loaded does not fill the memory of the later ones.
 */
const IDLE_MS = 2_000;

/** Lambda's limit on a synchronous event: 6 MB. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

export function createFunctionPool(options: FunctionPoolOptions): FunctionPool {
  const { definitions, cores, keptWarm, idleMs = IDLE_MS } = options;
  const idle = createIdleInstances(idleMs, cores, (group, instance) =>
    (group as FunctionGroup).retire(instance),
  );
  const groupOf = (definition: FunctionDefinition): FunctionGroup =>
    createFunctionGroup({
      start: () =>
        startInstance({
          definition,
          bootstrapPath: options.bootstrapPath,
          environment: options.environmentOf(definition),
          print: (text, isError) => options.print(definition, text, isError),
        }),
      limit: instanceLimit(definition, options),
      keptWarm: keptWarm.has(definition.arn),
      idle,
    });
  const groups = new Map(definitions.map((definition) => [definition.arn, groupOf(definition)]));

  return {
    async invoke(functionArn, payload) {
      const group = groups.get(functionArn);
      if (!group) return refusal('ResourceNotFoundException', `Function not found: ${functionArn}`);
      const bytes = Buffer.byteLength(payload);
      if (bytes <= MAX_EVENT_BYTES) return group.invoke(payload);
      return refusal(
        'RequestTooLargeException',
        `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${MAX_EVENT_BYTES} bytes)`,
      );
    },
    warm: (functionArn) => groups.get(functionArn)?.warm(),
    async stop() {
      await Promise.all([...groups.values()].map((group) => group.stop()));
    },
  };
}

/** How many instances of a function may run at once. */
export function instanceLimit(
  { arn, memoryMegabytes }: FunctionDefinition,
  { cores, keptWarm }: Pick<FunctionPoolOptions, 'cores' | 'keptWarm'>,
): number {
  const computes = memoryMegabytes >= ONE_CPU_MEGABYTES && !keptWarm.has(arn);
  return computes ? cores : Math.min(cores * WAITING_INSTANCES_PER_CORE, WAITING_INSTANCES_MAX);
}

const refusal = (errorType: string, errorMessage: string): InvocationResult => ({
  ok: false,
  error: { errorType, errorMessage },
});
