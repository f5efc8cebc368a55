/** `sheaf generate`: the whole job, from a template and rows to documents. */
import type { Command } from 'commander';
import { createCommand, type Runner } from '../command.ts';
import { generate } from '../generate/generate.ts';
import { readSettings } from '../generate/readSettings.ts';
import { SETTING_NAMES } from '../generate/settings.ts';
import { addConfig, addSettings, flagsOf } from './settingOptions.ts';

const EXAMPLES = [
  {
    line: 'sheaf generate --template letter.docx --data people.xlsx --out letters.zip',
    does: 'a letter for each row, in one archive',
  },
  {
    line: 'sheaf generate --template letter.docx --data people.xlsx --out letters --name "{dept}/{name}"',
    does: 'the letters as files, in a folder for each department',
  },
  {
    line: 'sheaf generate --template letter.docx --data people.xlsx --dry-run',
    does: 'what is wrong with the rows, and what it would take; nothing is made',
  },
  {
    line: 'sheaf generate --template letter.docx --input-dir months --out "{input}.zip"',
    does: 'a task for each table of a folder',
  },
];

const DESCRIPTION = `Makes a document for each row, follows the work, and saves what was made.

What is said here may also stand in sheaf.yaml (--config), or in the environment as
SHEAF_TEMPLATE, SHEAF_GROUP_BY and so on. An option goes before the environment, and
that before the file.

Ctrl+C once pauses the work and says how to go on with it, twice cancels it.`;

export const createGenerateCommand = (runner: Runner): Command =>
  createCommand<Record<string, unknown>, []>(
    {
      name: 'generate',
      summary: 'documents from a template and rows: the whole job',
      description: DESCRIPTION,
      examples: EXAMPLES,
    },
    runner,
    addOptions,
    async (context, options) => {
      const flags = flagsOf(options, SETTING_NAMES);
      const config = options['config'] as string | false | undefined;
      const { settings, config: file } = await readSettings(flags, config, context);
      if (file !== undefined) context.note(`Settings  ${file}`);
      return generate(context, settings, flags);
    },
  );

function addOptions(command: Command): void {
  addSettings(command, SETTING_NAMES);
  addConfig(command);
}
