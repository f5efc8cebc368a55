/** The row of a sheet that is being read: its cells one behind the other, in memory that is used again. */
import { SourceFault, type Finding } from '../sourceFault.ts';
import { MAX_COLUMNS } from '../../limits.ts';
import { columnLetters } from '../../office/cellReference.ts';
import { GrowingCells, isTooLarge, type CellFault, type SheetRow } from './sheetRow.ts';
import { misplaced } from './faults.ts';

const NO_FAULTS: readonly CellFault[] = [];
const QUOTE = 0x22;

/** A class, and no closures: every cell comes by here some times. */
export class RowCells implements SheetRow {
  number = 0;
  isHidden = false;
  columnCount = 0;
  isFilled = false;
  /** The column behind the last cell, empty ones included. */
  position = 0;
  readonly cells = new GrowingCells();
  readonly typed = new GrowingCells();
  private ownFaults: CellFault[] | undefined;

  get faults(): readonly CellFault[] {
    return this.ownFaults ?? NO_FAULTS;
  }

  start(number: number, isHidden: boolean): void {
    this.number = number;
    this.isHidden = isHidden;
    this.columnCount = 0;
    this.isFilled = false;
    this.position = 0;
    this.cells.size = 0;
    this.typed.size = 0;
    this.ownFaults = undefined;
  }

  /** Goes on to the cell of a column. @throws SourceFault where none can be */
  place(column: number): void {
    if (column < this.position)
      throw misplaced(
        `Cell ${columnLetters(column)}${this.number} stands behind others of its row.`,
        this.number,
      );
    if (column >= MAX_COLUMNS) {
      throw new SourceFault({
        code: 'COLUMNS_TOO_MANY',
        line: this.number,
        detail: `Row ${this.number} has a cell in column ${column + 1}; at most ${MAX_COLUMNS} are possible. Split the table.`,
      });
    }
    this.position = column + 1;
  }

  /**
   * Ends the cell of a column whose bytes were written to `cells` from `before` on, and what is behind it to
   * `typed` from `typedBefore` on. Columns between it and the one before it are empty.
   * @throws SourceFault when the row has become too large
   */
  end(column: number, before: number, typedBefore: number): void {
    const { cells, typed } = this;
    const { ends } = cells;
    const typedEnds = typed.ends;
    for (let i = this.columnCount; i < column; i++) {
      ends[i] = before;
      typedEnds[i] = typedBefore;
    }
    const { size } = cells;
    ends[column] = size;
    typedEnds[column] = typed.size;
    this.columnCount = column + 1;
    // Two quotes are an empty text.
    if (size - before > 2 || cells.bytes[before] !== QUOTE) this.isFilled = true;
    if (isTooLarge(size)) {
      throw new SourceFault({
        code: 'ROW_TOO_LARGE',
        line: this.number,
        detail: `Row ${this.number} is larger than any may be. Make it smaller.`,
      });
    }
  }

  /** Ends a cell that cannot be read. */
  fail(column: number, { code, detail }: Finding): void {
    // A list of its own for each row: rows are kept while the header is looked for.
    (this.ownFaults ??= []).push({ code, column, detail });
    this.end(column, this.cells.size, this.typed.size);
    // What is there counts as something.
    this.isFilled = true;
  }

  /** Ends a cell of these bytes, behind which is nothing else. */
  put(column: number, bytes: Uint8Array): void {
    const before = this.cells.size;
    this.cells.add(bytes);
    this.end(column, before, this.typed.size);
  }
}
