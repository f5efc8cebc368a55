/** `sheaf keys`: who may use a cloud, and how much of it. */
import { Option, type Command } from 'commander';
import * as z from 'zod';
import { TASK_LIMIT_MAX } from '../../shared/limits.ts';
import { by, createCommand, createGroup, type Runner } from '../command.ts';
import type { Context } from '../context.ts';
import {
  createKey,
  keyIdOf,
  listKeys,
  revocableKeys,
  type ApiKeyItem,
  type LimitChange,
} from '../keys/keyTable.ts';
import { openKeyTable, type TableOptions } from '../keys/openKeyTable.ts';
import { requireYes } from '../terminal/ask.ts';
import { tableLines, type Column } from '../terminal/table.ts';
import { count, counted } from '../terminal/words.ts';
import { moment, numberBy } from './values.ts';

const OwnerSchema = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'An owner is 1 to 64 letters, digits, - and _.');
const KeyIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'An id is what the list shows: 12 digits.');
const NameSchema = z.string().trim().min(1).max(200);
const TASKS_RULE = `It must be a whole number from 1 to ${TASK_LIMIT_MAX}.`;
const TasksSchema = z.int(TASKS_RULE).min(1, TASKS_RULE).max(TASK_LIMIT_MAX, TASKS_RULE);
const DOCUMENTS_RULE = 'It must be a whole number, or none.';
const DocumentsSchema = z.union(
  [
    z.literal('none'),
    z
      .string()
      .regex(/^\d{1,12}$/, DOCUMENTS_RULE)
      .transform(Number),
  ],
  DOCUMENTS_RULE,
);

const ABOUT =
  'Without --table it is the local cloud of this folder; with it the table of a deployed stack, by your AWS credentials.';

function tableOptions(command: Command): Command {
  const group = 'Which cloud:';
  return command
    .addOption(
      new Option('--table <name>', 'table of a stack (its output TableName)').helpGroup(group),
    )
    .addOption(new Option('--region <region>', 'where that is (AWS_REGION)').helpGroup(group));
}

interface LimitOptions extends TableOptions {
  readonly tasks?: number;
  readonly documents?: number | 'none';
}

const limitOptions = (command: Command): Command =>
  tableOptions(command)
    .option(
      '--tasks <number>',
      'tasks that may work at a time (3 unless set)',
      numberBy(TasksSchema),
    )
    .option(
      '--documents <number>',
      'documents in all; none lifts the limit (none unless set)',
      by(DocumentsSchema),
    );

const changeOf = ({ tasks, documents }: LimitOptions): LimitChange => ({
  ...(tasks !== undefined && { taskLimit: tasks }),
  ...(documents !== undefined && { documentBudget: documents === 'none' ? null : documents }),
});

const shown = (item: ApiKeyItem) => ({
  ownerId: item.ownerId,
  id: keyIdOf(item),
  name: item.name,
  createdAt: new Date(item.createdAt).toISOString(),
});
type ShownKey = ReturnType<typeof shown>;

const create = (runner: Runner): Command =>
  createCommand<LimitOptions & { name: string }, [owner: string]>(
    {
      name: 'create',
      summary: 'make a key for an owner',
      description: `Makes a key and prints it, this once: what is kept is its hash. Owners see nothing of each other; all keys of an owner reach the same things. ${ABOUT}`,
      examples: [
        { line: 'sheaf keys create acme', does: 'of the local cloud' },
        {
          line: 'sheaf keys create acme --name "payroll server" --tasks 10 --table Sheaf-Table --region eu-central-1',
          does: 'of a deployed stack, with 10 tasks at a time',
        },
      ],
    },
    runner,
    (command) =>
      limitOptions(command.argument('<owner>', 'letters, digits, - and _', by(OwnerSchema))).option(
        '--name <name>',
        'what the key is for',
        by(NameSchema),
        'sheaf keys',
      ),
    async (context, options, ownerId) => {
      const table = await openKeyTable(context, options);
      await table.change(ownerId, changeOf(options));
      const owner = { ownerId, name: options.name };
      const { apiKey, item } = await createKey(table, owner, table.prefix);
      if (context.options.json === true) return context.tell({ apiKey, ...shown(item) });
      context.print(apiKey);
      context.note(`A key of ${ownerId}. It is shown this once: what is kept is its hash.`);
    },
  );

