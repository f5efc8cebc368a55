/** The tags of a template, in order, and everything that is wrong with them. */
import { parseParts, loadFiles } from '../docxtemplater.ts';
import type { ParsedPart, ParsedPiece } from '../parsedPieces.ts';
import { namesRead, parseTag, tagName } from '../../tags/tagExpression.ts';
import { formatText } from '../../tags/writtenTag.ts';
import {
  MAX_COLUMN_NAME_BYTES,
  MAX_SECTION_DEPTH,
  MAX_TEMPLATE_XML_TAGS,
  XML_TAGS_PER_BRACE,
} from '../../limits.ts';
import type { Tag } from '../../schemas/common.ts';
import type { WordPackage } from '../../office/wordPackage.ts';
import type { PlacedTag } from '../../tags/tagTree.ts';
import { parsingFaults } from './tagFaults.ts';
import { placeTags } from './placedTags.ts';
import { partText, type PartText } from './partText.ts';
import { invalidFile, invalidTemplate, type TemplateFault } from '../../templateFaults.ts';
import { isOneElement, isRepeatable } from '../../office/xmlScan.ts';

export interface TemplateTags {
  /** Each tag once for each place that reads differently: by name, kind, path and part. */
  readonly tags: readonly Tag[];
  /** The same as they stand in each other. */
  readonly placed: readonly PlacedTag[];
  /** The parts that docxtemplater writes anew for every row, as it parsed them. */
  readonly parts: ReadonlyMap<string, ParsedPart>;
}

/** A template's item holds its tags and must stay below DynamoDB's 400 KB. */
const MAX_TAGS_BYTES = 200 * 1024;

/**
 * Reads the tags of all parts that may hold some.
 * @throws Problem TEMPLATE_INVALID with every fault found
 */
