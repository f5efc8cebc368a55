/** `sheaf task retry`: documents made anew, with corrections. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { MappingSchema } from '../../../shared/schemas/common.ts';
import type { RetryTask } from '../../../shared/schemas/taskApi.ts';
import { by, createCommand, type Runner } from '../../command.ts';
import type { Context } from '../../context.ts';
import { UsageError } from '../../errors.ts';
import {
  checkTableInput,
  checkTemplateInput,
  dataSourceOf,
  requireReady,
  templateOf,
} from '../inputs.ts';
import { collect, eachBy } from '../values.ts';
import { joinCorrections, readCorrections, SetSchema, type Correction } from './corrections.ts';
import { TaskId, tellTask, tellWhoGoesOn } from './control.ts';

interface RetryOptions {
  readonly rows?: string;
  readonly set?: Correction[];
  readonly corrections?: string;
  readonly template?: string[];
  readonly data?: string;
  readonly map?: { tag: string; column: string }[];
}

const PairSchema = z.string().transform((text, context) => {
  const [, tag, column] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (tag !== undefined && column !== undefined) return { tag, column };
  context.addIssue('It is tag=column, such as "Name=Full name".');
  return z.NEVER;
});

const mappingOf = (pairs: readonly { tag: string; column: string }[]) =>
  MappingSchema.parse(Object.fromEntries(pairs.map(({ tag, column }) => [tag, column])));

export const retryTask = (runner: Runner): Command =>
  createCommand<RetryOptions, [taskId: string]>(
    {
      name: 'retry',
      summary: 'make documents anew: those that failed, or those of rows that you name',
      description:
        'Makes documents of a task anew that has ended or is paused: those that failed, unless --rows says otherwise, and those of rows that are corrected. All others stay, and the archive is joined anew.',
      examples: [
        { line: 'sheaf task retry task_…', does: 'those that failed' },
        {
          line: 'sheaf task retry task_… --set "17:salary=EUR 60,000" --set 17:bonus=none',
          does: 'row 17 with other values',
        },
        {
          line: 'sheaf task retry task_… --corrections corrected.csv',
          does: 'a column "row", and one for each column with corrections',
        },
        {
          line: 'sheaf task retry task_… --rows 1-1000 --template new.docx',
          does: 'all of them from another template',
        },
      ],
    },
    runner,
    (command) =>
      command
        .argument('<task>', 'its id', by(TaskId))
        .option('--rows <rows>', 'such as 3,7-9 (default: failed)')
        .option('--set <row:column=value>', 'a correction; may be given again', eachBy(SetSchema))
        .option(
          '--corrections <file>',
          'corrections: .csv with a column "row" (an empty cell changes nothing, "" makes blank), or .json',
        )
        .option(
          '--template <file|id>',
          "instead of the task's; given as often as the task has templates",
          collect,
        )
        .option('--data <file|id>', "a table with as many rows, instead of the task's")
        .option(
          '--map <tag=column>',
          'the column that a tag reads; may be given again',
          eachBy(PairSchema),
        ),
    async (context, options, taskId) => {
      const { rows, data, template = [], map } = options;
      const corrections = await correctionsOf(context, options);
      for (const each of template) await checkTemplateInput('--template', each);
      if (data !== undefined) await checkTableInput('--data', data);
      const { client } = await context.target();
      const { signal } = context.interrupts;
      // Asked first: nothing is uploaded for a task that there is not.
      const { templateIds: own } = await client.getTask({ taskId }, { signal });
      if (template.length > 0 && template.length !== own.length) {
        throw new UsageError(
          `The task has ${own.length} templates: give --template as often, in their order.`,
        );
      }
      const body: Partial<RetryTask> = {
        ...(rows !== undefined && { rows }),
        ...(corrections.length > 0 && { corrections }),
        ...(map && { mapping: mappingOf(map) }),
      };
      if (template.length > 0) {
        const templateIds: string[] = [];
        for (const each of template) {
          templateIds.push((await templateOf(context, each)).templateId);
        }
        body.templateIds = templateIds;
      }
      if (data !== undefined) {
        const source = await dataSourceOf(context, data);
        requireReady(source, data);
        body.dataSourceId = source.dataSourceId;
      }
      tellTask(context, await client.retryTask({ taskId, body }, { signal }));
      await tellWhoGoesOn(context, [taskId]);
    },
  );

async function correctionsOf(
  context: Context,
  { set = [], corrections }: RetryOptions,
): Promise<Correction[]> {
  const read =
    corrections === undefined
      ? []
      : await readCorrections(resolve(context.cwd, corrections), corrections);
  return joinCorrections([...read, ...set]);
}
