/**
 * Writes a part straight as DEFLATE (RFC 1951), without its text ever being there as a whole: prepared
 * pieces go in as they were coded, or as matches where they stood before, and only values are coded
 * byte by byte. The checksum is put together from those of the pieces.
 */
import { constants, crc32 as nativeCrc32, deflateRawSync } from 'node:zlib';
import { escapeXml } from '../../office/xmlText.ts';
import { hasIllegalCharacters } from '../escaping.ts';
import { UNWRITABLE, type PartSink } from '../sink.ts';
import { shiftBits, type BitString } from './bitStrings.ts';
import {
  distanceExtraBits,
  distanceSymbol,
  END_OF_BLOCK,
  MAX_MATCH,
  MIN_MATCH,
  WINDOW_BYTES,
} from './codes.ts';
import { LEAST_REPEAT, type Piece, type PreparedPieces } from './pieces.ts';

/** From this length on a text gains more by being compressed than the call costs (about 20 µs). */
const LONG_TEXT = 1_000;
const LONG_TEXT_LEVEL = 6;
const FIRST_CAPACITY = 64 * 1024;
/** After a document larger than this the memory is given back. */
const KEPT_CAPACITY = 4 * 1024 * 1024;
/** A UTF-16 unit is at most 6 bytes (`&quot;`) of 15 bits. */
const BYTES_PER_UNIT = 12;
/** A byte has a code of at most 15 bits, a match of 4 bytes or more at most 48. */
const BYTES_PER_BYTE = 2;
/** Ends, empty blocks and the header of a block around a stretch. */
const MARGIN = 512;
/** Shorter bit strings are shifted each time. */
const LONG_BITS = 256;
const NO_PLACE = -1;

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** By UTF-16 unit, as far as there are characters that are escaped. */
const ESCAPES: readonly (Uint8Array | undefined)[] = Array.from({ length: 64 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  return /[&<>"']/.test(character) ? Buffer.from(escapeXml(character)) : undefined;
});

/** LEN and NLEN of a stored block without bytes (RFC 1951, 3.2.4). */
const EMPTY_STORED = Uint8Array.of(0, 0, 0xff, 0xff);

export function createCodingSink({ pieces, codes }: PreparedPieces): PartSink {
  const { literalCodes, literalBits, lengthCodes, lengthBits, distanceCodes, distanceBits } = codes;
  const endBits = literalBits[END_OF_BLOCK] as number;
  let out = new Uint8Array(FIRST_CAPACITY);
  let at = 0;
  /** Bits that do not make a byte yet, first bit lowest. */
  let pending = 0;
  let pendingBits = 0;
  let isInBlock = false;
  let size = 0;
  /** Inverted, as it is while it is made. */
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
  function put(value: number, bits: number): void {
    pending |= value << pendingBits;
    pendingBits += bits;
    while (pendingBits >= 8) {
      out[at++] = pending & 0xff;
      pending >>>= 8;
      pendingBits -= 8;
    }
  }

  function putBits(string: BitString): void {
    if (string.bits >= LONG_BITS) {
      const its = (string.shifted[pendingBits] ??= shiftBits(string, pendingBits));
      out[at] = pending | its.first;
      out.set(its.middle, at + 1);
      at += its.middle.length + 1;
      pending = its.last;
      pendingBits = its.lastBits;
      return;
    }
    const { bytes, bits } = string;
    const whole = bits >>> 3;
    for (let i = 0; i < whole; i++) {
      pending |= (bytes[i] as number) << pendingBits;
      out[at++] = pending & 0xff;
      pending >>>= 8;
    }
    if (bits & 7) put(bytes[whole] as number, bits & 7);
  }

  function openBlock(): void {
    if (isInBlock) return;
    putBits(codes.header);
    isInBlock = true;
  }

  function closeBlock(): void {
    if (isInBlock) put(literalCodes[END_OF_BLOCK] as number, endBits);
    isInBlock = false;
  }

  /** Puts in blocks that begin at a byte, behind an empty stored block that fills the byte before. */
  function splice(deflated: Uint8Array): void {
    reserve(deflated.length);
    closeBlock();
    if (pendingBits > 0) {
      put(0, 3);
      if (pendingBits > 0) put(0, 8 - pendingBits);
      out.set(EMPTY_STORED, at);
      at += EMPTY_STORED.length;
    }
    out.set(deflated, at);
    at += deflated.length;
  }

  function match(length: number, distance: number): void {
    const symbol = distanceSymbol(distance);
    const extraBits = distanceExtraBits(distance);
    const extra = (distance - 1) & ((1 << extraBits) - 1);
    let rest = length;
    while (rest > 0) {
      // No rest may be shorter than a match can be.
      const step =
        rest <= MAX_MATCH ? rest : rest - MAX_MATCH < MIN_MATCH ? rest - MIN_MATCH : MAX_MATCH;
      put(lengthCodes[step] as number, lengthBits[step] as number);
      put(distanceCodes[symbol] as number, distanceBits[symbol] as number);
      put(extra, extraBits);
      rest -= step;
    }
  }

  function writeAnew({ steps, length }: Piece): void {
    reserve(length * BYTES_PER_BYTE);
    openBlock();
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Piece['steps'][number];
      if (step.kind === 'bits') {
        putBits(step.bits);
        continue;
      }
      const place = places[step.source] as number;
      const distance = size + step.at - place - step.offset;
      if (place === NO_PLACE || distance > WINDOW_BYTES) putBits(step.otherwise);
      else match(step.length, distance);
    }
  }

  function addDeflated(bytes: Uint8Array): void {
    // Of no bytes at all, crc32() of zlib forgets what came before.
    if (bytes.length === 0) return;
    splice(deflateRawSync(bytes, { level: LONG_TEXT_LEVEL, finishFlush: constants.Z_SYNC_FLUSH }));
    crc = ~nativeCrc32(bytes, ~crc >>> 0);
    size += bytes.length;
  }

  /** Codes bytes of a character that is not ASCII or is escaped. */
  function putByte(byte: number): void {
    crc = (CRC_TABLE[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
    put(literalCodes[byte] as number, literalBits[byte] as number);
    size++;
  }

  /**
   * @returns the index behind the character
   * @throws Unwritable
   */
  function putSpecial(value: string, index: number): number {
    const unit = value.charCodeAt(index);
    const escape = unit < ESCAPES.length ? ESCAPES[unit] : undefined;
    if (escape) {
      for (let i = 0; i < escape.length; i++) putByte(escape[i] as number);
    } else if (unit < 0x80) {
      if (unit < 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) throw UNWRITABLE;
      putByte(unit);
    } else if (unit < 0x800) {
      putByte(0xc0 | (unit >>> 6));
      putByte(0x80 | (unit & 0x3f));
    } else if ((unit & 0xf800) !== 0xd800) {
      if (unit >= 0xfffe) throw UNWRITABLE;
      putByte(0xe0 | (unit >>> 12));
      putByte(0x80 | ((unit >>> 6) & 0x3f));
      putByte(0x80 | (unit & 0x3f));
    } else {
      const low = value.charCodeAt(index + 1);
      if (unit >= 0xdc00 || (low & 0xfc00) !== 0xdc00) throw UNWRITABLE;
      const point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      putByte(0xf0 | (point >>> 18));
      putByte(0x80 | ((point >>> 12) & 0x3f));
      putByte(0x80 | ((point >>> 6) & 0x3f));
      putByte(0x80 | (point & 0x3f));
      return index + 2;
    }
    return index + 1;
  }

  return {
    begin() {
      if (out.length > KEPT_CAPACITY) out = new Uint8Array(FIRST_CAPACITY);
      at = 0;
      pending = 0;
      pendingBits = 0;
      isInBlock = false;
      size = 0;
      crc = -1;
      places.fill(NO_PLACE);
    },
    piece(number) {
      const piece = pieces[number] as Piece;
      const { length, shift } = piece;
      if (length === 0) return;
      const place = places[number] as number;
      const distance = size - place;
      if (place !== NO_PLACE && distance <= WINDOW_BYTES && length > LEAST_REPEAT) {
        reserve(length * BYTES_PER_BYTE);
        openBlock();
        match(length, distance);
        places[number] = size;
      } else {
        places[number] = size;
        if (piece.deflated) splice(piece.deflated);
        else writeAnew(piece);
      }
      size += length;
      const before = ~crc;
      crc = ~(
        (shift[before & 255] as number) ^
        (shift[256 + ((before >>> 8) & 255)] as number) ^
        (shift[512 + ((before >>> 16) & 255)] as number) ^
        (shift[768 + (before >>> 24)] as number) ^
        piece.crc32
      );
    },
    text(value) {
      const { length } = value;
      if (length === 0) return;
      if (length >= LONG_TEXT) {
        if (hasIllegalCharacters(value)) throw UNWRITABLE;
        addDeflated(Buffer.from(escapeXml(value)));
        return;
      }
      reserve(length * BYTES_PER_UNIT);
      openBlock();
      let index = 0;
      while (index < length) {
        const unit = value.charCodeAt(index);
        const isPlain = unit < 0x7f && unit >= 0x20 && (unit >= 64 || ESCAPES[unit] === undefined);
        if (!isPlain) {
          index = putSpecial(value, index);
          continue;
        }
        index++;
        crc = (CRC_TABLE[(crc ^ unit) & 255] as number) ^ (crc >>> 8);
        pending |= (literalCodes[unit] as number) << pendingBits;
        pendingBits += literalBits[unit] as number;
        while (pendingBits >= 8) {
          out[at++] = pending & 0xff;
          pending >>>= 8;
          pendingBits -= 8;
        }
        size++;
      }
    },
    markup(xml) {
      addDeflated(Buffer.from(xml));
    },
    end() {
      reserve(0);
      closeBlock();
      // The last block: fixed codes (01), nothing but its end (seven zeros).
      put(0b011, 3);
      put(0, 7);
      if (pendingBits > 0) put(0, 8 - pendingBits);
      return { crc32: ~crc >>> 0, size, compressed: out.subarray(0, at) };
    },
  };
}
