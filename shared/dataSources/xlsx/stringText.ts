/** Text of cells: from bytes of XML to JSON. */
import { xmlUnescape } from '../../office/xmlScan.ts';

const AMPERSAND = 0x26;
const UNDERSCORE = 0x5f;
const SMALL_X = 0x78;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** Collects the stretches of one text and writes it as JSON. The memory is used again for the next. */
export interface StringText {
  /** Bytes so far. */
  readonly size: number;
  clear(): void;
  /** @param isPlain whether & begins no reference */
  add(xml: Buffer, start: number, end: number, isPlain: boolean): void;
  /** How many bytes json() writes. */
  readonly jsonBytes: number;
  /** Writes the text with its quotes; answers where it ends. */
  json(to: Uint8Array, at: number): number;
  /** The bytes as they were added, up to `size`; behind it is what was there before. */
  readonly bytes: Buffer;
  text(): string;
}

const FIRST_BYTES = 1024;

/** Half of a character, which no UTF-8 has. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
/** Units of UTF-16 as workbooks write what XML cannot (ECMA-376 part 1, 22.9.2.19). */
const ESCAPED_UNIT = /_x([0-9a-f]{4})_/gi;

export function createStringText(): StringText {
  let bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let size = 0;
  /** Whether the bytes are JSON as they are; if not, `escaped` is, once it was asked for. */
  let isSimple = true;
  let escaped: Buffer | undefined;

  function reserve(count: number) {
    if (size + count <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (size + count));
    bytes.copy(larger, 0, 0, size);
    bytes = larger;
  }

  const text = () =>
    // XML has line ends as \n, whatever they are in the file (XML 1.0, 2.11).
    xmlUnescape(bytes.toString('utf8', 0, size).replace(/\r\n?/g, '\n'))
      .replace(ESCAPED_UNIT, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      .replace(LONE_SURROGATE, '\ufffd');

  return {
    get size() {
      return size;
    },
    clear() {
      size = 0;
      isSimple = true;
      escaped = undefined;
    },
    add(xml, start, end, isPlain) {
      if (isPlain && xml.subarray(start, end).includes(AMPERSAND)) {
        const referring = Buffer.from(
          xml.toString('latin1', start, end).replaceAll('&', '&amp;'),
          'latin1',
        );
        this.add(referring, 0, referring.length, false);
        return;
      }
      reserve(end - start);
      const to = bytes;
      let at = size;
      let isStillSimple = isSimple;
      for (let i = start; i < end; i++) {
        const byte = xml[i] as number;
        to[at++] = byte;
        if (byte > BACKSLASH ? byte === UNDERSCORE && isUnit(xml, i, end) : isSpecial(byte))
          isStillSimple = false;
      }
      isSimple = isStillSimple;
      size = at;
    },
    get jsonBytes() {
      if (isSimple) return size + 2;
      escaped ??= Buffer.from(JSON.stringify(text()));
      return escaped.length;
    },
    json(to, at) {
      if (!isSimple) {
        const json = (escaped ??= Buffer.from(JSON.stringify(text())));
        to.set(json, at);
        return at + json.length;
      }
      const from = bytes;
      const count = size;
      let end = at;
      to[end++] = QUOTE;
      for (let i = 0; i < count; i++) to[end++] = from[i] as number;
      to[end++] = QUOTE;
      return end;
    },
    get bytes() {
      return bytes;
    },
    text,
  };
}

const isSpecial = (byte: number) =>
  byte < SPACE || byte === QUOTE || byte === AMPERSAND || byte === BACKSLASH;

/** Whether _x may begin an escaped unit here; one that begins in the next stretch is taken for one. */
const isUnit = (xml: Buffer, i: number, end: number) => i + 1 >= end || xml[i + 1] === SMALL_X;
