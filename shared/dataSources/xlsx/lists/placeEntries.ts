/** Where in a workbook a column inside of a row's lists stands: on the sheet with the entries. */
import { stepsOf, type Step } from '../../../columns/columnPath.ts';
import { ITEM_COLUMN, KEY_COLUMN, wayToList } from '../../../columns/listColumns.ts';
import type { Sheet } from '../workbook.ts';
import type { ReadList } from './joinRows.ts';

/** A cell of a sheet: its 1-based row and 0-based column. */
export interface EntryPlace {
  readonly sheet: Sheet;
  readonly row: number;
  readonly column: number;
}

/** The cell is the key of the row itself: the list as a whole is meant, or an entry that it has not. */
export const OWN_KEY = Symbol('own key');

/**
 * @param lists of the row
 * @param key of the row; undefined for one that has no entries
 * @param column a path, as headers spell it
 * @returns undefined for a column that is in none of the lists
 */
export const placeEntry = (
  lists: readonly ReadList[],
  key: string | undefined,
  column: string,
): EntryPlace | typeof OWN_KEY | undefined => placeIn(lists, key, stepsOf(column));

function placeIn(
  lists: readonly ReadList[],
  key: string | undefined,
  steps: readonly Step[],
): EntryPlace | typeof OWN_KEY | undefined {
  for (const list of lists) {
    const way = wayToList(list.name);
    if (!way.every((step, i) => step === steps[i])) continue;
    const [number, ...inside] = steps.slice(way.length);
    const group = key === undefined ? undefined : list.groups.get(key);
    const entry = typeof number === 'number' ? group?.entries[number - 1] : undefined;
    if (!entry) return OWN_KEY;
    const inner = placeIn(list.inner, entry.key, inside);
    if (inner && inner !== OWN_KEY) return inner;
    const name = inner === OWN_KEY ? KEY_COLUMN : columnNamed(list, inside);
    const at = name === undefined ? undefined : list.columnOf(name);
    // An entry as a whole is known by its first cell.
    return { sheet: list.sheet, row: entry.line, column: at ?? 0 };
  }
  return undefined;
}

const columnNamed = ({ arePlain, columns }: ReadList, steps: readonly Step[]) =>
  arePlain ? ITEM_COLUMN : columns.find((name) => isSame(stepsOf(name), steps));

const isSame = (one: readonly Step[], other: readonly Step[]) =>
  one.length === other.length && one.every((step, i) => step === other[i]);
