/** Tags in the target of a link: by where one stands it is decided how its value is written there. */
import { xmlUnescape } from '../../office/xmlScan.ts';
import { escapeXml } from '../../office/xmlText.ts';
import type { Encoder } from './encoders.ts';
import { isSection, type ValuePiece } from './tagsInValue.ts';

export type EncodedPiece =
  { readonly literal: string } | { readonly tag: string; readonly encoder: Encoder };

/** Stands for the value of a tag. */
const VALUE = '\u0000';

/** Encodes each tag of an address, and what URIs do not allow in the text between them. */
export function encodeAddress(written: readonly ValuePiece[]): EncodedPiece[] {
  const pieces = withoutSetSlash(written);
  let before = '';
  return pieces.map((piece, i): EncodedPiece => {
    if ('literal' in piece) {
      const literal = allowed(xmlUnescape(piece.literal), before.includes('#'));
      before += literal;
      return { literal: escapeXml(literal) };
    }
    const { tag } = piece;
    if (isSection(tag)) return { tag, encoder: 'component' };
    const next = pieces.slice(i + 1).find((other) => 'literal' in other || !isSection(other.tag));
    const following =
      next === undefined ? '' : 'literal' in next ? xmlUnescape(next.literal) : VALUE;
    const encoder = encoderAt(before, following);
    before += VALUE;
    return { tag, encoder };
  });
}

/** `http://{url}/`: Word sets the slash behind what it takes for a host; the value may be more than that. */
function withoutSetSlash(pieces: readonly ValuePiece[]): readonly ValuePiece[] {
  const [scheme, tag, slash, ...others] = pieces;
  const isWhole = scheme && 'literal' in scheme && /^\s*https?:\/\/$/i.test(scheme.literal);
  const isSet = slash && 'literal' in slash && slash.literal === '/' && others.length === 0;
  return isWhole && tag && 'tag' in tag && isSet ? [scheme, tag] : pieces;
}

function encoderAt(before: string, following: string): Encoder {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):/i.exec(before) ?? [];
  if (before.trim() === '') return following.startsWith(':') ? 'scheme' : 'address';
  if (scheme === undefined) return /[?#]/.test(before) ? 'component' : 'path';
  const rest = before.slice(scheme.length + 1);
  if (rest.startsWith('//')) {
    if (/[?#]/.test(rest)) return 'component';
    if (rest.indexOf('/', 2) !== -1) return 'path';
    if (rest !== '//') return 'hostPart';
    if (following === '') return 'addressRest';
    return /^[/?#:]/.test(following) ? 'host' : 'hostPart';
  }
  if (!rest.includes('?')) return 'opaque';
  return scheme.toLowerCase() === 'mailto' ? 'mailHeader' : 'component';
}

/** A template's own text in an address, with what URIs do not allow encoded (RFC 3986, 2). */
function allowed(text: string, hasFragment: boolean): string {
  const encoded = text.replace(
    /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]|%(?![0-9a-f]{2})/giu,
    (character) =>
      Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase()}`).join(''),
  );
  const first = hasFragment ? -1 : encoded.indexOf('#');
  return encoded.replaceAll('#', (sign, at: number) => (at === first ? sign : '%23'));
}
