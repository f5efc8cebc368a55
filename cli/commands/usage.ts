/** `sheaf usage`: how much is used of what may be had. */
import type { Command } from 'commander';
import { createCommand, type Runner } from '../command.ts';
import { pairLines } from '../terminal/pairs.ts';
import { count } from '../terminal/words.ts';

export const createUsageCommand = (runner: Runner): Command =>
  createCommand<Record<never, never>, []>(
    {
      name: 'usage',
      summary: 'tasks and documents that you have, and may have',
      examples: [{ line: 'sheaf usage', does: 'tasks at work, documents that were made' }],
    },
    runner,
    () => undefined,
    async (context) => {
      const { client } = await context.target();
      const usage = await client.getUsage({}, { signal: context.interrupts.signal });
      if (context.options.json === true) return context.tell(usage);
      const { tasksRunning, tasksQueued, taskLimit, documents } = usage;
      const { budget, used, reserved } = documents;
      const most = budget === null ? 'of any number' : `of ${count(budget)}`;
      const lines = pairLines([
        ['At work', `${count(tasksRunning)} of ${count(taskLimit)} tasks at a time`],
        ['Waiting', `${count(tasksQueued)} tasks`],
        ['Documents', `${count(used)} made, ${count(reserved)} reserved, ${most}`],
      ]);
      for (const line of lines) context.print(line);
    },
  );
