/** `sheaf task documents`: what was made of which row. */
import { Option, type Command } from 'commander';
import { DocumentStatusSchema, type DocumentStatus } from '../../../shared/schemas/common.ts';
import { DocumentNameSchema, type DocumentView } from '../../../shared/schemas/taskApi.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import type { Column } from '../../terminal/table.ts';
import { size } from '../../terminal/words.ts';
import { PAGE } from '../values.ts';
import { TaskId } from './control.ts';
import { limitOption, listSome } from '../listSome.ts';

const COLUMNS: readonly Column<DocumentView>[] = [
  { heading: 'ROW', isNumber: true, cell: ({ row }) => String(row) },
  { heading: 'TEMPLATE', cell: ({ template }) => template },
  { heading: 'STATUS', cell: ({ status }) => status },
  { heading: 'SIZE', isNumber: true, cell: ({ bytes }) => (bytes === null ? '' : size(bytes)) },
  { heading: 'NAME', cell: ({ name }) => name ?? '' },
];

export const listDocuments = (runner: Runner): Command =>
  createCommand<{ status?: DocumentStatus; name?: string; limit?: number }, [taskId: string]>(
    {
      name: 'documents',
      summary: 'documents of a task, in the order of rows',
      examples: [
        { line: 'sheaf task documents task_…', does: 'with row, size and name' },
        {
          line: 'sheaf task documents task_… --name lovelace',
          does: 'those whose names hold a text; the whole name of one finds it at once',
        },
        {
          line: 'sheaf task documents task_… --status failed --json',
          does: 'those that were not made, for a program',
        },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<task>', 'its id', by(TaskId))
        .addOption(
          new Option('--status <status>', 'only those with this outcome').choices(
            DocumentStatusSchema.options,
          ),
        )
        .addOption(
          new Option(
            '--name <text>',
            'only those whose names hold this, in whatever case',
          ).argParser(by(DocumentNameSchema)),
        )
        .addOption(limitOption()),
    async (context, { status, name, limit }, taskId) => {
      const { client } = await context.target();
      const { signal } = context.interrupts;
      const query = { taskId, limit: PAGE, ...(status && { status }), ...(name && { name }) };
      await listSome(context, client.each('listDocuments', query, { signal }), limit, {
        none: 'There is no such document yet.',
        more: 'There are more: --limit.',
        columns: COLUMNS,
      });
    },
  );
