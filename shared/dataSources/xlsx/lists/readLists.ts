/** Reads the sheets with lists, innermost first, into memory: entries by the key of the row that has them. */
import { MAX_JOINED_BYTES, MAX_NESTED_NAMES_BYTES } from '../../../limits.ts';
import { FIRST_ENTRY } from '../../../columns/columnPath.ts';
import { ITEM_COLUMN, KEY_COLUMN, LIST_MARK } from '../../../columns/listColumns.ts';
import { quoteName } from '../../../columns/quoteName.ts';
import { isBlankRow } from '../../rowShape.ts';
import { SourceFault, type ProblemList } from '../../sourceFault.ts';
import {
  disown,
  findMisplaced,
  joinLists,
  splitLine,
  takeKey,
  type EntryGroup,
  type ReadList,
} from './joinRows.ts';
import type { ListSheet } from './listSheets.ts';
import type { SheetTable } from '../sheetTable.ts';
import type { Sheet } from '../workbook.ts';

/** What is asked of a table. */
type ListTable = Pick<SheetTable, 'columns' | 'columnOf' | 'line' | 'warnings'>;

/**
 * Reads a sheet as a table, each row of which is taken as a line.
 * @param problems get what is wrong, once it is known
 * @param begin called before the first row, again when the sheet is read a second time, because its cells are
 *   merged; what it finds then is all that counts
 */
export type ReadTable = (
  sheet: Sheet,
  headerRow: number,
  problems: ProblemList,
  begin: (table: () => ListTable, problems: ProblemList) => (line: string) => void,
) => Promise<ListTable>;

/** Lists, and what is told of their sheets. */
export interface ReadLists {
  readonly lists: readonly ReadList[];
  /** Header paths of all fields in them; undefined when they are more than can be kept. */
  readonly nestedColumns: string[] | undefined;
  readonly warnings: readonly string[];
  /** The sheets in the order in which they were found, and how many entries each has. */
  readonly found: readonly { sheet: string; list: string; entries: number }[];
}

/** What an entry takes beside its texts: places in lists, heads of strings. */
const ENTRY_BYTES = 176;
/** A group beside its entries: its key, its place in a map. */
const GROUP_BYTES = 200;

/**
 * Reads lists with those in their entries.
 * @param maxBytes what their entries may take in memory
 * @throws SourceFault
 */
export async function readLists(
  sheets: readonly ListSheet[],
  readTable: ReadTable,
  problems: ProblemList,
  maxBytes = MAX_JOINED_BYTES,
): Promise<ReadLists> {
  const memory = { bytes: 0 };
  const warnings: string[] = [];
  const found: { sheet: string; list: string; entries: number }[] = [];

  async function read(list: ListSheet): Promise<ReadList> {
    const { sheet, keyColumn, headerRow, name } = list;
    const place = found.push({ sheet: sheet.name, list: keyColumn, entries: 0 }) - 1;
    const inner: ReadList[] = [];
    for (const each of list.inner) inner.push(await read(each));
    const own = ofSheet(problems, sheet);
    const problemsBefore = problems.count;
    let groups = new Map<string, EntryGroup>();
    let entries = 0;
    const table = await readTable(sheet, headerRow, own, (current, its) => {
      groups = new Map();
      entries = 0;
      disown(inner);
      let arePlain: boolean | undefined;
      let hasPlaces: boolean | undefined;
      return (line) => {
        const { columns, line: row } = current();
        hasPlaces ??= havePlaces(inner, columnsOf(columns, list), its);
        if (!hasPlaces) return;
        arePlain ??= isPlain(columns, list);
        const { values, typed, faults } = splitLine(line);
        const key = takeKey(values, typed, keyColumn);
        const ownKey = inner.length > 0 ? takeKey(values, typed, KEY_COLUMN) : undefined;
        if (key === undefined && ownKey === undefined && faults.length === 0 && isBlankRow(values))
          return;
        if (key === undefined) {
          its.add({
            code: 'KEY_MISSING',
            line: row,
            detail: `Row ${row} has no key in its column ${quoteName(keyColumn)}. Write the key of the row that it belongs to.`,
          });
          return;
        }
        const joined = joinLists({ values, typed, faults }, ownKey, inner, row, its);
        const entry = {
          values: JSON.stringify(arePlain ? (joined.values[ITEM_COLUMN] ?? null) : joined.values),
          typed: joined.typed && textOf(arePlain ? joined.typed[ITEM_COLUMN] : joined.typed),
          faults: joined.faults.map((fault) => ({
            ...fault,
            detail: inSheet(sheet, fault.detail),
          })),
          line: row,
          key: ownKey,
        };
        let group = groups.get(key);
        if (!group) {
          groups.set(key, (group = { entries: [], line: row }));
          memory.bytes += GROUP_BYTES + 2 * key.length;
        }
        group.entries.push(entry);
        entries++;
        memory.bytes += ENTRY_BYTES + 2 * (entry.values.length + (entry.typed?.length ?? 0));
        if (memory.bytes > maxBytes) throw tooManyEntries();
      };
    });
    warnings.push(...table.warnings.map((warning) => inSheet(sheet, warning)));
    // Behind a problem no entries are taken any more: those of the lists in them would seem to be nobody's.
    if (problems.count === problemsBefore) reportUnowned(inner, problems);
    const columns = columnsOf(table.columns, list);
    const arePlain = isPlain(table.columns, list);
    found[place] = { sheet: sheet.name, list: keyColumn, entries };
    return {
      sheet,
      name,
      arePlain,
      fields: arePlain ? [] : fieldsIn(columns, inner),
      groups,
      columns: table.columns,
      columnOf: (column) => table.columnOf(column),
      inner,
    };
  }

  const lists: ReadList[] = [];
  for (const each of sheets) lists.push(await read(each));
  return { lists, nestedColumns: nestedColumnsOf(lists), warnings, found };
}

