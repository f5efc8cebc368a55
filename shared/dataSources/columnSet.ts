/** The names of a table's columns, within what its item can hold. */
import { MAX_COLUMN_NAME_BYTES, MAX_COLUMN_NAMES_BYTES, MAX_COLUMNS } from '../limits.ts';
import type { Row } from '../schemas/common.ts';
import type { Finding } from './sourceFault.ts';

/** Half of a character: JSON can spell it, the table cannot store it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Names in the order in which they came, each once. */
export interface ColumnSet {
  /** In the order in which they were added. */
  readonly names: string[];
  has(name: string): boolean;
  /** Adds a new name; answers what is wrong with it, in a sentence, when it cannot be added. */
  add(name: string): Finding | undefined;
}

/** A set of no names yet. */
export function createColumnSet(): ColumnSet {
  const names = new Set<string>();
  let bytes = 0;
  return {
    get names() {
      return [...names];
    },
    has: (name) => names.has(name),
    add(name) {
      if (LONE_SURROGATE.test(name)) {
        return invalid(`The name of column ${names.size + 1} is not valid Unicode. Rename it.`);
      }
      const size = Buffer.byteLength(name);
      bytes += size;
      if (size > MAX_COLUMN_NAME_BYTES) {
        return invalid(
          `A column's name is longer than ${MAX_COLUMN_NAME_BYTES} bytes. Shorten it.`,
        );
      }
      if (names.size === MAX_COLUMNS) {
        return tooMany(`There are more than ${MAX_COLUMNS} columns. Split the table.`);
      }
      if (bytes > MAX_COLUMN_NAMES_BYTES) {
        return tooMany(
          `The names of the columns take more than ${MAX_COLUMN_NAMES_BYTES} bytes together. Shorten them, or split the table.`,
        );
      }
      names.add(name);
      return undefined;
    },
  };
}

const invalid = (detail: string): Finding => ({ code: 'COLUMN_NAME_INVALID', detail });
const tooMany = (detail: string): Finding => ({ code: 'COLUMNS_TOO_MANY', detail });

/** Adds the names of a row's fields; answers what is wrong, in a sentence, at the first that cannot be added. */
export function addColumns(columns: ColumnSet, row: Row): Finding | undefined {
  for (const name in row) {
    const fault = columns.has(name) ? undefined : columns.add(name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
