/** Requests and views of the task routes (docs/api.md). */
import * as z from 'zod';
import {
  MAX_DOCUMENT_NAME_BYTES,
  MAX_ROWS_CHARACTERS,
  MAX_STEPS,
  MAX_TEMPLATES_PER_TASK,
  SCHEDULE_DAYS_MAX,
} from '../limits.ts';
import { CheckStatusSchema } from './checks.ts';
import {
  CheckIdSchema,
  DataSourceIdSchema,
  DocumentStatusSchema,
  FailureCodeSchema,
  MappingSchema,
  ModeSchema,
  OutputFormatSchema,
  PageQuerySchema,
  RowSchema,
  TaskIdSchema,
  TaskOptionsSchema,
  TaskStatusSchema,
  TemplateIdSchema,
  TextSchema,
  type Page,
} from './common.ts';
import { OrderHashSchema } from './samples.ts';
import { SnapshotSchema } from './stream.ts';
import { TaskErrorSchema } from './items.ts';
import { TargetUrlSchema } from './webhookApi.ts';
import { WebhookEventsSchema } from './webhookEvents.ts';
import { RowStepSchema } from './rowSteps.ts';

const METADATA_PAIRS = 16;

/** What is to be made of which rows: of a task, and of what is tried before one. */
export const orderFields = {
  templateIds: z
    .array(TemplateIdSchema)
    .max(MAX_TEMPLATES_PER_TASK)
    .refine((ids) => new Set(ids).size === ids.length, 'Name each template once.')
    .default([])
    .describe(
      'Every row gives one document for each template; may be left out where row steps give files, or values.',
    ),
  steps: z
    .array(RowStepSchema)
    .min(1)
    .max(MAX_STEPS)
    .optional()
    .describe(
      'Services that are called for every row, in this order, before documents are made (docs/row-steps.md).',
    ),
  dataSourceId: DataSourceIdSchema.optional().describe('Rows of a data source that is ready.'),
  data: z.array(RowSchema).optional().describe('Rows sent inline, instead of a data source.'),
  fileName: TextSchema.min(1)
    .max(200)
    .optional()
    .describe(
      'Names of the documents: a pattern over tags, {row} and {template}; a / in it parts folders.',
    )
    .meta({ example: '{department}/{name}-{row}' }),
  options: TaskOptionsSchema.prefault({}),
};

export const hasRowsOnce = (body: { dataSourceId?: string | undefined; data?: unknown }) =>
  (body.dataSourceId === undefined) !== (body.data === undefined);
export const ROWS_ONCE = {
  message: 'Give the rows either by dataSourceId or inline as data.',
  path: ['dataSourceId'],
};

export const makesSomething = (body: { templateIds: readonly string[]; steps?: unknown }) =>
  body.templateIds.length > 0 || body.steps !== undefined;
export const NOTHING_MADE = {
  message: 'Name a template, or give row steps: nothing would be made.',
  path: ['templateIds'],
};

/** Body of POST /batch/checks. */
export const OrderBodySchema = z
  .strictObject(orderFields)
  .refine(hasRowsOnce, ROWS_ONCE)
  .refine(makesSomething, NOTHING_MADE);
export type OrderBody = z.infer<typeof OrderBodySchema>;

/** Body of POST /batch/tasks. */
export const CreateTaskSchema = z
  .strictObject({
    ...orderFields,
    outputFormat: OutputFormatSchema.default('docx').describe('What the documents are.'),
    mode: ModeSchema.default('parallel').describe(
      'sequential renders one shard at a time, in order.',
    ),
    name: TextSchema.trim().min(1).max(200).optional().describe('A name for people.'),
    autoStart: z.boolean().default(false).describe('Start at once, unless startAt says when.'),
    startAt: z.iso
      .datetime({ offset: true })
      .optional()
      .describe(`Start by itself at this time, at most ${SCHEDULE_DAYS_MAX} days ahead.`)
      .meta({ example: '2026-12-24T08:00:00Z' }),
    baseTaskId: TaskIdSchema.optional().describe(
      'An earlier task of yours that has ended: its documents are taken over where what they are made from is the same, and only the others are made. The archive is the same as without it.',
    ),
    metadata: z
      .record(TextSchema.max(100), TextSchema.max(500))
      .refine(
        (pairs) => Object.keys(pairs).length <= METADATA_PAIRS,
        `At most ${METADATA_PAIRS} pairs.`,
      )
      .default({})
      .describe('Up to 16 pairs that come back with the task.'),
    webhookUrl: TargetUrlSchema.optional(),
    webhookEvents: WebhookEventsSchema.optional(),
  })
  .refine((body) => body.webhookEvents === undefined || body.webhookUrl !== undefined, {
    message: 'Give the URL that the events are to be sent to, as webhookUrl.',
    path: ['webhookUrl'],
  })
  .refine((body) => body.steps === undefined || body.options.approval !== true, {
    message:
      'Samples are made without calling services, so a task with row steps cannot wait for them.',
    path: ['options', 'approval'],
  })
  .refine(hasRowsOnce, ROWS_ONCE)
  .refine(makesSomething, NOTHING_MADE);
