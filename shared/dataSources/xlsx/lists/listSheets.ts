/**
 * Which sheets of a workbook hold lists of its rows, by their first cell: `#items` begins a sheet whose rows are
 * the entries of `items`, `#orders#items` one with those of `items` in the entries of `orders`. What stands below
 * is the key of the row, or entry, that has the list: it stands there in the column `#`.
 */
import { MAX_JOINED_SHEETS, MAX_LIST_DEPTH } from '../../../limits.ts';
import { stepsOf } from '../../../columns/columnPath.ts';
import { isListName, KEY_COLUMN, LIST_MARK } from '../../../columns/listColumns.ts';
import { quoteName } from '../../../columns/quoteName.ts';
import { SourceFault, type FoundProblem } from '../../sourceFault.ts';
import type { WorkbookPackage } from '../package.ts';
import type { SheetContext } from '../sheetScan.ts';
import type { Sheet } from '../workbook.ts';
import { firstRows } from './firstRows.ts';

/** A sheet with entries of a list. */
export interface ListSheet {
  readonly sheet: Sheet;
  /** The name of its key column, as it is written. */
  readonly keyColumn: string;
  readonly headerRow: number;
  /** Name of the list in the row, or entry, that has it. */
  readonly name: string;
  /** Lists in its entries. */
  readonly inner: readonly ListSheet[];
}

/** The lists of a workbook's rows. */
export interface FoundLists {
  /** Those in the rows, with those in their entries. */
  readonly lists: readonly ListSheet[];
  readonly warnings: readonly string[];
}

interface Marked {
  readonly sheet: Sheet;
  readonly keyColumn: string;
  readonly headerRow: number;
  readonly names: readonly string[];
}

/**
 * Looks for sheets with lists of the rows of another.
 * @param of the sheet with the rows
 * @param others those that may hold lists
 * @param readColumns reads the names of the columns of that sheet
 * @throws SourceFault for lists that have no place in the rows
 */
export async function findLists(
  parts: WorkbookPackage,
  context: SheetContext,
  {
    of,
    others,
    readColumns,
  }: { of: Sheet; others: readonly Sheet[]; readColumns: () => Promise<readonly string[]> },
): Promise<FoundLists> {
  const marked: Marked[] = [];
  for (const sheet of others.slice(0, MAX_JOINED_SHEETS)) {
    if (!parts.has(sheet.part)) continue;
    const [first] = await firstRows(parts, sheet.part, context, { count: 1, cellCount: 1 });
    const found = first && markOf(first.cells[0] ?? '');
    if (found) marked.push({ sheet, headerRow: first.number, ...found });
  }
  const isCut = others.length > MAX_JOINED_SHEETS;
  if (marked.length === 0 && !isCut) return { lists: [], warnings: [] };
  const hasKeys = (await readColumns()).includes(KEY_COLUMN);
  if (!hasKeys) return { lists: [], warnings: marked.length > 0 ? [unread(of, marked)] : [] };
  return { lists: arrange(marked), warnings: isCut ? [notLookedAt(others)] : [] };
}

/** What is told of sheets whose first cell nobody read, where rows have keys. */
const notLookedAt = (others: readonly Sheet[]): string =>
  `Only the first ${MAX_JOINED_SHEETS} of the ${others.length} other sheets were looked at for lists: those from ${quoteName(others[MAX_JOINED_SHEETS]?.name ?? '')} on are not read. Move the sheets with lists before them, or put all entries of a list on one sheet.`;

/** What is told of lists whose rows have no keys. */
const unread = (of: Sheet, [first, ...others]: readonly { readonly sheet: Sheet }[]): string =>
  `The sheet ${quoteName(first?.sheet.name ?? '')}${others.length > 0 ? ` (and ${others.length} more)` : ''} begins like one with entries of a list, but ${quoteName(of.name)} has no column ${KEY_COLUMN} with keys of rows: it is not read.`;

function markOf(cell: string): Pick<Marked, 'keyColumn' | 'names'> | undefined {
  const value: unknown = JSON.parse(cell);
  if (typeof value !== 'string') return undefined;
  const keyColumn = value.trim();
  if (!keyColumn.startsWith(LIST_MARK)) return undefined;
  const names = keyColumn.slice(LIST_MARK.length).split(LIST_MARK);
  return names.every(isListName) ? { keyColumn, names } : undefined;
}

/** Puts lists into those whose entries have them. @throws SourceFault */
function arrange(marked: readonly Marked[]): ListSheet[] {
  const problems: FoundProblem[] = [];
  const byPath = new Map<string, Marked>();
  for (const each of marked) {
    const { sheet, keyColumn, names } = each;
    const before = byPath.get(keyColumn);
    const outer = names.slice(0, -1);
    if (names.length > MAX_LIST_DEPTH) {
      problems.push(misplaced(sheet, `lies in more than ${MAX_LIST_DEPTH - 1} other lists.`));
    } else if (stepsOf(keyColumn).some((step) => typeof step === 'number')) {
      problems.push(
        misplaced(
          sheet,
          `begins with ${quoteName(keyColumn)}: a list cannot lie in a numbered entry. Rename it.`,
        ),
      );
    } else if (before) {
      problems.push(
        misplaced(
          sheet,
          `begins with ${quoteName(keyColumn)}, and so does the sheet ${quoteName(before.sheet.name)}. Put all entries on one of them.`,
        ),
      );
    } else if (outer.length > 0 && !marked.some((other) => isPath(other.names, outer))) {
      problems.push(
        misplaced(
          sheet,
          `begins with ${quoteName(keyColumn)}, but no sheet begins with ${quoteName(pathOf(outer))}. Add it, or correct the first cell.`,
        ),
      );
    } else byPath.set(keyColumn, each);
  }
  if (problems.length > 0) throw new SourceFault(...problems);
  const inside = (outer: readonly string[]): ListSheet[] =>
    marked
      .filter(({ names }) => isPath(names.slice(0, -1), outer))
      .map(({ sheet, keyColumn, headerRow, names }) => ({
        sheet,
        keyColumn,
        headerRow,
        name: names.at(-1) ?? '',
        inner: inside(names),
      }));
  return inside([]);
}

const pathOf = (names: readonly string[]) => names.map((name) => LIST_MARK + name).join('');
const isPath = (one: readonly string[], other: readonly string[]) => pathOf(one) === pathOf(other);

export const misplaced = (sheet: Sheet, what: string): FoundProblem => ({
  code: 'LIST_MISPLACED',
  detail: `The sheet ${quoteName(sheet.name)} ${what}`,
});
