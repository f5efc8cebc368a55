/**
 * Names of documents in the archive.
 *
 * A name is made from a pattern: literal text and tags, `{row}` (the 1-based number of the row),
 * `{template}` (the label of the template) and any tag over the row's values, such as
 * `{address.city}`, empty where the row has none. It is made safe (safeNames.ts) and ends in `.docx`.
 * A `/` of the pattern parts folders, which are made likewise; one of which nothing is left is `_`. All
 * documents have as many folders around them, so that none has the name of another's folder.
 *
 * No two documents of a task share a name, whatever the rows hold:
 * - Over rows by construction: a name gives away its row. When the pattern is `{row}`, or begins with
 *   `{row}` and a literal that begins with no digit, or ends with a literal that ends with no digit
 *   and `{row}`, the whole number at that end is the row's. Otherwise ` ({row})` is appended.
 *   Folders that differ in case alone are one to some systems: so names in them differ by that, too.
 * - Over the templates of one row by looking: a name that is taken, in any case, gets ` (b)`, the next
 *   ` (c)`, and so on, behind the row's number, where no other name has a letter in parentheses.
 *
 * A name that is too long loses its middle or its end, never the row's number; folders lose their ends.
 */
import { FAILURES_NAME, MANIFEST_NAME } from '../names.ts';
import { MAX_DOCUMENT_NAME_BYTES, MAX_FOLDER_BYTES } from '../limits.ts';
import type { Spellings } from '../columns/spellings.ts';
import type { Row, RowFailure } from '../schemas/common.ts';
import { cutEnd, cutStart, foldName, safeCharacters, safeEdges, utf8Bytes } from './safeNames.ts';
import { parseNamePattern, type NamePiece } from './namePattern.ts';
import type { WrittenFormat } from '../tags/writtenTag.ts';
import { columnsInside } from '../tags/compileFormats.ts';
import { NoValue } from '../tags/formats/format.ts';
import { columnOf } from '../tags/readPath.ts';
import { readTag } from '../tags/readTag.ts';
import type { TagExpression } from '../tags/tagExpression.ts';

export interface NameInput {
  /** 1-based. */
  readonly row: number;
  /** Label of the template. */
  readonly template: string;
  readonly values: Row;
  /** Ending of the file, with its point. Default: that of a document of Word. */
  readonly extension?: string;
  /** Names of the row's other documents, folded; the new one is added. Empty for a new row. */
  readonly taken: Set<string>;
}

export type NameResult =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly failure: RowFailure };

export interface DocumentNames {
  /** Whether rows are to have what is behind their shown values (tags/shown.ts). */
  readonly readsTyped: boolean;
  name(input: NameInput): NameResult;
}

const EXTENSION = '.docx';
/** ` (b)`: a task has fewer templates than the alphabet has letters. */
const CLASH_MARK_BYTES = 4;

/**
 * @param pattern such as `{template}-{row}`; a .docx at its end is taken as said
 * @param templateCount how many documents a row gives
 * @param spellings further keys that names of tags are looked up by
 * @throws Problem VALIDATION_ERROR: empty, a brace without its partner, a tag without a name, a section
 */
export function compileNames(
  pattern: string,
  templateCount: number,
  spellings?: Spellings,
): DocumentNames {
  const { folders, file } = parsed(pattern);
  const place = rowPlace(file);
  const allBytes =
    MAX_DOCUMENT_NAME_BYTES - EXTENSION.length - (templateCount > 1 ? CLASH_MARK_BYTES : 0);
  const folderBytes = Math.floor(MAX_FOLDER_BYTES / Math.max(1, folders.length)) - 1;

  return {
    readsTyped: isTyped([...folders, file]),
    name({ row, template, values, extension = EXTENSION, taken }) {
      let path = '';
      for (const pieces of folders) {
        const texts = textsOf(pieces, { row, template, values, spellings });
        if (!Array.isArray(texts)) return { ok: false, failure: texts };
        path += `${folderName(texts.join(''), folderBytes)}/`;
      }
      const texts = textsOf(file, { row, template, values, spellings });
      if (!Array.isArray(texts)) return { ok: false, failure: texts };
      if (safeEdges(texts.join('')) === '') {
        return { ok: false, failure: noName(file, { values, spellings }) };
      }

      const roomBytes = allBytes + EXTENSION.length - extension.length - utf8Bytes(path);
      // The tail is what must survive a cut: the row's number and the literal that sets it off.
      const tail =
        place === 'end' ? texts.splice(-2).join('') : place === 'start' ? '' : ` (${row})`;
      const keptTail = cutStart(tail, roomBytes);
      const head = place === undefined ? safeEdges(texts.join('')) : texts.join('');
      const keptHead = cutEnd(head, roomBytes - utf8Bytes(keptTail));
      const name = safeEdges((keptHead + keptTail).normalize('NFC'));
      return { ok: true, name: untaken(path + name, extension, taken) };
    },
  };
}

