/** Which columns of a sheet are those of the table, by the cells of its header. */
import { MAX_COLUMNS } from '../../limits.ts';
import { columnLetters } from '../../office/cellReference.ts';
import { readHeader, type Header } from '../columns.ts';
import type { GrowingCells } from './sheetRow.ts';
import type { CellBytes } from './sheetRow.ts';

/** A header, and where its columns are in the sheet. */
export interface SheetHeader extends Header {
  /** Whether the columns of the table are the first of the sheet, one by one. */
  readonly areFirst: boolean;
  /**
   * Puts a row's cells in the order of the table's columns.
   * @param columnCount how many columns of the sheet the cells have
   * @param laidOver cells that take the place of empty ones, by column of the sheet
   */
  arrange(
    cells: CellBytes,
    columnCount: number,
    to: GrowingCells,
    laidOver?: ReadonlyMap<number, Uint8Array>,
  ): void;
  /** Whether a column of the sheet is one of the table. */
  isColumn(column: number): boolean;
  /** The last column of the sheet that is one of the table. */
  readonly lastColumn: number;
  /** The name of the table's column that a column of the sheet is; undefined for others. */
  nameOf(column: number): string | undefined;
  /** The column of the sheet, 0-based, that is the table's column of this name. */
  columnOf(name: string): number | undefined;
  /** The first column without a name in which a row has something, 0-based. */
  findUnnamed(cells: CellBytes, columnCount: number): number | undefined;
}

/**
 * Reads a header. Columns without a name are none of the table's, as long as nothing stands in them.
 * @param names the cells of the row; undefined for empty ones
 * @param isSkipped whether a column is left out
 * @throws SourceFault with every fault found
 */
export function readSheetHeader(
  names: readonly (string | undefined)[],
  line: number,
  isSkipped: (column: number) => boolean,
): SheetHeader {
  /** Columns of the sheet by those of the table. */
  const sources: number[] = [];
  const isNamed = new Uint8Array(MAX_COLUMNS);
  const given: string[] = [];
  for (const [column, name] of names.entries()) {
    if (name === undefined || name.trim() === '' || isSkipped(column)) continue;
    sources.push(column);
    isNamed[column] = 1;
    given.push(name);
  }
  const isIgnored = (column: number) => isNamed[column] === 1 || isSkipped(column);
  const header = readHeader(given, line, (i) => columnLetters(sources[i] ?? i));
  const areFirst = sources.every((column, i) => column === i);
  const least = sources.findIndex((column, i) => column !== i);
  /** Up to here no column is without a name. */
  const checkedFrom = least < 0 ? sources.length : least;

  return {
    ...header,
    areFirst,
    lastColumn: sources.at(-1) ?? 0,
    isColumn: (column) => isNamed[column] === 1,
    nameOf: (column) => header.columns[sources.indexOf(column)],
    columnOf: (name) => sources[header.columns.indexOf(name)],
    arrange(cells, columnCount, to, laidOver) {
      to.size = 0;
      for (const [i, column] of sources.entries()) {
        const own = column < columnCount ? bytesOf(cells, column) : undefined;
        const bytes = own !== undefined && own.length > 0 ? own : laidOver?.get(column);
        if (bytes) {
          to.reserve(bytes.length).set(bytes, to.size);
          to.size += bytes.length;
        }
        to.ends[i] = to.size;
      }
    },
    findUnnamed(cells, columnCount) {
      for (let column = checkedFrom; column < columnCount; column++) {
        if (isIgnored(column)) continue;
        const start = column === 0 ? 0 : (cells.ends[column - 1] as number);
        const end = cells.ends[column] as number;
        if (end > start && !isBlankText(cells.bytes, start, end)) return column;
      }
      return undefined;
    },
  };
}

/** The bytes of a cell. */
export const bytesOf = ({ bytes, ends }: CellBytes, column: number): Uint8Array =>
  bytes.subarray(column === 0 ? 0 : ends[column - 1], ends[column]);

const QUOTE = 0x22;
const SPACE = 0x20;

/** Whether a cell is a text of nothing but blanks. */
function isBlankText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== QUOTE && bytes[i] !== SPACE) return false;
  return true;
}
