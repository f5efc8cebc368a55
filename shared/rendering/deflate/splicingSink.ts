/**
 * Writes a part straight as DEFLATE (RFC 1951), without its text ever being there as a whole: prepared
 * pieces go in as they were compressed, or as matches where they stood before, and only values are
 * written byte by byte, with the fixed codes. The checksum is put together from those of the pieces.
 */
import { constants, crc32 as nativeCrc32, deflateRawSync } from 'node:zlib';
import { escapeXml, hasIllegalCharacters } from '../escaping.ts';
import { UNWRITABLE, type PartSink } from '../sink.ts';
import {
  distanceCode,
  distanceExtraBits,
  LENGTH_BITS,
  LENGTH_CODES,
  LITERAL_BITS,
  LITERAL_CODES,
  MAX_MATCH,
  MIN_MATCH,
  WINDOW_BYTES,
} from './fixedCodes.ts';
import type { Piece } from './pieces.ts';

/** From this length on a text gains more by being compressed than the call costs (about 20 µs). */
const LONG_TEXT = 1_000;
const LONG_TEXT_LEVEL = 6;
const FIRST_CAPACITY = 64 * 1024;
/** A UTF-16 unit is at most 6 bytes (`&quot;`) of 8 bits, or 3 bytes of 9. */
const BYTES_PER_UNIT = 6;
/** Headers, ends and empty blocks around a stretch. */
const MARGIN = 32;
const NO_PLACE = -1;

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

