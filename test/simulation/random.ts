/** Numbers that follow from a seed. */
import { createRandom } from '../../bench/measure/random.ts';

/** A stream of numbers; the same seed gives the same ones. */
export interface Dice {
  /** From 0 to 1, 1 excluded. */
  fraction(): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  /** Whether something of this chance happens. */
  happens(chance: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** One of these, by their weights. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T;
}

/** One 32-bit number from two (the finalizer of MurmurHash3): what `index` draws from `seed`. */
export function mixed(seed: number, index: number): number {
  let hash = (seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** @param seed a whole number; the same one gives the same stream */
export function createDice(seed: number): Dice {
  const fraction = createRandom(seed);
  return {
    fraction,
    between: (from, to) => from + Math.floor(fraction() * (to - from + 1)),
    happens: (chance) => fraction() < chance,
    pick: (from) => from[Math.floor(fraction() * from.length)] ?? from[0],
    weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
      const entries = Object.entries(weights) as [T, number][];
      let left = fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const chosen = entries.find(([, weight]) => (left -= weight) < 0) ?? entries[0];
      if (!chosen) throw new Error('Nothing to choose from.');
      return chosen[0];
    },
  };
}
