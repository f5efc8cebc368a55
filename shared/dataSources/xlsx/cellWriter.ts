/** Values of cells: from what stands in the file to the JSON of the row. */
import * as z from 'zod';
import {
  createNumberWriter,
  errorFault,
  NO_SUCH_STRING,
  TEXT_TOO_LONG,
  UNREADABLE,
  type NumberWriter,
} from './cellValues.ts';
import type { DigitsPlace } from './decimalBytes.ts';
import { digitsAt, findDigits, isGeneral } from './digits.ts';
import type { NumberFormat } from '../../formats/numberFormat.ts';
import type { RowCells } from './rowCells.ts';
import { DAYS_1904, serialOfIso } from '../../formats/serialDates.ts';
import type { StringStore } from './stringStore.ts';
import type { StringText } from './stringText.ts';
import type { Styles } from './styles.ts';

/** What a sheet is read with. */
export interface SheetContext {
  readonly strings: StringStore;
  readonly styles: Styles;
  readonly is1904: boolean;
  /** Whether values themselves are wanted instead of what is shown. */
  readonly asTyped: boolean;
}

/** Kinds of cells (18.18.11), as numbers because each cell is asked for its own. */
export const NUMBER = 0;
export const SHARED = 1;
export const TEXT = 2;
export const INLINE = 3;
export const BOOLEAN = 4;
export const ERROR = 5;
export const DATE = 6;

/** Writes values to the row, each into its column. `style` is the number of the cell's style. */
export interface CellWriter {
  /** A text by its number, which stands at this place. */
  shared(column: number, style: number, bytes: Uint8Array, start: number, end: number): void;
  /** A number at this place; nothing is written when the place is empty. */
  number(column: number, style: number, bytes: Buffer, start: number, end: number): void;
  boolean(column: number, firstByte: number): void;
  text(column: number, style: number, text: StringText): void;
  error(column: number, text: string): void;
  /** A date in ISO 8601. */
  date(column: number, style: number, text: string): void;
}

const QUOTE = 0x22;
const ONE = 0x31;
const LETTER_T = 0x74;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
/** `s="…"` of cells: styles beyond are General. */
const MOST_STYLES = 65_536;
/** Whole numbers that are at hand have at most so many digits: days, and small amounts. */
const WHOLE_DIGITS = 7;

/** @param row takes what is written */
export function createCellWriter(
  { strings, styles, is1904, asTyped }: SheetContext,
  row: RowCells,
): CellWriter {
  const { cells, typed } = row;
  const formats: (NumberFormat | undefined)[] = [];
  const writers = new Map<NumberFormat, NumberWriter>();
  const writersByStyle: (NumberWriter | undefined)[] = [];
  const place: DigitsPlace = { first: 0, point: 0, end: 0, isNegative: false };

  function formatOf(style: number): NumberFormat {
    const at = style >= 0 && style < MOST_STYLES ? style : 0;
    return (formats[at] ??= styles.formatOf(at));
  }

  function writerOf(style: number): NumberWriter {
    const at = style >= 0 && style < MOST_STYLES ? style : 0;
    const known = writersByStyle[at];
    if (known) return known;
    const format = formatOf(at);
    const writer = writers.get(format) ?? createNumberWriter(format, { is1904, asTyped });
    writers.set(format, writer);
    writersByStyle[at] = writer;
    return writer;
  }

  function writeNumber(column: number, writer: NumberWriter, digits: string) {
    const made = writer.write(digits);
    if ('code' in made) return row.fail(column, made);
    const before = cells.size;
    const typedBefore = typed.size;
    cells.write(made.shown);
    if (!asTyped) typed.write(made.typed);
    row.end(column, before, typedBefore);
  }

  /** Writes what was found at `place`; false when that takes more. */
  function writeDigits(column: number, writer: NumberWriter, bytes: Uint8Array): boolean {
    const { first, point, end, isNegative } = place;
    const start = isNegative ? first - 1 : first;
    const before = cells.size;
    const typedBefore = typed.size;
    if (writer.keepsPlain) {
      if (!isGeneral(bytes, place)) return false;
      if (asTyped) cells.copy(bytes, start, end);
      else writeQuoted(bytes, start, end);
    } else if (writer.decimals) {
      const { decimals } = writer;
      if (end - point - 1 > decimals.places) return false;
      cells.size = decimals.write(
        bytes,
        place,
        cells.reserve(decimals.frameBytes + 2 * (end - start)),
        before,
      );
    } else {
      if (point < end || isNegative || end - first > WHOLE_DIGITS) return false;
      const made = writer.writeWhole(digitsAt(bytes, first, end));
      if ('code' in made) row.fail(column, made);
      else {
        cells.add(made.shown);
        if (!asTyped) typed.add(made.typed);
        row.end(column, before, typedBefore);
      }
      return true;
    }
    if (!asTyped) typed.copy(bytes, start, end);
    row.end(column, before, typedBefore);
    return true;
  }

  function writeQuoted(bytes: Uint8Array, start: number, end: number) {
    const to = cells.reserve(end - start + 2);
    let at = cells.size;
    to[at++] = QUOTE;
    for (let i = start; i < end; i++) to[at++] = bytes[i] as number;
    to[at++] = QUOTE;
    cells.size = at;
  }

  const putText = (column: number, style: number, value: string) =>
    row.put(column, Buffer.from(JSON.stringify(formatOf(style).showText(value))));
  const changesTexts = (style: number) => !asTyped && style > 0 && formatOf(style).changesTexts;

  return {
    number(column, style, bytes, start, end) {
      // An empty value is none.
      if (start === end) return;
      const writer = writerOf(style);
      if (findDigits(bytes, start, end, place) && writeDigits(column, writer, bytes)) return;
      writeNumber(column, writer, bytes.toString('latin1', start, end));
    },
    shared(column, style, bytes, start, end) {
      const index = digitsAt(bytes, start, end);
      const size = strings.sizeOf(index);
      if (size < 0) {
        return row.fail(
          column,
          index >= 0 && index < strings.count ? TEXT_TOO_LONG : NO_SUCH_STRING,
        );
      }
      if (changesTexts(style)) {
        const json = Buffer.alloc(size);
        strings.copy(index, json, 0);
        return putText(column, style, z.string().parse(JSON.parse(json.toString('utf8'))));
      }
      const before = cells.size;
      cells.size = strings.copy(index, cells.reserve(size), before);
      row.end(column, before, typed.size);
    },
    boolean: (column, firstByte) =>
      row.put(column, firstByte === ONE || firstByte === LETTER_T ? TRUE : FALSE),
    text(column, style, text) {
      if (changesTexts(style)) return putText(column, style, text.text());
      const before = cells.size;
      cells.size = text.json(cells.reserve(text.jsonBytes), before);
      row.end(column, before, typed.size);
    },
    error: (column, text) => row.fail(column, errorFault(text)),
    date(column, style, text) {
      if (text === '') return;
      const value = text.trim();
      const serial = serialOfIso(value);
      if (serial === undefined) return row.fail(column, UNREADABLE);
      // Without a format of dates nothing says how it is shown.
      if (!formatOf(style).isDate) return row.put(column, Buffer.from(JSON.stringify(value)));
      writeNumber(column, writerOf(style), String(is1904 ? serial - DAYS_1904 : serial));
    },
  };
}