const COLUMNS: readonly Column<ShownKey>[] = [
  { heading: 'OWNER', cell: ({ ownerId }) => ownerId },
  { heading: 'KEY', cell: ({ id }) => id },
  { heading: 'CREATED', cell: ({ createdAt }) => moment(createdAt) },
  { heading: 'NAME', cell: ({ name }) => name },
];

const list = (runner: Runner): Command =>
  createCommand<TableOptions, []>(
    {
      name: 'list',
      summary: 'owners, and the ids of their keys',
      description: `Lists all keys by the beginning of their hash, never the keys. ${ABOUT} The whole table is read for it.`,
      examples: [{ line: 'sheaf keys list', does: 'of the local cloud' }],
    },
    runner,
    tableOptions,
    async (context, options) => {
      const keys = (await listKeys(await openKeyTable(context, options))).map(shown);
      if (context.options.json === true) return keys.forEach((key) => context.tell(key));
      if (keys.length === 0) return context.note('There is no key yet: sheaf keys create.');
      for (const line of tableLines(keys, COLUMNS)) context.print(line);
    },
  );

const revoke = (runner: Runner): Command =>
  createCommand<TableOptions & { yes?: boolean }, [owner: string, id: string | undefined]>(
    {
      name: 'revoke',
      summary: 'take keys from an owner: all, or one',
      description: `Removes keys for good; what the owner has stays. Who used one in the last minute may for up to 60 s more. ${ABOUT}`,
      examples: [
        { line: 'sheaf keys revoke acme 0123456789ab', does: 'the one with that id' },
        { line: 'sheaf keys revoke acme --yes', does: 'all of them, without being asked' },
      ],
    },
    runner,
    (command) =>
      tableOptions(
        command
          .argument('<owner>', 'whose', by(OwnerSchema))
          .argument('[id]', 'as the list shows it', by(KeyIdSchema))
          .option('--yes', 'do not ask'),
      ),
    async (context, options, ownerId, id) => {
      const table = await openKeyTable(context, options);
      const keys = await revocableKeys(table, ownerId, id);
      const what = keys.length === 1 ? 'one key' : `all ${counted(keys.length, 'key')}`;
      await requireYes(context, options.yes, `Revoke ${what} of ${ownerId}?`);
      for (const key of keys) {
        await table.remove(key.keyHash);
        if (context.options.json === true) context.tell({ type: 'revoked', ...shown(key) });
        else context.print(`${ownerId}  ${keyIdOf(key)}  revoked`);
      }
    },
  );

const limit = (runner: Runner): Command =>
  createCommand<LimitOptions, [owner: string]>(
    {
      name: 'limit',
      summary: 'how much an owner may do',
      description: `Tells how many tasks and documents an owner may have, and sets it. Tasks that wait notice within a minute. ${ABOUT}`,
      examples: [
        { line: 'sheaf keys limit acme', does: 'as it is' },
        {
          line: 'sheaf keys limit acme --tasks 10 --documents 5000',
          does: '10 tasks at a time, 5,000 documents in all',
        },
      ],
    },
    runner,
    (command) => limitOptions(command.argument('<owner>', 'whose', by(OwnerSchema))),
    async (context, options, ownerId) => {
      const table = await openKeyTable(context, options);
      await table.change(ownerId, changeOf(options));
      tellLimits(context, ownerId, await table.limits(ownerId));
    },
  );

function tellLimits(
  context: Context,
  ownerId: string,
  limits: { taskLimit: number; documentBudget?: number | undefined; used: number },
): void {
  const { taskLimit, documentBudget, used } = limits;
  if (context.options.json === true) {
    return context.tell({ ownerId, taskLimit, documentBudget: documentBudget ?? null, used });
  }
  const budget =
    documentBudget === undefined
      ? 'any number of documents'
      : `${count(documentBudget)} documents in all, of which ${count(used)} are used`;
  context.print(`${ownerId}: ${counted(taskLimit, 'task')} at a time, ${budget}.`);
}

/** `sheaf keys` with all that is below it. */
export const createKeysGroup = (runner: Runner): Command =>
  createGroup('keys', 'API keys: who may use a cloud, and how much of it', [
    create(runner),
    list(runner),
    revoke(runner),
    limit(runner),
  ]);
