/**
 * Runs the template's functions: one event at a time per instance, more instances on demand, idle
 * ones retired. Events wait in order while every instance that may run is busy.
 */
import type { FunctionDefinition } from '../template/functionDefinitions.ts';
import { startInstance, type FunctionInstance } from './functionInstance.ts';
import type { Invoke, InvocationResult } from './invoke.ts';

export interface FunctionPool {
  /**
   * Runs one event, given and answered as JSON text; never rejects.
   * @param functionArn as the template gives it; an unknown one answers ResourceNotFoundException
   */
  readonly invoke: Invoke;
  /** How many events of the function run at once; further ones wait. */
  concurrency(functionArn: string): number;
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
 * shard, and goes soon after the last one.
 */
const IDLE_MS = 2_000;

/** Lambda's limit on a synchronous event: 6 MB. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

export function createFunctionPool(options: FunctionPoolOptions): FunctionPool {
  const groups = new Map(
    options.definitions.map((definition) => [definition.arn, createGroup(definition, options)]),
  );
  return {
    async invoke(functionArn, payload) {
      const group = groups.get(functionArn);
      if (!group) return refusal('ResourceNotFoundException', `Function not found: ${functionArn}`);
      const bytes = Buffer.byteLength(payload);
      if (bytes > MAX_EVENT_BYTES) {
        return refusal(
          'RequestTooLargeException',
          `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${MAX_EVENT_BYTES} bytes)`,
        );
      }
      return group.invoke(payload);
    },
    concurrency: (functionArn) => groups.get(functionArn)?.limit ?? 1,
    warm: (functionArn) => groups.get(functionArn)?.warm(),
    async stop() {
      await Promise.all([...groups.values()].map((group) => group.stop()));
    },
  };
}

const refusal = (errorType: string, errorMessage: string): InvocationResult => ({
  ok: false,
  error: { errorType, errorMessage },
});

interface Waiting {
  readonly payload: string;
  readonly answer: (result: InvocationResult) => void;
}

/** All instances of one function. */
function createGroup(definition: FunctionDefinition, options: FunctionPoolOptions) {
  const { cores, idleMs = IDLE_MS } = options;
  const answersPeople = options.keptWarm.has(definition.arn);
  const computes = definition.memoryMegabytes >= ONE_CPU_MEGABYTES && !answersPeople;
  const limit = computes
    ? cores
    : Math.min(cores * WAITING_INSTANCES_PER_CORE, WAITING_INSTANCES_MAX);
  const kept = answersPeople ? 1 : 0;

  const idle: { instance: FunctionInstance; retire: NodeJS.Timeout }[] = [];
  const all = new Set<FunctionInstance>();
  const waiting: Waiting[] = [];
  let stopped = false;

  const start = (): FunctionInstance => {
    const instance = startInstance({
      definition,
      bootstrapPath: options.bootstrapPath,
      environment: options.environmentOf(definition),
      print: (text, isError) => options.print(definition, text, isError),
    });
    all.add(instance);
    return instance;
  };

  const discard = (instance: FunctionInstance) => {
    all.delete(instance);
    return instance.stop();
  };

  /** The instance used last idles shortest: its caches are warm and the others may go. */
  const takeIdle = (): FunctionInstance | undefined => {
    for (let entry = idle.pop(); entry; entry = idle.pop()) {
      clearTimeout(entry.retire);
      if (entry.instance.usable) return entry.instance;
      void discard(entry.instance);
    }
    return undefined;
  };

  const putIdle = (instance: FunctionInstance) => {
    const retire = setTimeout(() => {
      if (all.size <= kept) return;
      const index = idle.findIndex((entry) => entry.instance === instance);
      idle.splice(index, 1);
      void discard(instance);
    }, idleMs);
    idle.push({ instance, retire: retire.unref() });
  };

  const release = (instance: FunctionInstance) => {
    if (stopped) return;
    if (!instance.usable) void discard(instance);
    else if (waiting.length === 0) return putIdle(instance);
    const next = waiting.shift();
    if (next) void run(instance.usable ? instance : start(), next);
  };

  const run = async (instance: FunctionInstance, { payload, answer }: Waiting) => {
    answer(await instance.invoke(payload));
    release(instance);
  };

  return {
    limit,
    invoke(payload: string): Promise<InvocationResult> {
      if (stopped) return Promise.resolve(refusal('Runtime.ExitError', 'The local cloud stops.'));
      return new Promise((answer) => {
        const instance = takeIdle() ?? (all.size < limit ? start() : undefined);
        if (instance) void run(instance, { payload, answer });
        else waiting.push({ payload, answer });
      });
    },
    warm(): void {
      if (all.size === 0 && !stopped) putIdle(start());
    },
    async stop(): Promise<void> {
      stopped = true;
      for (const { answer } of waiting.splice(0)) {
        answer(refusal('Runtime.ExitError', 'The local cloud stops.'));
      }
      for (const { retire } of idle.splice(0)) clearTimeout(retire);
      await Promise.all([...all].map((instance) => discard(instance)));
    },
  };
}
