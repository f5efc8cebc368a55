/**
 * The texts that a template writes again and again, prepared for DEFLATE once: coded, with their
 * checksums, and with what each of them repeats of the others.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { combineCrc32 } from '../../zip/crc32.ts';
import { createBitWriter, type BitString } from './bitStrings.ts';
import {
  createFrequencies,
  distanceExtraBits,
  distanceSymbol,
  dynamicCodes,
  FIXED_CODES,
  lengthSymbol,
  MAX_MATCH,
  type Codes,
  type Frequencies,
} from './codes.ts';
import { findTokens, type Token } from './tokens.ts';

/** What a piece consists of when it is written anew. */
export type Step =
  | { readonly kind: 'bits'; readonly bits: BitString }
  /** `length` bytes that piece `source` has from `offset` on, or as bits where that is too far away. */
  | {
      readonly kind: 'match';
      readonly source: number;
      readonly offset: number;
      readonly length: number;
      /** Where they are in this piece. */
      readonly at: number;
      readonly otherwise: BitString;
    };

export interface Piece {
  readonly length: number;
  readonly crc32: number;
  /** What appending so many bytes makes of a checksum: four tables, by byte, lowest first. */
  readonly shift: Int32Array;
  readonly steps: readonly Step[];
  /** Instead of steps, for large pieces: DEFLATE blocks that end at a byte and are not the last. */
  readonly deflated: Uint8Array | undefined;
}

export interface PreparedPieces {
  readonly pieces: readonly Piece[];
  readonly codes: Codes;
}

/** How often pieces and values are written in a document, as far as a template tells. */
export interface ExpectedUse {
  /** Pieces that most documents have. */
  readonly usual: ReadonlySet<number>;
  /** By piece: how often it is repeated, and how far apart, in bytes. */
  readonly repeats: ReadonlyMap<number, { readonly times: number; readonly distance: number }>;
  /** Characters of values. */
  readonly valueCharacters: number;
}

/** Zlib does as well with what is larger than its window, and is done sooner. */
const LARGE_PIECE = 64 * 1024;
/** Prepared once a template, so the time does not count. */
const LEVEL = 9;

/** How often a symbol is expected that nothing speaks for, and a unit of frequency as an integer. */
const RARE = 0.5;
const SCALE = 16;

/** What values look like: letters as in English, numbers, dates, some other script. */
const SAMPLE =
  'the quick brown fox Anna Müller 12 High Street, London SW1A 1AA 2026-07-01 1,250.00 EUR ' +
  'Consultant Engineer Manager General Ltd. & Co. 30000 45.5 name@example.com 王明';

/** @param texts in the order in which the template has them */
export function preparePieces(texts: readonly Uint8Array[], use: ExpectedUse): PreparedPieces {
  const isLarge = (text: Uint8Array) => text.length >= LARGE_PIECE;
  const tokens = findTokens(
    texts.map((text) => (isLarge(text) ? new Uint8Array() : text)),
    (piece) => use.usual.has(piece),
  );
  const frequencies = countSymbols(texts, tokens, use);
  const dynamic = dynamicCodes(frequencies);
  const bitsWith = (codes: Codes) => codes.header.bits + codedBits(codes, frequencies);
  const codes = bitsWith(dynamic) < bitsWith(FIXED_CODES) ? dynamic : FIXED_CODES;
  const shifts = new Map<number, Int32Array>();
  const shiftBy = (length: number) => {
    const known = shifts.get(length) ?? shiftTables(length);
    shifts.set(length, known);
    return known;
  };
  const pieces = texts.map((text, number): Piece => {
    const deflated = isLarge(text)
      ? deflateRawSync(text, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH })
      : undefined;
    return {
      length: text.length,
      crc32: crc32(text),
      shift: shiftBy(text.length),
      steps: stepsOf(text, number, tokens[number] ?? [], codes),
      deflated,
    };
  });
  return { pieces, codes };
}

/** Appending bytes multiplies a checksum by a constant, which is linear: a sum over its bits. */
function shiftTables(length: number): Int32Array {
  const bits = Array.from({ length: 32 }, (_, i) => combineCrc32((1 << i) >>> 0, 0, length));
  return Int32Array.from({ length: 1024 }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < 8; i++) if ((at >>> i) & 1) sum ^= bits[(at >>> 8) * 8 + i] ?? 0;
    return sum;
  });
}

