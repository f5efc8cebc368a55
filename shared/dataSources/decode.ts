/** From the bytes of an upload to valid UTF-8 without a byte-order mark. */
import { isUtf8 } from 'node:buffer';
import { KIND_BYTES } from '../office/fileKinds.ts';
import { unmarkedUtf16 } from './encoding/unmarkedUtf16.ts';
import { createTextDecoder, encodingOf } from './encodings.ts';
import { requireText } from './otherKinds.ts';
import { SourceFault } from './sourceFault.ts';

/** Byte-order marks (https://encoding.spec.whatwg.org/#bom-sniff). */
const MARKS = [
  { encoding: 'utf-8', mark: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16be', mark: [0xfe, 0xff] },
  { encoding: 'utf-16le', mark: [0xff, 0xfe] },
];
const NOTHING: Uint8Array = new Uint8Array(0);

/** The encoding of a text, and by what it is known. */
export interface KnownEncoding {
  /** As the Encoding Standard names it. */
  readonly encoding: string;
  /** A byte-order mark, what was asked for, zero bytes as UTF-16 has them, or nothing. */
  readonly by: 'mark' | 'label' | 'zeros' | 'default';
}

/** A text without a mark or label is not UTF-8, which it was taken for. */
export class NotUtf8 extends SourceFault {}

/**
 * The same text in UTF-8. A byte-order mark decides over the label, as in browsers; without either
 * it is UTF-16 where its zero bytes say so, else UTF-8.
 * @param label a WHATWG encoding label
 * @param tell is called with the encoding before the first piece is given
 * @throws SourceFault where bytes are none of the encoding's: after everything before them was given;
 *   NotUtf8 when nothing had said that they are
 */
export async function* decodeToUtf8(
  source: AsyncIterable<Uint8Array>,
  label?: string,
  tell: (known: KnownEncoding) => void = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let decoder: Decoder | undefined;
  let head: Uint8Array = NOTHING;
  for await (const piece of source) {
    if (decoder) {
      yield* decoder.push(piece);
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < KIND_BYTES) continue;
    decoder = chooseDecoder(head, label, tell);
    yield* decoder.push(head);
  }
  if (!decoder) {
    decoder = chooseDecoder(head, label, tell);
    yield* decoder.push(head);
  }
  yield* decoder.end();
}

/** Takes bytes and gives UTF-8. */
export interface Decoder {
  /** @throws SourceFault behind everything before a byte that is none of the encoding's */
  push(piece: Uint8Array): Iterable<Uint8Array>;
  end(): Iterable<Uint8Array>;
}

const beginsWith = (bytes: Uint8Array, signature: readonly number[]) =>
  signature.every((byte, i) => bytes[i] === byte);

function chooseDecoder(
  head: Uint8Array,
  label: string | undefined,
  tell: (known: KnownEncoding) => void,
): Decoder {
  const mark = MARKS.find((each) => beginsWith(head, each.mark));
  const zeros =
    mark || label !== undefined ? undefined : unmarkedUtf16(head.subarray(0, KIND_BYTES));
  if (!zeros) requireText(head);
  const encoding = mark?.encoding ?? zeros ?? (label === undefined ? 'utf-8' : encodingOf(label));
  if (encoding === undefined) {
    throw new SourceFault({
      code: 'ENCODING_UNKNOWN',
      detail: `The encoding "${label}" is not known here. Use utf-8.`,
    });
  }
  const by = mark ? 'mark' : zeros ? 'zeros' : label === undefined ? 'default' : 'label';
  tell({ encoding, by });
  const decoder = decoderFrom(encoding, mark?.mark.length ?? 0);
  return by === 'default' ? doubting(decoder) : decoder;
}

/** Nobody has said that it is what it is taken for. */
function doubting(decoder: Decoder): Decoder {
  function* doubt(pieces: Iterable<Uint8Array>) {
    try {
      yield* pieces;
    } catch (error) {
      throw error instanceof SourceFault ? new NotUtf8(...error.problems) : error;
    }
  }
  return { push: (piece) => doubt(decoder.push(piece)), end: () => doubt(endOf(decoder)) };
}

/** Its faults come while it is iterated over. */
function* endOf(decoder: Decoder) {
  yield* decoder.end();
}

function decoderFrom(encoding: string, markBytes: number): Decoder {
  const decoder = encoding === 'utf-8' ? utf8Checker(markBytes) : transcoder(encoding, markBytes);
  return skippingFirst(markBytes, decoder);
}

/**
 * A decoder of bytes in an encoding that is known already; undefined when it is not known here. A
 * byte-order mark is passed on.
 */
export function decoderOf(label: string): Decoder | undefined {
  const encoding = encodingOf(label);
  return encoding === undefined ? undefined : decoderFrom(encoding, 0);
}

/** The first piece holds the mark as a whole. */
function skippingFirst(bytes: number, decoder: Decoder): Decoder {
  let rest = bytes;
  return {
    push(piece) {
      const start = rest;
      rest = 0;
      return decoder.push(piece.subarray(start));
    },
    end: () => decoder.end(),
  };
}

/** UTF-8 is passed on as it is, checked by the platform's vectorised test. */
function utf8Checker(skippedBytes: number): Decoder {
  /** The beginning of a character that ends in the next piece. */
  let held: Uint8Array = NOTHING;
  let position = skippedBytes;

  return {
    *push(piece) {
      const bytes = held.length > 0 ? Buffer.concat([held, piece]) : piece;
      const whole = bytes.length - cutCharacterBytes(bytes);
      const checked = bytes.subarray(0, whole);
      if (!isUtf8(checked)) {
        const valid = validBytes(checked);
        yield bytes.subarray(0, valid);
        throw invalidByte('utf-8', position + valid);
      }
      yield checked;
      position += whole;
      // A copy: the piece may be large, and what is held is at most three bytes of it.
      held = Buffer.from(bytes.subarray(whole));
    },
    end() {
      if (held.length > 0) throw invalidByte('utf-8', position);
      return [];
    },
  };
}

/** Length of the sequence that a byte leads (RFC 3629, section 4); 1 for all that lead none. */
function sequenceBytes(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 1;
}

/** How many of the last bytes are the beginning of a character that goes on behind them: 0 to 3. */
function cutCharacterBytes(bytes: Uint8Array): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const byte = bytes[bytes.length - count] ?? 0;
    const isContinuation = byte >= 0x80 && byte <= 0xbf;
    if (!isContinuation) return sequenceBytes(byte) > count ? count : 0;
  }
  return 0;
}

