/** The codes of a DEFLATE block (RFC 1951, 3.2), first bit lowest, and the header that tells them. */
import { createBitWriter, type BitString } from './bitStrings.ts';

export const MIN_MATCH = 3;
export const MAX_MATCH = 258;
/** How far back a match may reach (RFC 1951, 2). */
export const WINDOW_BYTES = 32_768;
export const END_OF_BLOCK = 256;
const FIRST_LENGTH = 257;
const LITERALS_AND_LENGTHS = 286;
const DISTANCES = 30;
const MAX_CODE_BITS = 15;

export interface Codes {
  /** By byte, or END_OF_BLOCK. */
  readonly literalCodes: Uint16Array;
  readonly literalBits: Uint8Array;
  /** By length of a match, extra bits included. */
  readonly lengthCodes: Uint32Array;
  readonly lengthBits: Uint8Array;
  /** By distance symbol. */
  readonly distanceCodes: Uint16Array;
  readonly distanceBits: Uint8Array;
  /** What begins a block that is not the last. */
  readonly header: BitString;
}

/** How often each symbol is expected. */
export interface Frequencies {
  readonly literals: Float64Array;
  readonly distances: Float64Array;
}

export const createFrequencies = (): Frequencies => ({
  literals: new Float64Array(LITERALS_AND_LENGTHS),
  distances: new Float64Array(DISTANCES),
});

/** Extra bits of a distance, 1 to 32,768. */
export const distanceExtraBits = (distance: number) =>
  distance <= 4 ? 0 : 31 - Math.clz32(distance - 1) - 1;

export function distanceSymbol(distance: number): number {
  const rest = distance - 1;
  return rest < 4 ? rest : 2 * distanceExtraBits(distance) + (rest >>> distanceExtraBits(distance));
}

/** Extra bits of a length, 3 to 258: eight lengths have none, then four symbols each number. */
const lengthExtraBits = (length: number) =>
  length < 11 || length === MAX_MATCH ? 0 : 31 - Math.clz32(length - MIN_MATCH) - 2;

export function lengthSymbol(length: number): number {
  if (length === MAX_MATCH) return LITERALS_AND_LENGTHS - 1;
  const rest = length - MIN_MATCH;
  const extraBits = lengthExtraBits(length);
  return rest < 8 ? FIRST_LENGTH + rest : FIRST_LENGTH + 4 * extraBits + (rest >>> extraBits);
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result |= ((code >>> i) & 1) << (bits - 1 - i);
  return result;
}

/** The codes that a list of code lengths stands for (RFC 1951, 3.2.2). */
function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let code = 0;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    code <<= 1;
    lengths.forEach((its, symbol) => {
      if (its === bits) codes[symbol] = reversed(code++, bits);
    });
  }
  return codes;
}

