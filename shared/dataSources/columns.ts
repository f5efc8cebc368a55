/**
 * The header of a CSV file: from the names of its columns to the shape of its rows.
 *
 * A name such as `address.city` or `benefits[1].name` is a path: its cells become fields of objects
 * and entries of lists. A name that merely has a dot or a bracket in it ("No.", "Price [EUR]") is an
 * ordinary name, and so is a path whose place another column has: "a.1" beside "a".
 */
import { stepsOf, type Step } from '../columns/columnPath.ts';
import { quoteName, shortenName } from '../columns/quoteName.ts';
import { MAX_ROW_DEPTH } from '../limits.ts';
import type { DataProblemCode } from '../problems.ts';
import { createColumnSet } from './columnSet.ts';
import { isReservedName } from './rowShape.ts';
import { SourceFault, type FoundProblem } from './sourceFault.ts';

/** What is at one place of a row. */
export type Place = CellPlace | ObjectPlace | ListPlace;
/** A cell, by the 0-based number of its column. */
export interface CellPlace {
  readonly kind: 'cell';
  readonly column: number;
}
/** An object, by the names of its fields. */
export interface ObjectPlace {
  readonly kind: 'object';
  readonly fields: Map<string, Place>;
}
/** A list, by the numbers of its entries, which may have gaps. */
export interface ListPlace {
  readonly kind: 'list';
  readonly entries: Map<number, Place>;
}

/** The columns of a table and the shape that they give to a row. */
export interface Header {
  readonly columns: string[];
  readonly shape: ObjectPlace;
  /** What was taken otherwise than it is written, in sentences. */
  readonly warnings: readonly string[];
}

/**
 * Reads the cells of the header; an absent one is undefined.
 * @param line the header's line, for messages
 * @param labelOf what a column, 0-based, is called in messages
 * @throws SourceFault with every fault found
 */
export function readHeader(
  given: readonly (string | undefined)[],
  line: number,
  labelOf: (column: number) => string | number = (column) => column + 1,
): Header {
  const problems: FoundProblem[] = [];
  const shape: ObjectPlace = { kind: 'object', fields: new Map() };
  const names = createColumnSet();
  const firstOf = new Map<string, string | number>();
  const plain: string[] = [];
  // As Excel writes a table beside which cells were once used.
  const cells = given.slice(0, given.findLastIndex((cell) => trimmed(cell) !== '') + 1);
  if (cells.length === 0) throw unnamedHeader(line);
  const all = new Set(cells.map(trimmed));

  for (const [i, cell] of cells.entries()) {
    const name = trimmed(cell);
    const label = labelOf(i);
    const first = firstOf.get(name);
    if (name === '' || first !== undefined) {
      problems.push(
        first === undefined
          ? {
              code: 'COLUMN_UNNAMED',
              line,
              detail: `Column ${label} has no name. Name it, or remove the column.`,
            }
          : named('COLUMN_DUPLICATE', name, line, duplicateFault(name, first, label)),
      );
      continue;
    }
    firstOf.set(name, label);
    const limit = names.add(name);
    if (limit !== undefined) {
      problems.push({ ...limit, line });
      break;
    }
    const path = stepsOf(name);
    const isTaken = leadsThrough(path, all);
    const fault = nameFault(name, isTaken ? [name] : path, label);
    if (fault !== undefined) {
      problems.push(named('COLUMN_NAME_INVALID', name, line, fault));
      continue;
    }
    if (!isTaken && putColumn(shape, path, i)) continue;
    putColumn(shape, [name], i);
    plain.push(name);
  }
  if (problems.length > 0) throw new SourceFault(...problems);
  const warnings: string[] = [];
  const cut = given.length - cells.length;
  if (cut > 0) warnings.push(cutColumns(cut));
  if (plain.length > 0) warnings.push(plainColumns(plain));
  return { columns: names.names, shape, warnings };
}

const trimmed = (cell: string | undefined) => cell?.trim() ?? '';

const unnamedHeader = (line: number) =>
  new SourceFault({
    code: 'COLUMN_UNNAMED',
    line,
    detail: `Line ${line}, which should hold the names of the columns, has none. If another line holds them, give its number as headerRow.`,
  });

const cutColumns = (count: number) =>
  count === 1
    ? 'The last cell of the header has no name: its column is left out.'
    : `The last ${count} cells of the header have no name: their columns are left out.`;

const plainColumns = ([first = '', ...others]: readonly string[]) =>
  `The column ${quoteName(first)}${others.length > 0 ? ` (and ${others.length} more)` : ''} is read by its whole name only, not as a path: another column has that place.`;

/** Whether a path leads through something that is itself a column. */
function leadsThrough(steps: readonly Step[], columns: ReadonlySet<string>): boolean {
  let path = '';
  return steps.slice(0, -1).some((step) => {
    path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    return columns.has(path);
  });
}

const named = (
  code: DataProblemCode,
  name: string,
  line: number,
  detail: string,
): FoundProblem => ({
  code,
  line,
  column: shortenName(name),
  detail,
});

function nameFault(
  name: string,
  steps: readonly Step[],
  label: string | number,
): string | undefined {
  if (name.includes('\0')) {
    return `The name of column ${label} has NUL characters in it. If the file is UTF-16, name the encoding utf-16le when you complete the data source.`;
  }
  const column = `Column ${label}, ${quoteName(name)},`;
  if (steps.some((step) => typeof step === 'string' && isReservedName(step))) {
    return `${column} has a reserved name. Rename it.`;
  }
  if (steps.length > MAX_ROW_DEPTH) {
    return `${column} is nested more than ${MAX_ROW_DEPTH} levels deep. Shorten the path.`;
  }
  return undefined;
}

const duplicateFault = (name: string, first: string | number, second: string | number) =>
  `Columns ${first} and ${second} are both named ${quoteName(name)}. Give them different names.`;

/** Gives a column its place; false when another has it, or one around or in it. */
function putColumn(shape: ObjectPlace, steps: readonly Step[], column: number): boolean {
  let place: Place = shape;
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1];
    const present = placeAt(place, step);
    const wanted: Place =
      next === undefined
        ? { kind: 'cell', column }
        : typeof next === 'string'
          ? { kind: 'object', fields: new Map() }
          : { kind: 'list', entries: new Map() };
    if (present === undefined) {
      setPlace(place, step, wanted);
      place = wanted;
    } else if (present.kind === 'cell' || present.kind !== wanted.kind) {
      return false;
    } else {
      place = present;
    }
  }
  return true;
}

function placeAt(place: Place, step: Step): Place | undefined {
  if (place.kind === 'object' && typeof step === 'string') return place.fields.get(step);
  if (place.kind === 'list' && typeof step === 'number') return place.entries.get(step);
  return undefined;
}

function setPlace(place: Place, step: Step, value: Place) {
  if (place.kind === 'object' && typeof step === 'string') place.fields.set(step, value);
  if (place.kind === 'list' && typeof step === 'number') place.entries.set(step, value);
}
