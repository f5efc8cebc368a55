/**
 * Failures of which is not known whether they are a row's own. When a service is down, or its key has expired, every row
 * fails alike: rows wait then until a call succeeds, and it was theirs, or until so many have failed for so long that the
 * task is to pause instead of failing them all (a circuit breaker).
 */
import { BREAKER_MS, BREAKER_ROWS } from '../limits.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { Service } from './services.ts';

export interface Doubts {
  /**
   * Waits until it is known.
   * @returns whether the failure is the row's; otherwise nobody knows, and the row is to be called again another time
   */
  settle(service: Service, failure: RowFailure): Promise<boolean>;
  /** Looks whether something has become known; to be called now and then. @param isStopped nobody will call any more */
  look(isStopped: boolean): void;
  /** Why the task is to pause, in sentences; undefined while it is not. */
  readonly why: string | undefined;
}

interface Doubt {
  readonly service: Service;
  readonly failure: RowFailure;
  readonly settle: (isOwn: boolean) => void;
}

/** Why a task pauses because of a service, in sentences. */
export const whyOf = ({ name, failing }: Service, detail: string): string => {
  const seconds = Math.round((failing?.forMs ?? 0) / 1_000);
  return `Paused: the last ${failing?.calls ?? 0} calls of ${name} failed, for ${seconds} s. ${detail} Nothing is lost: resume the task when the service answers again.`;
};

/** @param underWay rows that are under way, those that wait here among them */
export function createDoubts(underWay: () => number): Doubts {
  let waiting: Doubt[] = [];
  let why: string | undefined;

  function settleAll(those: readonly Doubt[], isOwn: boolean): void {
    waiting = waiting.filter((doubt) => !those.includes(doubt));
    for (const { settle } of those) settle(isOwn);
  }

  return {
    get why() {
      return why;
    },
    settle: (service, failure) =>
      new Promise((settle) => void waiting.push({ service, failure, settle })),
    look(isStopped) {
      // Nobody is left whose success could tell more.
      const areAll = waiting.length >= underWay();
      for (const service of new Set(waiting.map((doubt) => doubt.service))) {
        const its = waiting.filter((doubt) => doubt.service === service);
        const [first] = its;
        const { failing } = service;
        if (!failing) settleAll(its, true);
        else if (isStopped) settleAll(its, false);
        else if (its.length < BREAKER_ROWS) {
          if (areAll) settleAll(its, true);
        } else if (failing.forMs >= BREAKER_MS && first) {
          why ??= whyOf(service, first.failure.detail);
          settleAll(its, false);
        }
      }
    },
  };
}
