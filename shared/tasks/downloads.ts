/** Links to what a task made, signed at the moment of the request. */
import { FAILURES_HEADER } from '../archive/reports.ts';
import { locateDocument, readManifest } from '../archive/segmentReader.ts';
import { objectKeys } from '../keys.ts';
import { DOWNLOAD_LINK_SECONDS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { ShardItem, TaskItem } from '../schemas/items.ts';
import type { Download } from '../schemas/taskApi.ts';
import { DOCX_MEDIA_TYPE } from '../templates/templates.ts';
import { isFinal } from './lifeCycle.ts';
import { loadOwnedTask, shardsOf } from './taskStore.ts';

type DownloadPorts = Pick<Ports, 'table' | 'objects' | 'clock'>;

const ZIP = 'application/zip';
const CSV = 'text/csv; charset=utf-8';

async function link(
  { objects, clock }: DownloadPorts,
  key: string,
  file: { fileName: string; contentType: string; bytes: number },
): Promise<Download> {
  const { fileName, contentType, bytes } = file;
  const expiresAt = new Date(clock.now() + DOWNLOAD_LINK_SECONDS * 1000).toISOString();
  const url = await objects.presignGet(key, {
    expiresInSeconds: DOWNLOAD_LINK_SECONDS,
    fileName,
    contentType,
  });
  return { url, expiresAt, fileName, bytes };
}

/** Refuses what is there only once a task has ended. */
function requireEnd(task: TaskItem, what: string) {
  if (isFinal(task.status)) return;
  throw new Problem(
    'INVALID_STATE',
    `The task is ${task.status}: ${what} is there when it has ended. Follow its progress and ask again then.`,
  );
}

/**
 * The archive.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE before it exists or when nothing was made
 */
export async function getDownload(
  ports: DownloadPorts,
  ownerId: string,
  taskId: string,
): Promise<Download> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  requireEnd(task, 'the archive');
  if (!task.archive) {
    throw new Problem('INVALID_STATE', `The task is ${task.status} and made no documents.`);
  }
  return link(ports, objectKeys.archive(taskId), { ...task.archive, contentType: ZIP });
}

/**
 * The failures of a task as a CSV file.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE before the task has ended
 */
export async function getFailuresCsv(
  ports: DownloadPorts,
  ownerId: string,
  taskId: string,
): Promise<Download> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  requireEnd(task, 'the failure report');
  const key = objectKeys.failures(taskId);
  // The archive's step writes the report when something failed; otherwise it is a header alone.
  await ports.objects.put(key, Buffer.from(FAILURES_HEADER), { contentType: CSV, ifAbsent: true });
  const bytes = (await ports.objects.head(key))?.bytes ?? 0;
  return link(ports, key, { fileName: 'failures.csv', contentType: CSV, bytes });
}

async function shardOfRow(
  ports: DownloadPorts,
  taskId: string,
  row: number,
): Promise<ShardItem | undefined> {
  for await (const shard of shardsOf(ports, taskId)) {
    if (row >= shard.firstRow && row < shard.firstRow + shard.rowCount) return shard;
  }
  return undefined;
}

/**
 * One document, as soon as its shard has ended: copied out of the segment once, then linked.
 * @param templateId default: the task's first template
 * @throws Problem TASK_NOT_FOUND, TEMPLATE_NOT_FOUND, NOT_FOUND
 */
export async function getDocument(
  ports: DownloadPorts,
  ownerId: string,
  taskId: string,
  row: number,
  templateId?: string,
): Promise<Download> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  const index =
    templateId === undefined ? 0 : task.templates.findIndex((t) => t.templateId === templateId);
  const template = task.templates[index];
  if (!template) {
    throw new Problem('TEMPLATE_NOT_FOUND', `The task does not use the template ${templateId}.`);
  }
  const segment = (await shardOfRow(ports, taskId, row))?.segment;
  const line =
    segment &&
    (await readManifest(ports, segment)).find(
      (candidate) => candidate.row === row && candidate.template === template.label,
    );
  if (!segment || line?.status !== 'succeeded') {
    throw new Problem(
      'NOT_FOUND',
      line
        ? `Row ${row} has no document: it is ${line.status}. See the failures.`
        : `There is no document of row ${row}, or none yet.`,
    );
  }
  const range = await locateDocument(ports, segment, line.document);
  if (!range) throw new Error(`Segment ${segment.key} has no entry for row ${row}.`);
  const key = objectKeys.document(taskId, row, index);
  const bytes = await ports.objects.read(segment.key, range);
  await ports.objects.put(key, bytes, { contentType: DOCX_MEDIA_TYPE });
  return link(ports, key, {
    fileName: line.document,
    contentType: DOCX_MEDIA_TYPE,
    bytes: range.length,
  });
}
