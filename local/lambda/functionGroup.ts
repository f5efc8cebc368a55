/** All instances of one function, and the events that wait for one. */
import type { FunctionInstance } from './functionInstance.ts';
import type { IdleInstances } from './idleInstances.ts';
import type { InvocationResult, ResponseSink } from './invoke.ts';

export interface FunctionGroup {
  /** Runs one event; never rejects. */
  invoke(payload: string): Promise<InvocationResult>;
  /** Runs one event whose answer is a stream; undefined when all instances that may run are busy. */
  stream(payload: string, sink: ResponseSink): Promise<InvocationResult> | undefined;
  /** Loads an instance ahead of its first event, if there is none. */
  warm(): Promise<void>;
  /** Notes how long a start has taken, in ms. */
  tookToStart(ms: number): void;
  /** Memory that its instances have, in bytes. */
  readonly bytes: number;
  /** Ends an instance that idled too long. */
  retire(instance: FunctionInstance): void;
  /** Ends every instance; events under way and waiting fail. */
  stop(): Promise<void>;
}

export interface FunctionGroupOptions {
  readonly start: () => FunctionInstance;
  /** How many instances may run at once. */
  readonly limit: number;
  /** For which part of the time that a start takes an event waits for a busy instance. */
  readonly patience: number;
  /** Whether one instance stays loaded. */
  readonly keptWarm: boolean;
  readonly idle: IdleInstances;
}

interface Waiting {
  readonly payload: string;
  readonly sink?: ResponseSink;
  readonly answer: (result: InvocationResult) => void;
  /** Ends its patience. */
  timer?: NodeJS.Timeout;
}

/** Until one is measured; on a machine that is busy it takes longer. */
const USUAL_START_MS = 250;

const STOPPED: InvocationResult = {
  ok: false,
  error: { errorType: 'Runtime.ExitError', errorMessage: 'The local cloud stops.' },
};

export function createFunctionGroup(options: FunctionGroupOptions): FunctionGroup {
  const { limit, patience, keptWarm, idle } = options;
  const instances = new Set<FunctionInstance>();
  const waiting: Waiting[] = [];
  let stopped = false;
  /** How long the last start took. */
  let startMs = USUAL_START_MS;

  const start = (): FunctionInstance => {
    const instance = options.start();
    instances.add(instance);
    return instance;
  };
  const discard = (instance: FunctionInstance) => {
    instances.delete(instance);
    return instance.stop();
  };

  const run = async (instance: FunctionInstance, { payload, sink, answer }: Waiting) => {
    answer(await instance.invoke(payload, sink));
    if (stopped) return;
    const next = waiting.shift();
    clearTimeout(next?.timer);
    if (!instance.usable) void discard(instance);
    else if (!next) idle.put(group, instance, keptWarm);
    if (next) void run(instance.usable ? instance : start(), next);
  };

  /** Starts an instance for an event that has waited as long as it should, if there may be one more. */
  const giveOwn = (event: Waiting) => {
    const place = waiting.indexOf(event);
    if (place < 0 || instances.size >= limit) return;
    waiting.splice(place, 1);
    void run(start(), event);
  };
  const wait = (event: Waiting) => {
    waiting.push(event);
    event.timer = setTimeout(() => giveOwn(event), startMs * patience);
  };

  const group: FunctionGroup = {
    get bytes() {
      let sum = 0;
      for (const instance of instances) sum += instance.bytes;
      return sum;
    },
    invoke: (payload) =>
      new Promise((answer) => {
        if (stopped) return answer(STOPPED);
        const instance = idle.take(group) ?? (instances.size === 0 ? start() : undefined);
        if (instance) void run(instance, { payload, answer });
        else wait({ payload, answer });
      }),
    stream(payload, sink) {
      if (stopped) return Promise.resolve(STOPPED);
      const instance = idle.take(group) ?? (instances.size < limit ? start() : undefined);
      if (!instance) return undefined;
      return new Promise((answer) => void run(instance, { payload, sink, answer }));
    },
    tookToStart(ms) {
      startMs = ms;
    },
    async warm() {
      if (instances.size > 0 || stopped) return;
      const instance = start();
      idle.put(group, instance, keptWarm);
      await instance.loaded;
    },
    retire: (instance) => void discard(instance),
    async stop() {
      stopped = true;
      for (const { answer, timer } of waiting.splice(0)) {
        clearTimeout(timer);
        answer(STOPPED);
      }
      await Promise.all([...instances].map((instance) => discard(instance)));
    },
  };
  return group;
}
