/** `npm run keys`: who may use a local cloud, and as whom. */
import { z } from 'zod';
import { inPlainWords } from '../disk/diskFault.ts';
import { readSettings } from '../settings.ts';
import { addKey, listKeys, removeKeys, type ListedKey } from './apiKeys.ts';
import { openKeyTable, type OpenKeyTable } from './openKeyTable.ts';
import { LimitSettingSchema, setLimits, tellLimits } from './ownerLimits.ts';

const EXIT = { failed: 1, usage: 2 } as const;

const HELP = `API keys of the local cloud, stopped or running, in .sheaf or SHEAF_DATA_DIR.
Owners see nothing of each other; all keys of an owner reach the same things.

  npm run keys                          lists them: owner, id, when it was made, name
  npm run -s keys -- add OWNER          makes one and prints it, this once
  npm run keys -- limit OWNER           tells how much the owner may do
  npm run keys -- limit OWNER tasks=10 documents=5000
                                        10 tasks at a time (3 unless set), 5,000 documents in all
                                        (documents=none: any number, as unless set); add takes them, too
  npm run keys -- remove OWNER          removes all keys of an owner
  npm run keys -- remove OWNER ID       removes one of them

OWNER is 1 to 64 letters, digits, - and _. The development key, which npm start prints, is of the
owner "local"; it stays. A running local cloud remembers for 60 s whether a key is good.
`;

const OwnerSchema = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'An owner is 1 to 64 letters, digits, - and _.');
const IdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'An id is what the list shows: 12 digits.');
const CommandSchema = z.union([
  z.tuple([]),
  z.tuple([z.literal('list')]),
  z.tuple([z.enum(['add', 'limit']), OwnerSchema], LimitSettingSchema),
  z.tuple([z.literal('remove'), OwnerSchema]),
  z.tuple([z.literal('remove'), OwnerSchema, IdSchema]),
]);
type Command = z.infer<typeof CommandSchema>;

const print = (text: string) => void process.stdout.write(`${text}\n`);
const tell = (text: string) => void process.stderr.write(`${text}\n`);

function table(keys: readonly ListedKey[]): string {
  const rows = keys.map(({ ownerId, id, createdAt, name }) => [
    ownerId,
    id,
    new Date(createdAt).toISOString().slice(0, 19).replace('T', ' '),
    name,
  ]);
  const width = Math.max(...rows.map(([owner = '']) => owner.length));
  return rows.map(([owner = '', ...rest]) => [owner.padEnd(width), ...rest].join('  ')).join('\n');
}

async function run(keys: OpenKeyTable, command: Command): Promise<void> {
  switch (command[0]) {
    case 'limit': {
      const [, owner, ...settings] = command;
      await setLimits(keys, owner, settings);
      print(await tellLimits(keys, owner));
      return;
    }
    case 'add': {
      const [, owner, ...settings] = command;
      await setLimits(keys, owner, settings);
      print(await addKey(keys, owner));
      tell(`A key of ${owner}. It is shown this once: what is kept is its hash.`);
      return;
    }
    case 'remove': {
      const [, owner, id] = command;
      const removed = await removeKeys(keys, owner, id);
      if (removed.length === 0) {
        throw new Error(`There is no such key of ${owner} to remove. npm run keys lists all.`);
      }
      tell(
        `Removed ${removed.length === 1 ? 'one key' : `${removed.length} keys`} of ${owner}.` +
          (keys.isRunning ? ' Who used it in the last minute may for up to 60 s more.' : ''),
      );
      return;
    }
    default: {
      const all = await listKeys(keys);
      if (all.length > 0) print(table(all));
      else tell('There is no key yet: npm run keys -- add OWNER, or npm start.');
    }
  }
}

/** The command that the arguments are, or what is wrong with them. */
function readCommand(args: readonly string[]): Command | string {
  const parsed = CommandSchema.safeParse(args);
  if (parsed.success) return parsed.data;
  const [name, owner, ...rest] = args;
  const RestSchema = name === 'remove' ? IdSchema : LimitSettingSchema;
  const faults = [
    ...(owner === undefined ? [] : (OwnerSchema.safeParse(owner).error?.issues ?? [])),
    ...rest.flatMap((each) => RestSchema.safeParse(each).error?.issues ?? []),
  ];
  const isKnown = name === 'add' || name === 'limit' || name === 'remove';
  const [fault] = isKnown ? faults : [];
  return (
    fault?.message ?? `npm run keys does not take: ${args.join(' ')}. See npm run keys -- --help.`
  );
}

async function main(args: string[]): Promise<void> {
  const command = readCommand(args);
  if (args[0] === '--help' || args[0] === '-h') {
    process.stdout.write(HELP);
  } else if (typeof command === 'string') {
    tell(command);
    process.exitCode = EXIT.usage;
  } else {
    try {
      const keys = await openKeyTable(readSettings(process.env).dataDir, tell);
      await run(keys, command).finally(() => keys.close());
    } catch (error) {
      tell(inPlainWords(error));
      process.exitCode = EXIT.failed;
    }
  }
}

void main(process.argv.slice(2));
