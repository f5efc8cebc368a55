/** `sheaf check`: every row looked at, before anything is made. */
import type { Command } from 'commander';
import { createCommand, type Runner } from '../command.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode } from '../exit.ts';
import { checkOutputFile } from '../files/inputs.ts';
import { INPUT_MARK, planJobs, type NewJob } from '../generate/jobs.ts';
import { readSettings } from '../generate/readSettings.ts';
import type { Settings, SettingName } from '../generate/settings.ts';
import { checkAll } from '../generate/trials.ts';
import { inputsOf, withJobs } from '../generate/withJobs.ts';
import { saveCheckReport } from './check/report.ts';
import { addConfig, addSettings, flagsOf } from './settingOptions.ts';

/** What says what is made of which rows. */
const CHECKED = [
  ...(['template', 'data', 'input-dir', 'file-list', 'url-list', 'steps', 'name'] as const),
  ...(['rows', 'filter', 'group-by', 'map', 'missing', 'empty-paragraphs'] as const),
  ...(['encoding', 'delimiter', 'quote', 'header-row', 'sheet', 'values', 'hidden'] as const),
  ...(['locale', 'data-format'] as const),
] satisfies SettingName[];

interface CheckOptions extends Readonly<Record<string, unknown>> {
  readonly report?: string;
  readonly force?: boolean;
  readonly config?: string | false;
}

export const createCheckCommand = (runner: Runner): Command =>
  createCommand<CheckOptions, []>(
    {
      name: 'check',
      summary: 'what is wrong with rows, before anything is made',
      description:
        'Looks at every row with its template, and tells what would fail, what would look wrong, and what it would take in time, bytes and cost. Nothing is made. Ends with 4 when there are errors. What is said here may also stand in sheaf.yaml (--config).',
      examples: [
        {
          line: 'sheaf check --template letter.docx --data people.xlsx',
          does: 'errors and warnings, with their rows',
        },
        {
          line: 'sheaf check --template letter.docx --data people.xlsx --report people-checked.xlsx',
          does: 'your workbook, its bad cells marked and commented',
        },
        {
          line: 'sheaf check --template letter.docx --data people.xlsx --report check.html',
          does: 'the same as one page, for a browser',
        },
      ],
    },
    runner,
    (command) => {
      addSettings(command, CHECKED);
      addConfig(command);
      command
        .option(
          '--report <file>',
          `the whole report: .xlsx (your sheet with the bad cells marked), .html, .json or .csv; ${INPUT_MARK} stands for the name of the file of a task`,
        )
        .option('--force', 'replace a report that is there');
    },
    async (context, options) => {
      const { report, force = false } = options;
      if (report !== undefined && !/\.(xlsx|html|json|csv)$/i.test(report)) {
        throw new UsageError(
          `--report ${report}: name a file that ends in .xlsx, .html, .json or .csv.`,
        );
      }
      const flags = flagsOf(options, CHECKED);
      const { settings, config } = await readSettings(flags, options.config, context);
      if (config !== undefined) context.note(`Settings  ${config}`);
      return check(context, settings, report, force);
    },
  );

async function check(
  context: Context,
  settings: Settings,
  report: string | undefined,
  force: boolean,
): Promise<ExitCode> {
  const { signal } = context.interrupts;
  const dry = { ...settings, 'dry-run': true };
  const plan = await planJobs(dry, context, 'documents', signal);
  const reports = await reportPaths(report, plan.jobs, force).catch(async (error: unknown) => {
    await plan.remove();
    throw error;
  });
  return withJobs(context, dry, plan, (_, shop, jobs) =>
    checkAll(context, shop, jobs, async (found, job) => {
      const path = reports.get(job);
      if (path === undefined) return;
      await saveCheckReport(context, found, path, job.label, force);
      context.note(`Report    ${path}`);
    }),
  );
}

/** Where the report of each job goes. @throws UsageError when it cannot go there */
async function reportPaths(
  report: string | undefined,
  jobs: readonly NewJob[],
  force: boolean,
): Promise<ReadonlyMap<NewJob, string>> {
  if (report === undefined) return new Map();
  if (jobs.length > 1 && !report.includes(INPUT_MARK)) {
    throw new UsageError(
      `--report ${report}: there are ${jobs.length} tasks. Give each a report of its own, with ${INPUT_MARK}.`,
    );
  }
  const paths = jobs.map((job) => [job, report.replaceAll(INPUT_MARK, job.label)] as const);
  for (const [job, path] of paths) await checkOutputFile(path, '--report', force, inputsOf([job]));
  return new Map(paths);
}
