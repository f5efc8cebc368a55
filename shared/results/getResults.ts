/** Looking for the table of results of a task, which is written when it is asked for first. */
import { downloadLink } from '../downloadLink.ts';
import { executionNames, objectKeys, tableKeys } from '../keys.ts';
import { REPORT_ATTEMPT_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { ResultsFormat } from '../schemas/common.ts';
import { ResultsFailureItemSchema, type TaskItem } from '../schemas/items.ts';
import type { Download } from '../schemas/taskApi.ts';
import type { ResultsRun, TrialRun } from '../schemas/workflow.ts';
import { isFinal } from '../tasks/lifeCycle.ts';
import { fileNameOf } from '../tasks/taskFileName.ts';
import { loadOwnedTask } from '../tasks/taskStore.ts';
import { XLSX_MEDIA_TYPE } from '../workbooks/workbookWriter.ts';
import { revisionOf } from './revision.ts';

type ResultPorts = Pick<Ports, 'table' | 'objects' | 'clock' | 'workflow'>;

const MEDIA_TYPES: Readonly<Record<ResultsFormat, string>> = {
  xlsx: XLSX_MEDIA_TYPE,
  csv: 'text/csv; charset=utf-8',
  // There is no registered one; this is what most programs send.
  jsonl: 'application/x-ndjson',
};

/** A second for those of few rows, and for so many more: a workbook takes some 30,000 a second. */
const ROWS_PER_SECOND = 30_000;
const MOST_SECONDS = 30;

/** When they should be there, or are asked for again. */
const writingSeconds = ({ rowCount }: TaskItem): number =>
  Math.min(1 + Math.floor(rowCount / ROWS_PER_SECOND), MOST_SECONDS);

/**
 * The table of results.
 * @throws Problem TASK_NOT_FOUND, INVALID_STATE before the task has ended or is paused, while they are written, and for
 *   more rows than the format takes, DOWNLOAD_FAILED when its rows are gone; INVALID_STATE when there was no time to write
 *   them, or INTERNAL when something else went wrong, for as long as that is not tried again
 */
export async function getResults(
  ports: ResultPorts,
  ownerId: string,
  taskId: string,
  format: ResultsFormat,
): Promise<Download> {
  const task = await loadOwnedTask(ports, ownerId, taskId);
  await requireRest(ports, task);
  const run: ResultsRun = { format, revision: revisionOf(task) };
  const key = objectKeys.results(taskId, run.revision, format);
  const found = await ports.objects.head(key);
  if (!found) {
    const now = ports.clock.now();
    await requireWritable(ports, taskId, run, now);
    const input: TrialRun = { of: taskId, reportOnly: false, results: run };
    await ports.workflow.start('trial', executionNames.results(taskId, run, now), input);
    throw new Problem(
      'INVALID_STATE',
      'The results are being written. Ask for them again in a moment.',
      { retryAfterSeconds: writingSeconds(task) },
    );
  }
  return downloadLink(ports, key, {
    fileName: `${fileNameOf(task, 'task')}-results.${format}`,
    contentType: MEDIA_TYPES[format],
    bytes: found.bytes,
  });
}

/** Refuses a task of whose rows something may still become, or of which nothing was begun. @throws Problem */
async function requireRest({ objects }: Pick<Ports, 'objects'>, task: TaskItem): Promise<void> {
  const { status, run, ungrouped, indexKey } = task;
  if (!isFinal(status) && status !== 'paused') {
    throw new Problem(
      'INVALID_STATE',
      `The task is ${status}: its results are there when it has ended or is paused. Follow its progress and ask again then.`,
    );
  }
  // Rows that are grouped are there once the task is planned first.
  if (run > 0 && (!ungrouped || (await objects.head(indexKey)))) return;
  throw new Problem('INVALID_STATE', `The task is ${status} and came to none of its rows.`);
}

/** Says why results that could not be written are not tried again, or not yet. @throws Problem */
async function requireWritable(
  { table }: Pick<Ports, 'table'>,
  taskId: string,
  run: ResultsRun,
  now: number,
): Promise<void> {
  const item = await table.get(tableKeys.resultsFailure(taskId, run.format));
  const failure = item && ResultsFailureItemSchema.parse(item);
  if (failure?.revision !== run.revision) return;
  const { cause, detail = '', at } = failure;
  if (cause === 'gone') {
    throw new Problem(
      'DOWNLOAD_FAILED',
      'The results cannot be written any more: files of the task were removed from the bucket. Make it anew, or ask the operator.',
    );
  }
  const others =
    run.format === 'xlsx'
      ? 'Ask for csv or jsonl.'
      : 'Documents and failures are listed page by page.';
  if (cause === 'tooMuch') {
    throw new Problem(
      'INVALID_STATE',
      `The results cannot be written as ${run.format}: ${detail}. ${others}`,
    );
  }
  // An execution of the same name would not start.
  const named = (ms: number) => executionNames.results(taskId, run, ms);
  if (named(at) !== named(now)) return;
  const next = (Math.floor(now / REPORT_ATTEMPT_MS) + 1) * REPORT_ATTEMPT_MS;
  const later = { retryAfterSeconds: Math.ceil((next - now) / 1000) };
  if (cause === 'time') {
    throw new Problem(
      'INVALID_STATE',
      `The results could not be written as ${run.format} in the time that there is: there are too many rows, or storage was slow. ${others} Asked for later, they are tried anew.`,
      later,
    );
  }
  throw new Problem(
    'INTERNAL',
    'The results could not be written because something went wrong on our side. Documents and failures are listed page by page. Ask for the results again later: they are tried anew.',
    later,
  );
}
