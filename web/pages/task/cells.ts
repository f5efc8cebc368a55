/** The values of rows as cells that can be edited, and what was edited as corrections. */
import type { Row } from '../../../shared/schemas/common.ts';
import type { RetryTask } from '../../../shared/schemas/taskApi.ts';

type Value = Row[string];

/** Cells of a row by column; fields of what a column holds by their paths, such as items[1].price. */
export type Cells = ReadonlyMap<string, Value>;

/** Of a row with long lists, the others are not shown. */
const MOST_CELLS = 300;

export function cellsOf(values: Row): Cells {
  const cells = new Map<string, Value>();
  const add = (name: string, value: Value): void => {
    if (cells.size >= MOST_CELLS) return;
    if (Array.isArray(value)) value.forEach((entry, i) => add(`${name}[${i + 1}]`, entry));
    else if (typeof value === 'object' && value !== null) {
      for (const [field, inner] of Object.entries(value)) add(`${name}.${field}`, inner);
    } else cells.set(name, value);
  };
  for (const [name, value] of Object.entries(values)) add(name, value);
  return cells;
}

/** What a cell shows. */
export const textOf = (value: Value | undefined): string =>
  value === undefined || value === null
    ? ''
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

/** All columns of some rows, in the order in which they come. @param atFault are there whether a row has them or not */
export function columnsOf(rows: Iterable<Cells>, atFault: readonly string[]): string[] {
  const names = new Set<string>();
  for (const cells of rows) for (const name of cells.keys()) names.add(name);
  for (const name of atFault) names.add(name);
  return [...names];
}

/** Those at fault, and behind the first column, by which people know a row. */
export function shownColumns(columns: readonly string[], atFault: readonly string[]): string[] {
  const faulty = new Set(atFault);
  return columns.filter((name, i) => i === 0 || faulty.has(name));
}

/** What a text means in the place of a value: numbers and truth values stay what they are. */
function valueOf(text: string, before: Value | undefined): Value {
  if (typeof before === 'number' && text.trim() !== '') {
    const number = Number(text);
    // Written otherwise than a number is, it is a text: 007, 1e3.
    if (String(number) === text.trim()) return number;
  }
  if (typeof before === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** Edited texts by row and column. */
export type Edits = ReadonlyMap<number, ReadonlyMap<string, string>>;

/** Edits with one more; a text that is what was there is none. */
export function withEdit(
  edits: Edits,
  row: number,
  column: string,
  text: string,
  before: Value | undefined,
): Edits {
  const ofRow = new Map(edits.get(row));
  if (text === textOf(before)) ofRow.delete(column);
  else ofRow.set(column, text);
  const all = new Map(edits);
  if (ofRow.size === 0) all.delete(row);
  else all.set(row, ofRow);
  return all;
}

/** Those of some rows: others may not fail any more. */
export const editsOf = (edits: Edits, rows: readonly number[]): Edits =>
  new Map([...edits].filter(([row]) => rows.includes(row)));

export const countEdits = (edits: Edits): number =>
  [...edits.values()].reduce((sum, { size }) => sum + size, 0);

/** @param cells of each row, as they were */
export const correctionsOf = (
  edits: Edits,
  cells: ReadonlyMap<number, Cells>,
): RetryTask['corrections'] =>
  [...edits]
    .sort(([a], [b]) => a - b)
    .map(([row, ofRow]) => ({
      row,
      values: Object.fromEntries(
        [...ofRow].map(([column, text]) => [column, valueOf(text, cells.get(row)?.get(column))]),
      ),
    }));