export function readTags(template: WordPackage): TemplateTags {
  checkSize(template);
  const { parts, error } = parseParts(loadFiles(template));
  const names = [...parts.keys()].sort(byPart(template.mainPart));
  const faults = [
    ...names.flatMap((name) => encodingFaults(name, template.xml.get(name))),
    ...parsingFaults(error, parts),
  ];
  if (faults.length === 0)
    faults.push(...names.flatMap((name) => depthFaults(name, parts.get(name))));
  if (faults.length === 0)
    faults.push(...names.flatMap((name) => structureFaults(name, parts.get(name))));
  if (faults.length === 0)
    faults.push(...names.flatMap((name) => itemFaults(name, parts.get(name))));
  if (faults.length > 0) throw invalidTemplate(faults, error);
  if (!parts.has(template.mainPart)) {
    throw invalidFile(
      'PART_UNREADABLE',
      `The part ${template.mainPart}, which should hold the text, cannot be read. Save the file again with Word.`,
    );
  }

  const tags = distinct(names.flatMap((part) => tagsIn(parts.get(part)?.parsed ?? [], part, [])));
  const long = tags.find(({ name }) => Buffer.byteLength(name) > MAX_COLUMN_NAME_BYTES);
  if (long) {
    throw invalidFile(
      'TAG_TOO_LONG',
      `The tag {${long.name.slice(0, 60)}…} in ${long.part} is longer than a column's name can be (${MAX_COLUMN_NAME_BYTES} bytes). Shorten it; perhaps its closing brace is missing.`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(tags));
  if (bytes > MAX_TAGS_BYTES) {
    throw invalidFile(
      'TAGS_TOO_MANY',
      `The template has ${tags.length} different tags, ${bytes} bytes of names in all; ${MAX_TAGS_BYTES} are possible. Use fewer or shorter ones.`,
    );
  }
  const read = names.flatMap((name) => parts.get(name) ?? []);
  return { tags, placed: placeTags(read), parts };
}

/** Before anything is made of the XML. */
function checkSize({ xml }: WordPackage): void {
  const parts = Array.from(xml, ([name, part]) => {
    const tags = countOf(LESS_THAN, part);
    const braces = countOf(OPENING_BRACE, part);
    return { name, tags, braces, size: tags + XML_TAGS_PER_BRACE * braces };
  }).sort((a, b) => b.size - a.size);
  const [largest] = parts;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (!largest || size <= MAX_TEMPLATE_XML_TAGS) return;
  throw invalidFile(
    'FILE_TOO_LARGE',
    `The template is too large to be checked: the part ${largest.name} has ${largest.tags} XML tags and ${largest.braces} opening braces. A template may have ${MAX_TEMPLATE_XML_TAGS} XML tags, several hundred pages; a brace counts as ${XML_TAGS_PER_BRACE}. Split it, or let sections repeat what is alike.`,
    largest.name,
  );
}

const LESS_THAN = 0x3c;
const OPENING_BRACE = 0x7b;

function countOf(byte: number, part: Uint8Array): number {
  let count = 0;
  for (let at = part.indexOf(byte); at !== -1; at = part.indexOf(byte, at + 1)) count++;
  return count;
}

/** Whether a row can change what is written for a part. */
export const hasTags = ({ parsed = [] }: ParsedPart): boolean =>
  parsed.some(({ type }) => type === 'placeholder');

function tagsIn(
  pieces: readonly ParsedPiece[],
  part: string,
  path: readonly string[],
  isConditional = false,
): Tag[] {
  return pieces.flatMap((piece): Tag[] => {
    if (piece.type !== 'placeholder') return [];
    const tag = parseTag(piece.value);
    const { name, condition, formats, isMergeField } = tag;
    const place = {
      path: [...path],
      part,
      ...(formats.length > 0 && { formats: formats.map(formatText) }),
      ...(isConditional && { isConditional }),
    };
    if (condition) {
      return [
        ...namesRead(tag).map((field): Tag => ({
          name: field,
          kind: 'value',
          ...place,
          isMergeField: true,
        })),
        ...tagsIn(piece.subparsed ?? [], part, path, true),
      ];
    }
    if (!piece.subparsed) {
      return [{ name, kind: 'value', ...place, ...(isMergeField && { isMergeField }) }];
    }
    const kind = piece.inverted ? 'inverted' : 'section';
    // What formats make of a value is a condition: it enters nothing.
    const isFormatted = formats.length > 0;
    const inner = isFormatted ? path : [...path, name];
    return [
      { name, kind, ...place },
      ...tagsIn(piece.subparsed, part, inner, isConditional || isFormatted),
    ];
  });
}

function distinct(tags: readonly Tag[]): Tag[] {
  const seen = new Set<string>();
  return tags.filter((tag) => {
    const key = JSON.stringify([
      tag.name,
      tag.kind,
      tag.path,
      tag.part,
      tag.formats,
      tag.isConditional,
    ]);
    return !seen.has(key) && seen.add(key);
  });
}

/** The text first, then headers, footers and notes, then properties, each by name. */
function byPart(mainPart: string) {
  const rank = (name: string) => (name === mainPart ? 0 : name.startsWith('word/') ? 1 : 2);
  return (a: string, b: string) => rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** docxtemplater reads every part as UTF-8, whatever the part declares. */
function encodingFaults(name: string, content: Uint8Array | undefined): TemplateFault[] {
  try {
    if (!new TextDecoder('utf-8', { fatal: true }).decode(content).includes('\0')) return [];
  } catch {
    // Not UTF-8.
  }
  return [
    {
      code: 'PART_UNREADABLE',
      pointer: name,
      detail: `The part ${name} is not in UTF-8. Save the file again with Word.`,
    },
  ];
}

/** The first section of a part that is in too many others. Everything after this may recurse. */
function depthFaults(name: string, part: ParsedPart = {}): TemplateFault[] {
  let level = part.parsed ?? [];
  for (let depth = 0; level.length > 0; depth++) {
    const sections = level.filter(({ subparsed }) => subparsed);
    const [section] = sections;
    if (section && depth === MAX_SECTION_DEPTH) {
      const text = partText(part.pieces ?? []);
      return [
        {
          code: 'SECTION_TOO_DEEP',
          pointer: placeOf(name, text.paragraphAt(section.offset ?? 0)),
          detail: `The section {#${section.value}} is in ${depth} others (near "${text.around(section.offset ?? 0)}"); at most ${MAX_SECTION_DEPTH} sections may be in each other. Close sections where they end, or write conditions side by side.`,
        },
      ];
    }
    level = sections.flatMap(({ subparsed = [] }) => subparsed);
  }
  return [];
}

/**
 * What docxtemplater lets pass although it gives broken documents: a section that begins and ends at
 * different levels, such as inside of a table and behind it, and XML that does not close.
 */
function structureFaults(name: string, part: ParsedPart = {}): TemplateFault[] {
  const text = partText(part.pieces ?? []);
  const faults: TemplateFault[] = [];
  const check = (pieces: readonly ParsedPiece[]) => {
    for (const { value, offset = 0, subparsed } of pieces) {
      if (!subparsed) continue;
      check(subparsed);
      if (isRepeatable(xmlOf(subparsed))) continue;
      faults.push({
        code: 'SECTION_MISPLACED',
        pointer: placeOf(name, text.paragraphAt(offset)),
        detail: `The section {#${value}} begins and ends at different levels of the document, such as in a table and after it (near "${text.around(offset)}"). Put both its tags into the same cell, row or run of paragraphs.`,
      });
    }
  };
  check(part.parsed ?? []);
  if (faults.length === 0 && !isOneElement(xmlOf(part.parsed ?? []))) {
    faults.push({
      code: 'PART_UNREADABLE',
      pointer: name,
      detail: `The part ${name} is not well-formed XML. Save the file again with Word.`,
    });
  }
  return faults;
}

/** `{.}` prints the item of a list; where no section enters one, it stands for the whole row. */
function itemFaults(name: string, part: ParsedPart = {}): TemplateFault[] {
  const faults: TemplateFault[] = [];
  let text: PartText | undefined;
  const check = (pieces: readonly ParsedPiece[]) => {
    for (const { type, value, offset = 0, inverted, subparsed } of pieces) {
      if (type !== 'placeholder' || (subparsed && !inverted && tagName(value) !== '.')) continue;
      if (subparsed) check(subparsed);
      else if (tagName(value) === '.') {
        text ??= partText(part.pieces ?? []);
        faults.push({
          code: 'ITEM_OUTSIDE_SECTION',
          pointer: placeOf(name, text.paragraphAt(offset)),
          detail: `The tag {.} stands for the item of a list, and is in the section of none (near "${text.around(offset)}"). Write the name of a column instead, or put it into a section: {#items}{.}{/items}.`,
        });
      }
    }
  };
  check(part.parsed ?? []);
  return faults;
}

const placeOf = (part: string, paragraph: number) =>
  paragraph > 0 ? `${part}, paragraph ${paragraph}` : part;

/** The XML of pieces, what sections hold left out. */
const xmlOf = (pieces: readonly ParsedPiece[]) =>
  pieces.map(({ type, value }) => (type === 'placeholder' ? '' : value)).join('');
