/** `sheaf open`: the console in a browser. */
import type { Command } from 'commander';
import { createCommand, type Runner } from '../command.ts';
import { CliError } from '../errors.ts';
import { readReady } from '../target/localCloud.ts';
import { holdReady } from '../target/sharedCloud.ts';
import { dataDirOf, isNamed } from '../target/target.ts';
import { consoleUrl, NO_BROWSER, openConsole, signedInUrl } from './open/openConsole.ts';

export const createOpenCommand = (runner: Runner): Command =>
  createCommand<{ browser: boolean }, []>(
    {
      name: 'open',
      summary: 'open the console in a browser',
      description:
        'Opens the console of the local cloud that runs for this folder, or of a deployed stack, signed in with your key, and prints its address.',
      examples: [
        { line: 'sheaf open', does: 'beside sheaf start' },
        { line: 'sheaf open --no-browser', does: 'the address alone' },
        { line: 'sheaf open --profile work', does: 'of a deployed stack' },
      ],
    },
    runner,
    (command) => command.option('--no-browser', 'print the address, and open nothing'),
    async (context, { browser }) => {
      const isLocal = !isNamed(context.options, context.env);
      // One that would be started for this command would be gone behind it.
      if (isLocal && !(await holdReady(await readReady(dataDirOf(context))))) {
        throw new CliError(
          'No local cloud runs for this folder: sheaf start --open starts one and opens its console.',
        );
      }
      const { apiUrl, apiKey } = await context.target();
      const url = consoleUrl({ apiUrl });
      const { signal } = context.interrupts;
      const page = await fetch(url, { method: 'HEAD', signal, redirect: 'manual' });
      if (page.status === 404) throw new CliError(`There is no console at ${url}.`);
      // The key of this machine is in the banner of sheaf start, too; others stay where they are.
      const shown = isLocal ? signedInUrl({ apiUrl, apiKey }) : url;
      if (context.options.json === true) context.tell({ url: shown });
      else context.print(shown);
      if (!browser) return;
      if (!(await openConsole(context, { apiUrl, apiKey }))) {
        context.note(NO_BROWSER);
      }
    },
  );
