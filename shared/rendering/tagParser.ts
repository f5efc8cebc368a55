/**
 * How docxtemplater reads a tag (its `parser` option): names as in tags/readPath.ts, and the faults of tags
 * and values that docxtemplater itself would let pass.
 */
import type { Spellings } from '../columns/spellings.ts';
import type { RowFailure } from '../schemas/common.ts';
import { countBreaks, hasIllegalCharacters } from './escaping.ts';
import { isBlockXml } from './rawXml.ts';
import type { Encoder } from './places/encoders.ts';
import { isUnsafe, PLACE_MODULE } from './places/placeModule.ts';
import { withLineFeeds } from './repairs/lineBreaks.ts';
import { columnOf, type Trail } from '../tags/readPath.ts';
import { readTag } from '../tags/readTag.ts';
import { parseTag, type TagExpression } from '../tags/tagExpression.ts';
import type { FormatFault } from '../tags/compileFormats.ts';
import { NoValue } from '../tags/formats/format.ts';
import { printedOf } from '../tags/shown.ts';

/** A fault of the template that shows when a tag is parsed. */
export class TagFault extends Error {
  /** empty: `{}`. spaced: `{ #list}`, which would be a value tag. formats: they say what. */
  readonly kind: 'empty' | 'spaced' | 'formats';
  readonly formats: readonly FormatFault[];
  constructor(kind: TagFault['kind'], formats: readonly FormatFault[] = []) {
    super(kind);
    this.name = 'TagFault';
    this.kind = kind;
    this.formats = formats;
  }
}

/** A value that cannot be printed: fails its row. */
export class ValueFault extends Error {
  readonly failure: RowFailure;
  constructor(failure: RowFailure) {
    super(failure.code);
    this.name = 'ValueFault';
    this.failure = failure;
  }
}

/** What docxtemplater says of a tag, as far as it is needed here. */
export interface TagPiece {
  readonly value: string;
  /** What kind of tag it is; absent for a plain value tag. */
  readonly module?: string;
  /** 'end' on a closing tag that found no partner. */
  readonly location?: string;
  /** How the value is written, where that is no text of the document. */
  readonly encoder?: Encoder;
}

/** Whether a tag prints its value: `{name}`, or `{@name}` as XML. */
export const isValueTag = ({ module }: TagPiece) =>
  module === undefined || module === PLACE_MODULE || isRaw(module);

const isRaw = (module: string | undefined) => module === 'rawxml';

/** Where docxtemplater stands when it asks for a value: `num` is the number of the scope asked. */
export interface ScopeContext {
  readonly num: number;
  readonly scopeList: readonly unknown[];
  readonly scopePath: readonly string[];
  readonly scopePathItem: readonly number[];
}

interface TagReader {
  get(scope: unknown, context: ScopeContext): unknown;
}

/** The trail to the scope that a context is about. */
export const trailOf = (context: ScopeContext): Trail => ({
  sections: context.scopePath.slice(0, context.num).map(enteredName),
  items: context.scopePathItem,
  scopes: context.scopeList.slice(0, context.num + 1),
});

/** The name of a section that may lead into a value; what formats make of one is a condition. */
function enteredName(written: string): string | undefined {
  const { name, formats } = parseTag(written);
  return formats.length > 0 ? undefined : name;
}

/** What reading tags needs to know, and is told. */
export interface ReadingContext {
  /** Prefixes of namespaces that the template declares. */
  readonly prefixes: ReadonlySet<string>;
  /** Called with the length of each text that a tag prints, in UTF-16 units, and its line breaks. */
  readonly onText: (length: number, breaks: number) => void;
  /** Further keys that names are looked up by in the row that is written. */
  readonly spellings: () => Spellings | undefined;
}

/**
 * Makes docxtemplater's reader of one tag of a template.
 * @param written what is between the braces, without # ^ / @
 * @throws TagFault
 */
