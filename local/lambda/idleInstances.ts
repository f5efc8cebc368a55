/** Instances without work: kept for the next event for a while, as long as there is room. */
import type { FunctionInstance } from './functionInstance.ts';

/** Marks whose instances they are. */
export type Group = object;

export interface IdleInstances {
  /** @param keptWarm whether it stays until it is taken, if it is the only one of its group here */
  put(group: Group, instance: FunctionInstance, keptWarm: boolean): void;
  /** Retires some, if there is no room for all of them now. */
  trim(): void;
  /** The instance that became idle last: its caches are warm, and the others may go. */
  take(group: Group): FunctionInstance | undefined;
}

interface Entry {
  readonly group: Group;
  readonly instance: FunctionInstance;
  readonly keptWarm: boolean;
  timer?: NodeJS.Timeout;
}

export interface IdleOptions {
  /** How long an instance may idle before it is retired. */
  readonly idleMs: number;
  /** Whether the instances, working ones included, have more memory than they may. */
  readonly isFull: () => boolean;
  /** Ends an instance that was given up. */
  readonly retire: (group: Group, instance: FunctionInstance) => void;
}

/** However little room there is, the last one stays: its function is often asked again at once. */
const ALWAYS_IDLE = 1;

export function createIdleInstances(options: IdleOptions): IdleInstances {
  const { idleMs, isFull, retire } = options;
  /** Longest idle first. */
  const entries: Entry[] = [];

  const remove = (entry: Entry) => {
    clearTimeout(entry.timer);
    const index = entries.indexOf(entry);
    if (index >= 0) entries.splice(index, 1);
  };
  const giveUp = (entry: Entry) => {
    remove(entry);
    retire(entry.group, entry.instance);
  };
  const hasTwin = (entry: Entry) =>
    entries.some((other) => other !== entry && other.group === entry.group);
  /** The one of a group that stays, where one is to stay. */
  const stays = (entry: Entry) => entry.keptWarm && !hasTwin(entry);
  /**
   * Twins first, so that each function keeps one: when the steps of a task take turns, the one that
   * idles longest is the one that is needed next.
   */
  const trim = () => {
    while (isFull()) {
      const temporary = entries.filter((entry) => !stays(entry));
      if (temporary.length <= ALWAYS_IDLE) return;
      const [longest] = temporary;
      const given = temporary.find(hasTwin) ?? longest;
      if (given) giveUp(given);
    }
  };

  return {
    trim,
    put(group, instance, keptWarm) {
      const entry: Entry = { group, instance, keptWarm };
      entries.push(entry);
      entry.timer = setTimeout(() => {
        if (!stays(entry)) giveUp(entry);
      }, idleMs).unref();
      trim();
    },
    take(group) {
      for (;;) {
        const entry = entries.findLast((candidate) => candidate.group === group);
        if (!entry) return undefined;
        if (entry.instance.usable) {
          remove(entry);
          return entry.instance;
        }
        giveUp(entry);
      }
    },
  };
}
