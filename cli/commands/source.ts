/** `sheaf source`: tables of rows that were uploaded. */
import type { Command } from 'commander';
import type { DataSourceView } from '../../shared/schemas/dataSourceApi.ts';
import { createGroup, type Runner } from '../command.ts';
import type { Column } from '../terminal/table.ts';
import { count } from '../terminal/words.ts';
import { deleteCommand } from './deleteSome.ts';
import { listCommand } from './listSome.ts';
import { addSource } from './source/add.ts';
import { showSource } from './source/show.ts';
import { moment, PAGE } from './values.ts';

const COLUMNS: readonly Column<DataSourceView>[] = [
  { heading: 'SOURCE', cell: ({ dataSourceId }) => dataSourceId },
  { heading: 'STATUS', cell: ({ status }) => status },
  {
    heading: 'ROWS',
    isNumber: true,
    cell: ({ rowCount }) => (rowCount === undefined ? '' : count(rowCount)),
  },
  { heading: 'CREATED', cell: ({ createdAt }) => moment(createdAt) },
  { heading: 'NAME', cell: ({ name }) => name },
];

/** `sheaf source` with all that is below it. */
export const createSourceGroup = (runner: Runner): Command =>
  createGroup('source', 'tables of rows: keep, look at, list', [
    addSource(runner),
    showSource(runner),
    listCommand(runner, {
      summary: 'your data sources, the newest first',
      examples: [{ line: 'sheaf source list', does: 'tables that were uploaded' }],
      none: 'There is no data source yet: sheaf source add.',
      columns: COLUMNS,
      each: (client, signal) => client.each('listDataSources', { limit: PAGE }, { signal }),
    }),
    deleteCommand(runner, {
      name: 'delete',
      noun: 'source',
      kind: 'dataSource',
      summary: 'remove data sources',
      description: 'Removes data sources. Tasks that were made with them go on.',
      examples: [{ line: 'sheaf source delete ds_…', does: 'asks first' }],
      question: (what) => `Delete ${what}?`,
      call: (client, dataSourceId, signal) => client.deleteDataSource({ dataSourceId }, { signal }),
    }),
  ]);
