/** `sheaf profile`: addresses and keys of deployed stacks, by name. */
import type { Command } from 'commander';
import { createCommand, createGroup, type Runner } from '../command.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import {
  findProfile,
  profilesPath,
  readProfiles,
  requireProfileName,
  writeProfiles,
} from '../target/profiles.ts';
import { findTarget } from '../target/target.ts';
import { tableLines } from '../terminal/table.ts';

const add = (runner: Runner): Command =>
  createCommand<Record<never, never>, [name: string]>(
    {
      name: 'add',
      summary: 'keep an address and a key under a name',
      description:
        'Keeps the address of --endpoint (or SHEAF_API_URL) and the key of --key-file (or SHEAF_API_KEY) under a name, in a file that only you can read. The API is asked first whether it takes the key.',
      examples: [
        {
          line: 'sheaf profile add work --endpoint https://abc.execute-api.eu-central-1.amazonaws.com --key-file key.txt',
          does: 'from now on: sheaf generate --profile work …',
        },
      ],
    },
    runner,
    (command) => command.argument('<name>', 'letters, digits, ".", "_" and "-"'),
    async (context, _, name) => {
      requireProfileName(name);
      const { endpoint = context.env['SHEAF_API_URL'], keyFile } = context.options;
      if (endpoint === undefined || endpoint === '') {
        throw new UsageError('Which address? Name it with --endpoint.');
      }
      const world = { ...context, env: { ...context.env, SHEAF_PROFILE: undefined } };
      const { signal } = context.interrupts;
      const api = await findTarget({ endpoint, keyFile }, world, signal, (text) =>
        context.note(text),
      );
      await api.client.getUsage({}, { signal });
      const path = profilesPath(context.env);
      const profiles = await readProfiles(path);
      const { apiUrl, apiKey } = api;
      await writeProfiles(path, { ...profiles, [name]: { endpoint: apiUrl, apiKey } });
      context.note(`Kept in ${path}.`);
    },
  );

const list = (runner: Runner): Command =>
  createCommand<Record<never, never>, []>(
    {
      name: 'list',
      summary: 'names and addresses',
      examples: [{ line: 'sheaf profile list', does: 'without the keys' }],
    },
    runner,
    () => undefined,
    async (context) => {
      const profiles = Object.entries(await readProfiles(profilesPath(context.env)));
      const listed = profiles.map(([name, { endpoint }]) => ({ name, endpoint }));
      if (context.options.json === true) return listed.forEach((each) => context.tell(each));
      if (listed.length === 0) return context.note('There is none yet: sheaf profile add.');
      const columns = [
        { heading: 'PROFILE', cell: ({ name }: { name: string }) => name },
        { heading: 'ENDPOINT', cell: ({ endpoint }: { endpoint: string }) => endpoint },
      ];
      tableLines(listed, columns).forEach((line) => context.print(line));
    },
  );

const remove = (runner: Runner): Command =>
  createCommand<Record<never, never>, [name: string]>(
    {
      name: 'remove',
      summary: 'forget an address and its key',
      examples: [{ line: 'sheaf profile remove work', does: 'the key itself stays good' }],
    },
    runner,
    (command) => command.argument('<name>', 'its name'),
    async (context: Context, _, name) => {
      const path = profilesPath(context.env);
      await findProfile(path, name);
      const { [name]: removed, ...others } = await readProfiles(path);
      await writeProfiles(path, others);
      context.note(`Forgotten: ${name}, which was ${removed?.endpoint ?? 'nothing'}.`);
    },
  );

/** `sheaf profile` with all that is below it. */
export const createProfileGroup = (runner: Runner): Command =>
  createGroup('profile', 'addresses and keys of deployed stacks, by name', [
    add(runner),
    list(runner),
    remove(runner),
  ]);
