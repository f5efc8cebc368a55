/** `sheaf task watch`: how tasks go, as they go. */
import type { Command } from 'commander';
import type { StreamEvent } from '../../../client/events.ts';
import { TaskStatusSchema } from '../../../shared/schemas/common.ts';
import type { Snapshot } from '../../../shared/schemas/stream.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { createCommand, type Runner } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT, type ExitCode } from '../../exit.ts';
import { createLiveView, type LiveView } from '../../terminal/liveView.ts';
import { progressLine } from '../../terminal/progressLine.ts';
import { plain } from '../../terminal/screen.ts';
import { eachBy, PAGE } from '../values.ts';
import { TaskId, tellTask } from './control.ts';

/** Those on which somebody works, or that wait for their turn. */
const UNDER_WAY = TaskStatusSchema.extract([
  'queued',
  'running',
  'pausing',
  'assembling',
  'cancelling',
]);

/** Failures that are told as they happen; sheaf task failures has them all. */
const TOLD_FAILURES = 10;

export const watchTasks = (runner: Runner): Command =>
  createCommand<Record<never, never>, [taskIds: string[] | undefined]>(
    {
      name: 'watch',
      summary: 'progress of tasks, until they have ended',
      description:
        'Shows how tasks go until each has ended or is paused, and what became of them. Ctrl+C leaves; the tasks go on. Ends with 3 when documents failed, and with 1 when a task did.',
      examples: [
        { line: 'sheaf task watch task_…', does: 'a bar, and failures as they happen' },
        { line: 'sheaf task watch', does: 'all tasks that are under way' },
        { line: 'sheaf task watch --json task_…', does: 'its events, for a program' },
      ],
    },
    runner,
    (command) =>
      command.argument('[task...]', 'ids of tasks (default: those under way)', eachBy(TaskId)),
    async (context, _, given = []) => {
      const tasks = given.length > 0 ? await named(context, given) : await underWay(context);
      if (tasks.length === 0) return context.note('No task is under way.');
      const screen = context.options.quiet === true ? { write: () => undefined } : context.err;
      const view = createLiveView(screen, context.colour);
      const ended: TaskView[] = [];
      try {
        const labels = labelsOf(tasks);
        await Promise.all(
          tasks.map(async ({ taskId }, index) => {
            ended[index] = await watch(context, view, taskId, labels[index]);
          }),
        );
      } finally {
        view.end();
      }
      for (const task of ended) tellTask(context, task);
      return codeOf(ended);
    },
  );

async function named(context: Context, taskIds: readonly string[]): Promise<TaskView[]> {
  const { client } = await context.target();
  const { signal } = context.interrupts;
  return Promise.all([...new Set(taskIds)].map((taskId) => client.getTask({ taskId }, { signal })));
}

async function underWay(context: Context): Promise<TaskView[]> {
  const { client } = await context.target();
  const { signal } = context.interrupts;
  const found: TaskView[] = [];
  for (const status of UNDER_WAY.options) {
    for await (const task of client.each('listTasks', { status, limit: PAGE }, { signal })) {
      if (found.every(({ taskId }) => taskId !== task.taskId)) found.push(task);
    }
  }
  return found;
}

/** None for one alone; of several their names, or where names are the same their ids. */
function labelsOf(tasks: readonly TaskView[]): (string | undefined)[] {
  if (tasks.length === 1) return [undefined];
  const areUnique = new Set(tasks.map(({ name }) => name)).size === tasks.length;
  return tasks.map(({ name, taskId }) => (areUnique ? name : taskId));
}

/** @returns the task once it has ended, or rests */
async function watch(
  context: Context,
  view: LiveView,
  taskId: string,
  label: string | undefined,
): Promise<TaskView> {
  const { client } = await context.target();
  const { signal } = context.interrupts;
  const isJson = context.options.json === true;
  const of = label === undefined ? '' : `${label}: `;
  let failures = 0;
  const show = (progress: Omit<Snapshot, 'seq' | 'status'>) =>
    view.show(taskId, progressLine(progress, label));
  for await (const event of client.events({ taskId, signal })) {
    if (isJson) context.tell(event);
    switch (event.type) {
      case 'snapshot':
        event.tasks.forEach(show);
        break;
      case 'task_progress':
        show(event.payload);
        break;
      case 'document_failed': {
        failures++;
        const { row, code, detail } = event.payload;
        if (failures <= TOLD_FAILURES) view.note(plain(`${of}Row ${row}: ${code}. ${detail}`));
        else if (failures === TOLD_FAILURES + 1) {
          view.note(plain(`${of}More failed: sheaf task failures ${taskId}.`));
        }
        break;
      }
      case 'task_queued': {
        const before = event.payload.position - 1;
        view.note(
          plain(
            `${of}Waits for its turn: ${before === 0 ? 'it is the next' : `${before} before it`}.`,
          ),
        );
        break;
      }
      default:
        break;
    }
    if (isAtRest(event)) break;
  }
  view.hide(taskId);
  return client.getTask({ taskId }, { signal });
}

const isAtRest = (event: StreamEvent): boolean =>
  event.type === 'task_paused' ||
  (event.type === 'snapshot' && event.tasks.some(({ status }) => status === 'paused'));

function codeOf(tasks: readonly TaskView[]): ExitCode {
  const statuses = tasks.map(({ status }) => status);
  if (statuses.some((status) => status === 'failed' || status === 'cancelled')) return EXIT.failed;
  return statuses.includes('partially_completed') ? EXIT.inPart : EXIT.done;
}
