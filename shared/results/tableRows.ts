/** The rows of a task as a table: those columns that a data source names, and whatever else rows have. */
import { columnsNamed, type RowColumns } from '../checks/report/rowColumns.ts';
import { stepsOf } from '../columns/columnPath.ts';
import { allRows, readIndex, readRows } from '../dataSources/rows.ts';
import type { Ports } from '../ports.ts';
import type { DataSourceItem, TaskItem } from '../schemas/items.ts';
import { GROUP_LIST } from '../selection/groupList.ts';

/**
 * The columns of a task's rows, in their order. A name that is a path, as headers of CSV files have them, is one
 * column; a field of a row that no such name leads into is one, too, whatever it holds.
 * @param source undefined for rows that came with the request, and for one that was deleted since
 * @throws ObjectMissing
 */
export async function tableColumns(
  ports: Pick<Ports, 'objects'>,
  { rowsKey, indexKey, ungrouped }: Pick<TaskItem, 'rowsKey' | 'indexKey' | 'ungrouped'>,
  source: Pick<DataSourceItem, 'columns' | 'found'> | undefined,
): Promise<RowColumns> {
  const known = source?.columns ?? [];
  const names = new Set(known);
  const covered = new Set(known.flatMap((name) => String(stepsOf(name)[0])));
  // Lists on further sheets are fields that no column of the rows names.
  if (known.length === 0 || source?.found?.lists !== undefined) {
    const range = allRows(await readIndex(ports, indexKey));
    for await (const { rows } of readRows(ports, rowsKey, range))
      for (const { values } of rows)
        for (const name in values) if (!covered.has(name)) names.add(name);
  }
  if (ungrouped) names.add(GROUP_LIST);
  return columnsNamed([...names]);
}
