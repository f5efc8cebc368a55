/** Links to what a task made, signed at the moment of the request. */
import { FAILURES_HEADER } from '../archive/reports.ts';
import { locateDocument } from '../archive/segmentReader.ts';
import { downloadLink } from '../downloadLink.ts';
import { objectKeys } from '../keys.ts';
import { filesGone, readingFiles } from '../missingFiles.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { Download } from '../schemas/taskApi.ts';
import { DOCX_MEDIA_TYPE } from '../templates/templates.ts';
import { isFinal } from './lifeCycle.ts';
import { outcomesOfRow } from './rowOutcomes.ts';
import { loadOwnedTask } from './taskStore.ts';

type DownloadPorts = Pick<Ports, 'table' | 'objects' | 'clock'>;

const ZIP = 'application/zip';
const CSV = 'text/csv; charset=utf-8';

/** Refuses what is there only once a task has ended. */
function requireEnd(task: TaskItem, what: string) {
  if (isFinal(task.status)) return;
  throw new Problem(
    'INVALID_STATE',
    `The task is ${task.status}: ${what} is there when it has ended. Follow its progress and ask again then.`,
  );
}

function whyNoArchive({ status, succeeded }: TaskItem): string {
  if (succeeded === 0) return `The task is ${status} and made no documents.`;
  return `The task is ${status}: its ${succeeded} documents were made, but not joined to an archive. Retry the task to join them; each can be downloaded by itself.`;
}

/**
 * The archive.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE before it exists or when nothing was made,
 *   DOWNLOAD_FAILED when it is gone
 */
export async function getDownload(
  ports: DownloadPorts,
  ownerId: string,
  taskId: string,
): Promise<Download> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  requireEnd(task, 'the archive');
  if (!task.archive) {
    throw new Problem('INVALID_STATE', whyNoArchive(task));
  }
  const key = objectKeys.archive(taskId);
  // A signed link says nothing of what it leads to.
  if (!(await ports.objects.head(key))) throw filesGone('of the task');
  return downloadLink(ports, key, { ...task.archive, contentType: ZIP });
}

/**
 * The failures of a task as a CSV file.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE before the task has ended, DOWNLOAD_FAILED
 */
export async function getFailuresCsv(
  ports: DownloadPorts,
  ownerId: string,
  taskId: string,
): Promise<Download> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  requireEnd(task, 'the failure report');
  const key = objectKeys.failures(taskId);
  const isWritten = task.archive !== undefined && task.failed > 0;
  if (isWritten && !(await ports.objects.head(key))) throw filesGone('of the task');
  // The archive's step writes the report when something failed; otherwise it is a header alone.
  await ports.objects.put(key, Buffer.from(FAILURES_HEADER), { contentType: CSV, ifAbsent: true });
  const bytes = (await ports.objects.head(key))?.bytes ?? 0;
  return downloadLink(ports, key, { fileName: 'failures.csv', contentType: CSV, bytes });
}

/**
 * One document, as soon as its shard has ended: copied out of the segment once, then linked.
 * @param templateId default: the task's first template
 * @throws Problem TASK_NOT_FOUND, TEMPLATE_NOT_FOUND, NOT_FOUND, DOWNLOAD_FAILED
 */
export async function getDocument(
  ports: DownloadPorts,
  ownerId: string,
  taskId: string,
  row: number,
  templateId?: string,
): Promise<Download> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  return readingFiles('of the task', () => copyDocument(ports, task, row, templateId));
}

async function copyDocument(
  ports: DownloadPorts,
  task: TaskItem,
  row: number,
  templateId: string | undefined,
): Promise<Download> {
  const { taskId } = task;
  const index =
    templateId === undefined ? 0 : task.templates.findIndex((t) => t.templateId === templateId);
  const template = task.templates[index];
  if (!template) {
    throw new Problem('TEMPLATE_NOT_FOUND', `The task does not use the template ${templateId}.`);
  }
  const outcome = (await outcomesOfRow(ports, task, row)).get(template.label);
  const line = outcome?.line;
  if (line?.status !== 'succeeded') {
    throw new Problem(
      'NOT_FOUND',
      line
        ? `Row ${row} has no document: it is ${line.status}. See the failures.`
        : `There is no document of row ${row}, or none yet.`,
    );
  }
  const place = await locateDocument(ports, outcome?.shard.segments ?? [], line.document);
  if (!place) throw new Error(`No shard has an entry for row ${row}.`);
  const key = objectKeys.document(taskId, row, index);
  const bytes = await ports.objects.read(place.key, place.range);
  await ports.objects.put(key, bytes, { contentType: DOCX_MEDIA_TYPE });
  return downloadLink(ports, key, {
    // Without the folders that it is in.
    fileName: line.document.slice(line.document.lastIndexOf('/') + 1),
    contentType: DOCX_MEDIA_TYPE,
    bytes: place.range.length,
  });
}