export function readerOf(
  written: string,
  piece: TagPiece | undefined,
  { prefixes, onText, spellings }: ReadingContext,
): TagReader {
  const tag = parseTag(written);
  if (piece && piece.location !== 'end') checkTag(tag, piece);
  // All scopes are read where docxtemplater asks first, so that the outer ones have nothing to add.
  const read = (context: ScopeContext) => {
    const { num, scopeList } = context;
    if (num < scopeList.length - 1) return undefined;
    const value = readTag(tag, scopeList, num, spellings());
    if (value instanceof NoValue) {
      const column = columnOf(tag.name, trailOf(context), spellings());
      throw new ValueFault(unreadable(value, tag, column));
    }
    return value;
  };
  if (!piece || !isValueTag(piece)) return { get: (_, context) => read(context) };
  return {
    get(_, context) {
      const value = printedOf(read(context));
      const obstacle =
        unprintable(value) ??
        (isRaw(piece.module) ? unfit(value, prefixes) : undefined) ??
        unlinkable(value, piece.encoder);
      if (obstacle !== undefined) {
        const column = columnOf(tag.name, trailOf(context), spellings());
        throw new ValueFault(valueFailure(obstacle, tag.name, column));
      }
      const printed = isRaw(piece.module) ? value : withLineFeedsIn(value);
      if (typeof printed === 'string') onText(printed.length, countBreaks(printed));
      else if (Array.isArray(printed)) onText(String(printed).length, 0);
      return printed;
    },
  };
}

/** A value with LF at the ends of lines, also in the texts of a list. */
function withLineFeedsIn(value: unknown): unknown {
  if (typeof value === 'string') return withLineFeeds(value);
  return Array.isArray(value) ? value.map(withLineFeedsIn) : value;
}

function checkTag({ name, formats, faults }: TagExpression, piece: TagPiece): void {
  if (name === '') throw new TagFault('empty');
  if (piece.module === undefined && /^[#^/]/.test(name)) throw new TagFault('spaced');
  const all = isRaw(piece.module) && formats.length > 0 ? [...faults, NO_FORMATS] : faults;
  if (all.length > 0) throw new TagFault('formats', all);
}

const NO_FORMATS: FormatFault = {
  code: 'FORMAT_ARGUMENT',
  detail: 'A tag of XML takes no formats. Remove them, or the @',
};

export type Obstacle = 'illegal characters' | 'object' | 'unfit XML' | 'unsafe link';

/** Why a value cannot be printed. Absent values can: as nothing. */
export function unprintable(value: unknown): Obstacle | undefined {
  if (typeof value === 'string')
    return hasIllegalCharacters(value) ? 'illegal characters' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return 'object';
  for (const item of value) {
    const obstacle = unprintable(item);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

/** Why a value cannot take the place of a paragraph. */
function unfit(value: unknown, prefixes: ReadonlySet<string>): Obstacle | undefined {
  // As docxtemplater has it, what is false or 0 leaves nothing behind.
  if (!value) return undefined;
  return typeof value === 'string' && isBlockXml(value, prefixes) ? undefined : 'unfit XML';
}

/** Why a value cannot be the target of a link. */
function unlinkable(value: unknown, encoder: Encoder | undefined): Obstacle | undefined {
  const text = Array.isArray(value) ? value.join() : value;
  const isText = encoder !== undefined && typeof text === 'string';
  return isText && isUnsafe(encoder, text) ? 'unsafe link' : undefined;
}

/** A value that a format cannot read. */
function unreadable({ why }: NoValue, { told }: TagExpression, column: string): RowFailure {
  const place = `${column}${why.inner ?? ''}`;
  return {
    code: 'RENDER_FAILED',
    tag: told,
    ...(place !== '' && { column: place }),
    detail: `The tag {${told}} reads the column "${place}", which holds ${why.lacks}. ${why.advice} Or let something else stand in for such values: {${told} | default:"–"}.`,
  };
}

function valueFailure(obstacle: Obstacle, tag: string, column: string): RowFailure {
  return {
    code: 'RENDER_FAILED',
    tag,
    // The row itself has no column.
    ...(column !== '' && { column }),
    detail: tag === '.' && obstacle === 'object' ? WHOLE : DETAILS[obstacle](tag, column),
  };
}

const WHOLE =
  'The tag {.} stands for a whole row or a whole item of a list, which cannot be printed. Write the name of one of its columns instead.';

const DETAILS: Record<Obstacle, (tag: string, column: string) => string> = {
  'illegal characters': (tag, column) =>
    `The value in the column "${column}", read by the tag {${tag}}, has characters that a Word document cannot hold, such as control characters. Remove them from the data.`,
  object: (tag, column) =>
    `The tag {${tag}} reads the column "${column}", which holds a group of values. Name one of them, as in {${tag}.name}, or open a section with {#${tag}}.`,
  'unfit XML': (tag, column) =>
    `The value in the column "${column}" is not whole WordprocessingML: the tag {@${tag}} needs complete paragraphs or tables, such as <w:p>…</w:p>. For plain text write {${tag}}.`,
  'unsafe link': (tag, column) =>
    `The value in the column "${column}", read by the tag {${tag}}, is no address of the web, of mail or of a telephone, and cannot be the target of a link. Correct it, or write how the address begins in the template, as in file:///{${tag}}.`,
};
