/** Deleting things by their ids: asked first, as nothing brings them back. */
import type { Command } from 'commander';
import type { SheafClient } from '../../client/client.ts';
import type { IdKind } from '../../shared/ids.ts';
import { createCommand, type CommandDescription, type Runner } from '../command.ts';
import { requireYes } from '../terminal/ask.ts';
import { counted } from '../terminal/words.ts';
import { forEachId } from './several.ts';
import { eachBy, idSchema } from './values.ts';

interface Deletion extends Pick<CommandDescription, 'summary' | 'description' | 'examples'> {
  /** `delete` or `remove`. */
  readonly name: string;
  /** What it is of one and of many, such as task and tasks. */
  readonly noun: string;
  readonly kind: IdKind;
  /** The question, of a name or number of things. */
  readonly question: (what: string) => string;
  readonly call: (client: SheafClient, id: string, signal: AbortSignal) => Promise<void>;
}

/** A command that deletes things of one kind. */
export const deleteCommand = (runner: Runner, deletion: Deletion): Command =>
  createCommand<{ yes?: boolean }, [ids: string[]]>(
    deletion,
    runner,
    (command) =>
      command
        .argument(
          `<${deletion.noun}...>`,
          `ids of ${deletion.noun}s`,
          eachBy(idSchema(deletion.kind)),
        )
        .option('--yes', 'do not ask'),
    async (context, { yes }, ids) => {
      const what = ids.length === 1 ? String(ids[0]) : counted(ids.length, deletion.noun);
      await requireYes(context, yes, deletion.question(what));
      const { client } = await context.target();
      return forEachId(context, ids, async (id) => {
        await deletion.call(client, id, context.interrupts.signal);
        if (context.options.json === true) context.tell({ type: 'deleted', id });
        else context.print(`${id}  deleted`);
      });
    },
  );
