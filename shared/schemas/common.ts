/** Types that more than one boundary uses. */
import * as z from 'zod';
import { ID_PREFIXES, idPattern, type IdKind } from '../ids.ts';
import {
  MAX_CONCURRENCY,
  MAX_PRIORITY,
  PAGE_LIMIT_DEFAULT,
  PAGE_LIMIT_MAX,
  PRIORITY_DEFAULT,
  TASK_RETENTION_DAYS,
  TASK_RETENTION_DAYS_MAX,
} from '../limits.ts';
import { DATA_PROBLEMS, FAILURES, type DataProblemCode, type FailureCode } from '../problems.ts';

const EXAMPLE_ULID = '01JDA4V5P0W8QZ6Y3M2T7R9KXC';
const idSchema = (kind: IdKind, what: string) =>
  z
    .string()
    .regex(idPattern(kind))
    .meta({
      description: `Id of a ${what}; ids sort by time of creation.`,
      examples: [`${ID_PREFIXES[kind]}_${EXAMPLE_ULID}`],
    });

export const TaskIdSchema = idSchema('task', 'task');
export const TemplateIdSchema = idSchema('template', 'template');
export const DataSourceIdSchema = idSchema('dataSource', 'data source');
export const CheckIdSchema = idSchema('check', 'check');
export const SampleIdSchema = idSchema('sample', 'set of samples');
export const EndpointIdSchema = idSchema('endpoint', 'webhook endpoint');
export const DeliveryIdSchema = idSchema('delivery', 'delivery of a webhook');
export const ConnectionIdSchema = idSchema('connection', 'connection to a service');

/** Text that is kept: JSON can write half of a character, which no storage takes. */
export const TextSchema = z
  .string()
  .refine((text) => !/\p{Surrogate}/u.test(text), 'Holds half of a character. Remove it.');

/** One row: JSON values by column name. Never logged, never in workflow data, never in messages. */
export const RowSchema = z.record(z.string(), z.json());
export type Row = z.infer<typeof RowSchema>;

export const TASK_STATUSES = [
  'pending',
  'scheduled',
  'queued',
  'running',
  'pausing',
  'paused',
  'assembling',
  'cancelling',
  'completed',
  'partially_completed',
  'failed',
  'cancelled',
] as const;
export const TaskStatusSchema = z.enum(TASK_STATUSES);
export type TaskStatus = z.infer<typeof TaskStatusSchema>;

/** What the workflow is doing for a task. */
export const StageSchema = z.enum([
  'waiting',
  'planning',
  'calling',
  'rendering',
  'assembling',
  'done',
]);
export type Stage = z.infer<typeof StageSchema>;

/** What the documents are. */
export const OutputFormatSchema = z.enum(['docx']);

export const TemplateStatusSchema = z
  .enum(['awaiting_upload', 'ready', 'invalid'])
  .describe('invalid: the file that was uploaded cannot be used; upload another one.');

/** Where a data source is on its way from the upload to rows. */
export const DataSourceStatusSchema = z
  .enum(['awaiting_upload', 'ingesting', 'ready', 'invalid'])
  .describe('invalid: the file cannot be used; correct it and upload it as a new data source.');

export const DocumentStatusSchema = z.enum(['succeeded', 'failed', 'skipped']);
export type DocumentStatus = z.infer<typeof DocumentStatusSchema>;

/** What the table of results is written as. */
export const ResultsFormatSchema = z.enum(['xlsx', 'csv', 'jsonl']);
export type ResultsFormat = z.infer<typeof ResultsFormatSchema>;

export const ModeSchema = z.enum(['parallel', 'sequential']);

/** Pairs of a mapping. */
const MOST_MAPPED = 200;
const MAPPED_CHARACTERS = 255;

/** They are part of the task's item. */
const MOST_ROWS_CHARACTERS = 10_000;
const MOST_FILTER_CHARACTERS = 2_000;

export const MappingSchema = z
  .record(TextSchema.min(1).max(MAPPED_CHARACTERS), TextSchema.min(1).max(MAPPED_CHARACTERS))
  .refine((pairs) => Object.keys(pairs).length <= MOST_MAPPED, `At most ${MOST_MAPPED} pairs.`)
  .describe(
    'Columns by tag, for tags that no column is called like; of lists as `items[1].price` or `price`.',
  )
  .meta({ examples: [{ Name: 'Full name' }] });

