/**
 * Tags in what is no text of the document: an attribute, the code of a field, a link's target. Braces
 * mean much else there (GUIDs, JSON of reference managers), so that only what can be nothing but a tag
 * is taken for one, and nothing is a fault.
 */
import { xmlUnescape } from '../../office/xmlScan.ts';
import { escapeXml } from '../../office/xmlText.ts';
import { parseTag } from '../../tags/tagExpression.ts';
import { MARK } from '../../tags/tagMarks.ts';
import { isSameName } from '../tags/sectionTags.ts';

/** A stretch of a value, in order: XML as written, or what stands between the braces of a tag. */
export type ValuePiece =
  | { readonly literal: string }
  | {
      /** XML, with the sign of a section: `name`, `#list`. */
      readonly tag: string;
    };

/** What Word makes of braces in addresses. */
const BRACES = /\{([^{}<>]*)\}/g;
const BRACES_OF_ADDRESSES = /\{([^{}<>]*)\}|%7B((?:(?!%7[BD])[^{}<>])*)%7D/gi;

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** A change of braces, XML of the data, and the numbers of lists: `%1`. */
const NO_TAG = /^$|^=|^@|^%\d/;
/** An object of JSON, or what is left of one where those within it are cut out. */
const JSON_KEY = /["']\s*:/;

const isTag = (name: string) =>
  !NO_TAG.test(name) && !GUID.test(name) && !(JSON_KEY.test(name) && !hasFormats(name));

/** Whether all that follows the name can be read as formats, which have quotes before colons, too. */
function hasFormats(name: string): boolean {
  const { formats, faults } = parseTag(name.replace(/^[#^/]/, ''));
  return formats.length > 0 && faults.length === 0;
}

/**
 * Cuts a value into what stands between tags, and tags. Sections count only where each that begins in
 * the value also ends there.
 * @param value XML as written
 * @param isAddress whether `%7Bname%7D` is a tag too
 * @returns undefined when there is no tag
 */
export function cutTags(value: string, isAddress = false): ValuePiece[] | undefined {
  const found = Array.from(value.matchAll(isAddress ? BRACES_OF_ADDRESSES : BRACES), (match) => {
    const [whole, plain, encoded] = match;
    const written = plain ?? encoded ?? '';
    const tag =
      isAddress && !written.includes(MARK)
        ? escapeXml(decodeAddress(xmlUnescape(written)))
        : written;
    return { start: match.index, end: match.index + whole.length, tag };
  }).filter(({ tag }) => isTag(xmlUnescape(tag).trim()));
  const tags = areClosed(found.map(({ tag }) => tag))
    ? found
    : found.filter(({ tag }) => !isSection(tag));
  if (tags.length === 0) return undefined;
  const pieces: ValuePiece[] = [];
  let at = 0;
  for (const { start, end, tag } of tags) {
    if (start > at) pieces.push({ literal: value.slice(at, start) });
    pieces.push({ tag });
    at = end;
  }
  if (at < value.length) pieces.push({ literal: value.slice(at) });
  return pieces;
}

/** The tags of a value, braces included, as people read them. */
export const tagsIn = (value: string, isAddress = false): string[] =>
  (cutTags(value, isAddress) ?? []).flatMap((piece) =>
    'tag' in piece ? [`{${xmlUnescape(piece.tag)}}`] : [],
  );

/** Whether a tag begins or ends a section. */
export const isSection = (tag: string) => /^[#^/]/.test(tag);

function areClosed(tags: readonly string[]): boolean {
  const open: string[] = [];
  for (const tag of tags) {
    if (/^[#^]/.test(tag)) open.push(tag.slice(1).trim());
    else if (tag.startsWith('/')) {
      const name = tag.slice(1).trim();
      const opened = open.pop();
      if (
        opened === undefined ||
        (name !== '' && !isSameName(xmlUnescape(name), xmlUnescape(opened)))
      )
        return false;
    }
  }
  return open.length === 0;
}

function decodeAddress(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
