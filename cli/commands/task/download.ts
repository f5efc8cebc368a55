/** `sheaf task download` and `sheaf task results`: what a task gave, as files. */
import { Option, type Command } from 'commander';
import * as z from 'zod';
import { ResultsFormatSchema, type ResultsFormat } from '../../../shared/schemas/common.ts';
import { fileNameOf } from '../../../shared/tasks/taskFileName.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { checkOutputFile, checkOutputFolder } from '../../files/inputs.ts';
import { saveFile } from '../../files/saveFile.ts';
import { saveDocuments, saveResults } from '../../generate/saveJob.ts';
import { tellSaved, withProgress } from '../saving.ts';
import { idSchema, numberBy } from '../values.ts';
import { TaskId } from './control.ts';

interface DownloadOptions {
  readonly out?: string;
  readonly row?: number;
  readonly template?: string;
  readonly force?: boolean;
}

const RowSchema = z.int('It must be a whole number.').min(1, 'Rows are counted from 1.');
const isArchive = (path: string) => /\.zip$/i.test(path);

export const downloadTask = (runner: Runner): Command =>
  createCommand<DownloadOptions, [taskId: string]>(
    {
      name: 'download',
      summary: 'save what a task made: an archive, files, or one document',
      description:
        'Saves the archive of a task that has ended or is paused, or its documents as files of a folder. Every file is proved before it has its name; a download that breaks off goes on when the command is given again.',
      examples: [
        { line: 'sheaf task download task_…', does: 'an archive, called like the task' },
        { line: 'sheaf task download task_… --out letters', does: 'the documents, in a folder' },
        { line: 'sheaf task download task_… --row 17', does: 'one document without the archive' },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<task>', 'its id', by(TaskId))
        .option('--out <path>', 'an archive (.zip), or a folder; with --row a document')
        .option('--row <number>', 'the document of this row alone', numberBy(RowSchema))
        .option(
          '--template <id>',
          "with --row: of which template (default: the task's first)",
          by(idSchema('template')),
        )
        .option('--force', 'replace files that are there'),
    async (context, { out, row, template, force = false }, taskId) => {
      if (template !== undefined && row === undefined) {
        throw new UsageError('--template says which document of a row: add --row.');
      }
      const { client } = await context.target();
      const { signal } = context.interrupts;
      if (row !== undefined) {
        const input = { taskId, row, ...(template !== undefined && { templateId: template }) };
        const link = () => client.downloadDocument(input, { signal });
        const path = out ?? safeName((await link()).fileName);
        await checkOutputFile(path, '--out', force, []);
        const saved = await withProgress(context, force, (saving) => saveFile(link, path, saving));
        return tellSaved(context, saved);
      }
      const path = out ?? `${fileNameOf(await client.getTask({ taskId }, { signal }), taskId)}.zip`;
      if (isArchive(path)) await checkOutputFile(path, '--out', force, []);
      else await checkOutputFolder(path, '--out', force, []);
      const kind = isArchive(path) ? 'archive' : 'folder';
      const saved = await withProgress(context, force, (saving) =>
        saveDocuments(client, taskId, { kind, path }, saving),
      );
      tellSaved(context, saved);
    },
  );

/** A name of a file that leads to no other folder. */
const safeName = (name: string) => name.replace(/^.*[/\\]/s, '') || 'document.docx';

export const saveTaskResults = (runner: Runner): Command =>
  createCommand<{ format?: ResultsFormat; out?: string; force?: boolean }, [taskId: string]>(
    {
      name: 'results',
      summary: 'save the table of results: every row, and what became of it',
      description:
        'Saves the table of results of a task that has ended or is paused. Of an Excel workbook it is that very workbook, with columns added.',
      examples: [
        { line: 'sheaf task results task_…', does: 'as an Excel workbook' },
        { line: 'sheaf task results task_… --out results.csv', does: 'as CSV' },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<task>', 'its id', by(TaskId))
        .option('--out <file>', 'its ending says what is written: .xlsx, .csv or .jsonl')
        .addOption(
          new Option('--format <format>', 'the same, where the name is to be that of the task')
            .choices(ResultsFormatSchema.options)
            .conflicts('out'),
        )
        .option('--force', 'replace a file that is there'),
    async (context, { format = 'xlsx', out, force = false }, taskId) => {
      if (out !== undefined && !/\.(xlsx|csv|jsonl)$/i.test(out)) {
        throw new UsageError(`--out ${out}: name a file that ends in .xlsx, .csv or .jsonl.`);
      }
      const { client } = await context.target();
      const task = await client.getTask({ taskId }, { signal: context.interrupts.signal });
      const path = out ?? `${fileNameOf(task, taskId)}-results.${format}`;
      await checkOutputFile(path, '--out', force, []);
      const saved = await withProgress(context, force, (saving) =>
        saveResults(client, taskId, path, saving),
      );
      tellSaved(context, saved);
    },
  );