function countSymbols(
  texts: readonly Uint8Array[],
  tokens: readonly Token[][],
  use: ExpectedUse,
): Frequencies {
  const { literals, distances } = createFrequencies();
  const add = (counts: Float64Array, symbol: number, times = 1) => {
    counts[symbol] = (counts[symbol] ?? 0) + times;
  };
  tokens.forEach((its, number) => {
    for (const { at, length, source, offset = 0 } of its) {
      if (source === undefined) add(literals, texts[number]?.[at] ?? 0);
      else {
        add(literals, lengthSymbol(length));
        // How far away another piece will be is a guess.
        add(distances, source === number ? distanceSymbol(at - offset) : FAR);
      }
    }
  });
  for (const [number, { times, distance }] of use.repeats) {
    const length = texts[number]?.length ?? 0;
    if (length <= MAX_MATCH && length > LEAST_REPEAT) add(literals, lengthSymbol(length), times);
    else add(literals, lengthSymbol(MAX_MATCH), times * Math.ceil(length / MAX_MATCH));
    add(distances, distanceSymbol(Math.min(Math.max(distance, 1), 32_768)), times);
  }
  const sample = Buffer.from(SAMPLE);
  for (const byte of sample) add(literals, byte, use.valueCharacters / sample.length);
  // Every symbol that may ever be needed has a code: all bytes of UTF-8 text, all lengths.
  literals.forEach((count, symbol) => {
    const isText = symbol >= 0x20 && symbol < 0xf5 && symbol !== 0xc0 && symbol !== 0xc1;
    const isNeeded = count > 0 || isText || symbol >= 256 || [0x09, 0x0a, 0x0d].includes(symbol);
    literals[symbol] = isNeeded ? Math.ceil(Math.max(count, RARE) * SCALE) : 0;
  });
  distances.forEach((count, symbol) => {
    distances[symbol] = Math.ceil(Math.max(count, RARE) * SCALE);
  });
  return { literals, distances };
}

/** The symbol of distances from 1,025 on. */
const FAR = 20;

/** Pieces up to this length are written anew rather than as a match. */
export const LEAST_REPEAT = 3;

/** What symbols as frequent as these take, but for extra bits, which all codes share. */
function codedBits(codes: Codes, { literals, distances }: Frequencies): number {
  let bits = 0;
  literals.forEach((count, symbol) => {
    bits += (count / SCALE) * (codes.literalBits[symbol] ?? 0);
  });
  distances.forEach((count, symbol) => {
    bits += (count / SCALE) * (codes.distanceBits[symbol] ?? 0);
  });
  return bits;
}

/** Codes what is sure to be the same in every document; what is not stays a step of its own. */
function stepsOf(text: Uint8Array, number: number, tokens: readonly Token[], codes: Codes): Step[] {
  const steps: Step[] = [];
  const writer = createBitWriter();
  const literal = (byte: number) =>
    writer.put(codes.literalCodes[byte] ?? 0, codes.literalBits[byte] ?? 0);
  const flush = () => {
    const bits = writer.take();
    if (bits.bits > 0) steps.push({ kind: 'bits', bits });
  };
  for (const { at, length, source, offset = 0 } of tokens) {
    if (source === undefined) literal(text[at] ?? 0);
    else if (source === number) {
      const distance = at - offset;
      const symbol = distanceSymbol(distance);
      const extraBits = distanceExtraBits(distance);
      writer.put(codes.lengthCodes[length] ?? 0, codes.lengthBits[length] ?? 0);
      writer.put(codes.distanceCodes[symbol] ?? 0, codes.distanceBits[symbol] ?? 0);
      writer.put((distance - 1) & ((1 << extraBits) - 1), extraBits);
    } else {
      flush();
      for (const byte of text.subarray(at, at + length)) literal(byte);
      steps.push({ kind: 'match', source, offset, length, at, otherwise: writer.take() });
    }
  }
  flush();
  return steps;
}
