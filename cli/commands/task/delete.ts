/** `sheaf task delete`. */
import type { Command } from 'commander';
import { createCommand, type Runner } from '../../command.ts';
import { requireYes } from '../../terminal/ask.ts';
import { counted } from '../../terminal/words.ts';
import { forEachId } from '../several.ts';
import { eachBy } from '../values.ts';
import { TaskId } from './control.ts';

export const deleteTasks = (runner: Runner): Command =>
  createCommand<{ yes?: boolean }, [taskIds: string[]]>(
    {
      name: 'delete',
      summary: 'remove tasks and everything of them',
      description:
        'Removes tasks on which nobody works, with their documents. Cancel others first.',
      examples: [{ line: 'sheaf task delete --yes task_…', does: 'without being asked' }],
    },
    runner,
    (command) =>
      command.argument('<task...>', 'ids of tasks', eachBy(TaskId)).option('--yes', 'do not ask'),
    async (context, { yes }, taskIds) => {
      const what = taskIds.length === 1 ? String(taskIds[0]) : counted(taskIds.length, 'task');
      await requireYes(context, yes, `Delete ${what} with all documents?`);
      const { client } = await context.target();
      const { signal } = context.interrupts;
      return forEachId(context, taskIds, async (taskId) => {
        await client.deleteTask({ taskId }, { signal });
        if (context.options.json === true) context.tell({ type: 'deleted', taskId });
        else context.print(`${taskId}  deleted`);
      });
    },
  );
