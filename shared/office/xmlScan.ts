/**
 * A scanner over the tags of XML text: enough for content types, relationships and the balance of
 * elements. It knows no DTDs; parts with one are refused before (officePackage.ts).
 */

export interface XmlTag {
  readonly kind: 'open' | 'close' | 'empty';
  /** With its prefix, as written: `w:p`. */
  readonly name: string;
  /** The attributes as written. */
  readonly attributes: string;
  /** Where it begins and ends in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** The text is not well-formed XML. */
export class XmlMalformed extends Error {
  /** Where in the text, in UTF-16 units. */
  readonly offset: number;
  constructor(offset: number) {
    super(`The XML is not well-formed at character ${offset + 1}.`);
    this.name = 'XmlMalformed';
    this.offset = offset;
  }
}

const TAG = /<(\/?)([^\s<>/="'!?]+)((?:\s+[^\s<>/="']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
/** An attribute with its quotes; for matchAll(). */
export const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
/** What is skipped: comments, character data sections and processing instructions. */
const SKIPPED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

/**
 * The tags of an XML text or of a stretch of one, in order.
 * @throws XmlMalformed at a `<` that begins neither a tag nor anything else that XML allows
 */
export function* xmlTags(text: string): Generator<XmlTag> {
  let at = text.indexOf('<');
  while (at !== -1) {
    const skipped = SKIPPED.find(([start]) => text.startsWith(start, at));
    let end: number;
    if (skipped) {
      const close = text.indexOf(skipped[1], at + skipped[0].length);
      if (close === -1) throw new XmlMalformed(at);
      end = close + skipped[1].length;
    } else {
      TAG.lastIndex = at;
      const match = TAG.exec(text);
      if (!match) throw new XmlMalformed(at);
      end = TAG.lastIndex;
      const [, slash, name = '', attributes = '', selfClosing] = match;
      const kind = slash ? 'close' : selfClosing ? 'empty' : 'open';
      yield { kind, name, attributes, start: at, end };
    }
    at = text.indexOf('<', end);
  }
}

/** The attributes of a tag by name, entities resolved. */
export function xmlAttributes(tag: XmlTag): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single] of tag.attributes.matchAll(ATTRIBUTE)) {
    found.set(name, xmlUnescape(double ?? single ?? ''));
  }
  return found;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with its five named entities and its character references resolved. */
export function xmlUnescape(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, dec, name) => {
    if (typeof name === 'string') return ENTITIES[name] ?? whole;
    const code = typeof hex === 'string' ? parseInt(hex, 16) : parseInt(String(dec), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A name without its prefix: `w:p` → `p`. */
export const localName = (name: string) => name.slice(name.indexOf(':') + 1);

/**
 * What a stretch of XML leaves unbalanced: the elements that it closes without having opened them,
 * and those that it opens without closing them, each in order.
 * @throws XmlMalformed when a tag closes another element than the one that is open
 */
function looseEnds(stretch: string): { closed: string[]; opened: string[] } {
  const closed: string[] = [];
  const opened: string[] = [];
  for (const { kind, name, start } of xmlTags(stretch)) {
    if (kind === 'open') opened.push(name);
    else if (kind === 'close') {
      const open = opened.pop();
      if (open === undefined) closed.push(name);
      else if (open !== name) throw new XmlMalformed(start);
    }
  }
  return { closed, opened };
}

/**
 * Whether a text is what a part must be: one element, with nothing beside it but white space, comments
 * and processing instructions.
 */
export function isOneElement(text: string): boolean {
  try {
    const open: string[] = [];
    let start = -1;
    let end = -1;
    for (const tag of xmlTags(text)) {
      if (open.length === 0 && end !== -1) return false;
      if (start === -1) start = tag.start;
      if (tag.kind === 'open') open.push(tag.name);
      else if (tag.kind === 'close' && open.pop() !== tag.name) return false;
      end = tag.end;
    }
    return start !== -1 && open.length === 0 && isBare(text.slice(0, start) + text.slice(end));
  } catch (error) {
    if (error instanceof XmlMalformed) return false;
    throw error;
  }
}

const isBare = (text: string) => text.replace(/<!--[^]*?-->|<\?[^]*?\?>/g, '').trim() === '';

/**
 * Whether a stretch can be left out or repeated in its place without breaking the elements around
 * it: what it closes at its beginning it opens again, in reverse, at its end.
 */
export function isRepeatable(stretch: string): boolean {
  try {
    const { closed, opened } = looseEnds(stretch);
    return closed.length === opened.length && closed.every((name, i) => name === opened.at(-1 - i));
  } catch (error) {
    if (error instanceof XmlMalformed) return false;
    throw error;
  }
}
