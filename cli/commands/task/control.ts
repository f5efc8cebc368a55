/** `sheaf task start`, `pause`, `resume` and `cancel`. */
import { Option, type Command } from 'commander';
import type { SheafClient } from '../../../client/client.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import type { Context } from '../../context.ts';
import { forEachId } from '../several.ts';
import { eachBy, idSchema } from '../values.ts';
import { OrderHashSchema } from '../../../shared/schemas/samples.ts';

export const TaskId = idSchema('task');

/** One task, as it is after a call that controls it. */
export function tellTask(context: Context, task: TaskView): void {
  if (context.options.json === true) context.tell(task);
  else context.print(`${task.taskId}  ${task.status}`);
}

/** Of a task that was begun, where a person may wonder whether it goes on behind the command. */
export async function tellWhoGoesOn(context: Context, taskIds: readonly string[]): Promise<void> {
  const { dataDir } = await context.target();
  if (dataDir === undefined) return;
  context.note(
    `The local cloud works while it runs: sheaf task watch ${taskIds.join(' ')}, or sheaf start.`,
  );
}

interface Control<O> {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly does: string;
  /** Whether documents are made behind it. */
  readonly begins: boolean;
  readonly configure?: (command: Command) => void;
  readonly call: (
    client: SheafClient,
    taskId: string,
    options: O,
    signal: AbortSignal,
  ) => Promise<TaskView>;
}

function controlCommand<O>(runner: Runner, control: Control<O>): Command {
  const { name, summary, description, does } = control;
  return createCommand<O, [taskIds: string[]]>(
    { name, summary, description, examples: [{ line: `sheaf task ${name} task_…`, does }] },
    runner,
    (command) => {
      command.argument('<task...>', 'ids of tasks', eachBy(TaskId));
      control.configure?.(command);
    },
    async (context, options, taskIds) => {
      const { client } = await context.target();
      const code = await forEachId(context, taskIds, async (taskId) =>
        tellTask(context, await control.call(client, taskId, options, context.interrupts.signal)),
      );
      if (control.begins) await tellWhoGoesOn(context, taskIds);
      return code;
    },
  );
}

export const startTasks = (runner: Runner): Command =>
  controlCommand<{ approval?: string }>(runner, {
    name: 'start',
    summary: 'start tasks',
    description:
      'Starts tasks. One that finds no place waits for its turn and starts by itself; one that was started is left as it is.',
    does: 'makes its documents; sheaf task watch shows how',
    begins: true,
    configure: (command) =>
      command.addOption(
        new Option(
          '--approval <hash>',
          'hash of the samples that somebody has looked at',
        ).argParser(by(OrderHashSchema)),
      ),
    call: (client, taskId, { approval }, signal) =>
      client.startTask(
        { taskId, body: { ...(approval !== undefined && { approval }) } },
        { signal },
      ),
  });

export const pauseTasks = (runner: Runner): Command =>
  controlCommand(runner, {
    name: 'pause',
    summary: 'stop tasks at their next documents, for as long as you like',
    description:
      'Stops tasks at their next documents and keeps what was made: sheaf task resume goes on with the others.',
    does: 'it is pausing, and soon paused',
    begins: false,
    call: (client, taskId, _, signal) => client.pauseTask({ taskId }, { signal }),
  });

export const resumeTasks = (runner: Runner): Command =>
  controlCommand(runner, {
    name: 'resume',
    summary: 'go on with tasks that were paused',
    description: 'Goes on with the documents that were not made yet.',
    does: 'what was made is not made again',
    begins: true,
    call: (client, taskId, _, signal) => client.resumeTask({ taskId }, { signal }),
  });

export const cancelTasks = (runner: Runner): Command =>
  controlCommand(runner, {
    name: 'cancel',
    summary: 'stop tasks for good',
    description:
      'Stops tasks for good. The archive of each holds what was made; to go on later, pause them instead.',
    does: 'what was made can be downloaded',
    begins: false,
    call: (client, taskId, _, signal) => client.cancelTask({ taskId }, { signal }),
  });