/** A folder's name, which is never that of a file beside it. */
function folderName(text: string, bytes: number): string {
  const name = safeEdges(cutEnd(safeEdges(text), bytes - 1).normalize('NFC'));
  if (name === '') return '_';
  return REPORTS.has(foldName(name)) ? `${name}_` : name;
}

/** Files of the archive that are no documents. */
const REPORTS: ReadonlySet<string> = new Set([MANIFEST_NAME, FAILURES_NAME].map(foldName));

const parsed = (pattern: string) => parseNamePattern(pattern.replace(/\.docx$/i, ''));

interface NameSource extends Omit<NameInput, 'taken'> {
  readonly spellings: Spellings | undefined;
}

/** What pieces stand for in a row, or why one cannot be part of a name. */
function textsOf(pieces: readonly NamePiece[], source: NameSource): string[] | RowFailure {
  const texts: string[] = [];
  for (const piece of pieces) {
    const text = textOf(piece, source);
    if (typeof text !== 'string') return text;
    texts.push(text);
  }
  return texts;
}

/**
 * Names of the columns that a pattern reads, each once.
 * @throws Problem VALIDATION_ERROR as compileNames() does
 */
export function columnsOfNames(pattern: string): string[] {
  const { folders, file } = parsed(pattern);
  const tags = [...folders, file]
    .flat()
    .flatMap(({ tag }) => (tag === undefined ? [] : [tag.name, ...columnsInside(tag.formats)]));
  return [...new Set(tags)].filter((tag) => tag !== 'row' && tag !== 'template');
}

/** What people gave a name: its text as it is safe, and whether nothing of it had to be replaced for that. */
export type NameLooks =
  | { readonly ok: true; readonly text: string; readonly isSafe: boolean }
  | { readonly ok: false; readonly failure: RowFailure };

/** A pattern of names, as it is looked at before documents are named. */
export interface LookedNames {
  /** Whether rows are to have what is behind their shown values (tags/shown.ts). */
  readonly readsTyped: boolean;
  /** Whether the names give away their row by themselves. */
  readonly tellsRow: boolean;
  look(input: Omit<NameInput, 'taken'>): NameLooks;
}

/**
 * Looks at names that are made from a pattern, before they are cut and numbered.
 * @throws Problem VALIDATION_ERROR as compileNames() does
 */
export function looksOfNames(pattern: string, spellings?: Spellings): LookedNames {
  const { folders, file } = parsed(pattern);
  const levels = [...folders, file];
  return {
    readsTyped: isTyped(levels),
    tellsRow: rowPlace(file) !== undefined,
    look(input) {
      const source = { ...input, spellings };
      let isSafe = true;
      let path = '';
      for (const pieces of levels) {
        let level = '';
        for (const piece of pieces) {
          const text = textOf(piece, source);
          if (typeof text !== 'string') return { ok: false, failure: text };
          level += text;
          const raw = piece.tag === undefined ? text : valueOf(piece.tag, source);
          // Blanks that become one are nobody's concern.
          if (typeof raw === 'string' && raw !== text) {
            isSafe &&= raw.normalize('NFC').replace(/\s+/g, ' ') === text;
          }
        }
        const edged = safeEdges(level);
        isSafe &&= edged === level.trim();
        path = path === '' ? edged : `${path}/${edged}`;
        if (edged === '' && pieces === file) return { ok: false, failure: noName(file, source) };
      }
      return { ok: true, text: path, isSafe };
    },
  };
}

const isTyped = (levels: readonly (readonly NamePiece[])[]): boolean =>
  levels.flat().some(({ tag }) => tag?.show !== undefined);

/**
 * Where names of a pattern give away their row: of patterns that differ in it the names of two rows may be alike.
 * @throws Problem VALIDATION_ERROR as compileNames() does
 */
export const rowPlaceOf = (pattern: string): 'start' | 'end' | undefined =>
  rowPlace(parsed(pattern).file);

