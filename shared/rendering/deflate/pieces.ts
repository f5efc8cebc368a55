/**
 * The texts that a template writes again and again, prepared for DEFLATE once: their checksums, their
 * bytes compressed on their own, and where each of them repeats what another one says.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { combineCrc32 } from '../../archive/crc32.ts';
import { MAX_MATCH, WINDOW_BYTES } from './fixedCodes.ts';

export interface Piece {
  readonly bytes: Uint8Array;
  readonly crc32: number;
  /** What appending so many bytes makes of a checksum: four tables, by byte, lowest first. */
  readonly shift: Int32Array;
  /** As DEFLATE blocks that end at a byte and are not the last; undefined where tokens are shorter. */
  readonly deflated: Uint8Array | undefined;
  /**
   * Four numbers for each token, in order: `length` bytes that are those of piece `source` from
   * `offset` on; a source of -1 means that they are new. The fourth is where they are in this piece.
   */
  readonly tokens: Int32Array;
}

/** Bits of a match beside which literals, 8 bits each, would be shorter. */
const MATCH_BITS = 24;
const LEAST_MATCH = 4;
/** Places with the same beginning that are compared for the longest match. */
const CANDIDATES = 24;
/** End of block, an empty stored block to the next byte, and the header of the block behind. */
const SPLICE_BITS = 7 + 3 + 7 + 32 + 3;
/** Prepared once a template, so the time does not count. */
const LEVEL = 9;

/** @param texts in the order in which the template has them */
export function preparePieces(texts: readonly Uint8Array[]): Piece[] {
  const shifts = new Map<number, Int32Array>();
  const shiftBy = (length: number) => {
    const known = shifts.get(length) ?? shiftTables(length);
    shifts.set(length, known);
    return known;
  };
  const findTokens = tokenFinder();
  return texts.map((bytes) => {
    const { tokens, bits } = findTokens(bytes);
    const deflated = deflateRawSync(bytes, {
      level: LEVEL,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return {
      bytes,
      crc32: crc32(bytes),
      shift: shiftBy(bytes.length),
      tokens,
      deflated: deflated.length * 8 + SPLICE_BITS < bits ? deflated : undefined,
    };
  });
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

/** LZ77 over all pieces so far (RFC 1951, 4): a greedy search through places with equal beginnings. */
function tokenFinder() {
  const pieces: Uint8Array[] = [];
  const places = new Map<number, { piece: number; at: number }[]>();
  const keyAt = (bytes: Uint8Array, at: number) =>
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0;

  function remember(piece: number, at: number): void {
    const bytes = pieces[piece];
    if (!bytes || at + LEAST_MATCH > bytes.length) return;
    const key = keyAt(bytes, at);
    const known = places.get(key);
    if (!known) places.set(key, [{ piece, at }]);
    else if (known.push({ piece, at }) > CANDIDATES) known.shift();
  }

  function longestMatch(piece: number, at: number) {
    const bytes = pieces[piece] ?? new Uint8Array();
    const most = Math.min(MAX_MATCH, bytes.length - at);
    let best = { piece: -1, at: 0, length: 0 };
    if (most < LEAST_MATCH) return best;
    for (const place of (places.get(keyAt(bytes, at)) ?? []).toReversed()) {
      if (place.piece === piece && at - place.at > WINDOW_BYTES) continue;
      const other = pieces[place.piece] ?? new Uint8Array();
      let length = LEAST_MATCH;
      while (length < most && place.at + length < other.length) {
        if (other[place.at + length] !== bytes[at + length]) break;
        length++;
      }
      if (length > best.length) best = { ...place, length };
      if (length === most) break;
    }
    return best;
  }

  return function findTokens(bytes: Uint8Array): { tokens: Int32Array; bits: number } {
    const piece = pieces.push(bytes) - 1;
    const tokens: number[] = [];
    let bits = 0;
    let literals = 0;
    const endLiterals = (at: number) => {
      if (literals > 0) tokens.push(-1, 0, literals, at - literals);
      bits += literals * 8;
      literals = 0;
    };
    let at = 0;
    while (at < bytes.length) {
      const match = longestMatch(piece, at);
      const length = match.length >= LEAST_MATCH ? match.length : 1;
      if (match.length >= LEAST_MATCH) {
        endLiterals(at);
        tokens.push(match.piece, match.at, length, at);
        bits += MATCH_BITS;
      } else literals++;
      for (let i = 0; i < length; i++) remember(piece, at + i);
      at += length;
    }
    endLiterals(at);
    return { tokens: Int32Array.from(tokens), bits };
  };
}
