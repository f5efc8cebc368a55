/**
 * Fingerprints by their number, and numbers by their fingerprint, in little memory: 16 bytes of each, and 8
 * of a table with open addressing.
 */
import { FINGERPRINT_BYTES, keepFingerprints } from '../archive/origins.ts';

const WORDS = FINGERPRINT_BYTES / Uint32Array.BYTES_PER_ELEMENT;

export interface FingerprintTable {
  readonly count: number;
  /** Whether the fingerprint of this number is that one. */
  has(number: number, wanted: Uint32Array): boolean;
  /** The first number with this fingerprint, from 0. */
  find(wanted: Uint32Array): number | undefined;
  /** Whether these are the fingerprints from this number on. */
  holds(from: number, fingerprints: Uint8Array): boolean;
}

/** A fingerprint as the table compares it. @param hex FINGERPRINT_BYTES */
export function wantedFingerprint(hex: string): Uint32Array {
  return wordsOf([Buffer.from(hex, 'hex')]);
}

/** What fingerprints are compared by, of some that stand one behind the other. */
function wordsOf(pieces: readonly Uint8Array[]): Uint32Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  keepFingerprints(bytes);
  return new Uint32Array(bytes.buffer);
}

/** @param pieces fingerprints as segments hold them */
export function createFingerprintTable(pieces: readonly Uint8Array[]): FingerprintTable {
  const words = wordsOf(pieces);
  const count = words.length / WORDS;
  // At most half full, so that few steps find a place.
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 2))).fill(-1);
  const mask = slots.length - 1;

  function sameAt(number: number, other: Uint32Array, from: number) {
    for (let i = 0; i < WORDS; i++) {
      if (words[number * WORDS + i] !== other[from + i]) return false;
    }
    return true;
  }

  /** The slot of a fingerprint, or the free one where it belongs. */
  function slotOf(of: Uint32Array, from: number): number {
    let slot = (of[from + 1] ?? 0) & mask;
    for (;;) {
      const number = slots[slot] ?? -1;
      if (number < 0 || sameAt(number, of, from)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  const isNothing = (number: number) =>
    words.subarray(number * WORDS, (number + 1) * WORDS).every((word) => word === 0);

  for (let number = 0; number < count; number++) {
    if (isNothing(number)) continue;
    const slot = slotOf(words, number * WORDS);
    if ((slots[slot] ?? -1) < 0) slots[slot] = number;
  }

  return {
    count,
    has: (number, wanted) => number >= 0 && number < count && sameAt(number, wanted, 0),
    find(wanted) {
      const number = slots[slotOf(wanted, 0)] ?? -1;
      return number < 0 ? undefined : number;
    },
    holds(from, fingerprints) {
      const others = wordsOf([fingerprints]);
      return others.every((word, i) => word === words[from * WORDS + i]);
    },
  };
}
