/**
 * Everything that `sheaf generate` can be told, once: from this table come its options, its variables of the
 * environment, the schema of sheaf.yaml, and the documentation.
 */
import * as z from 'zod';
import { MAX_CONCURRENCY, MAX_TEMPLATES_PER_TASK } from '../../shared/limits.ts';
import { TaskOptionsSchema } from '../../shared/schemas/common.ts';

/** How a value is written: a switch has none; pairs are `name=value`, in YAML a mapping. */
export type SettingKind = 'text' | 'number' | 'switch' | 'list' | 'pairs';

export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly kind: SettingKind;
  readonly group: string;
  /** What stands for its value in the help, such as `<file>`. */
  readonly value?: string;
  readonly help: string;
  readonly schema: S;
  /** The value is a path, or several: in sheaf.yaml, from the folder of that file on. */
  readonly isPath?: true;
}

const WHAT = 'What is made of what:';
const WHERE = 'Where it goes:';
const ROWS = 'Which rows, and how they fill the template:';
const READING = 'How rows are read (found by itself, and said, unless given):';
const WORK = 'How the work is done:';
const INSTEAD = 'Instead of all documents:';

const text = z.string().min(1, 'must not be empty');
const whole = (from: number, to: number) => {
  const rule = `must be a whole number from ${from} to ${to}`;
  return z.number(rule).int(rule).min(from, rule).max(to, rule);
};
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be ${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`);

/** A setting keeps the type of its schema. */
const setting = <S extends z.ZodType>(value: Setting<S>): Setting<S> => value;

const options = TaskOptionsSchema.shape;
const MOST_SECONDS = 100;
const MOST_DAYS = 365;

export const SETTINGS = {
  template: setting({
    kind: 'list',
    group: WHAT,
    value: '<file>',
    help: 'a Word document with tags such as {name}; of several, each row gives one document of each',
    schema: z
      .array(text)
      .min(1)
      .max(MAX_TEMPLATES_PER_TASK, `may be at most ${MAX_TEMPLATES_PER_TASK}`),
    isPath: true,
  }),
  data: setting({
    kind: 'text',
    group: WHAT,
    value: '<file>',
    help: 'the rows: .csv, .xlsx, .json or .jsonl; text also as .gz; - reads standard input',
    schema: text,
    isPath: true,
  }),
  'input-dir': setting({
    kind: 'text',
    group: WHAT,
    value: '<folder>',
    help: 'a task for each table in it (or, with --data, for each template)',
    schema: text,
    isPath: true,
  }),
  'file-list': setting({
    kind: 'text',
    group: WHAT,
    value: '<file>',
    help: 'the same for the files that are listed in a text file, a line each; - reads standard input',
    schema: text,
    isPath: true,
  }),
  'url-list': setting({
    kind: 'text',
    group: WHAT,
    value: '<file>',
    help: 'the same for the https addresses that are listed, which are fetched first',
    schema: text,
    isPath: true,
  }),
  steps: setting({
    kind: 'text',
    group: WHAT,
    value: '<file>',
    help: 'row steps: services to be called for each row (JSON or YAML, as in docs/row-steps.md)',
    schema: text,
    isPath: true,
  }),

  out: setting({
    kind: 'text',
    group: WHERE,
    value: '<path>',
    help: 'an archive (.zip), or a folder for the documents themselves; {input} stands for the name of the file of a task (default: documents.zip, of many tasks documents/{input}.zip)',
    schema: text,
    isPath: true,
  }),
  name: setting({
    kind: 'text',
    group: WHERE,
    value: '<pattern>',
    help: 'names of the documents: tags, {row}, {template}; / parts folders (default: {template}-{row})',
    schema: text,
  }),
  'skip-existing': setting({
    kind: 'switch',
    group: WHERE,
    help: 'of a folder: what is there and would come out the same is not made again',
    schema: z.boolean(),
  }),
  force: setting({
    kind: 'switch',
    group: WHERE,
    help: 'replace files that are there',
    schema: z.boolean(),
  }),
  results: setting({
    kind: 'text',
    group: WHERE,
    value: '<file>',
    help: 'the table of results, too: .xlsx, .csv or .jsonl',
    schema: text.regex(/\.(xlsx|csv|jsonl)$/i, 'must end in .xlsx, .csv or .jsonl'),
    isPath: true,
  }),
  report: setting({
    kind: 'text',
    group: WHERE,
    value: '<file>',
    help: 'what was made, how fast, and what failed why: .html, .json or .csv',
    schema: text.regex(/\.(html|json|csv)$/i, 'must end in .html, .json or .csv'),
    isPath: true,
  }),
  'progress-file': setting({
    kind: 'text',
    group: WHERE,
    value: '<file>',
    help: 'where the work is, as JSON, replaced whole again and again',
    schema: text,
    isPath: true,
  }),

  rows: setting({
    kind: 'text',
    group: ROWS,
    value: '<numbers>',
    help: 'only these rows, such as 1-100,250',
    schema: text,
  }),
  filter: setting({
    kind: 'text',
    group: ROWS,
    value: '<expression>',
    help: 'only rows for which this is true (CEL), such as city == "Bonn"',
    schema: text,
  }),
  'group-by': setting({
    kind: 'text',
    group: ROWS,
    value: '<column>',
    help: 'one document for all rows that share a value, with them as {#rows}…{/rows}',
    schema: text,
  }),
  map: setting({
    kind: 'pairs',
    group: ROWS,
    value: '<tag=column>',
    help: 'fill a tag from a column of another name',
    schema: z.record(text, text),
  }),
  missing: setting({
    kind: 'text',
    group: ROWS,
    value: '<mode>',
    help: 'a tag without a value: empty leaves a blank, error fails the row (default: empty)',
    schema: oneOf(['empty', 'error']),
  }),
  'empty-paragraphs': setting({
    kind: 'text',
    group: ROWS,
    value: '<mode>',
    help: 'paragraphs whose tags all came out empty: keep or remove (default: keep)',
    schema: oneOf(['keep', 'remove']),
  }),

  encoding: setting({
    kind: 'text',
    group: READING,
    value: '<name>',
    help: 'such as windows-1252, which Excel on Windows writes as "CSV (comma delimited)"',
    schema: text,
  }),
  delimiter: setting({
    kind: 'text',
    group: READING,
    value: '<character>',
    help: 'of CSV, between cells: "," ";" "|" or tab',
    schema: text,
  }),
  quote: setting({
    kind: 'text',
    group: READING,
    value: '<character>',
    help: 'of CSV, what cells may stand in: " or \'',
    schema: text,
  }),
  'header-row': setting({
    kind: 'number',
    group: READING,
    value: '<number>',
    help: 'the line of a CSV, or row of a sheet, with the names of the columns',
    schema: whole(1, 100),
  }),
  sheet: setting({
    kind: 'text',
    group: READING,
    value: '<name>',
    help: 'of a workbook: the sheet, by its name or number',
    schema: text,
  }),
  values: setting({
    kind: 'text',
    group: READING,
    value: '<mode>',
    help: 'of a workbook: shown as Excel shows them, or typed as they are behind that',
    schema: oneOf(['shown', 'typed']),
  }),
  hidden: setting({
    kind: 'text',
    group: READING,
    value: '<mode>',
    help: 'of a workbook: keep or skip hidden rows and columns',
    schema: oneOf(['keep', 'skip']),
  }),
  locale: setting({
    kind: 'text',
    group: READING,
    value: '<region>',
    help: 'of a workbook: whose dates and numbers, where it leaves that open, such as de',
    schema: text,
  }),
  'data-format': setting({
    kind: 'text',
    group: READING,
    value: '<format>',
    help: 'of --data - : csv, xlsx, json or jsonl',
    schema: oneOf(['csv', 'xlsx', 'json', 'jsonl']),
  }),

  check: setting({
    kind: 'text',
    group: WORK,
    value: '<mode>',
    help: 'look at every row first: warn goes on, strict makes nothing when rows have errors, off (default: warn)',
    schema: oneOf(['warn', 'strict', 'off']),
  }),
  'on-error': setting({
    kind: 'text',
    group: WORK,
    value: '<mode>',
    help: 'after a document that failed: continue or stop (default: continue)',
    schema: oneOf(['continue', 'stop']),
  }),
  parallel: setting({
    kind: 'number',
    group: WORK,
    value: '<number>',
    help: 'how many shards are worked on at the same time (default: 10)',
    schema: whole(1, MAX_CONCURRENCY),
  }),
  mode: setting({
    kind: 'text',
    group: WORK,
    value: '<mode>',
    help: 'sequential makes one shard after the other, in order (default: parallel)',
    schema: oneOf(['parallel', 'sequential']),
  }),
  'max-retries': setting({
    kind: 'number',
    group: WORK,
    value: '<number>',
    help: 'how often a shard that failed is tried again (default: 3)',
    schema: whole(0, 10),
  }),
  timeout: setting({
    kind: 'number',
    group: WORK,
    value: '<seconds>',
    help: 'a document that takes longer fails (default: 30)',
    schema: whole(1, MOST_SECONDS),
  }),
  priority: setting({
    kind: 'number',
    group: WORK,
    value: '<number>',
    help: 'of tasks that wait, those with more come first, 0 to 100 (default: 50)',
    schema: whole(0, 100),
  }),
  'max-failures': setting({
    kind: 'number',
    group: WORK,
    value: '<number>',
    help: 'with --steps: pause when the steps of more rows have failed',
    schema: options.maxFailures.unwrap(),
  }),
  budget: setting({
    kind: 'number',
    group: WORK,
    value: '<dollars>',
    help: 'with --steps: pause when their calls have cost so much',
    schema: options.budgetUsd.unwrap(),
  }),
  'retention-days': setting({
    kind: 'number',
    group: WORK,
    value: '<days>',
    help: 'how long the service keeps the documents (default: 7)',
    schema: whole(1, MOST_DAYS),
  }),

  'dry-run': setting({
    kind: 'switch',
    group: INSTEAD,
    help: 'check every row and estimate time, size and cost; nothing is made',
    schema: z.boolean(),
  }),
  sample: setting({
    kind: 'switch',
    group: INSTEAD,
    help: 'make only the rows that are worth looking at, and say why each is',
    schema: z.boolean(),
  }),
  resume: setting({
    kind: 'text',
    group: INSTEAD,
    value: '<task>',
    help: 'go on with a task that was paused or left, and save what it gives',
    schema: text.regex(/^task_[0-9A-HJKMNP-TV-Z]{26}$/, 'must be the id of a task'),
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** What was said, by flags, environment or file. */
export type Settings = {
  readonly [K in SettingName]?: z.output<(typeof SETTINGS)[K]['schema']> | undefined;
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The variable of the environment that says the same: SHEAF_GROUP_BY. */
export const variableOf = (name: SettingName) => `SHEAF_${name.toUpperCase().replaceAll('-', '_')}`;
