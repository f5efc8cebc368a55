/**
 * The shared strings of a workbook as JSON, each by its number: some bytes for each beside its own, in
 * blocks, so that none is ever copied when there are more.
 */
import { MAX_ROW_BYTES, MAX_SHARED_STRING_BYTES } from '../../limits.ts';
import { partTooLarge } from './faults.ts';

/** Strings by their numbers, from 0 on. */
export interface StringStore {
  readonly count: number;
  /** Memory that they take. */
  readonly bytes: number;
  /**
   * Adds one. @param write writes so many bytes at the most, and answers where they end
   * @throws SourceFault when they are too many
   */
  add(mostBytes: number, write: (to: Uint8Array, at: number) => number): void;
  /** Adds one that is too long to be in any row. */
  addTooLong(): void;
  /** How many bytes a string has; -1 when it is too long, or there is none of this number. */
  sizeOf(index: number): number;
  /** Writes a string; answers where it ends. */
  copy(index: number, to: Uint8Array, at: number): number;
}

/** A string of MAX_ROW_BYTES fits into one; an address has 23 bits for the place and 9 for the block. */
const BLOCK_BITS = 23;
const BLOCK_BYTES = 2 ** BLOCK_BITS;
const PLACE_MASK = BLOCK_BYTES - 1;
const FIRST_STRINGS = 1024;
/** Of its two numbers. */
const BYTES_OF_NUMBERS = 8;
/** For short stretches a loop is faster than the platform. */
const LONG_BYTES = 64;
const TOO_LONG = 0xffffffff;

/** @param part its name, for messages */
export function createStringStore(part: string): StringStore {
  const blocks: Uint8Array[] = [];
  let block = new Uint8Array(0);
  let filled = 0;
  /** Where each begins, and beside it its size: both are asked for, far from those of the string before. */
  let places = new Uint32Array(2 * FIRST_STRINGS);
  let count = 0;
  let bytes = 0;

  function openBlock(mostBytes: number) {
    // The first grow with what is in them; what they held is moved once at the most.
    const length = blocks.length === 0 ? Math.max(mostBytes, BLOCK_BYTES / 16) : BLOCK_BYTES;
    block = new Uint8Array(Math.min(BLOCK_BYTES, length));
    blocks.push(block);
    filled = 0;
  }

  function note(start: number, size: number) {
    if (2 * count === places.length) {
      const more = new Uint32Array(2 * places.length);
      more.set(places);
      places = more;
    }
    places[2 * count] = start;
    places[2 * count + 1] = size;
    count++;
    bytes += size === TOO_LONG ? BYTES_OF_NUMBERS : size + BYTES_OF_NUMBERS;
    if (bytes > MAX_SHARED_STRING_BYTES) throw partTooLarge(part, MAX_SHARED_STRING_BYTES);
  }

  return {
    get count() {
      return count;
    },
    get bytes() {
      return bytes;
    },
    add(mostBytes, write) {
      if (filled + mostBytes > block.length) openBlock(mostBytes);
      const start = filled;
      filled = write(block, start);
      note((blocks.length - 1) * BLOCK_BYTES + start, filled - start);
    },
    addTooLong: () => note(0, TOO_LONG),
    sizeOf: (index) => {
      if (!(index >= 0 && index < count)) return -1;
      const size = places[2 * index + 1] as number;
      return size === TOO_LONG || size > MAX_ROW_BYTES ? -1 : size;
    },
    copy(index, to, at) {
      const address = places[2 * index] as number;
      const size = places[2 * index + 1] as number;
      const from = blocks[address >>> BLOCK_BITS] as Uint8Array;
      let place = address & PLACE_MASK;
      if (size > LONG_BYTES) {
        to.set(from.subarray(place, place + size), at);
        return at + size;
      }
      let end = at;
      const stop = place + size;
      while (place < stop) to[end++] = from[place++] as number;
      return end;
    },
  };
}
