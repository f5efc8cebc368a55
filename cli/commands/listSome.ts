/** Lists: all of them for programs, the first of them for people. */
import { Option, type Command } from 'commander';
import type { SheafClient } from '../../client/client.ts';
import { by, createCommand, type CommandDescription, type Runner } from '../command.ts';
import type { Context } from '../context.ts';
import { tableLines, type Column } from '../terminal/table.ts';
import { LimitSchema } from './values.ts';

/** What people see at once, unless they say how many. */
const SHOWN = 100;

/** The option that says how many. */
export const limitOption = (): Option =>
  new Option('--limit <number>', `how many at most (default: ${SHOWN}; as JSON, all)`).argParser(
    by(LimitSchema),
  );

/**
 * Prints what a list holds.
 * @param limit how many at most; undefined: all for programs, SHOWN for people
 */
export async function listSome<T>(
  context: Context,
  elements: AsyncIterable<T>,
  limit: number | undefined,
  words: {
    readonly none: string;
    readonly more: string;
    readonly columns: readonly Column<T>[];
  },
): Promise<void> {
  const isJson = context.options.json === true;
  const most = limit ?? (isJson ? Infinity : SHOWN);
  const shown: T[] = [];
  let told = 0;
  let hasMore = false;
  for await (const element of elements) {
    if ((hasMore = told === most)) break;
    told++;
    if (isJson) context.tell(element);
    else shown.push(element);
  }
  if (isJson) return;
  if (told === 0) return context.note(words.none);
  for (const line of tableLines(shown, words.columns)) context.print(line);
  if (hasMore && limit === undefined) context.note(words.more);
}

/** A command that lists what an owner has of one kind. */
export const listCommand = <T>(
  runner: Runner,
  list: Pick<CommandDescription, 'summary' | 'examples'> & {
    readonly none: string;
    readonly columns: readonly Column<T>[];
    readonly each: (client: SheafClient, signal: AbortSignal) => AsyncIterable<T>;
  },
): Command =>
  createCommand<{ limit?: number }, []>(
    { name: 'list', summary: list.summary, examples: list.examples },
    runner,
    (command) => command.addOption(limitOption()),
    async (context, { limit }) => {
      const { client } = await context.target();
      const { none, columns } = list;
      const words = { none, more: 'There are more: --limit.', columns };
      await listSome(context, list.each(client, context.interrupts.signal), limit, words);
    },
  );