export type CreateTask = z.infer<typeof CreateTaskSchema>;

/** Body of POST /batch/tasks/{taskId}/start. */
export const StartTaskSchema = z.strictObject({
  approval: OrderHashSchema.optional().describe(
    'The hash of samples that were looked at; needed by a task with `options.approval`, and compared for any.',
  ),
});
export type StartTask = z.infer<typeof StartTaskSchema>;

/** Body of PATCH /batch/tasks/{taskId}: what is not named stays as it is. */
export const ChangeTaskSchema = z.strictObject({
  name: CreateTaskSchema.shape.name,
  metadata: CreateTaskSchema.shape.metadata
    .unwrap()
    .optional()
    .describe('Up to 16 pairs, in place of those before.'),
  options: z
    .strictObject({
      concurrency: TaskOptionsSchema.shape.concurrency.unwrap().optional(),
      priority: TaskOptionsSchema.shape.priority.unwrap().optional(),
    })
    .optional()
    .describe('Options that can be changed.'),
  startAt: CreateTaskSchema.shape.startAt
    .unwrap()
    .nullish()
    .describe('Start by itself at this time instead; null takes the time back.'),
});
export type ChangeTask = z.infer<typeof ChangeTaskSchema>;

export const TaskLinksSchema = z.object({
  self: z.string(),
  start: z.string(),
  pause: z.string(),
  resume: z.string(),
  cancel: z.string(),
  retry: z.string(),
  progress: z.string(),
  download: z.string(),
  results: z.string(),
  documents: z.string(),
  failures: z.string(),
});

/** Body of POST /batch/tasks/{taskId}/retry. */
export const RetryTaskSchema = z.strictObject({
  rows: TextSchema.trim()
    .min(1)
    .max(MAX_ROWS_CHARACTERS)
    .default('failed')
    .describe(
      'Rows that are made anew: `failed` for those of which a document failed, or their numbers. Rows that are corrected are made anew, too.',
    )
    .meta({ examples: ['failed', '3,7-9'] }),
  corrections: z
    .array(
      z.strictObject({
        row: z.int().describe('1-based number of the row.'),
        values: RowSchema,
      }),
    )
    .default([])
    .describe(
      "Values that are laid over a row's own, by column; a field inside of a column by its path, such as `address.city`.",
    ),
  templateIds: z
    .array(TemplateIdSchema)
    .min(1)
    .max(MAX_TEMPLATES_PER_TASK)
    .refine((ids) => new Set(ids).size === ids.length, 'Name each template once.')
    .optional()
    .describe(
      "Templates instead of the task's, each in the place of one; documents keep the names that those gave them.",
    ),
  mapping: MappingSchema.optional().describe(
    "Columns by tag, instead of the task's `options.mapping`.",
  ),
  dataSourceId: DataSourceIdSchema.optional().describe(
    "A data source with as many rows, instead of the task's. Earlier corrections do not count any more.",
  ),
});
export type RetryTask = z.infer<typeof RetryTaskSchema>;

/** A task as clients see it. */
export const TaskViewSchema = z.object({
  taskId: TaskIdSchema,
  name: z.string(),
  status: TaskStatusSchema,
  run: z.int().describe('How often it was started, resumed or retried; 0 before the first start.'),
  stage: SnapshotSchema.shape.stage,
  progress: SnapshotSchema.shape.progress,
  mode: ModeSchema,
  outputFormat: OutputFormatSchema,
  templateIds: z.array(TemplateIdSchema),
  dataSourceId: DataSourceIdSchema.nullable(),
  baseTaskId: TaskIdSchema.nullable().describe(
    'The earlier task whose documents are taken over where nothing of them changed.',
  ),
  fileName: z.string(),
  options: TaskOptionsSchema,
  metadata: z.record(z.string(), z.string()),
  totalDocuments: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  skipped: z.int(),
  pending: z.int().describe('Not tried yet: total = succeeded + failed + skipped + pending.'),
  reused: z
    .int()
    .describe(
      'How many of those that succeeded were taken over from the earlier task; counted when the task comes to rest.',
    ),
  createdAt: z.iso.datetime(),
  startAt: z.iso.datetime().nullable().describe('When it starts by itself, while it is scheduled.'),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso
    .datetime()
    .nullable()
    .describe('The task and its documents are removed after this; null while it waits or works.'),
  error: TaskErrorSchema.nullable(),
  warnings: z
    .array(z.string())
    .optional()
    .describe(
      'What should be looked at before it is started, such as tags that no column fills; in the answers of its creation and of GET for it alone.',
    )
    .meta({
      example: [
        'No column fills the tag {Zip}: it stays blank. Did you mean the column "Zip code"?',
      ],
    }),
  check: z
    .object({
      checkId: CheckIdSchema.describe('Its findings are at GET /batch/checks/{checkId}.'),
      status: CheckStatusSchema,
      errors: z.int().nullable().describe('Findings of this severity; null until it is done.'),
      warnings: z.int().nullable().describe('Findings of this severity; null until it is done.'),
    })
    .nullish()
    .describe(
      'The check of its rows that it begins with, null when its options ask for none; in the answer of GET for it alone.',
    ),
  links: TaskLinksSchema,
});
export type TaskView = z.infer<typeof TaskViewSchema>;

