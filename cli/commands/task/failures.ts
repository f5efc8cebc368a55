/** `sheaf task failures`: why documents were not made. */
import { Readable } from 'node:stream';
import { Option, type Command } from 'commander';
import type { SheafClient } from '../../../client/client.ts';
import { ApiError } from '../../../client/errors.ts';
import { FAILURES_HEADER, failureLine } from '../../../shared/archive/reports.ts';
import type { FailureView } from '../../../shared/schemas/taskApi.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import type { Column } from '../../terminal/table.ts';
import { PAGE } from '../values.ts';
import { TaskId } from './control.ts';
import { limitOption, listSome } from '../listSome.ts';

const COLUMNS: readonly Column<FailureView>[] = [
  { heading: 'ROW', isNumber: true, cell: ({ row }) => String(row) },
  { heading: 'TEMPLATE', cell: ({ template }) => template },
  { heading: 'CODE', cell: ({ code }) => code },
  { heading: 'REASON', cell: ({ detail }) => detail },
];

export const listFailures = (runner: Runner): Command =>
  createCommand<{ format?: 'csv'; limit?: number }, [taskId: string]>(
    {
      name: 'failures',
      summary: 'why documents were not made',
      examples: [
        { line: 'sheaf task failures task_…', does: 'row, code and reason' },
        {
          line: 'sheaf task failures --format csv task_… > failures.csv',
          does: 'all of them, for a spreadsheet',
        },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<task>', 'its id', by(TaskId))
        .addOption(new Option('--format <format>', 'as CSV, all of them').choices(['csv']))
        .addOption(limitOption()),
    async (context, { format, limit }, taskId) => {
      const { client } = await context.target();
      if (format === 'csv') return writeCsv(context, client, taskId);
      const { signal } = context.interrupts;
      const failures = client.each('listFailures', { taskId, limit: PAGE }, { signal });
      await listSome(context, failures, limit, {
        none: 'No document failed.',
        more: 'There are more: --limit, or --format csv.',
        columns: COLUMNS,
      });
    },
  );

/** The report of a task that has ended, which is one file; of others the same, page by page. */
async function writeCsv(context: Context, client: SheafClient, taskId: string): Promise<void> {
  const { signal } = context.interrupts;
  const link = await client
    .listFailures({ taskId, format: 'csv' }, { signal })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'INVALID_STATE') return undefined;
      throw error;
    });
  if (link === undefined || !('url' in link)) {
    context.out.write(FAILURES_HEADER);
    for await (const failure of client.each('listFailures', { taskId, limit: PAGE }, { signal })) {
      const { tag, column, ...rest } = failure;
      context.out.write(
        failureLine({ ...rest, ...(tag !== null && { tag }), ...(column !== null && { column }) }),
      );
    }
    return;
  }
  const response = await fetch(link.url, { signal });
  if (!response.ok || !response.body) {
    throw new CliError(`The report could not be downloaded (HTTP ${response.status}). Try again.`);
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const piece of Readable.fromWeb(response.body)) {
    context.out.write(text.decode(piece as Buffer, { stream: true }));
  }
}
