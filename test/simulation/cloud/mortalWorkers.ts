/** Function instances of which one can be ended in the middle of an event, as a machine that is lost. */
import {
  startInstance,
  type FunctionInstance,
  type InstanceOptions,
} from '../../../local/lambda/functionInstance.ts';

export interface MortalWorkers {
  /** Starts an instance, as the pool wants it. */
  readonly start: (options: InstanceOptions) => FunctionInstance;
  /** Ends one: of those at work, or else the next that begins. */
  kill(pick: number, afterMs: number): void;
}

/** @param onKilled told of the function whose instance was ended while it worked */
export function createMortalWorkers(onKilled: (logicalId: string) => void): MortalWorkers {
  interface Busy {
    readonly logicalId: string;
    readonly instance: FunctionInstance;
  }
  const busy = new Set<Busy>();
  /** Deaths that wait for somebody at work. */
  const due: number[] = [];

  const end = (victim: Busy) => {
    if (!busy.delete(victim)) return false;
    onKilled(victim.logicalId);
    void victim.instance.stop();
    return true;
  };
  const endSoon = (victim: Busy, afterMs: number) =>
    setTimeout(() => {
      // It was quicker: somebody else, then.
      if (!end(victim)) due.push(afterMs);
    }, afterMs);

  return {
    start(options) {
      const instance = startInstance(options);
      const { logicalId } = options.definition;
      return {
        get bytes() {
          return instance.bytes;
        },
        get usable() {
          return instance.usable;
        },
        loaded: instance.loaded,
        stop: () => instance.stop(),
        async invoke(payload, sink) {
          const self: Busy = { logicalId, instance };
          busy.add(self);
          const afterMs = due.shift();
          if (afterMs !== undefined) endSoon(self, afterMs);
          const result = await instance.invoke(payload, sink);
          busy.delete(self);
          return result;
        },
      };
    },
    kill(pick, afterMs) {
      const victims = [...busy];
      const victim = victims[Math.floor(pick * victims.length)];
      if (!victim || !end(victim)) due.push(afterMs);
    },
  };
}
