/**
 * XML spelt as Word spells it. docxtemplater, and what looks for tags here, go by that spelling: one
 * blank before an attribute, double quotes, no comments, no character data sections, no references to
 * characters that can stand for themselves.
 */
import { ATTRIBUTE } from './xmlScan.ts';
import { escapeXml } from './xmlText.ts';

const USUAL = /<\/[^\s<>/="'!?]+>|<[^\s<>/="'!?]+(?: [^\s<>/="']+="[^"<>]*")*(?: ?\/)?>/y;
const ANY = /<(\/?)([^\s<>/="'!?]+)((?:\s+[^\s<>/="']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
/** A text element that says how blanks are kept, otherwise than by keeping them. */
const OTHER_SPACE = /^<(?:w|a|m):t\b[^>]* xml:space="(?!preserve")/;
/** Attributes that are looked for, with their quotes; others may have single ones. */
const LOOKED_AT = /^(?:xml:|xmlns|w:|w14:|mc:|Requires$|id$|o:spid$|ShapeID$)/;
const XML_DECLARATION = /^\ufeff?<\?xml\s[^?]*\?>/;

/** @returns the same text when nothing is spelt otherwise, or when it is no XML */
export function spellUsually(xml: string): string {
  const start = XML_DECLARATION.exec(xml)?.[0].length ?? 0;
  const out: string[] = [];
  let copied = 0;
  const replace = (from: number, to: number, by: string) => {
    out.push(xml.slice(copied, from), by);
    copied = to;
  };
  let at = start;
  for (;;) {
    const open = xml.indexOf('<', at);
    const end = open === -1 ? xml.length : open;
    if (end > at) {
      const text = xml.slice(at, end);
      if (text.includes('&#')) replace(at, end, withCharacters(text));
    }
    if (open === -1) break;
    const other = OTHERS.find(([beginning]) => xml.startsWith(beginning, open));
    if (other) {
      const [beginning, ending, spell] = other;
      const close = xml.indexOf(ending, open + beginning.length);
      if (close === -1) return xml;
      at = close + ending.length;
      const content = xml.slice(open + beginning.length, close);
      if (spell !== NOTHING || !isHarmless(xml, open, at, content))
        replace(open, at, spell(content));
      continue;
    }
    USUAL.lastIndex = open;
    if (USUAL.test(xml)) {
      at = USUAL.lastIndex;
      const tag = xml.slice(open, at);
      if (tag.includes('&#') || OTHER_SPACE.test(tag)) replace(open, at, respelt(tag) ?? tag);
      continue;
    }
    ANY.lastIndex = open;
    if (!ANY.test(xml)) return xml;
    at = ANY.lastIndex;
    replace(open, at, respelt(xml.slice(open, at)) ?? '');
  }
  if (out.length === 0) return xml;
  out.push(xml.slice(copied));
  return out.join('');
}

const NOTHING = () => '';

const BEHIND_TAG = />\s*$/;
const BEFORE_TAG = /^\s*</;
/** White space that is looked over at most. */
const NEAR = 100;

/** Whether a comment or an instruction stands between two tags, where it is read as a third by none. */
const isHarmless = (xml: string, from: number, to: number, content: string): boolean =>
  !/[<>{}]/.test(content) &&
  BEHIND_TAG.test(xml.slice(Math.max(0, from - NEAR), from)) &&
  BEFORE_TAG.test(xml.slice(to, to + NEAR));

/** What is neither tag nor text, and what is written for it. */
const OTHERS: readonly (readonly [string, string, (content: string) => string])[] = [
  ['<!--', '-->', NOTHING],
  ['<![CDATA[', ']]>', escapeXml],
  ['<?', '?>', NOTHING],
];

function respelt(tag: string): string | undefined {
  ANY.lastIndex = 0;
  const [, slash, name, attributes = '', empty] = ANY.exec(tag) ?? [];
  if (name === undefined || slash === undefined || empty === undefined) return undefined;
  if (slash !== '') return `</${name}>`;
  const its = Array.from(attributes.matchAll(ATTRIBUTE), ([, key = '', double, single = '']) => {
    const value = withCharacters(double ?? single).replaceAll('>', '&gt;');
    if (double === undefined && !LOOKED_AT.test(key)) return ` ${key}='${value}'`;
    return ` ${key}="${value.replaceAll('"', '&quot;')}"`;
  });
  const written = `<${name}${its.join('')}${empty}>`;
  return OTHER_SPACE.test(written) ? written.replace(/ xml:space="[^"]*"/, '') : written;
}

/** White space in references is meant, and is kept so. */
const REFERENCE = /&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi;
const KEPT = /^[\s\u0085]$/;

function withCharacters(text: string): string {
  return text.replace(
    REFERENCE,
    (written, hex: string | undefined, decimal: string | undefined) => {
      const code = hex === undefined ? parseInt(decimal ?? '', 10) : parseInt(hex, 16);
      const isCharacter = code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      if (!isCharacter || code === 0xfffe || code === 0xffff) return written;
      const character = String.fromCodePoint(code);
      return KEPT.test(character) && code !== 0xa0 ? written : escapeXml(character);
    },
  );
}
