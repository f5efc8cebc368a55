/** What a task gives: progress, the archive, single documents, failures. */
import * as z from 'zod';
import { SnapshotSchema } from '../../../shared/schemas/stream.ts';
import { PageQuerySchema, TemplateIdSchema } from '../../../shared/schemas/common.ts';
import {
  DocumentViewSchema,
  FailureViewSchema,
  ListDocumentsQuerySchema,
} from '../../../shared/schemas/taskApi.ts';
import { getDocument, getDownload, getFailuresCsv } from '../../../shared/tasks/downloads.ts';
import { listDocuments, listFailures } from '../../../shared/tasks/readReports.ts';
import { getProgress } from '../../../shared/tasks/readTasks.ts';
import { defineRoute, type Route } from '../route.ts';
import { documentParams, taskParams } from './params.ts';

const tag = 'Results';

export const taskResultRoutes: readonly Route[] = [
  defineRoute({
    operationId: 'getProgress',
    method: 'GET',
    path: '/batch/tasks/{taskId}/progress',
    tag,
    summary: 'How far a task is',
    description: 'The same numbers come over the WebSocket as they change.',
    params: taskParams,
    answers: [{ kind: 'data', status: 200, name: 'Progress', schema: SnapshotSchema }],
    problems: [],
    handle: async (ports, { ownerId, params }) => ({
      data: await getProgress(ports, ownerId, params.taskId),
    }),
  }),
  defineRoute({
    operationId: 'downloadArchive',
    method: 'GET',
    path: '/batch/tasks/{taskId}/download/zip',
    tag,
    summary: 'Download the archive',
    params: taskParams,
    answers: [{ kind: 'link', description: 'The archive (application/zip).' }],
    problems: ['INVALID_STATE', 'DOWNLOAD_FAILED'],
    handle: async (ports, { ownerId, params }) => ({
      link: await getDownload(ports, ownerId, params.taskId),
    }),
  }),
  defineRoute({
    operationId: 'listDocuments',
    method: 'GET',
    path: '/batch/tasks/{taskId}/documents',
    tag,
    summary: 'List the documents of a task, in the order of rows',
    description: 'Documents are listed as soon as their shard has ended.',
    params: taskParams,
    query: ListDocumentsQuerySchema,
    answers: [{ kind: 'page', name: 'Document', schema: DocumentViewSchema }],
    problems: [],
    handle: (ports, { ownerId, params, query }) =>
      listDocuments(ports, ownerId, params.taskId, query),
  }),
  defineRoute({
    operationId: 'downloadDocument',
    method: 'GET',
    path: '/batch/tasks/{taskId}/documents/{row}',
    tag,
    summary: 'Download one document without the archive',
    params: documentParams,
    query: z.object({
      templateId: TemplateIdSchema.optional().describe("Default: the task's first template."),
    }),
    answers: [{ kind: 'link', description: 'The document.' }],
    problems: ['TEMPLATE_NOT_FOUND', 'NOT_FOUND', 'DOWNLOAD_FAILED'],
    handle: async (ports, { ownerId, params, query }) => ({
      link: await getDocument(ports, ownerId, params.taskId, params.row, query.templateId),
    }),
  }),
  defineRoute({
    operationId: 'listFailures',
    method: 'GET',
    path: '/batch/tasks/{taskId}/failures',
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
    problems: ['INVALID_STATE'],
    handle: async (ports, { ownerId, params, query }) =>
      query.format === 'csv'
        ? { link: await getFailuresCsv(ports, ownerId, params.taskId) }
        : listFailures(ports, ownerId, params.taskId, query),
  }),
];
