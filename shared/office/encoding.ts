/** The encoding of XML parts: UTF-8 is what everything here reads (ECMA-376 part 2, 6.2.5: UTF-8 or UTF-16). */
import { findXmlFault } from './strictXml.ts';

const DECLARATION = /^\ufeff?<\?xml\s[^?]*?encoding\s*=\s*["']([\w.:-]+)["'][^?]*\?>/;
/** Encodings whose bytes are UTF-8 as they are. */
const UTF8 = /^(?:utf-?8|us-ascii|ascii)$/i;
/** The same, up to the name of the encoding. */
const DECLARED = /^<\?xml\s[^?]*?encoding\s*=\s*["']([\w.:-]+)["']/;
/** How much of a part may stand before the name of its encoding, in bytes. */
export const HEAD_BYTES = 200;

/** A part in UTF-8; as it is when it is in no encoding that is known, or no XML then. */
export function inUtf8(part: Uint8Array): Uint8Array {
  const label = xmlEncodingOf(part);
  if (label === undefined) return part;
  let text: string;
  try {
    text = new TextDecoder(UTF8.test(label) ? 'utf-8' : label, { fatal: true }).decode(part);
  } catch {
    return part;
  }
  const declared = text.replace(DECLARATION, (declaration, name: string) =>
    declaration.replace(name, 'UTF-8'),
  );
  return findXmlFault(declared) ? part : Buffer.from(declared);
}

/**
 * The encoding of a part by its first bytes, HEAD_BYTES of them: a label, or undefined for UTF-8 that declares itself
 * so, or nothing (XML 1.0, 4.3.3).
 */
export function xmlEncodingOf(head: Uint8Array): string | undefined {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  const text = Buffer.from(head.subarray(0, HEAD_BYTES)).toString('latin1');
  const name = DECLARED.exec(text.replace(/^\u00ef\u00bb\u00bf/, ''))?.[1];
  return name === undefined || /^utf-?8$/i.test(name) ? undefined : name;
}
