/** Cells as a worksheet has them: text, numbers, dates, truth values and links, and never a formula of others. */
import { columnLetters } from '../office/cellReference.ts';
import { textContent, textElement } from './cellText.ts';
import { styleIndex, type CellStyle } from './styles.ts';

/** A date is read by its UTC fields: cells know no time zone. */
export type CellValue = string | number | boolean | Date | null;

/** A cell with a look, a format of its own, or a comment. */
export interface StyledCell extends CellStyle {
  readonly value: CellValue;
  /** Shown beside the cell when it is pointed at. */
  readonly comment?: string;
  /** The file that a text leads to, by its path from the workbook's folder, with `/`. */
  readonly link?: string;
}
export type Cell = CellValue | StyledCell;

export const isStyled = (cell: Cell): cell is StyledCell =>
  typeof cell === 'object' && cell !== null && !(cell instanceof Date);

const DAY_MS = 24 * 60 * 60 * 1000;
/** Day 0 of the days after 28 February 1900, which are all but the first sixty (18.17.4.1). */
const EPOCH = Date.UTC(1899, 11, 30);
const FIRST_DAY = 61;
/** The day after 31 December 9999. */
const END_DAY = 2_958_466;
/** Excel keeps 15 digits of a number. */
const EXACT_DIGITS = 1e15;

/** The day of a date, with its time as a fraction; undefined for one that Excel has no number for. */
function serialOf(date: Date): number | undefined {
  const serial = (date.getTime() - EPOCH) / DAY_MS;
  return serial >= FIRST_DAY && serial < END_DAY ? serial : undefined;
}

/** What stands for a date that has no number: the date as text. */
const dateText = (date: Date) => (Number.isNaN(date.getTime()) ? '' : date.toISOString());

const isNumber = (value: number) =>
  Number.isFinite(value) && !(Number.isInteger(value) && Math.abs(value) >= EXACT_DIGITS);

/** How the cells of a sheet are written. */
export interface CellDialect {
  /** Prefix of the part's elements, with its colon. */
  readonly prefix: string;
  /** The number of a style among those of the workbook. */
  readonly styleIndex: (style: CellStyle) => number;
}

const OWN: CellDialect = { prefix: '', styleIndex };

/**
 * One cell; nothing for an empty one without a style.
 * @param column 0-based
 * @param row 1-based
 */
export function cellElement(
  column: number,
  row: number,
  cell: Cell,
  { prefix: p, styleIndex: numberOf } = OWN,
): string {
  const { value, link, ...style }: StyledCell = isStyled(cell) ? cell : { value: cell };
  const isDay = value instanceof Date && value.getTime() % DAY_MS === 0;
  const format =
    style.format ?? (value instanceof Date ? (isDay ? 'date' : 'dateTime') : undefined);
  const number = numberOf(format === undefined ? style : { ...style, format });
  const start = `<${p}c r="${columnLetters(column)}${row}"${number === 0 ? '' : ` s="${number}"`}`;
  const valued = (content: string | number, kind = '') =>
    `${start}${kind}><${p}v>${content}</${p}v></${p}c>`;
  const text = (content: string) =>
    `${start} t="inlineStr"><${p}is>${textElement(content, p)}</${p}is></${p}c>`;
  if (typeof value === 'string' && value !== '') {
    return link === undefined
      ? text(value)
      : `${start} t="str"><${p}f>${linkFormula(link, value)}</${p}f><${p}v>${textContent(value)}</${p}v></${p}c>`;
  }
  if (typeof value === 'number') return isNumber(value) ? valued(value) : text(String(value));
  if (typeof value === 'boolean') return valued(value ? 1 : 0, ' t="b"');
  if (value instanceof Date) {
    const serial = serialOf(value);
    return serial === undefined ? text(dateText(value)) : valued(serial);
  }
  return number === 0 ? '' : `${start}/>`;
}

/** Characters of a text within a formula (Excel specifications and limits). */
const MAX_LITERAL = 255;

/**
 * A formula, for of hyperlinks beside the cells a sheet has 65,530 at the most, and each a relationship. What is linked
 * stands in it as texts, which no formula can leave.
 */
function linkFormula(path: string, shown: string): string {
  // What stands behind # is a place within the file.
  const target = path.replaceAll('%', '%25').replaceAll('#', '%23');
  return textContent(`HYPERLINK(${literal(target)},${literal(shown)})`);
}

/** A text of a formula, in pieces that one may have. */
function literal(text: string): string {
  const pieces = [''];
  for (const character of text) {
    const quoted = character === '"' ? '""' : character;
    const last = pieces.length - 1;
    const piece = (pieces[last] ?? '') + quoted;
    if (piece.length <= MAX_LITERAL) pieces[last] = piece;
    else pieces.push(quoted);
  }
  return pieces.map((piece) => `"${piece}"`).join('&');
}
