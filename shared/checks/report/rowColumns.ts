/** Rows of any shape as columns: one for each value that some row has, under its path. */
import { stepsOf, type Step } from '../../columns/columnPath.ts';
import type { Row } from '../../schemas/common.ts';

/** The columns of a table of rows. */
export interface RowColumns {
  /** Paths, as headers spell them. */
  readonly names: readonly string[];
  /** The value of a row in a column. */
  valueOf(row: Row, column: number): Row[string] | undefined;
  /** What a row has in a column; null for nothing. */
  textOf(row: Row, column: number): string | null;
  /** The position of a column, or of the first that is inside of it. */
  find(name: string): number | undefined;
}

/** Learns of columns row by row. */
export interface ColumnFinder {
  add(row: Row): void;
  columns(): RowColumns;
}

/**
 * Values inside of objects and lists that get a column each. Where there are more, such as in lists of any length,
 * each field of the row is one column, as JSON.
 */
const MOST_NESTED = 1_000;

/** @param known names of columns in their order, as a data source lists them */
export function createColumnFinder(known: readonly string[] = []): ColumnFinder {
  /** By field of the row, paths of the values in it. */
  const fields = new Map<string, Set<string>>();
  const isKnown = new Set(known);
  /** Fields of the row into which known columns lead. */
  const isCovered = new Set(
    known.flatMap((name) => {
      const steps = stepsOf(name);
      return steps.length > 1 ? [String(steps[0])] : [];
    }),
  );
  let nested = 0;
  let isFlat = false;

  const fieldOf = (name: string) => {
    let paths = fields.get(name);
    if (!paths) fields.set(name, (paths = new Set()));
    return paths;
  };

  function enter(value: unknown, path: string, paths: Set<string>) {
    if (isFlat) return;
    if (Array.isArray(value)) {
      for (const [i, entry] of (value as unknown[]).entries())
        enter(entry, `${path}[${i + 1}]`, paths);
      return;
    }
    if (typeof value === 'object' && value !== null) {
      for (const [name, entry] of Object.entries(value)) enter(entry, `${path}.${name}`, paths);
      return;
    }
    if (value === null || value === '' || paths.has(path)) return;
    paths.add(path);
    if (!isKnown.has(path)) nested++;
    isFlat = nested > MOST_NESTED;
  }

  return {
    add(row) {
      for (const name in row) {
        const value = row[name];
        const paths = fieldOf(name);
        if (typeof value === 'object' && value !== null) enter(value, name, paths);
        else if (paths.size > 0 && value !== null && value !== '') paths.add(name);
      }
    },
    columns() {
      const names = new Set<string>();
      const add = (field: string) => {
        const paths = fields.get(field);
        if (isFlat || paths === undefined || paths.size === 0) names.add(field);
        else for (const path of paths) names.add(path);
      };
      for (const name of known) {
        if (stepsOf(name).length > 1) names.add(name);
        else add(name);
      }
      for (const [field, paths] of fields) {
        if (!isCovered.has(field)) add(field);
        else if (!isFlat) for (const path of paths) names.add(path);
      }
      return columnsNamed([...names]);
    },
  };
}

/** Columns by their paths, as headers spell them. */
export function columnsNamed(names: readonly string[]): RowColumns {
  const steps = names.map(stepsOf);
  const valueOf = (row: Row, column: number) => {
    const name = names[column] ?? '';
    return Object.hasOwn(row, name) ? row[name] : valueAt(row, steps[column] ?? []);
  };
  return {
    names,
    valueOf,
    textOf: (row, column) => textOf(valueOf(row, column)),
    find(name) {
      const at = names.indexOf(name);
      const found =
        at >= 0
          ? at
          : names.findIndex((each) => each.startsWith(`${name}.`) || each.startsWith(`${name}[`));
      return found < 0 ? undefined : found;
    },
  };
}

function valueAt(row: Row, steps: readonly Step[]): Row[string] | undefined {
  let value: Row[string] | undefined = row;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return undefined;
    const key = typeof step === 'number' ? String(step - 1) : step;
    if (!Object.hasOwn(value, key)) return undefined;
    value = Array.isArray(value) ? value[Number(key)] : value[key];
  }
  return value;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : JSON.stringify(value);
}
