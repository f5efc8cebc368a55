/**
 * What is outside, as a deployed function sees it: the ports that need no permission. A function composes
 * the others from ports/, each a module of its own, so that its bundle holds no client, and its role no
 * right, that it does not use.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Ports } from '../../shared/ports.ts';
import { log } from './logging.ts';
import { metrics } from './metrics.ts';

export const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms) => {
    await sleep(ms);
  },
};

/** Clock, random numbers, log and metrics. */
export const ownPorts = (): Pick<Ports, 'clock' | 'random' | 'log' | 'metrics'> => ({
  clock,
  random: { bytes: (count) => randomBytes(count) },
  log,
  metrics,
});