export const TaskOptionsSchema = z
  .strictObject({
    concurrency: z
      .int()
      .min(1)
      .max(MAX_CONCURRENCY)
      .default(10)
      .describe('How many shards are rendered at the same time, at most.'),
    priority: z
      .int()
      .min(0)
      .max(MAX_PRIORITY)
      .default(PRIORITY_DEFAULT)
      .describe('Of tasks that wait for their turn, those of higher priority come first.'),
    onError: z
      .enum(['continue', 'stop'])
      .default('continue')
      .describe('Whether the task goes on after a document that failed.'),
    maxFailures: z
      .int()
      .min(0)
      .optional()
      .describe(
        'Pauses the task when the row steps of more rows than this have failed since it was started or resumed.',
      ),
    budgetUsd: z
      .number()
      .positive()
      .max(1_000_000)
      .optional()
      .describe(
        'Pauses the task when the calls of its row steps have cost this much since it was started or resumed, by the prices of their connections.',
      ),
    maxRetries: z
      .int()
      .min(0)
      .max(10)
      .default(3)
      .describe('How often a shard is tried again after its first attempt.'),
    documentTimeoutSeconds: z
      .int()
      .min(1)
      .max(100)
      .default(30)
      .describe('A document that takes longer fails with TIMEOUT.'),
    missingValue: z
      .enum(['empty', 'error'])
      .default('empty')
      .describe('What a tag without a value in the row becomes: nothing, or a failure.'),
    emptyParagraphs: z
      .enum(['keep', 'remove'])
      .default('keep')
      .describe(
        'What becomes of a paragraph that holds only tags when nothing comes out of them: a blank line, or nothing.',
      ),
    mapping: MappingSchema.optional(),
    rows: TextSchema.trim()
      .min(1)
      .max(MOST_ROWS_CHARACTERS)
      .optional()
      .describe('Rows that documents are made of, by their numbers; the others are skipped.')
      .meta({ example: '5-120,300' }),
    groupBy: TextSchema.trim()
      .min(1)
      .max(MAPPED_CHARACTERS)
      .optional()
      .describe(
        'A column: all rows that share its value give one document, which has them as the list `rows`; the others are skipped.',
      )
      .meta({ example: 'customer' }),
    filter: TextSchema.trim()
      .min(1)
      .max(MOST_FILTER_CHARACTERS)
      .optional()
      .describe(
        'Rows that documents are made of, by an expression of CEL over the columns; the others are skipped.',
      )
      .meta({ example: 'city == "Bonn" && number(amount) > 100' }),
    check: z
      .enum(['strict', 'warn', 'off'])
      .optional()
      .describe(
        'Whether every row is checked before a document is made: strict ends the task when that finds errors, warn goes on. Default: warn for the rows of a data source, off for rows that come inline.',
      ),
    approval: z
      .boolean()
      .optional()
      .describe(
        'Whether the task waits until it is started with the hash of samples that somebody has looked at.',
      ),
    retentionDays: z
      .int()
      .min(1)
      .max(TASK_RETENTION_DAYS_MAX)
      .default(TASK_RETENTION_DAYS)
      .describe('How many days the task and its documents are kept after it has ended.'),
  })
  .describe('How the documents are made.');

export type TaskOptions = z.infer<typeof TaskOptionsSchema>;

export const FailureCodeSchema = z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]);

/** Why one document was not made. `detail` names tags and columns, never values. */
export const RowFailureSchema = z.object({
  code: FailureCodeSchema,
  tag: z.string().optional().describe('The tag at fault, as written in the template.'),
  column: z.string().optional().describe('The column of the data that the tag reads.'),
  detail: z.string().describe('What is wrong and what to do.'),
});
export type RowFailure = z.infer<typeof RowFailureSchema>;

/** A tag of a template, in the order of appearance; `path` leads through the enclosing sections. */
export const TagSchema = z.object({
  name: z.string().describe('What the tag reads from the row, such as `address.city`.'),
  kind: z.enum(['value', 'section', 'inverted']),
  path: z.array(z.string()).describe('Names of the enclosing sections, outermost first.'),
  part: z.string().describe('The part of the package that holds it, such as word/document.xml.'),
  isConditional: z
    .boolean()
    .optional()
    .describe('Whether it stands in a condition that `path` does not name, as formats make one.'),
  isMergeField: z
    .boolean()
    .optional()
    .describe('Whether it is a MERGEFIELD of Word: First_Name is filled from "First Name".'),
  formats: z
    .array(z.string())
    .optional()
    .describe('What is made of the value, in order; absent where it is taken as it is.')
    .meta({ examples: [['date:"d MMMM yyyy":"en"']] }),
});
export type Tag = z.infer<typeof TagSchema>;

/** The way a template is rendered, and why not by a faster one. */
export const EngineSchema = z.object({
  tier: z.enum(['compiled', 'reused-parse', 'stock']),
  reasons: z.array(z.string()),
});
export type Engine = z.infer<typeof EngineSchema>;

/** What a build of the engines found out when it tried them on a template. */
export const TriedEngineSchema = z.object({ build: z.string(), engine: EngineSchema });
export type TriedEngine = z.infer<typeof TriedEngineSchema>;

/** Documents by outcome. */
export const CountsSchema = z.object({
  succeeded: z.int().min(0),
  failed: z.int().min(0),
  skipped: z.int().min(0),
});
export type Counts = z.infer<typeof CountsSchema>;

