/** XML out of the data, for `{@tag}`: only what leaves the document whole is let in. */
import { localName, xmlTags, XmlMalformed, type XmlTag } from '../office/xmlScan.ts';

/** Elements that may stand where a paragraph stands (ECMA-376 part 1, 17.2.2, block-level content). */
const BLOCKS = new Set(['p', 'tbl', 'sdt', 'customXml', 'bookmarkStart', 'bookmarkEnd']);
const BARE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i;

/**
 * Whether a text is whole block-level WordprocessingML: balanced, with nothing but blocks at the top,
 * and without a prefix that neither it nor the document declares.
 * @param declared prefixes of namespaces that the document declares
 */
export function isBlockXml(text: string, declared: ReadonlySet<string>): boolean {
  if (BARE_AMPERSAND.test(text)) return false;
  const known = new Set([...declared, 'xml', 'xmlns']);
  const isKnown = (name: string) =>
    !name.includes(':') || known.has(name.slice(0, name.indexOf(':')));
  const open: string[] = [];
  let end = 0;
  try {
    for (const tag of xmlTags(text)) for (const prefix of prefixesIn(tag)) known.add(prefix);
    for (const tag of xmlTags(text)) {
      const isTop = open.length === 0;
      if (isTop && text.slice(end, tag.start).trim() !== '') return false;
      end = tag.end;
      if (tag.kind === 'close') {
        if (open.pop() !== tag.name) return false;
        continue;
      }
      if (isTop && !BLOCKS.has(localName(tag.name))) return false;
      if (![tag.name, ...attributeNames(tag.attributes)].every(isKnown)) return false;
      if (tag.kind === 'open') open.push(tag.name);
    }
  } catch (error) {
    if (error instanceof XmlMalformed) return false;
    throw error;
  }
  return open.length === 0 && text.slice(end).trim() === '';
}

const attributeNames = (attributes: string) =>
  Array.from(attributes.matchAll(/([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')/g), ([, name = '']) => name);

/** Prefixes of namespaces that a tag declares. */
const prefixesIn = (tag: XmlTag): string[] =>
  attributeNames(tag.attributes)
    .filter((name) => name.startsWith(DECLARATION))
    .map((name) => name.slice(DECLARATION.length));

const DECLARATION = 'xmlns:';

/** Prefixes of namespaces that the outermost element of a part declares; none of one that is broken. */
export function rootPrefixes(part: string): Set<string> {
  try {
    for (const tag of xmlTags(part)) return new Set(prefixesIn(tag));
  } catch (error) {
    if (!(error instanceof XmlMalformed)) throw error;
  }
  return new Set();
}
