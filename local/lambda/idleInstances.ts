/** Instances without work: kept for the next event for a while, but only so many of them. */
import type { FunctionInstance } from './functionInstance.ts';

/** Marks whose instances they are. */
export type Group = object;

export interface IdleInstances {
  /** @param keptWarm whether it stays until it is taken, if it is the only one of its group here */
  put(group: Group, instance: FunctionInstance, keptWarm: boolean): void;
  /** Retires those that idle longest, if there are more than may be now. */
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
  /** How many may idle at once, besides those that are kept warm: while there is room, and always. */
  readonly maxIdle: number;
  readonly maxIdleWhenFull: number;
  /** Whether there is memory to spare. */
  readonly isRoomy: () => boolean;
  /** Ends an instance that was given up. */
  readonly retire: (group: Group, instance: FunctionInstance) => void;
}

export function createIdleInstances(options: IdleOptions): IdleInstances {
  const { idleMs, maxIdle, maxIdleWhenFull, isRoomy, retire } = options;
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
  /** The one of a group that stays, where one is to stay. */
  const stays = (entry: Entry) =>
    entry.keptWarm && !entries.some((other) => other !== entry && other.group === entry.group);

  const trim = () => {
    const temporary = entries.filter((other) => !stays(other));
    const tooMany = temporary.length - (isRoomy() ? maxIdle : maxIdleWhenFull);
    for (const longest of temporary.slice(0, Math.max(0, tooMany))) giveUp(longest);
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
