/** Rows, and entries of lists, with the lists that further sheets have for them. */
import { fieldsOf, stepsOf } from '../../../columns/columnPath.ts';
import { KEY_COLUMN, meet, wayToList } from '../../../columns/listColumns.ts';
import { quoteName } from '../../../columns/quoteName.ts';
import type { Row, RowFault } from '../../../schemas/common.ts';
import { readFaults } from '../../rowFaults.ts';
import { isReservedName, isRow } from '../../rowShape.ts';
import type { FoundProblem, ProblemList } from '../../sourceFault.ts';
import type { Sheet } from '../workbook.ts';
import { misplaced } from './listSheets.ts';

/** An entry of a list, as texts of JSON: what it holds, what is behind that, and what could not be read. */
export interface Entry {
  readonly values: string;
  readonly typed: string | undefined;
  readonly faults: readonly RowFault[];
  /** Row of the sheet that it stands in. */
  readonly line: number;
  /** By which the lists in it are found. */
  readonly key: string | undefined;
}

/** The entries that belong to one row, in their order. */
export interface EntryGroup {
  readonly entries: Entry[];
  /** Row of the sheet that has the first of them. */
  readonly line: number;
  /** Row of the table that has them, once it was read. */
  owner?: number;
}

/** A list that was read. */
export interface ReadList {
  readonly sheet: Sheet;
  /** Where it is in the row, or entry, that has it. */
  readonly name: string;
  /** Whether its entries are values, and no objects. */
  readonly arePlain: boolean;
  /** Fields of its entries, as header paths. */
  readonly fields: readonly string[];
  readonly groups: ReadonlyMap<string, EntryGroup>;
  /** Its columns with those of keys, as they are called, and which of the sheet each is, 0-based. */
  readonly columns: readonly string[];
  readonly columnOf: (name: string) => number | undefined;
  /** Lists in its entries. */
  readonly inner: readonly ReadList[];
}

/** A row that has its lists. */
export interface JoinedRow {
  readonly values: Row;
  readonly typed: Row | undefined;
  readonly faults: readonly RowFault[];
}

function parseRow(json: string): Row {
  const row: unknown = JSON.parse(json);
  if (!isRow(row)) throw new Error('A line is no row.');
  return row;
}

/** A line of rows by its parts, whose values can be changed. */
export function splitLine(line: string): {
  values: Row;
  typed: Row | undefined;
  faults: RowFault[];
} {
  const [values = '{}', typed = '', faults] = line.split('\t');
  return {
    values: parseRow(values),
    typed: typed === '' ? undefined : parseRow(typed),
    faults: readFaults(faults),
  };
}

/** Digits of a number that a workbook keeps for sure: what is behind them differs by how it was computed. */
const KEPT_DIGITS = 15;

/**
 * The value of a key column as text, which the row loses: what is shown, or the number behind it where another is
 * shown. General shows 202611250001 and 202611250002 alike, as 2.02611E+11.
 */
export function takeKey(values: Row, typed: Row | undefined, column: string): string | undefined {
  const key = take(values, column);
  const behind = typed && take(typed, column);
  const isKey = typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean';
  const text = isKey ? String(key).trim() : '';
  if (typeof behind === 'number') {
    const number = Number(behind.toPrecision(KEPT_DIGITS));
    if (text === '' || Number(text) !== number) return String(number);
  }
  return text === '' ? undefined : text;
}

/** Takes a column out of a row that was made for nobody else: by its name, or by the path that it is. */
function take(row: Row, column: string): unknown {
  if (Object.hasOwn(row, column)) {
    const value = row[column];
    delete row[column];
    return value;
  }
  const [first, ...rest] = stepsOf(column);
  const inner = typeof first === 'string' && Object.hasOwn(row, first) ? row[first] : undefined;
  if (typeof first !== 'string' || rest.length === 0 || !isRow(inner)) return undefined;
  const value = take(inner, rest.join('.'));
  if (Object.keys(inner).length === 0) delete row[first];
  return value;
}

/**
 * Puts the lists of one row into it.
 * @param number of the row among those that may have lists, for messages
 */
export function joinLists(
  row: { values: Row; typed: Row | undefined; faults: readonly RowFault[] },
  key: string | undefined,
  lists: readonly ReadList[],
  number: number,
  problems: ProblemList,
): JoinedRow {
  const { values } = row;
  let { typed } = row;
  const faults = [...row.faults];
  for (const list of lists) {
    const group = key === undefined ? undefined : list.groups.get(key);
    if (group?.owner !== undefined) problems.add(duplicateKey(list, group.owner, number));
    if (group) group.owner ??= number;
    const entries = group?.entries ?? [];
    put(
      values,
      list.name,
      entries.map((entry) => entry.values),
    );
    if (entries.some((entry) => entry.typed !== undefined)) {
      put(
        (typed ??= {}),
        list.name,
        entries.map((entry) => entry.typed ?? 'null'),
      );
    }
    for (const [i, entry] of entries.entries()) {
      const path = `${list.name}[${i + 1}]`;
      for (const fault of entry.faults) {
        faults.push({ ...fault, column: list.arePlain ? path : `${path}.${fault.column}` });
      }
    }
  }
  return { values, typed, faults };
}

const duplicateKey = ({ sheet }: ReadList, first: number, number: number): FoundProblem => ({
  code: 'KEY_DUPLICATE',
  row: number,
  column: KEY_COLUMN,
  detail: `Rows ${first} and ${number} have the same key in the column ${KEY_COLUMN}, and the sheet ${quoteName(sheet.name)} has entries for it. Give each row a key of its own.`,
});

/** @param entries as JSON */
function put(row: Row, name: string, entries: readonly string[]) {
  const way = wayToList(name);
  const last = way.at(-1) ?? name;
  let at: Row = row;
  for (const step of way.slice(0, -1)) {
    const inner = Object.hasOwn(at, step) ? at[step] : undefined;
    const next = isRow(inner) ? inner : {};
    at[step] = next;
    at = next;
  }
  at[last] = parseRow(`{"list":[${entries.join(',')}]}`)['list'] ?? [];
}

/** Forgets which rows have the entries: they are read again. */
export function disown(lists: readonly ReadList[]): void {
  for (const { groups } of lists) for (const group of groups.values()) delete group.owner;
}

/**
 * What forbids lists a place in rows of these columns: another column or list is there, or around it.
 * @param columns names of those, without that of keys
 */
export function findMisplaced(
  lists: readonly ReadList[],
  columns: readonly string[],
): FoundProblem[] {
  const problems: FoundProblem[] = [];
  const taken = columns.map((name) => ({ name, way: fieldsOf(name), isList: false }));
  for (const { sheet, name } of lists) {
    const way = wayToList(name);
    const other = taken.find((each) => meet(way, each.way));
    if (way.some(isReservedName)) {
      problems.push(
        misplaced(sheet, 'holds a list with a reserved name. Rename it in its first cell.'),
      );
    } else if (other) {
      const what = other.isList ? 'the list' : 'the column';
      problems.push(
        misplaced(
          sheet,
          `holds the list ${quoteName(name)}, but ${what} ${quoteName(other.name)} has its place. Rename one of them.`,
        ),
      );
    }
    taken.push({ name, way, isList: true });
  }
  return problems;
}