/**
 * The row that a whole name would be of, folders or not; undefined where no name of the pattern is like it.
 * @throws Problem VALIDATION_ERROR as compileNames() does
 */
export function rowOfName(pattern: string, name: string): number | undefined {
  const file = lastOf(name).replace(/\.[^.]*$/, '');
  const place = rowPlaceOf(pattern);
  const [, digits] =
    (place === 'start'
      ? /^0*([1-9]\d{0,8})(?!\d)/
      : place === 'end'
        ? /(?<!\d)0*([1-9]\d{0,8})(?: \([b-z]\))?$/i
        : / \(([1-9]\d{0,8})\)(?: \([b-z]\))?$/i
    ).exec(file) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether a text is a whole name, folders or not, as file systems take names for one. */
export const isWholeName = (text: string, name: string): boolean =>
  foldName(text) === foldName(name) || foldName(text) === foldName(lastOf(name));

const lastOf = (name: string) => name.slice(name.lastIndexOf('/') + 1);

/** Where a name gives away its row, if the pattern makes it. */
function rowPlace(pieces: readonly NamePiece[]): 'start' | 'end' | undefined {
  const isRow = (piece?: NamePiece) =>
    piece?.tag?.name === 'row' && piece.tag.formats.every(isPadded);
  const second = pieces[1]?.literal;
  if (isRow(pieces[0]) && (pieces.length === 1 || /^[^0-9]/.test(second ?? ''))) return 'start';
  if (isRow(pieces.at(-1)) && /[^0-9]$/.test(pieces.at(-2)?.literal ?? '')) return 'end';
  return undefined;
}

/** The number of a row with zeros before it is that of no other row. */
const isPadded = ({ name, arguments: [code = '', ...others] }: WrittenFormat) =>
  name === 'number' && /^0+$/.test(code) && others.length === 0;

/** What a piece stands for in a row, or why that cannot be part of a name. */
function textOf(piece: NamePiece, source: NameSource): string | RowFailure {
  const { tag } = piece;
  if (tag === undefined) return piece.literal;
  const value = valueOf(tag, source);
  if (typeof value === 'string') return safeCharacters(value);
  if (typeof value === 'number' || typeof value === 'boolean') return safeCharacters(String(value));
  return value instanceof NoValue ? unreadable(tag, value, source) : noText(tag, source);
}

function valueOf(tag: TagExpression, { row, template, values, spellings }: NameSource): unknown {
  const isOwn = tag.name === 'row' || tag.name === 'template';
  const scopes = [isOwn ? { row, template } : values];
  return readTag(tag, scopes, 0, isOwn ? undefined : spellings) ?? '';
}

/** The name with its ending, and with a letter when it is taken. */
function untaken(name: string, extension: string, taken: Set<string>): string {
  let candidate = name + extension;
  for (let letter = 'b'.charCodeAt(0); taken.has(foldName(candidate)); letter++) {
    candidate = `${name} (${String.fromCharCode(letter)})${extension}`;
  }
  taken.add(foldName(candidate));
  return candidate;
}

/** The column that a tag of a pattern reads. */
const columnRead = (
  name: string,
  { values, spellings }: Pick<NameSource, 'values' | 'spellings'>,
) => columnOf(name, { sections: [], items: [], scopes: [values] }, spellings);

function unreadable(
  { name, told }: TagExpression,
  { why }: NoValue,
  source: NameSource,
): RowFailure {
  const column = `${columnRead(name, source)}${why.inner ?? ''}`;
  return {
    code: 'NAME_INVALID',
    tag: told,
    column,
    detail: `The tag {${told}} of fileName reads the column "${column}", which holds ${why.lacks}. ${why.advice}`,
  };
}

function noText({ name: tag }: TagExpression, source: NameSource): RowFailure {
  const column = columnRead(tag, source);
  return {
    code: 'NAME_INVALID',
    tag,
    column,
    detail: `The column "${column}" holds a group of values, which cannot be part of a file name. Name one of them in the pattern, as in {${tag}.name}.`,
  };
}

function noName(
  pieces: readonly NamePiece[],
  source: Pick<NameSource, 'values' | 'spellings'>,
): RowFailure {
  const tag = pieces.find((piece) => piece.tag !== undefined)?.tag?.name;
  return {
    code: 'NAME_INVALID',
    ...(tag !== undefined && { tag, column: columnRead(tag, source) }),
    detail:
      'Nothing is left of the file name for this row. Fill in the columns that the pattern names, or add {row} to it.',
  };
}
