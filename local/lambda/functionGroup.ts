/** All instances of one function, and the events that wait for one. */
import type { FunctionInstance } from './functionInstance.ts';
import type { IdleInstances } from './idleInstances.ts';
import type { InvocationResult } from './invoke.ts';

export interface FunctionGroup {
  /** Runs one event; never rejects. */
  invoke(payload: string): Promise<InvocationResult>;
  /** Loads an instance ahead of its first event. */
  warm(): void;
  /** Ends an instance that idled too long. */
  retire(instance: FunctionInstance): void;
  /** Ends every instance; events under way and waiting fail. */
  stop(): Promise<void>;
}

export interface FunctionGroupOptions {
  readonly start: () => FunctionInstance;
  /** How many instances may run at once. */
  readonly limit: number;
  /** Whether one instance stays loaded. */
  readonly keptWarm: boolean;
  readonly idle: IdleInstances;
}

interface Waiting {
  readonly payload: string;
  readonly answer: (result: InvocationResult) => void;
}

const STOPPED: InvocationResult = {
  ok: false,
  error: { errorType: 'Runtime.ExitError', errorMessage: 'The local cloud stops.' },
};

export function createFunctionGroup(options: FunctionGroupOptions): FunctionGroup {
  const { limit, keptWarm, idle } = options;
  const instances = new Set<FunctionInstance>();
  const waiting: Waiting[] = [];
  let stopped = false;

  const start = (): FunctionInstance => {
    const instance = options.start();
    instances.add(instance);
    return instance;
  };
  const discard = (instance: FunctionInstance) => {
    instances.delete(instance);
    return instance.stop();
  };

  const run = async (instance: FunctionInstance, { payload, answer }: Waiting) => {
    answer(await instance.invoke(payload));
    if (stopped) return;
    const next = waiting.shift();
    if (!instance.usable) void discard(instance);
    else if (!next) idle.put(group, instance, keptWarm);
    if (next) void run(instance.usable ? instance : start(), next);
  };

  const group: FunctionGroup = {
    invoke: (payload) =>
      new Promise((answer) => {
        if (stopped) return answer(STOPPED);
        const instance = idle.take(group) ?? (instances.size < limit ? start() : undefined);
        if (instance) void run(instance, { payload, answer });
        else waiting.push({ payload, answer });
      }),
    warm() {
      if (instances.size === 0 && !stopped) idle.put(group, start(), keptWarm);
    },
    retire: (instance) => void discard(instance),
    async stop() {
      stopped = true;
      for (const { answer } of waiting.splice(0)) answer(STOPPED);
      await Promise.all([...instances].map((instance) => discard(instance)));
    },
  };
  return group;
}
