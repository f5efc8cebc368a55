/** `sheaf init`: a file of settings to begin with, and an example. */
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { createCommand, type Runner } from '../command.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { checkData, checkTemplate, isDataName, isTemplateName } from '../files/inputs.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { USUAL_CONFIG } from '../generate/configFile.ts';
import type { SettingName } from '../generate/settings.ts';
import { ROOT } from '../target/localCloud.ts';
import { answered, asked, canAsk } from '../terminal/ask.ts';

interface InitOptions {
  readonly template?: string;
  readonly data?: string;
  readonly out?: string;
  readonly name?: string;
  readonly force?: boolean;
}

type Chosen = Readonly<Partial<Record<SettingName, string>>>;

/** A letter and a table of this project, two of whose rows lack a value on purpose. */
const EXAMPLE = { template: 'offer-letter.docx', data: 'people.csv' } as const;
const EXAMPLE_SETTINGS: Chosen = {
  ...EXAMPLE,
  out: 'letters.zip',
  name: '{reference}-{name}',
  missing: 'error',
};
const USUAL_OUT = 'documents.zip';

const HEADER = `# Settings of sheaf generate and sheaf check. Every option can stand here, without its --;
# what is typed goes before it. sheaf generate --help tells them all.
`;

export const createInitCommand = (runner: Runner): Command =>
  createCommand<InitOptions, [folder: string | undefined]>(
    {
      name: 'init',
      summary: 'begin: a file of settings, and an example',
      description: `Writes ${USUAL_CONFIG}, which sheaf generate and sheaf check read by themselves. It asks what for; where nobody can be asked and nothing is said, it is for an example, whose template and table it puts beside it. Nothing that is there is replaced.`,
      examples: [
        { line: 'sheaf init', does: 'asks, here' },
        {
          line: 'sheaf init letters --template letter.docx --data people.xlsx',
          does: 'for files of your own, in a folder; paths are from there on',
        },
      ],
    },
    runner,
    (command) =>
      command
        .argument('[folder]', 'where (default: here)')
        .option('--template <file>', 'a Word document (.docx)')
        .option('--data <file>', 'the rows: .csv, .xlsx, .json or .jsonl')
        .option('--out <path>', `an archive (.zip), or a folder (default: ${USUAL_OUT})`)
        .option('--name <pattern>', 'names of the documents')
        .option('--force', `replace a ${USUAL_CONFIG} that is there`),
    async (context, options, folder = '.') => {
      const path = join(folder, USUAL_CONFIG);
      if (existsSync(path) && options.force !== true) {
        throw new UsageError(`${path} is there already. Edit it, or replace it with --force.`);
      }
      const chosen = await choose(context, options, folder);
      await mkdir(folder, { recursive: true });
      const isExample = chosen === EXAMPLE_SETTINGS;
      const files = isExample ? await copyExample(folder) : [];
      await replaceFile(path, HEADER + stringify(chosen));
      for (const file of [...files, path]) {
        if (context.options.json === true) context.tell({ type: 'written', path: file });
        else context.print(file);
      }
      const there = folder === '.' ? '' : `cd ${folder}, then `;
      context.note(`Next: ${there}sheaf check, and sheaf generate.`);
    },
  );

/** What the settings are for: as it was said, as a person answers, or the example. */
async function choose(context: Context, options: InitOptions, folder: string): Promise<Chosen> {
  const { template, data, out, name } = options;
  if (template === undefined && data === undefined && out === undefined && name === undefined) {
    return canAsk(context) ? ask(context, folder) : EXAMPLE_SETTINGS;
  }
  if (template === undefined || data === undefined) {
    throw new UsageError('Name both with --template and --data, or neither for an example.');
  }
  await checkTemplate(template);
  await checkData(data);
  return {
    template: fromFolder(folder, template),
    data: fromFolder(folder, data),
    out: out === undefined ? USUAL_OUT : fromFolder(folder, out),
    ...(name !== undefined && { name }),
  };
}

/** A path of this command as the file says it, which is read from its own folder on. */
const fromFolder = (folder: string, path: string): string =>
  isAbsolute(path) ? path : relative(folder, path).split(sep).join('/');

async function ask(context: Context, folder: string): Promise<Chosen> {
  const { select, text } = await import('@clack/prompts');
  const screen = asked(context);
  const kind = answered(
    await select({
      ...screen,
      message: 'What do you begin with?',
      options: [
        { value: 'example', label: 'An example', hint: 'a letter, and a table of people' },
        { value: 'own', label: 'Files of my own' },
      ],
    }),
  );
  if (kind === 'example') return EXAMPLE_SETTINGS;
  const file = async (message: string, placeholder: string, fits: (path: string) => boolean) =>
    answered(
      await text({
        ...screen,
        message,
        placeholder,
        validate: (path = '') =>
          !fits(path)
            ? `Name a file such as ${placeholder}.`
            : existsSync(path)
              ? undefined
              : 'There is no such file.',
      }),
    );
  const template = await file('Which template?', 'letter.docx', isTemplateName);
  const data = await file('Which rows?', 'people.xlsx', isDataName);
  const out = answered(
    await text({
      ...screen,
      message: 'Where do the documents go? An archive (.zip), or a folder.',
      initialValue: join(folder, USUAL_OUT),
      validate: (path = '') => (path.trim() === '' ? 'Name an archive or a folder.' : undefined),
    }),
  );
  return {
    template: fromFolder(folder, template),
    data: fromFolder(folder, data),
    out: fromFolder(folder, out),
  };
}

/** @throws UsageError for a file that is there */
async function copyExample(folder: string): Promise<string[]> {
  const names = Object.values(EXAMPLE);
  const there = names.find((name) => existsSync(join(folder, name)));
  if (there !== undefined) {
    throw new UsageError(
      `${join(folder, there)} is there already, and the example would replace it. Name your own files with --template and --data, or another folder.`,
    );
  }
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      await copyFile(join(ROOT, 'examples', name), path, constants.COPYFILE_EXCL);
      return path;
    }),
  );
}
