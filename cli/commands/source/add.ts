/** `sheaf source add`: a table, for tasks to come. */
import type { Command } from 'commander';
import { CreateDataSourceSchema } from '../../../shared/schemas/dataSourceApi.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import { checkData } from '../../files/inputs.ts';
import { readingOf } from '../../files/reading.ts';
import { readSettings } from '../../generate/readSettings.ts';
import { addSettings, flagsOf } from '../settingOptions.ts';
import { requireReady, uploadDataSource } from '../inputs.ts';
import { sourceLines } from './show.ts';

/** How rows are read. */
const READING = [
  'encoding',
  'delimiter',
  'quote',
  'header-row',
  'sheet',
  'values',
  'hidden',
  'locale',
] as const;

export const addSource = (runner: Runner): Command =>
  createCommand<Record<string, unknown> & { name?: string }, [file: string]>(
    {
      name: 'add',
      summary: 'upload a table, and tell how it was read',
      examples: [
        { line: 'sheaf source add people.csv', does: 'its id, columns, encoding, what is odd' },
        {
          line: 'sheaf source add people.xlsx --sheet Staff',
          does: 'another sheet than the first',
        },
      ],
    },
    runner,
    (command) => {
      command
        .argument('<file>', 'a table: .csv, .xlsx, .json or .jsonl; text also as .gz')
        .option(
          '--name <name>',
          "for people (default: the file's)",
          by(CreateDataSourceSchema.shape.name),
        );
      addSettings(command, READING);
    },
    async (context, options, file) => {
      await checkData(file, '');
      const { name } = options;
      const { settings } = await readSettings(flagsOf(options, READING), false, context);
      const reading = readingOf(settings, file);
      const source = await uploadDataSource(context, file, reading, name);
      requireReady(source, file);
      if (context.options.json === true) return context.tell(source);
      for (const line of sourceLines(source)) context.print(line);
    },
  );
