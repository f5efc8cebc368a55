/** The columns that corrections of a task's rows may name. */
import { FIRST_ENTRY, stepsOf } from '../columns/columnPath.ts';
import type { Columns } from '../columns/fill.ts';
import { nearestAmong } from '../columns/nearest.ts';
import { quoteName } from '../columns/quoteName.ts';
import { columnsOf, requireReadyDataSource, withFields } from '../dataSources/dataSources.ts';
import { addColumns, createColumnSet } from '../dataSources/columnSet.ts';
import { createRowFields } from '../dataSources/rowFields.ts';
import { allRows, readIndex, readRows } from '../dataSources/rows.ts';
import type { Ports } from '../ports.ts';
import type { TaskItem } from '../schemas/items.ts';
import { GROUP_LIST } from '../selection/groupList.ts';
import { groupedColumns } from '../orders/groupedColumns.ts';

/** Columns of some rows: fields of the rows themselves, and all names, those of inner fields included. */
export interface TaskColumns {
  readonly own: ReadonlySet<string>;
  readonly all: Columns;
}

/** Rows that came inline are at most a body: their columns are found by reading them. */
async function columnsOfRows(
  ports: Pick<Ports, 'objects'>,
  { rowsKey, indexKey }: Pick<TaskItem, 'rowsKey' | 'indexKey'>,
): Promise<TaskColumns> {
  const columns = createColumnSet();
  const fields = createRowFields();
  const range = allRows(await readIndex(ports, indexKey));
  for await (const { rows } of readRows(ports, rowsKey, range)) {
    for (const { values } of rows) {
      addColumns(columns, values);
      fields.add(values);
    }
  }
  const own = columns.names;
  return { own: new Set(own), all: withFields({ columns: own, nestedColumns: fields.paths }) };
}

type TaskRows = Pick<TaskItem, 'ownerId' | 'dataSourceId' | 'rowsKey' | 'indexKey' | 'ungrouped'>;

/**
 * The columns of a task's rows.
 * @throws Problem DATA_SOURCE_NOT_FOUND, INVALID_STATE, DATA_INVALID; ObjectMissing
 */
export async function columnsOfTask(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskRows,
): Promise<TaskColumns> {
  const found = await columnsFound(ports, task);
  if (!task.ungrouped) return found;
  return { own: new Set([...found.own, GROUP_LIST]), all: groupedColumns(found.all) };
}

async function columnsFound(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskRows,
): Promise<TaskColumns> {
  if (task.dataSourceId === undefined) return columnsOfRows(ports, task.ungrouped ?? task);
  const source = await requireReadyDataSource(ports, task.ownerId, task.dataSourceId);
  return { own: new Set(source.columns ?? []), all: columnsOf(source) };
}

/** The entries of a list are alike: any of them is known by the first. */
const alike = (name: string) => name.replace(/\[\d+\]/g, FIRST_ENTRY);

const LAST_ENTRY = /(?:\[\d+\])+$/;

/** Entries that a correction may set: what lies before one that was not there is made, and is empty. */
const MOST_ENTRIES = 1_000;
const isEntry = (step: number) => step >= 1 && step <= MOST_ENTRIES;

/** @returns for a name that a correction has: what is wrong with it, as a sentence; mostly nothing */
export function createColumnCheck({ own, all }: TaskColumns) {
  const known = new Set(all.names.map(alike));
  let nearest: ((name: string) => string | undefined) | undefined;
  return (name: string): string | undefined => {
    if (own.has(name)) return undefined;
    const steps = stepsOf(name);
    const [first] = steps;
    const path = alike(name);
    // The last step may be an entry of a list of plain values.
    const isKnown = [path, path.replace(LAST_ENTRY, '')].some((p) => known.has(p) || own.has(p));
    const areEntries = steps.every((step) => typeof step === 'string' || isEntry(step));
    if (isKnown && areEntries) return undefined;
    // Of fields that are not all known, what leads into a column may be one.
    if (!all.areAll && areEntries && typeof first === 'string' && own.has(first)) return undefined;
    const names = [...new Set([...own, ...all.names])];
    nearest ??= nearestAmong(names.map((column) => ({ column, names: [column] })));
    const meant = nearest(name);
    const hint = meant === undefined ? '' : ` Did you mean ${quoteName(meant)}?`;
    return `The rows have no column ${quoteName(name)}.${hint}`;
  };
}