/** Huffman code lengths; frequencies are evened out until none is longer than `maxBits`. */
function codeLengths(frequencies: Float64Array, maxBits: number): Uint8Array {
  const lengths = new Uint8Array(frequencies.length);
  let weights = Array.from(frequencies);
  for (;;) {
    type Tree = { readonly weight: number; readonly symbols: readonly number[] };
    const leaves: Tree[] = weights
      .map((weight, symbol) => ({ weight, symbols: [symbol] }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => a.weight - b.weight);
    const trees: Tree[] = [];
    lengths.fill(0);
    // The lightest tree is first in one of the two queues, for joined trees only grow heavier.
    const lightest = () =>
      !trees[0] || (leaves[0] && leaves[0].weight <= trees[0].weight)
        ? leaves.shift()
        : trees.shift();
    while (leaves.length + trees.length > 1) {
      const a = lightest();
      const b = lightest();
      if (!a || !b) break;
      const symbols = [...a.symbols, ...b.symbols];
      for (const symbol of symbols) lengths[symbol] = (lengths[symbol] ?? 0) + 1;
      trees.push({ weight: a.weight + b.weight, symbols });
    }
    if (Math.max(...lengths) <= maxBits) return lengths;
    weights = weights.map((weight) => (weight > 0 ? Math.ceil(weight / 2) : 0));
  }
}

function createCodes(
  literalLengths: Uint8Array,
  distanceLengths: Uint8Array,
  header: BitString,
): Codes {
  const literalCodes = canonicalCodes(literalLengths);
  const lengthCodes = new Uint32Array(MAX_MATCH + 1);
  const lengthBits = new Uint8Array(MAX_MATCH + 1);
  for (let length = MIN_MATCH; length <= MAX_MATCH; length++) {
    const symbol = lengthSymbol(length);
    const extraBits = lengthExtraBits(length);
    const bits = literalLengths[symbol] ?? 0;
    const extra = (length - MIN_MATCH) & ((1 << extraBits) - 1);
    lengthCodes[length] = (literalCodes[symbol] ?? 0) | (extra << bits);
    lengthBits[length] = bits + extraBits;
  }
  return {
    literalCodes,
    literalBits: literalLengths,
    lengthCodes,
    lengthBits,
    distanceCodes: canonicalCodes(distanceLengths),
    distanceBits: distanceLengths,
    header,
  };
}

/** The fixed codes (RFC 1951, 3.2.6). */
export const FIXED_CODES: Codes = (() => {
  // Two symbols that never occur take part in the code.
  const literals = Uint8Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  );
  const writer = createBitWriter();
  writer.put(0b010, 3);
  return createCodes(literals, new Uint8Array(DISTANCES).fill(5), writer.take());
})();

/** In which order the lengths of the codes for code lengths are written (RFC 1951, 3.2.7). */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Codes of its own for a block in which symbols are as frequent as that. */
export function dynamicCodes({ literals, distances }: Frequencies): Codes {
  const literalLengths = codeLengths(literals, MAX_CODE_BITS);
  const distanceLengths = codeLengths(distances, MAX_CODE_BITS);
  const runs = repeats([...literalLengths, ...distanceLengths]);
  const frequencies = new Float64Array(19);
  for (const { symbol } of runs) frequencies[symbol] = (frequencies[symbol] ?? 0) + 1;
  const metaLengths = codeLengths(frequencies, 7);
  const metaCodes = canonicalCodes(metaLengths);
  const written = ORDER.findLastIndex((symbol) => (metaLengths[symbol] ?? 0) > 0) + 1;

  const writer = createBitWriter();
  writer.put(0b100, 3);
  writer.put(LITERALS_AND_LENGTHS - 257, 5);
  writer.put(DISTANCES - 1, 5);
  writer.put(written - 4, 4);
  for (const symbol of ORDER.slice(0, written)) writer.put(metaLengths[symbol] ?? 0, 3);
  for (const { symbol, extra, extraBits } of runs) {
    writer.put(metaCodes[symbol] ?? 0, metaLengths[symbol] ?? 0);
    writer.put(extra, extraBits);
  }
  return createCodes(literalLengths, distanceLengths, writer.take());
}

/** Code lengths with their repeats: 16 for the length before, 17 and 18 for zeros. */
function repeats(lengths: readonly number[]) {
  const runs: { symbol: number; extra: number; extraBits: number }[] = [];
  for (let i = 0; i < lengths.length;) {
    const length = lengths[i] ?? 0;
    let end = i + 1;
    while (lengths[end] === length) end++;
    let left = end - i;
    i = end;
    if (length !== 0) {
      runs.push({ symbol: length, extra: 0, extraBits: 0 });
      left--;
    }
    while (left > 0) {
      const isZero = length === 0;
      if (left < 3) {
        runs.push({ symbol: length, extra: 0, extraBits: 0 });
        left--;
      } else if (isZero && left > 10) {
        const many = Math.min(left, 138);
        runs.push({ symbol: 18, extra: many - 11, extraBits: 7 });
        left -= many;
      } else {
        const some = Math.min(left, isZero ? 10 : 6);
        runs.push({ symbol: isZero ? 17 : 16, extra: some - 3, extraBits: isZero ? 3 : 2 });
        left -= some;
      }
    }
  }
  return runs;
}
