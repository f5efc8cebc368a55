/** What a task gives: progress, the archive, single documents, failures. */
import type { taskResultRoutes } from '../../../shared/api/taskResults.ts';
import { readLog } from '../../../shared/events/eventLog.ts';
import { getResults } from '../../../shared/results/getResults.ts';
import { getDocument, getDownload, getFailuresCsv } from '../../../shared/tasks/downloads.ts';
import { listDocuments, listFailures } from '../../../shared/tasks/readReports.ts';
import { getRow } from '../../../shared/tasks/readRow.ts';
import { getProgress } from '../../../shared/tasks/readTasks.ts';
import type { Handlers } from '../route.ts';

export const taskResultHandlers: Handlers<typeof taskResultRoutes> = {
  getProgress: async (ports, { ownerId, params }) => ({
    data: await getProgress(ports, ownerId, params.taskId),
  }),
  readLog: (ports, { ownerId, params, query }) => readLog(ports, ownerId, params.taskId, query),
  downloadArchive: async (ports, { ownerId, params }) => ({
    link: await getDownload(ports, ownerId, params.taskId),
  }),
  downloadResults: async (ports, { ownerId, params, query }) => ({
    link: await getResults(ports, ownerId, params.taskId, query.format),
  }),
  listDocuments: (ports, { ownerId, params, query }) =>
    listDocuments(ports, ownerId, params.taskId, query),
  downloadDocument: async (ports, { ownerId, params, query }) => ({
    link: await getDocument(ports, ownerId, params.taskId, params.row, query.templateId),
  }),
  getRow: async (ports, { ownerId, params }) => ({
    data: await getRow(ports, ownerId, params.taskId, params.row),
  }),
  listFailures: async (ports, { ownerId, params, query }) =>
    query.format === 'csv'
      ? { link: await getFailuresCsv(ports, ownerId, params.taskId) }
      : listFailures(ports, ownerId, params.taskId, query),
};
