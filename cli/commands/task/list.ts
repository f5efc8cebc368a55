/** `sheaf task list` and `sheaf task show`. */
import { Option, type Command } from 'commander';
import { TaskStatusSchema } from '../../../shared/schemas/common.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import { pairLines } from '../../terminal/pairs.ts';
import { tableLines, type Column } from '../../terminal/table.ts';
import { count } from '../../terminal/words.ts';
import { idSchema, LimitSchema, moment } from '../values.ts';

const COLUMNS: readonly Column<TaskView>[] = [
  { heading: 'TASK', cell: ({ taskId }) => taskId },
  { heading: 'STATUS', cell: ({ status }) => status },
  { heading: 'MADE', isNumber: true, cell: ({ succeeded }) => count(succeeded) },
  { heading: 'FAILED', isNumber: true, cell: ({ failed }) => count(failed) },
  { heading: 'OF', isNumber: true, cell: ({ totalDocuments }) => count(totalDocuments) },
  { heading: 'CREATED', cell: ({ createdAt }) => moment(createdAt) },
  { heading: 'NAME', cell: ({ name }) => name },
];

export const listTasks = (runner: Runner): Command =>
  createCommand<{ status?: TaskView['status']; limit: number }, []>(
    {
      name: 'list',
      summary: 'your tasks, the newest first',
      examples: [
        { line: 'sheaf task list', does: 'the 20 newest' },
        { line: 'sheaf task list --status running --json', does: 'those that work, for a program' },
      ],
    },
    runner,
    (command) =>
      command
        .addOption(
          new Option('--status <status>', 'only those in this state').choices(
            TaskStatusSchema.options,
          ),
        )
        .option('--limit <number>', 'how many at most', by(LimitSchema), 20),
    async (context, { status, limit }) => {
      const { client } = await context.target();
      const tasks: TaskView[] = [];
      for await (const task of client.each('listTasks', { ...(status && { status }) })) {
        if (tasks.length === limit) break;
        tasks.push(task);
        if (context.options.json === true) context.tell(task);
      }
      if (context.options.json === true) return;
      if (tasks.length === 0) context.note('There is no such task yet.');
      else for (const line of tableLines(tasks, COLUMNS)) context.print(line);
    },
  );

export const showTask = (runner: Runner): Command =>
  createCommand<Record<never, never>, [taskId: string]>(
    {
      name: 'show',
      summary: 'everything about a task',
      examples: [
        { line: 'sheaf task show task_…', does: 'its state, counts, options and warnings' },
      ],
    },
    runner,
    (command) => command.argument('<task>', 'its id', by(idSchema('task'))),
    async (context, _, taskId) => {
      const { client } = await context.target();
      const task = await client.getTask({ taskId });
      if (context.options.json === true) return context.tell(task);
      for (const line of taskLines(task)) context.print(line);
    },
  );

function taskLines(task: TaskView): string[] {
  const { succeeded, failed, skipped, pending, totalDocuments } = task;
  const lines = pairLines([
    ['Task', task.taskId],
    ['Name', task.name],
    ['Status', task.status],
    [
      'Documents',
      `${count(totalDocuments)}: ${count(succeeded)} made, ${count(failed)} failed, ${count(skipped)} skipped, ${count(pending)} left`,
    ],
    ['Created', moment(task.createdAt)],
    ['Starts', task.startAt && moment(task.startAt)],
    ['Started', task.startedAt && moment(task.startedAt)],
    ['Ended', task.finishedAt && moment(task.finishedAt)],
    ['Kept until', task.expiresAt && moment(task.expiresAt)],
    ['Templates', task.templateIds.join(', ')],
    ['Data', task.dataSourceId],
    ['Names', task.fileName],
    ['Error', task.error?.message],
  ]);
  return [...lines, ...(task.warnings ?? []).map((warning) => `Look at    ${warning}`)];
}