const ESCAPES: readonly (Uint8Array | undefined)[] = Array.from({ length: 64 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  return /[&<>"']/.test(character) ? Buffer.from(escapeXml(character)) : undefined;
});

export function createSplicingSink(pieces: readonly Piece[]): PartSink {
  let out = new Uint8Array(FIRST_CAPACITY);
  let at = 0;
  /** Bits that do not make a byte yet, first bit lowest. */
  let bits = 0;
  let bitCount = 0;
  let inBlock = false;
  let size = 0;
  /** Without the inversion at its end. */
  let crc = 0;
  /** Where each piece began when it was last written. */
  const places = new Int32Array(pieces.length);

  function reserve(bytes: number): void {
    if (at + bytes + MARGIN <= out.length) return;
    const larger = new Uint8Array(Math.max(out.length * 2, at + bytes + MARGIN));
    larger.set(out.subarray(0, at));
    out = larger;
  }

  /** At most 24 bits at once. */
  function put(value: number, count: number): void {
    bits |= value << bitCount;
    bitCount += count;
    while (bitCount >= 8) {
      out[at++] = bits & 0xff;
      bits >>>= 8;
      bitCount -= 8;
    }
  }

  function openBlock(): void {
    if (inBlock) return;
    put(0b010, 3);
    inBlock = true;
  }

  /** Ends the block and fills up the byte by an empty stored block. */
  function align(): void {
    if (inBlock) put(0, 7);
    inBlock = false;
    if (bitCount === 0) return;
    put(0, 3);
    if (bitCount > 0) put(0, 8 - bitCount);
    out.set(EMPTY_STORED, at);
    at += EMPTY_STORED.length;
  }

  function splice(deflated: Uint8Array): void {
    reserve(deflated.length);
    align();
    out.set(deflated, at);
    at += deflated.length;
  }

  function literals(bytes: Uint8Array, from: number, to: number): void {
    let pending = bits;
    let count = bitCount;
    let end = at;
    for (let i = from; i < to; i++) {
      const byte = bytes[i] as number;
      pending |= (LITERAL_CODES[byte] as number) << count;
      count += LITERAL_BITS[byte] as number;
      while (count >= 8) {
        out[end++] = pending & 0xff;
        pending >>>= 8;
        count -= 8;
      }
    }
    bits = pending;
    bitCount = count;
    at = end;
  }

  function match(length: number, distance: number): void {
    const code = distanceCode(distance);
    const codeBits = 5 + distanceExtraBits(distance);
    let rest = length;
    while (rest > 0) {
      // No rest may be shorter than a match can be.
      const step =
        rest <= MAX_MATCH ? rest : rest - MAX_MATCH < MIN_MATCH ? rest - MIN_MATCH : MAX_MATCH;
      put(LENGTH_CODES[step] as number, LENGTH_BITS[step] as number);
      put(code, codeBits);
      rest -= step;
    }
  }

  function tokens({ bytes, tokens: list }: Piece): void {
    for (let i = 0; i < list.length; i += 4) {
      const source = list[i] as number;
      const offset = list[i + 1] as number;
      const length = list[i + 2] as number;
      const here = list[i + 3] as number;
      const place = source < 0 ? NO_PLACE : (places[source] as number);
      const distance = size + here - place - offset;
      if (place === NO_PLACE || distance > WINDOW_BYTES) literals(bytes, here, here + length);
      else match(length, distance);
    }
  }

  function longText(value: string): void {
    if (hasIllegalCharacters(value)) throw UNWRITABLE;
    addBytes(Buffer.from(escapeXml(value)));
  }

  function addBytes(bytes: Uint8Array): void {
    splice(deflateRawSync(bytes, { level: LONG_TEXT_LEVEL, finishFlush: constants.Z_SYNC_FLUSH }));
    crc = ~nativeCrc32(bytes, ~crc >>> 0);
    size += bytes.length;
  }

  return {
    begin() {
      at = 0;
      bits = 0;
      bitCount = 0;
      inBlock = false;
      size = 0;
      crc = -1;
      places.fill(NO_PLACE);
    },
    piece(number) {
      const piece = pieces[number] as Piece;
      const { length } = piece.bytes;
      if (length === 0) return;
      const place = places[number] as number;
      const distance = size - place;
      places[number] = size;
      if (place !== NO_PLACE && distance <= WINDOW_BYTES && length > MIN_MATCH) {
        // A match takes 4 bytes for 258 at most.
        reserve(length);
        openBlock();
        match(length, distance);
      } else if (piece.deflated) splice(piece.deflated);
      else {
        reserve(length * 2);
        openBlock();
        tokens(piece);
      }
      size += length;
      const { shift } = piece;
      // The inverted checksum shifts as the checksum does: see combineCrc32.
      const plain = ~crc;
      crc = ~(
        (shift[plain & 255] as number) ^
        (shift[256 + ((plain >>> 8) & 255)] as number) ^
        (shift[512 + ((plain >>> 16) & 255)] as number) ^
        (shift[768 + (plain >>> 24)] as number) ^
        piece.crc32
      );
    },
    text(value) {
      const { length } = value;
      if (length === 0) return;
      if (length >= LONG_TEXT) {
        longText(value);
        return;
      }
      reserve(length * BYTES_PER_UNIT);
      openBlock();
      let pending = bits;
      let count = bitCount;
      let end = at;
      let sum = crc;
      let written = 0;
      for (let i = 0; i < length; i++) {
        const unit = value.charCodeAt(i);
        if (unit < 0x80) {
          const escape = unit < 64 ? ESCAPES[unit] : undefined;
          if (escape !== undefined) {
            for (let k = 0; k < escape.length; k++) {
              const byte = escape[k] as number;
              sum = (CRC_TABLE[(sum ^ byte) & 255] as number) ^ (sum >>> 8);
              pending |= (LITERAL_CODES[byte] as number) << count;
              count += 8;
              while (count >= 8) {
                out[end++] = pending & 0xff;
                pending >>>= 8;
                count -= 8;
              }
            }
            written += escape.length;
            continue;
          }
          if (unit < 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) throw UNWRITABLE;
          sum = (CRC_TABLE[(sum ^ unit) & 255] as number) ^ (sum >>> 8);
          pending |= (LITERAL_CODES[unit] as number) << count;
          out[end++] = pending & 0xff;
          pending >>>= 8;
          written++;
          continue;
        }
        // One to three bytes follow the first, in groups of six bits (RFC 3629, 3).
        let point = unit;
        if ((unit & 0xf800) === 0xd800) {
          const low = value.charCodeAt(++i);
          if (unit >= 0xdc00 || (low & 0xfc00) !== 0xdc00) throw UNWRITABLE;
          point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        } else if (unit >= 0xfffe) throw UNWRITABLE;
        const following = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
        for (let k = following; k >= 0; k--) {
          const byte =
            k < following
              ? 0x80 | ((point >>> (6 * k)) & 0x3f)
              : ((0xff00 >>> (following + 1)) & 0xff) | (point >>> (6 * k));
          sum = (CRC_TABLE[(sum ^ byte) & 255] as number) ^ (sum >>> 8);
          pending |= (LITERAL_CODES[byte] as number) << count;
          count += LITERAL_BITS[byte] as number;
          while (count >= 8) {
            out[end++] = pending & 0xff;
            pending >>>= 8;
            count -= 8;
          }
        }
        written += following + 1;
      }
      bits = pending;
      bitCount = count;
      at = end;
      crc = sum;
      size += written;
    },
    markup(xml) {
      addBytes(Buffer.from(xml));
    },
    end() {
      reserve(0);
      if (inBlock) put(0, 7);
      // The last block: fixed codes, empty.
      put(0b011, 3);
      put(0, 7);
      if (bitCount > 0) put(0, 8 - bitCount);
      return { crc32: ~crc >>> 0, size, compressed: out.subarray(0, at) };
    },
  };
}

/** LEN and NLEN of a stored block without bytes (RFC 1951, 3.2.4). */
const EMPTY_STORED = Uint8Array.of(0, 0, 0xff, 0xff);
