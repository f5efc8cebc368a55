/**
 * Characters of tags that Word keeps as elements: a hyphen that does not break a line, a tab, a line
 * break. docxtemplater passes over them, so that `{e-mail}` would become {email}.
 */

import type { WordPackage } from '../office/wordPackage.ts';
import { withParts } from '../office/changePackage.ts';

/** What these elements are to people who read the name of a tag. */
const CHARACTERS: Readonly<Record<string, string>> = {
  noBreakHyphen: '\u2011',
  tab: ' ',
  ptab: ' ',
  br: ' ',
  cr: ' ',
};

/** Text elements, the elements of above, and the ends of paragraphs, whatever the prefix. */
const PIECES =
  /<(\w+):t(?:\s[^>]*)?>([^<]*)<\/\1:t>|<(\w+):(noBreakHyphen|tab|ptab|br|cr)(?:\s[^>]*)?\/>|<\/(?:\w+):p>/g;

const ELEMENT = /<\w+:(?:noBreakHyphen|tab|ptab|br|cr)(?:\s[^>]*)?\/>/;

const OPENING_BRACE = 0x7b;

/** The template with text in place of such elements within tags. */
export function withTagCharacters(template: WordPackage): WordPackage {
  const changed = new Map<string, string>();
  for (const [name, content] of template.xml) {
    if (!/\.xml$/i.test(name) || !content.includes(OPENING_BRACE)) continue;
    const text = new TextDecoder().decode(content);
    const written = writeTagCharacters(text);
    if (written !== text) changed.set(name, written);
  }
  return withParts(template, changed);
}

/** The XML of a part with text in place of such elements within tags. */
function writeTagCharacters(xml: string): string {
  if (!ELEMENT.test(xml)) return xml;
  let isOpen = false;
  return xml.replace(
    PIECES,
    (piece, _text: string, content?: string, prefix?: string, element?: string) => {
      if (content !== undefined) {
        const last = Math.max(content.lastIndexOf('{'), content.lastIndexOf('}'));
        if (last >= 0) isOpen = content[last] === '{';
        return piece;
      }
      if (element === undefined) {
        isOpen = false;
        return piece;
      }
      if (!isOpen || prefix === undefined) return piece;
      return `<${prefix}:t xml:space="preserve">${CHARACTERS[element] ?? ''}</${prefix}:t>`;
    },
  );
}
