/** `sheaf task delete`. */
import type { Command } from 'commander';
import type { Runner } from '../../command.ts';
import { deleteCommand } from '../deleteSome.ts';

export const deleteTasks = (runner: Runner): Command =>
  deleteCommand(runner, {
    name: 'delete',
    noun: 'task',
    kind: 'task',
    summary: 'remove tasks and everything of them',
    description: 'Removes tasks on which nobody works, with their documents. Cancel others first.',
    examples: [{ line: 'sheaf task delete --yes task_…', does: 'without being asked' }],
    question: (what) => `Delete ${what} with all documents?`,
    call: (client, taskId, signal) => client.deleteTask({ taskId }, { signal }),
  });
