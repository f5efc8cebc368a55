/** `sheaf task log`: what happened to a task. */
import type { Command } from 'commander';
import type { SheafClient } from '../../../client/client.ts';
import type { LogEntry } from '../../../shared/schemas/events.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import { plain } from '../../terminal/screen.ts';
import { moment, PAGE } from '../values.ts';
import { TaskId } from './control.ts';

/** While a task works the log is looked at as often as this at most, in ms. */
const LOOK_MS = 1_000;

export const readLog = (runner: Runner): Command =>
  createCommand<{ follow?: boolean }, [taskId: string]>(
    {
      name: 'log',
      summary: 'what happened to a task, the oldest first',
      examples: [
        { line: 'sheaf task log task_…', does: 'states, shards that failed, who asked for what' },
        { line: 'sheaf task log --follow task_…', does: 'and what happens from now on' },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<task>', 'its id', by(TaskId))
        .option('--follow', 'go on until the task has ended'),
    async (context, { follow }, taskId) => {
      const { client } = await context.target();
      const { signal } = context.interrupts;
      const read = createLogReader(client, taskId, signal);
      const tell = async () => {
        for (const entry of await read()) {
          if (context.options.json === true) context.tell(entry);
          else context.print(`${moment(entry.at)}  ${plain(entry.message)}`);
        }
      };
      await tell();
      if (follow !== true) return;
      let lookedAt = 0;
      for await (const { type } of client.events({ taskId, signal })) {
        const isFrequent = type === 'task_progress' || type === 'document_failed';
        if (isFrequent && Date.now() - lookedAt < LOOK_MS) continue;
        await tell();
        lookedAt = Date.now();
      }
      await tell();
    },
  );

/** Each call gives the entries that are new since the one before. */
function createLogReader(client: SheafClient, taskId: string, signal: AbortSignal) {
  /** Where the last page that was read begins: it grows. */
  let cursor: string | undefined;
  let lastSeq = -1;
  return async (): Promise<LogEntry[]> => {
    const found: LogEntry[] = [];
    for (;;) {
      const at = cursor === undefined ? {} : { cursor };
      const page = await client.readLog({ taskId, limit: PAGE, ...at }, { signal });
      found.push(...page.data.filter(({ seq }) => seq > lastSeq));
      lastSeq = Math.max(lastSeq, ...page.data.map(({ seq }) => seq));
      if (page.nextCursor === null) return found;
      cursor = page.nextCursor;
    }
  };
}
