/** Rows of the JSON formats: one piece of JSON text each, checked and written in its normal form. */
import { MAX_ROW_BYTES } from '../limits.ts';
import { addColumns, createColumnSet } from './columnSet.ts';
import { changingNumbers, keepDigits } from './jsonNumbers.ts';
import { createRowFields } from './rowFields.ts';
import { findRowFault, HAS_CHANGING_NUMBER, isRow } from './rowShape.ts';
import { checkRowCount, rowTooLarge, type ReaderOutput } from './sourceReader.ts';
import { SourceFault, type Finding } from './sourceFault.ts';

/** Collects the rows of one table. The writer must not be full when a row is added. */
export interface JsonRows {
  readonly columns: string[];
  readonly nestedColumns: string[] | undefined;
  readonly rowCount: number;
  /** What was taken otherwise than it is written, in sentences. */
  warnings(): string[];
  /**
   * Adds the row that `json` should be.
   * @param place its beginning, such as "Line 5" or "Element 5", for messages
   * @throws SourceFault when the table cannot be read on
   */
  add(json: Buffer, place: string, line: number): void;
  /** Adds a row without any value. */
  addBlank(line: number): void;
}

/** A table without rows yet; its columns are the names of the fields of all rows. */
export function createJsonRows({ writer, problems }: ReaderOutput): JsonRows {
  const columns = createColumnSet();
  const fields = createRowFields();
  let rowCount = 0;
  /** Rows with numbers that are kept as texts. */
  let keptNumbers = 0;

  function count(line: number) {
    rowCount++;
    checkRowCount(rowCount, line);
  }

  /** A row that cannot be used; `fault` ends a sentence that begins with its place. */
  function addFault({ code, detail }: Finding, place: string, line: number) {
    count(line);
    problems.add({ code, line, row: rowCount, detail: `${place} ${detail}` });
  }

  return {
    get columns() {
      return columns.names;
    },
    get nestedColumns() {
      return fields.paths;
    },
    get rowCount() {
      return rowCount;
    },
    warnings: () =>
      keptNumbers === 0
        ? []
        : [
            `${keptNumbers === 1 ? '1 row has' : `${keptNumbers} rows have`} numbers with more digits than a number can keep: they are taken as texts, digit for digit.`,
          ],
    addBlank(line) {
      count(line);
      if (problems.count === 0) writer.writeRow({});
    },

    add(json, place, line) {
      if (json.length > MAX_ROW_BYTES) throw rowTooLarge(place, line);
      const text = json.toString('utf8');
      const parsed = parse(text);
      if (parsed === undefined) return addFault(NOT_JSON, place, line);
      const numbers = [...changingNumbers(text)];
      const value = numbers.length > 0 ? parse(keepDigits(text, numbers)) : parsed;
      if (!isRow(value)) return addFault(notAnObject(parsed), place, line);
      const isChanging = numbers.some(({ hasExponent }) => hasExponent);
      const fault = isChanging ? HAS_CHANGING_NUMBER : findRowFault(value);
      if (fault !== undefined) return addFault(fault, place, line);

      if (numbers.length > 0) keptNumbers++;
      count(line);
      fields.add(value);
      const limit = addColumns(columns, value);
      if (limit !== undefined) throw new SourceFault({ ...limit, line, row: rowCount });
      if (problems.count === 0 && !writer.writeRow(value)) throw rowTooLarge(place, line);
    },
  };
}

const NOT_JSON: Finding = { code: 'JSON_INVALID', detail: 'is not valid JSON.' };

const notAnObject = (value: unknown): Finding => ({
  code: 'ROW_NOT_OBJECT',
  detail: `is ${kindOf(value)}, not an object. Every row is an object, such as {"name": "…"}.`,
});

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean') return 'a truth value';
  return typeof value === 'number' ? 'a number' : 'a text';
}

/** The value, or undefined for what is no JSON: the engine's message quotes data, so it is dropped. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
