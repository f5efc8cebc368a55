/** Writes a part as text and has zlib compress it whole: smaller, and many times slower. */
import { crc32, deflateRawSync } from 'node:zlib';
import { escapeXml } from '../../office/xmlText.ts';
import { hasIllegalCharacters } from '../escaping.ts';
import { UNWRITABLE, type PartSink } from '../sink.ts';

const FIRST_CAPACITY = 64 * 1024;
/** UTF-8 needs at most so many bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;
/** What must be escaped or looked at more closely. */
// eslint-disable-next-line no-control-regex -- control characters are looked at more closely
const SPECIAL = /[\u0000-\u001f&<>"'\ud800-\udfff\ufffe\uffff]/;

/** @param level of zlib, 1 to 9 */
export function createPlainSink(pieces: readonly Uint8Array[], level: number): PartSink {
  let out = Buffer.allocUnsafe(FIRST_CAPACITY);
  let at = 0;

  function reserve(bytes: number): void {
    if (at + bytes <= out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(out.length * 2, at + bytes));
    out.copy(larger, 0, 0, at);
    out = larger;
  }

  function write(text: string): void {
    reserve(text.length * BYTES_PER_UNIT);
    at += out.write(text, at);
  }

  return {
    begin() {
      at = 0;
    },
    piece(number) {
      const bytes = pieces[number] as Uint8Array;
      reserve(bytes.length);
      out.set(bytes, at);
      at += bytes.length;
    },
    text(value) {
      if (!SPECIAL.test(value)) write(value);
      else if (hasIllegalCharacters(value)) throw UNWRITABLE;
      else write(escapeXml(value));
    },
    markup: write,
    end() {
      const content = out.subarray(0, at);
      return {
        crc32: crc32(content),
        size: at,
        compressed: deflateRawSync(content, { level }),
      };
    },
  };
}