function nestedColumnsOf(lists: readonly ReadList[]): string[] | undefined {
  const nested = lists.flatMap(({ name, fields }) =>
    fields.map((field) => `${name}${FIRST_ENTRY}.${field}`),
  );
  const bytes = nested.reduce((sum, path) => sum + Buffer.byteLength(path), 0);
  return bytes > MAX_NESTED_NAMES_BYTES ? undefined : nested;
}

/** Lists of which no entry belongs to any row: their sheets only look like such. Asked once all rows were joined. */
export const foreignLists = (lists: readonly ReadList[]): ReadList[] =>
  lists.filter(
    ({ groups }) =>
      groups.size > 0 && ![...groups.values()].some(({ owner }) => owner !== undefined),
  );

/** Leaves lists out, with those in them, and says so. */
export function withoutLists(read: ReadLists, foreign: readonly ReadList[]): ReadLists {
  const lists = read.lists.filter((list) => !foreign.includes(list));
  const marks = foreign.map(({ name }) => LIST_MARK + name);
  const isLeft = ({ list }: ReadLists['found'][number]) =>
    !marks.some((mark) => list === mark || list.startsWith(mark + LIST_MARK));
  const gone = read.found.filter((each) => !isLeft(each));
  const isOfGone = (warning: string) =>
    gone.some(({ sheet }) => warning.startsWith(inSheet({ name: sheet }, '')));
  return {
    lists,
    nestedColumns: nestedColumnsOf(lists),
    warnings: [
      ...read.warnings.filter((warning) => !isOfGone(warning)),
      ...foreign.map(
        ({ sheet }) =>
          `The sheet ${quoteName(sheet.name)} begins like one with entries of a list, but none of its keys stands in the column ${KEY_COLUMN} of the rows: it is not read.`,
      ),
    ],
    found: read.found.filter(isLeft),
  };
}

/** Names of a list's own columns, without those of keys. */
const columnsOf = (columns: readonly string[], { keyColumn, inner }: ListSheet) =>
  columns.filter((name) => name !== keyColumn && !(inner.length > 0 && name === KEY_COLUMN));

function isPlain(columns: readonly string[], list: ListSheet): boolean {
  const own = columnsOf(columns, list);
  return own.length === 1 && own[0] === ITEM_COLUMN && list.inner.length === 0;
}

/** Fields of entries: their columns, and the fields of the lists in them. */
const fieldsIn = (columns: readonly string[], inner: readonly ReadList[]): string[] => [
  ...columns,
  ...inner.flatMap(({ name, fields }) =>
    fields.length === 0 ? [name] : fields.map((field) => `${name}${FIRST_ENTRY}.${field}`),
  ),
];

const textOf = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value));

/** Whether all lists have a place among the columns of rows; if not, it is told. */
export function havePlaces(
  lists: readonly ReadList[],
  columns: readonly string[],
  problems: ProblemList,
): boolean {
  const found = findMisplaced(lists, columns);
  for (const problem of found) problems.add(problem);
  return found.length === 0;
}

/** Adds a problem for each key that no row has. */
export function reportUnowned(lists: readonly ReadList[], problems: ProblemList): void {
  for (const { sheet, groups } of lists) {
    for (const { line, owner, entries } of groups.values()) {
      if (owner !== undefined) continue;
      const more = entries.length > 1 ? `, and ${entries.length - 1} more with the same key` : '';
      problems.add({
        code: 'KEY_UNKNOWN',
        line,
        detail: inSheet(
          sheet,
          `Row ${line} belongs to a key that no row has in its column ${KEY_COLUMN}${more}. Correct the key, or add the row.`,
        ),
      });
    }
  }
}

const inSheet = (sheet: Pick<Sheet, 'name'>, detail: string) =>
  `Sheet ${quoteName(sheet.name)}: ${detail}`;

/** Problems that say which sheet they are of. */
const ofSheet = (problems: ProblemList, sheet: Sheet): ProblemList => ({
  get listed() {
    return problems.listed;
  },
  get count() {
    return problems.count;
  },
  add: (problem) => {
    problems.add({ ...problem, detail: inSheet(sheet, problem.detail) });
  },
});

const tooManyEntries = () =>
  new SourceFault({
    code: 'ROWS_TOO_MANY',
    detail:
      'The lists of the workbook have more entries than can be joined to its rows. Split the table, or upload it as JSON Lines.',
  });
