/**
 * The header of a CSV file: from the names of its columns to the shape of its rows.
 *
 * A name such as `address.city` or `benefits[1].name` is a path: its cells become fields of objects
 * and entries of lists (numbered from 1). A name that merely has a dot or a bracket in it ("No.",
 * "Price [EUR]") is an ordinary name.
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
}

/**
 * Reads the cells of the header; an absent one is undefined.
 * @param line the header's line, for messages
 * @throws SourceFault with every fault found
 */
export function readHeader(cells: readonly (string | undefined)[], line: number): Header {
  const problems: FoundProblem[] = [];
  const shape: ObjectPlace = { kind: 'object', fields: new Map() };
  const names = createColumnSet();
  const firstOf = new Map<string, number>();

  for (const [i, cell] of cells.entries()) {
    const name = cell?.trim() ?? '';
    const first = firstOf.get(name);
    if (name === '' || first !== undefined) {
      problems.push(
        first === undefined
          ? {
              code: 'COLUMN_UNNAMED',
              line,
              detail: `Column ${i + 1} has no name. Name it, or remove the column.`,
            }
          : named('COLUMN_DUPLICATE', name, line, duplicateFault(name, first, i + 1)),
      );
      continue;
    }
    firstOf.set(name, i + 1);
    const limit = names.add(name);
    if (limit !== undefined) {
      problems.push({ ...limit, line });
      break;
    }
    const steps = stepsOf(name);
    const fault = nameFault(name, steps, i + 1);
    const conflict = fault === undefined ? putColumn(shape, steps, i) : undefined;
    if (fault !== undefined) problems.push(named('COLUMN_NAME_INVALID', name, line, fault));
    if (conflict !== undefined) {
      problems.push(named('COLUMNS_CONFLICT', name, line, conflictFault(cells, i, conflict)));
    }
  }
  if (problems.length > 0) throw new SourceFault(...problems);
  return { columns: names.names, shape };
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

function nameFault(name: string, steps: readonly Step[], number: number): string | undefined {
  if (name.includes('\0')) {
    return `The name of column ${number} has NUL characters in it. If the file is UTF-16, name the encoding utf-16le when you complete the data source.`;
  }
  const column = `Column ${number}, ${quoteName(name)},`;
  if (steps.some((step) => typeof step === 'string' && isReservedName(step))) {
    return `${column} has a reserved name. Rename it.`;
  }
  if (steps.includes(0)) return `${column} has a list entry 0. Lists begin at [1].`;
  if (steps.length > MAX_ROW_DEPTH) {
    return `${column} is nested more than ${MAX_ROW_DEPTH} levels deep. Shorten the path.`;
  }
  return undefined;
}

const duplicateFault = (name: string, first: number, second: number) =>
  `Columns ${first} and ${second} are both named ${quoteName(name)}. Give them different names.`;

function conflictFault(cells: readonly (string | undefined)[], i: number, other: number): string {
  const quoted = (column: number) => `${column + 1}, ${quoteName(cells[column]?.trim() ?? '')},`;
  return `Columns ${quoted(other)} and ${quoted(i)} contradict each other: one place of a row cannot hold both. Rename one.`;
}

/** Gives a column its place; answers a column that already has that place, or one around or in it. */
function putColumn(shape: ObjectPlace, steps: readonly Step[], column: number): number | undefined {
  let place: Place = shape;
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1];
    const wanted: Place =
      next === undefined
        ? { kind: 'cell', column }
        : typeof next === 'string'
          ? { kind: 'object', fields: new Map() }
          : { kind: 'list', entries: new Map() };
    const present = placeAt(place, step);
    if (present === undefined) {
      setPlace(place, step, wanted);
      place = wanted;
    } else if (present.kind === 'cell' || present.kind !== wanted.kind) {
      return firstColumn(present);
    } else {
      place = present;
    }
  }
  return undefined;
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

/** A column in a place, for messages. */
function firstColumn(place: Place): number {
  if (place.kind === 'cell') return place.column;
  const inner: Iterable<Place> =
    place.kind === 'object' ? place.fields.values() : place.entries.values();
  for (const part of inner) return firstColumn(part);
  return 0;
}
