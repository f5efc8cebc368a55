/** Decoders of everything but UTF-8: bytes in, text out, in pieces. */
import { viewOf } from './pieces.ts';

/**
 * A decoder for bytes that arrive in pieces. `text` is what is certain; a character that is cut waits
 * for the next piece. `invalidAt` says that bytes behind the text are none of the encoding's: their
 * offset from the first piece's beginning, or null where the decoder does not tell.
 */
export interface TextPieces {
  push(piece: Uint8Array, isLast: boolean): { text: string; invalidAt?: number | null };
}

/**
 * The encoding that a WHATWG label names (https://encoding.spec.whatwg.org/#names-and-labels), or
 * undefined when there is none, or none that this machine knows.
 */
export function encodingOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** @param encoding a name that encodingOf gave, other than utf-8 */
export function createTextDecoder(encoding: string): TextPieces {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return utf16Decoder(encoding);
  if (encoding === 'windows-1252') return windows1252Decoder();
  return platformDecoder(encoding);
}

/** A surrogate without its other half; a pair is one character to the u flag. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** By hand, because the platform's decoder does not tell where it failed. */
function utf16Decoder(encoding: 'utf-16le' | 'utf-16be'): TextPieces {
  let held: Uint8Array = new Uint8Array(0);
  let position = 0;
  return {
    push(piece, isLast) {
      const bytes = Buffer.concat([held, piece]);
      let end = bytes.length - (bytes.length % 2);
      const units = Buffer.from(bytes.subarray(0, end));
      if (encoding === 'utf-16be') units.swap16();
      const isHighSurrogate = end > 0 && (units[end - 1] ?? 0) >> 2 === 0xd8 >> 2;
      if (isHighSurrogate && !isLast) end -= 2;

      const start = position;
      position += end;
      held = bytes.subarray(end);
      const text = units.toString('utf16le', 0, end);
      const lone = text.search(LONE_SURROGATE);
      if (lone >= 0) return { text: text.slice(0, lone), invalidAt: start + 2 * lone };
      return isLast && held.length > 0 ? { text, invalidAt: position } : { text };
    },
  };
}

/** What windows-1252 has where ISO 8859-1 has control characters, from byte 0x80 to 0x9F. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
/** Bytes that have no character there: browsers make control characters of them, which no text has. */
const NO_CHARACTER = /[\u0081\u008d\u008f\u0090\u009d]/;

/**
 * By hand, because TextDecoder takes windows-1252 for ISO 8859-1 in Node 20.18.3 to 24.x and turns €
 * and typographic quotes into control characters (https://github.com/nodejs/node/issues/60888).
 */
function windows1252Decoder(): TextPieces {
  let position = 0;
  return {
    push(piece) {
      const bytes = viewOf(piece).toString('latin1');
      const wrong = bytes.search(NO_CHARACTER);
      const text = (wrong < 0 ? bytes : bytes.slice(0, wrong)).replace(
        /[\u0080-\u009f]/g,
        (control) => WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80),
      );
      const start = position;
      position += piece.length;
      return wrong < 0 ? { text } : { text, invalidAt: start + wrong };
    },
  };
}

const REPLACEMENT = '\ufffd';

function platformDecoder(encoding: string): TextPieces {
  // Not fatal, so that the text before the fault, and with it the line, is known.
  const decoder = new TextDecoder(encoding);
  return {
    push(piece, isLast) {
      const text = decoder.decode(piece, { stream: !isLast });
      const at = text.indexOf(REPLACEMENT);
      return at < 0 ? { text } : { text: text.slice(0, at), invalidAt: null };
    },
  };
}
