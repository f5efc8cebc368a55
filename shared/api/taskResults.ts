/** What a task gives: progress, the archive, single documents, failures. */
import * as z from 'zod';
import { PageQuerySchema, ResultsFormatSchema, TemplateIdSchema } from '../schemas/common.ts';
import { LogEntrySchema } from '../schemas/events.ts';
import { SnapshotSchema } from '../schemas/stream.ts';
import {
  DocumentViewSchema,
  DocumentsPageSchema,
  FailureViewSchema,
  ListDocumentsQuerySchema,
  RowViewSchema,
} from '../schemas/taskApi.ts';
import { documentParams, taskParams } from './params.ts';
import { taskPaths } from './paths.ts';
import { defineRoutes } from './route.ts';

const tag = 'Results';

export const taskResultRoutes = defineRoutes({
  getProgress: {
    method: 'GET',
    path: taskPaths.progress,
    tag,
    summary: 'How far a task is',
    description: 'The same numbers come over the WebSocket as they change.',
    params: taskParams,
    answers: [{ kind: 'data', status: 200, name: 'Progress', schema: SnapshotSchema }],
    problems: [],
  },
  readLog: {
    method: 'GET',
    path: taskPaths.log,
    tag,
    summary: 'What happened to a task, oldest first',
    description: 'Changes of its state, shards that failed, and calls that controlled it.',
    params: taskParams,
    query: PageQuerySchema,
    answers: [{ kind: 'page', name: 'LogEntry', schema: LogEntrySchema }],
    problems: [],
  },
  downloadArchive: {
    method: 'GET',
    path: taskPaths.download,
    tag,
    summary: 'Download the archive',
    params: taskParams,
    answers: [{ kind: 'link', description: 'The archive (application/zip).' }],
    problems: ['INVALID_STATE', 'DOWNLOAD_FAILED'],
  },
  downloadResults: {
    method: 'GET',
    path: taskPaths.results,
    tag,
    summary: 'Download the table of results: every row, and what became of it',
    description:
      'Of a task that has ended or is paused. It is written when it is asked for first: until then the answer is 409 with `Retry-After`. Of an Excel data source, `xlsx` is that very workbook with columns added.',
    params: taskParams,
    query: z.object({
      format: ResultsFormatSchema.default('xlsx').describe(
        'xlsx: an Excel workbook, with links to the documents. csv: UTF-8 with a byte-order mark. jsonl: one JSON object a line.',
      ),
    }),
    answers: [{ kind: 'link', description: 'The table.' }],
    problems: ['INVALID_STATE', 'DOWNLOAD_FAILED'],
  },
  listDocuments: {
    method: 'GET',
    path: taskPaths.documents,
    tag,
    summary: 'List the documents of a task, in the order of rows',
    description:
      'Documents are listed as soon as their shard has ended. A request looks at so much and no more: with `status` or `name` a page may hold fewer than `limit`, or none, and have a `nextCursor` all the same.',
    params: taskParams,
    query: ListDocumentsQuerySchema,
    answers: [
      { kind: 'page', name: 'Document', schema: DocumentViewSchema, beside: DocumentsPageSchema },
    ],
    problems: ['DOWNLOAD_FAILED'],
  },
  downloadDocument: {
    method: 'GET',
    path: `${taskPaths.documents}/{row}`,
    tag,
    summary: 'Download one document without the archive',
    params: documentParams,
    query: z.object({
      templateId: TemplateIdSchema.optional().describe("Default: the task's first template."),
    }),
    answers: [{ kind: 'link', description: 'The document.' }],
    problems: ['TEMPLATE_NOT_FOUND', 'NOT_FOUND', 'DOWNLOAD_FAILED'],
  },
  getRow: {
    method: 'GET',
    path: taskPaths.row,
    tag,
    summary: 'Look at one row: its values, and what became of its documents',
    description: 'The values are those that it was corrected to.',
    params: documentParams,
    answers: [{ kind: 'data', status: 200, name: 'TaskRow', schema: RowViewSchema }],
    problems: ['NOT_FOUND', 'DOWNLOAD_FAILED'],
  },
  listFailures: {
    method: 'GET',
    path: taskPaths.failures,
    tag,
    summary: 'List the documents that could not be made, and why',
    description:
      'With `format=csv`, a link to the whole report, which is there when the task ended.',
    params: taskParams,
    query: PageQuerySchema.extend({
      format: z
        .enum(['json', 'csv'])
        .default('json')
        .describe('csv: a link to the whole report instead of a page of it.'),
    }),
    answers: [
      { kind: 'page', name: 'Failure', schema: FailureViewSchema },
      { kind: 'link', description: 'The report (text/csv).' },
    ],
    problems: ['INVALID_STATE', 'DOWNLOAD_FAILED'],
  },
});