/** How many of the first bytes are valid, for bytes that are not: by halving, the test being fast. */
function validBytes(bytes: Uint8Array): number {
  const wholeCharacters = (end: number) => end - cutCharacterBytes(bytes.subarray(0, end));
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(bytes.subarray(0, wholeCharacters(middle)))) good = middle;
    else bad = middle;
  }
  return wholeCharacters(good);
}

function transcoder(encoding: string, skippedBytes: number): Decoder {
  const decoder = createTextDecoder(encoding);

  function* decode(piece: Uint8Array, isLast: boolean) {
    const { text, invalidAt } = decoder.push(piece, isLast);
    yield Buffer.from(text, 'utf8');
    if (invalidAt === undefined) return;
    throw invalidByte(encoding, invalidAt === null ? undefined : skippedBytes + invalidAt);
  }

  return {
    push: (piece) => decode(piece, false),
    end: () => decode(NOTHING, true),
  };
}

/** @param offset of the first byte at fault, from 0 */
function invalidByte(encoding: string, offset: number | undefined): SourceFault {
  const place = offset === undefined ? 'A byte here' : `Byte ${offset + 1} of the file`;
  const advice =
    encoding === 'utf-8'
      ? 'Save the file as UTF-8, or name its encoding when you complete the data source, such as "windows-1252".'
      : 'Name the encoding that the file was saved in, or save it as UTF-8.';
  return new SourceFault({
    code: 'ENCODING_WRONG',
    detail: `${place} is not valid ${encoding}. ${advice}`,
  });
}
