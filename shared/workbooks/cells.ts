/** Cells as a worksheet has them: text, numbers, dates and truth values, and never a formula. */
import { columnLetters } from '../office/cellReference.ts';
import { textElement } from './cellText.ts';
import { styleIndex, type CellStyle } from './styles.ts';

/** A date is read by its UTC fields: cells know no time zone. */
export type CellValue = string | number | boolean | Date | null;

/** A cell with a look, a format of its own, or a comment. */
export interface StyledCell extends CellStyle {
  readonly value: CellValue;
  /** Shown beside the cell when it is pointed at. */
  readonly comment?: string;
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

/**
 * One cell; nothing for an empty one without a style.
 * @param column 0-based
 * @param row 1-based
 */
export function cellElement(column: number, row: number, cell: Cell): string {
  const { value, ...style }: StyledCell = isStyled(cell) ? cell : { value: cell };
  const isDay = value instanceof Date && value.getTime() % DAY_MS === 0;
  const format =
    style.format ?? (value instanceof Date ? (isDay ? 'date' : 'dateTime') : undefined);
  const number = styleIndex(format === undefined ? style : { ...style, format });
  const start = `<c r="${columnLetters(column)}${row}"${number === 0 ? '' : ` s="${number}"`}`;
  if (typeof value === 'string' && value !== '') return textCell(start, value);
  if (typeof value === 'number') {
    return isNumber(value) ? `${start}><v>${value}</v></c>` : textCell(start, String(value));
  }
  if (typeof value === 'boolean') return `${start} t="b"><v>${value ? 1 : 0}</v></c>`;
  if (value instanceof Date) {
    const serial = serialOf(value);
    if (serial !== undefined) return `${start}><v>${serial}</v></c>`;
    return textCell(start, dateText(value));
  }
  return number === 0 ? '' : `${start}/>`;
}

const textCell = (start: string, text: string) =>
  `${start} t="inlineStr"><is>${textElement(text)}</is></c>`;
