/** Function instances of which one can be ended in the middle of an event, as a machine that is lost. */
import {
  startInstance,
  type FunctionInstance,
  type InstanceOptions,
} from '../../../local/lambda/functionInstance.ts';
import type { Order } from './protocol.ts';

export type Death = Pick<Extract<Order, { kind: 'killWorker' }>, 'of' | 'pick' | 'afterMs'>;

/** Logical ids of the functions that are steps of tasks (infra/workflow/). */
const isStep = (logicalId: string) => logicalId.startsWith('Tasks');

export interface MortalWorkers {
  /** Starts an instance, as the pool wants it. */
  readonly start: (options: InstanceOptions) => FunctionInstance;
  /** Ends one: of those at work, or else the next that begins. */
  kill(death: Death): void;
}

/** @param onKilled told of the function whose instance was ended while it worked */
export function createMortalWorkers(onKilled: (logicalId: string) => void): MortalWorkers {
  interface Busy {
    readonly logicalId: string;
    readonly instance: FunctionInstance;
  }
  const busy = new Set<Busy>();
  /** Deaths that wait for somebody at work. */
  const due: Death[] = [];
  const fits = ({ of }: Death, logicalId: string) => of === 'any' || isStep(logicalId);

  const end = (victim: Busy) => {
    if (!busy.delete(victim)) return false;
    onKilled(victim.logicalId);
    void victim.instance.stop();
    return true;
  };
  const endSoon = (victim: Busy, death: Death) =>
    setTimeout(() => {
      // It was quicker: somebody else, then.
      if (!end(victim)) due.push(death);
    }, death.afterMs);

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
          const place = due.findIndex((death) => fits(death, logicalId));
          for (const death of place < 0 ? [] : due.splice(place, 1)) endSoon(self, death);
          const result = await instance.invoke(payload, sink);
          busy.delete(self);
          return result;
        },
      };
    },
    kill(death) {
      const victims = [...busy].filter(({ logicalId }) => fits(death, logicalId));
      const victim = victims[Math.floor(death.pick * victims.length)];
      if (!victim || !end(victim)) due.push(death);
    },
  };
}
