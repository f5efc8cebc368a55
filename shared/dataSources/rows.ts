/**
 * Rows in their normal form: rows.jsonl, one JSON object a line, and rows.idx, the offsets of the
 * lines. Behind a tab, a line of a workbook has what is behind its values, as another object, and behind a
 * second one the cells that could not be read (rowFaults.ts); whoever does not ask for it does not parse it.
 * Everything that makes or reads documents knows rows only through this module.
 */
import { MAX_ROW_BYTES } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { Row } from '../schemas/common.ts';
import { addColumns, createColumnSet } from './columnSet.ts';
import { viewOf, windowsOf } from './pieces.ts';
import { createRowFields } from './rowFields.ts';
import { findRowFault, isRow } from './rowShape.ts';
import type { RowRange } from './rowsIndex.ts';
import { createRowsWriter, type RowsKeys } from './rowsWriter.ts';
import type { Finding } from './sourceFault.ts';

export { isBlankRow } from './rowShape.ts';
export {
  allRows,
  cutRange,
  cutRows,
  readIndex,
  type RowRange,
  type RowsIndex,
} from './rowsIndex.ts';

/** A row and its 1-based number. */
export interface NumberedRow {
  readonly row: number;
  readonly values: Row;
  /** What is behind shown values, as JSON; typedValues() reads it. */
  readonly typed?: string;
  /** Cells that could not be read, as JSON; readFaults() reads it. */
  readonly faults?: string;
}

/**
 * The numbers, and dates in ISO 8601, behind values of a workbook that were taken as they are shown: in the
 * same shape as the row, without what is nothing else than it is shown. Undefined where there is none.
 */
export function typedValues({ row, typed }: NumberedRow): Row | undefined {
  return typed === undefined ? undefined : parseLine(typed, row);
}

/** What rows were written. */
export interface WrittenRows {
  readonly rowCount: number;
  /** Size of rows.jsonl. */
  readonly bytes: number;
  /** Names of the rows' fields. */
  readonly columns: string[];
  /** The fields inside of them; undefined when they are too many to be known. */
  readonly nestedColumns: string[] | undefined;
}

/**
 * Writes rows.jsonl and rows.idx; `bytes` is the size of rows.jsonl.
 * @throws Problem DATA_INVALID for a row that cannot be stored, by its number
 */
export async function writeRows(
  ports: Pick<Ports, 'objects'>,
  keys: RowsKeys,
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<WrittenRows> {
  const writer = createRowsWriter(ports, keys);
  const columns = createColumnSet();
  const fields = createRowFields();
  try {
    let number = 0;
    for await (const row of rows) {
      number++;
      const own = findRowFault(row) ?? (writer.writeRow(row) ? undefined : tooLarge);
      const fault = own
        ? { ...own, detail: `Row ${number} ${own.detail}` }
        : addColumns(columns, row);
      if (fault) {
        throw new Problem('DATA_INVALID', fault.detail, {
          errors: [{ ...fault, pointer: `/data/${number - 1}` }],
        });
      }
      fields.add(row);
      if (writer.full) await writer.flush();
    }
    const { rowCount, bytes } = await writer.finish();
    return { rowCount, bytes, columns: columns.names, nestedColumns: fields.paths };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

const tooLarge: Finding = {
  code: 'ROW_TOO_LARGE',
  detail: `is larger than ${MAX_ROW_BYTES} bytes of JSON. Make it smaller.`,
};

/** Consecutive rows that arrived together. */
export interface RowBatch<R = NumberedRow> {
  readonly rows: readonly R[];
  /** Where the `i`-th row of the batch (0-based) ends, its line break included, in bytes of the range. */
  endOf(i: number): number;
}

/** Positions in `lines`, whose last line break is left out and whose first byte is at `base`. */
function lineEnds(lines: Uint8Array, base: number) {
  return (i: number): number => {
    let end = -1;
    for (let line = 0; line <= i; line++) {
      const at = lines.indexOf(0x0a, end + 1);
      end = at < 0 ? lines.length : at;
    }
    return base + end + 1;
  };
}

/**
 * The rows of a range, in small batches as their bytes arrive.
 * @throws ObjectMissing; Error when the bytes are not the range's rows
 */
export const readRows = (
  ports: Pick<Ports, 'objects'>,
  rowsKey: string,
  range: RowRange,
): AsyncGenerator<RowBatch, void, undefined> => readLines(ports, rowsKey, range, parseRow);

/** Between a row, what is behind its values, and its faults: JSON has it nowhere as it is. */
const SEPARATOR = '\t';

/** A row of its line and its 1-based number. */
export function parseRow(line: string, row: number): NumberedRow {
  const end = line.indexOf(SEPARATOR);
  if (end < 0) return { row, values: parseLine(line, row) };
  const [typed = '', faults] = line.slice(end + 1).split(SEPARATOR);
  return {
    row,
    values: parseLine(line.slice(0, end), row),
    ...(typed !== '' && { typed }),
    ...(faults !== undefined && { faults }),
  };
}

/**
 * The same of any table that has a line for each row.
 * @param parse makes a row of a line and its 1-based number
 */
export async function* readLines<R>(
  { objects }: Pick<Ports, 'objects'>,
  key: string,
  range: RowRange,
  parse: (line: string, number: number) => R,
): AsyncGenerator<RowBatch<R>, void, undefined> {
  let row = range.firstRow;
  /** Bytes of the batches before. */
  let base = 0;
  function takeLines(lines: Uint8Array): RowBatch<R> {
    const text = viewOf(lines).toString('utf8');
    const rows = text.split('\n').map((line) => parse(line, row++));
    const endOf = lineEnds(lines, base);
    base += lines.length + 1;
    return { rows, endOf };
  }

  /** The beginning of a line that ends in a piece to come. */
  let held: Uint8Array[] = [];
  const bytes = objects.stream(key, { offset: range.byteOffset, length: range.byteLength });
  for await (const piece of bytes) {
    for (const window of windowsOf(piece)) {
      const end = window.lastIndexOf(0x0a);
      if (end < 0) {
        held.push(window);
        continue;
      }
      const lines = window.subarray(0, end);
      yield takeLines(held.length > 0 ? Buffer.concat([...held, lines]) : lines);
      held = end + 1 < window.length ? [window.subarray(end + 1)] : [];
    }
  }
  if (held.length > 0 || row !== range.firstRow + range.rowCount) {
    throw new Error(
      `Rows ${range.firstRow} to ${row - 1} were found where ${range.rowCount} rows from ${range.firstRow} on should be: rows.jsonl and its index do not belong together.`,
    );
  }
}

function parseLine(line: string, row: number): Row {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The engine's message quotes the line, so it is not passed on.
  }
  if (!isRow(value)) throw new Error(`Row ${row} of rows.jsonl is not a JSON object.`);
  return value;
}
