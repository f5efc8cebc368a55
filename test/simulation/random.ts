/** Numbers that follow from a seed. */

/** A stream of numbers; the same seed gives the same ones. */
export interface Dice {
  /** From 0 to 1, 1 excluded. */
  fraction(): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  /** Whether something of this chance happens. */
  happens(chance: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** One 32-bit number from two (the finalizer of MurmurHash3): what `index` draws from `seed`. */
export function mixed(seed: number, index: number): number {
  let hash = (seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Mulberry32 (Tommy Ettinger). */
export function createDice(seed: number): Dice {
  let state = seed | 0;
  function fraction(): number {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    fraction,
    between: (from, to) => from + Math.floor(fraction() * (to - from + 1)),
    happens: (chance) => fraction() < chance,
    pick: (from) => from[Math.floor(fraction() * from.length)] ?? from[0],
  };
}