/** How a data source's bytes are to be read. */
export const ReadingOptionsSchema = z.strictObject({
  format: z
    .enum(['csv', 'xlsx', 'json', 'jsonl'])
    .optional()
    .describe('Default: by the ending of the file name.'),
  delimiter: z
    .string()
    .length(1)
    .optional()
    .describe('CSV: the character between cells. Default: found by the first lines (, ; tab |).'),
  quote: z
    .enum(['"', "'"])
    .optional()
    .describe('CSV: what cells may stand in. Default: found by the first lines.'),
  encoding: z
    .string()
    .max(40)
    .optional()
    .describe(
      'Text: a WHATWG encoding label. Default: what a byte-order mark says, else utf-8, utf-16, gb18030, shift_jis or windows-1252 by the bytes themselves.',
    ),
  headerRow: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'The 1-based line of a CSV that holds the column names (default: 1), or row of a sheet (default: it is found).',
    ),
  sheet: z
    .union([TextSchema.min(1).max(100), z.int().min(1).max(10_000)])
    .optional()
    .describe(
      'Workbook: the sheet to read, by its name or its 1-based number. Default: the first that is not hidden.',
    ),
  values: z
    .enum(['shown', 'typed'])
    .optional()
    .describe(
      'Workbook: texts as Excel shows them (00123, 12.5%), or numbers and ISO dates as they are behind that. Default: shown.',
    ),
  hidden: z
    .enum(['keep', 'skip'])
    .optional()
    .describe('Workbook: whether hidden rows and columns are read. Default: keep.'),
  locale: z
    .string()
    .max(35)
    .optional()
    .describe(
      'Workbook: whose region dates and numbers are shown for where the workbook leaves it open, such as de or zh-CN. Default: en-US.',
    ),
});
export type ReadingOptions = z.infer<typeof ReadingOptionsSchema>;

/** A sheet of a workbook. */
export const FoundSheetSchema = z.object({
  name: z.string().meta({ example: 'People' }),
  hidden: z.literal(true).optional(),
});
export type FoundSheet = z.infer<typeof FoundSheetSchema>;

/** How a file was read. */
export const FoundReadingSchema = z.object({
  sheet: z.string().optional().describe('Workbook: name of the sheet that was read.'),
  headerRow: z.int().min(1).optional().describe('Row or line that holds the column names.'),
  encoding: z
    .string()
    .optional()
    .describe('Text: its encoding, as the Encoding Standard names it.')
    .meta({ example: 'utf-8' }),
  delimiter: z.string().optional().describe('CSV: the character between cells.'),
  quote: z.string().optional().describe('CSV: what cells may stand in.'),
  lists: z
    .array(
      z.object({
        sheet: z.string(),
        list: z.string().describe('Its first cell: the list, in the lists that it lies in.'),
        entries: z.int().min(0),
      }),
    )
    .optional()
    .describe('Workbook: sheets whose rows were joined to those of the sheet, as lists.')
    .meta({ examples: [[{ sheet: 'items', list: '#items', entries: 12 }]] }),
});
export type FoundReading = z.infer<typeof FoundReadingSchema>;

/** One fault of a data source. */
const DATA_PROBLEM_CODES = Object.keys(DATA_PROBLEMS) as [DataProblemCode, ...DataProblemCode[]];

export const DataProblemSchema = z.object({
  code: z
    .enum(DATA_PROBLEM_CODES)
    .optional()
    .describe('What programs go by; absent for files that were read before there were codes.'),
  line: z.int().min(1).optional().describe('1-based line of the file.'),
  row: z.int().min(1).optional().describe('1-based row of data.'),
  column: z.string().optional(),
  cell: z.string().optional().describe('Cell of a workbook, such as C5.'),
  detail: z.string(),
});
export type DataProblem = z.infer<typeof DataProblemSchema>;

/** A cell of a row that could not be read: the documents that read it fail. */
export const RowFaultSchema = z.object({
  column: z.string().describe('Name of the column.'),
  cell: z.string().describe('Cell of the workbook, such as C5.'),
  code: z.enum(DATA_PROBLEM_CODES),
  detail: z.string().describe('What is wrong and what to do.'),
});
export type RowFault = z.infer<typeof RowFaultSchema>;

/** `?limit=&cursor=` of every list. */
export const PageQuerySchema = z.object({
  limit: z.coerce
    .number<number>()
    .int()
    .min(1)
    .max(PAGE_LIMIT_MAX)
    .default(PAGE_LIMIT_DEFAULT)
    .describe('How many are listed at most.'),
  cursor: z.string().min(1).max(2_000).optional().describe('nextCursor of the page before.'),
});
export type PageQuery = z.infer<typeof PageQuerySchema>;

/** One page of a list; `nextCursor` is null on the last. */
export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

/** Where and how a client uploads a file: PUT its bytes to `url` with these headers. */
export const UploadTargetSchema = z.object({
  method: z.literal('PUT'),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  expiresAt: z.iso
    .datetime()
    .describe('When the link ends at the latest; AWS may end it earlier, with ExpiredToken.'),
});
export type UploadTarget = z.infer<typeof UploadTargetSchema>;
