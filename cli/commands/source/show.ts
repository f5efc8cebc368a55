/** `sheaf source show`: how a table was read. */
import type { Command } from 'commander';
import type { DataSourceView, PreviewRow } from '../../../shared/schemas/dataSourceApi.ts';
import { PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import { clipped, tableLines } from '../../terminal/table.ts';
import { pairLines } from '../../terminal/pairs.ts';
import { count } from '../../terminal/words.ts';
import * as z from 'zod';
import { problemLines } from '../inputs.ts';
import { idSchema, moment, numberBy } from '../values.ts';

const RowsSchema = z.int('It must be a whole number.').min(1).max(PAGE_LIMIT_MAX);

export const showSource = (runner: Runner): Command =>
  createCommand<{ rows?: number }, [dataSourceId: string]>(
    {
      name: 'show',
      summary: 'how a table was read, and its first rows',
      examples: [
        { line: 'sheaf source show ds_…', does: 'columns, encoding, what was odd' },
        { line: 'sheaf source show ds_… --rows 5', does: 'and the first rows' },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<source>', 'its id', by(idSchema('dataSource')))
        .option('--rows <number>', 'how many rows are shown, too', numberBy(RowsSchema)),
    async (context, { rows }, dataSourceId) => {
      const { client } = await context.target();
      const { signal } = context.interrupts;
      const source = await client.getDataSource({ dataSourceId }, { signal });
      const first =
        rows === undefined
          ? []
          : (await client.previewRows({ dataSourceId, limit: rows }, { signal })).data;
      if (context.options.json === true) {
        return context.tell(rows === undefined ? source : { ...source, rows: first });
      }
      for (const line of sourceLines(source)) context.print(line);
      if (first.length === 0) return;
      context.print('');
      for (const line of rowLines(first, source.columns ?? [])) context.print(line);
    },
  );

/** A data source for people. */
export function sourceLines(source: DataSourceView): string[] {
  const { found = {}, columns, rowCount, warnings = [] } = source;
  return pairLines([
    ['Source', source.dataSourceId],
    ['Name', source.name],
    ['File', source.fileName],
    ['Status', source.status],
    ['Rows', rowCount === undefined ? undefined : count(rowCount)],
    ['Columns', columns?.join(', ')],
    ['Sheet', found.sheet],
    ['Names in', found.headerRow === undefined ? undefined : `row ${found.headerRow}`],
    ['Encoding', found.encoding],
    ['Delimiter', found.delimiter === '\t' ? 'tab' : found.delimiter],
    ...(found.lists ?? []).map(
      ({ list, sheet, entries }) =>
        ['List', `${list}: ${count(entries)} entries of the sheet ${sheet}`] as const,
    ),
    ['Created', moment(source.createdAt)],
    ...warnings.map((warning) => ['Look at', warning] as const),
    ...problemLines(source).map((problem) => ['Problem', problem] as const),
  ]);
}

/** Columns that a terminal has room for. */
const MOST_COLUMNS = 8;

function rowLines(rows: readonly PreviewRow[], columns: readonly string[]): string[] {
  return tableLines(rows, [
    { heading: 'ROW', isNumber: true, cell: ({ row }) => String(row) },
    ...columns.slice(0, MOST_COLUMNS).map((column) => ({
      heading: clipped(column),
      cell: ({ values }: PreviewRow) => clipped(valueAt(values, column)),
    })),
  ]);
}

/** A value as a line of text; a column of nested data is named by its path. */
function valueAt(values: PreviewRow['values'], column: string): string {
  const value = column in values ? values[column] : column.split('.').reduce(inner, values);
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const inner = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
