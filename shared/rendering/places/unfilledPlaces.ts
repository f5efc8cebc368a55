/** Tags that stay as they are in every document, for what holds them is not filled: told, never silent. */
import type { WordPackage } from '../../office/wordPackage.ts';
import { readRelationships } from '../../office/relationships.ts';
import { localName, xmlTags, XmlMalformed } from '../../office/xmlScan.ts';
import { inflate, readZip } from '../../zip/reader.ts';
import { Problem } from '../../problems.ts';
import type { ParsedPart, ParsedPiece } from '../parsedPieces.ts';
import { fieldType, FOREIGN_FIELDS } from './fieldCodes.ts';
import { tagsIn } from './tagsInValue.ts';

/** Kinds of parts that are documents of their own, by the relationship that leads to them. */
const OWN_DOCUMENTS: readonly (readonly [RegExp, string])[] = [
  [/\/relationships\/aFChunk$/, 'a file that Word inserts when it opens the document'],
  [/\/relationships\/package$/, 'a file embedded in the document, such as the workbook of a chart'],
  [/\/relationships\/oleObject$/, 'an object embedded in the document'],
];
/** XML parts that are not filled, by name of their folder or root. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)glossary\//, 'building blocks of the template'],
  [/(^|\/)customXml\//, 'data kept with the document'],
];
const OTHER_KIND = 'a place that is not filled';

/** Tags that a warning names, and places that are told of. */
const MOST_TAGS = 5;
const MOST_PLACES = 10;
const OPENING_BRACE = 0x7b;
/** Entries of a file within the file that are looked into. */
const MOST_ENTRIES = 1_000;

/** @param filled the parts that are filled, as docxtemplater parses them */
export function unfilledPlaces(
  template: WordPackage,
  filled: ReadonlyMap<string, ParsedPart>,
): string[] {
  const warnings: string[] = [];
  const add = (name: string, kind: string, found: readonly string[]) => {
    const tags = [...new Set(found)];
    if (tags.length === 0) return;
    const named = tags.slice(0, MOST_TAGS).join(', ');
    const more = tags.length > MOST_TAGS ? ` and ${tags.length - MOST_TAGS} more` : '';
    warnings.push(
      `${name} (${kind}) holds ${named}${more}, which no row fills: every document will show the tags as they are.`,
    );
  };
  const owned = ownDocuments(template);
  for (const { name } of template.parts) {
    const parsed = filled.get(name)?.parsed;
    const content = template.xml.get(name);
    const kind = owned.get(name);
    if (parsed) add(name, 'attributes', tagsBeside(parsed));
    else if (kind !== undefined) add(name, kind, tagsInFile(template, name));
    else if (content?.includes(OPENING_BRACE) && !name.endsWith('.rels')) {
      const its = KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? OTHER_KIND;
      add(name, its, tagsInXml(new TextDecoder().decode(content)));
    }
  }
  const untold = warnings.length - MOST_PLACES;
  return untold > 0
    ? [...warnings.slice(0, MOST_PLACES), `And ${untold} more parts hold tags that no row fills.`]
    : warnings;
}

function ownDocuments({ xml }: WordPackage): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, content] of xml) {
    if (!name.endsWith('.rels')) continue;
    try {
      for (const relationship of readRelationships(name, new TextDecoder().decode(content))) {
        const kind = OWN_DOCUMENTS.find(([type]) => type.test(relationship.type))?.[1];
        if (kind !== undefined && !relationship.external) found.set(relationship.target, kind);
      }
    } catch (error) {
      if (!(error instanceof XmlMalformed)) throw error;
    }
  }
  return found;
}

const ATTRIBUTE_VALUE = /\s[^\s=<>"']+\s*=\s*(?:"([^"<]*\{[^"<]*)"|'([^'<]*\{[^'<]*)')/g;

/** Tags in attributes of a part whose text is filled. */
function tagsBeside(pieces: readonly ParsedPiece[]): string[] {
  return pieces.flatMap(({ type, value, subparsed }): string[] => {
    if (subparsed) return tagsBeside(subparsed);
    return type !== 'placeholder' && value.includes('{') ? attributeTags(value) : [];
  });
}

const attributeTags = (xml: string): string[] =>
  Array.from(xml.matchAll(ATTRIBUTE_VALUE)).flatMap(([, double, single]) =>
    tagsIn(double ?? single ?? ''),
  );

/** Tags in the text of all elements, cut into runs or not, and in attributes. */
function tagsInXml(xml: string): string[] {
  const found: string[] = [];
  try {
    let paragraph = '';
    let code = '';
    let end = 0;
    const endParagraph = () => {
      found.push(...tagsIn(paragraph));
      if (!FOREIGN_FIELDS.has(fieldType(code))) found.push(...tagsIn(code));
      paragraph = '';
      code = '';
    };
    let element = '';
    for (const tag of xmlTags(xml)) {
      const text = xml.slice(end, tag.start);
      if (element === 'instrText') code += text;
      else paragraph += text;
      end = tag.end;
      element = tag.kind === 'open' ? localName(tag.name) : '';
      if (!RUN_LEVEL.has(localName(tag.name))) endParagraph();
      if (tag.kind !== 'close' && tag.attributes.includes('{')) {
        found.push(...attributeTags(tag.attributes));
      }
    }
    endParagraph();
  } catch (error) {
    if (!(error instanceof XmlMalformed)) throw error;
  }
  return found;
}

/** Elements that may stand between the letters of a tag. */
const RUN_LEVEL = new Set([
  'r',
  't',
  'rPr',
  'rFonts',
  'lang',
  'b',
  'i',
  'sz',
  'szCs',
  'proofErr',
  'instrText',
  'bookmarkStart',
  'bookmarkEnd',
  'noProof',
  'color',
]);

/** A name as people write it: in files whose form is not read, braces may be anything. */
const PLAIN_TAG = /\{[#^/]?[\p{L}_][\p{L}\p{N}_ .-]{0,60}\}/gu;

/** Tags in a file within the file: of another Office document, a text, or an object of any kind. */
function tagsInFile(template: WordPackage, name: string): string[] {
  const part = template.parts.find((each) => each.name === name);
  if (!part) return [];
  const content = inflate(part);
  if (content[0] !== 0x50 || content[1] !== 0x4b) return plainTags(content);
  try {
    return readZip(content)
      .slice(0, MOST_ENTRIES)
      .filter((entry) => /\.xml$/i.test(entry.name))
      .flatMap((entry) => tagsInXml(new TextDecoder().decode(inflate(entry))));
  } catch (error) {
    // No ZIP after all, or one that is damaged: Word would say so.
    if (error instanceof Problem) return [];
    throw error;
  }
}

function plainTags(content: Uint8Array): string[] {
  const texts = [new TextDecoder().decode(content), new TextDecoder('utf-16le').decode(content)];
  return texts.flatMap((text) => text.match(PLAIN_TAG) ?? []);
}