/** Answer of POST /batch/tasks. */
export const CreatedTaskSchema = TaskViewSchema.extend({
  websocketUrl: z.string().describe('Carries a ticket for one connection within 10 minutes.'),
  webhookSecret: z
    .string()
    .optional()
    .describe(
      'Verifies what is sent to webhookUrl (Standard Webhooks). It is told this once; keep it.',
    ),
});

export const ListTasksQuerySchema = PageQuerySchema.extend({
  status: TaskStatusSchema.optional().describe('Only tasks in this state.'),
});
export type ListTasksQuery = z.infer<typeof ListTasksQuerySchema>;

/** A link signed at the moment of the request. */
export const DownloadSchema = z.object({
  url: z.string(),
  expiresAt: z.iso.datetime(),
  fileName: z.string(),
  bytes: z.int(),
});
export type Download = z.infer<typeof DownloadSchema>;

export const DocumentViewSchema = z.object({
  row: z.int().min(1),
  template: z.string(),
  name: z.string().nullable().describe('Its name in the archive; null when it was not made.'),
  status: DocumentStatusSchema,
  bytes: z.int().nullable(),
});
export type DocumentView = z.infer<typeof DocumentViewSchema>;

/** What documents are found by: a part of a name in the archive, or a whole one. */
export const DocumentNameSchema = TextSchema.min(1).max(MAX_DOCUMENT_NAME_BYTES);

export const ListDocumentsQuerySchema = PageQuerySchema.extend({
  status: DocumentStatusSchema.optional().describe('Only documents with this outcome.'),
  name: DocumentNameSchema.optional().describe(
    'Only documents whose name in the archive holds this text, in whatever case. The whole name of a document, with or without its folders, finds that one alone.',
  ),
});
export type ListDocumentsQuery = z.infer<typeof ListDocumentsQuerySchema>;

/** What a page of documents tells beside them. */
export const DocumentsPageSchema = z.object({
  throughRow: z
    .int()
    .min(0)
    .describe('Rows up to this one were looked at, here or on the pages before.'),
  rowCount: z.int().min(0).describe('Rows of the task.'),
});
export type DocumentsPage = Page<DocumentView> & z.infer<typeof DocumentsPageSchema>;

export const FailureViewSchema = z.object({
  row: z.int().min(1),
  template: z.string(),
  code: FailureCodeSchema,
  tag: z.string().nullable(),
  column: z.string().nullable(),
  detail: z.string(),
});
export type FailureView = z.infer<typeof FailureViewSchema>;

/** A row of a task, and what became of its documents. */
export const RowViewSchema = z.object({
  row: z.int().min(1),
  values: RowSchema,
  isCorrected: z.boolean().describe('Whether corrections are laid over its values.'),
  documents: z
    .array(
      z.object({
        template: z.string().describe('Label of the template, or name of the row step.'),
        templateId: TemplateIdSchema.nullable().describe('null for what a row step gives.'),
        status: z.enum([...DocumentStatusSchema.options, 'pending']),
        name: z.string().nullable().describe('Its name in the archive; null when it was not made.'),
        bytes: z.int().nullable(),
        failure: FailureViewSchema.omit({ row: true, template: true }).nullable(),
      }),
    )
    .describe(
      'One for each template, and each file of a row step; of each the newest that was made, or why it was not.',
    ),
});
export type RowView = z.infer<typeof RowViewSchema>;

export const ActiveCountSchema = z.object({ activeTasks: z.int() });

/** Answer of POST /stream/tickets. */
export const TicketSchema = z.object({
  websocketUrl: z.string().describe('Carries a ticket for one connection within 10 minutes.'),
  expiresAt: z.iso.datetime().describe('Until when a connection can be made to websocketUrl.'),
  eventsUrl: z
    .string()
    .describe(
      'Server-sent events of all your tasks, or with &taskId= of one. Carries a ticket that is good as often as one likes.',
    ),
  eventsExpireAt: z.iso.datetime().describe('Until when eventsUrl can be asked: 12 hours.'),
});
