/** The main job, as any client does it: upload, create, start, follow, download, check. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SheafClient } from '../../client/client.ts';
import { ApiError } from '../../client/errors.ts';
import { followTask } from '../../client/followTask.ts';
import type { DataSourceView } from '../../shared/schemas/dataSourceApi.ts';
import type { FailureView } from '../../shared/schemas/taskApi.ts';
import { createProgressView } from '../terminal/progressView.ts';
import type { Screen } from '../terminal/screen.ts';
import { count, counted, duration, size } from '../terminal/words.ts';
import { checkArchive } from '../files/archiveCheck.ts';
import { download } from './download.ts';
import { DemoError } from './errors.ts';
import type { DemoOptions } from './options.ts';
import { tellCheck } from './tellCheck.ts';

/** Failures that the summary lists; the archive has them all. */
const LISTED_FAILURES = 10;

export interface DemoResult {
  readonly documents: number;
  readonly failures: FailureView[];
  readonly failed: number;
  readonly seconds: number;
  readonly bytes: number;
}

function requireReady(source: DataSourceView, file: string): void {
  if (source.status === 'ready') return;
  const problems = (source.problems ?? []).map(({ line, detail }) =>
    line === undefined ? `  ${detail}` : `  line ${line}: ${detail}`,
  );
  throw new DemoError(`${file} cannot be used:\n${problems.join('\n')}`);
}

/** How the table was read, for people. */
function wayOf({ found }: DataSourceView): string {
  const { encoding, delimiter, quote, sheet } = found ?? {};
  const parts = [
    encoding,
    delimiter && `${delimiter === '\t' ? 'tab' : JSON.stringify(delimiter)} between cells`,
    quote === "'" && 'single quotes',
    sheet && `sheet ${JSON.stringify(sheet)}`,
  ].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

/**
 * Does the job and writes the archive to `options.out`.
 * @throws DemoError, ApiError
 */
export async function runDemo(
  client: SheafClient,
  options: DemoOptions,
  screen: Screen,
  environment: { readonly NO_COLOR?: string | undefined },
): Promise<DemoResult> {
  const say = (text: string) => screen.write(`${text}\n`);
  const template = await client.uploadTemplate(
    basename(options.template),
    new Uint8Array(await readFile(options.template)),
  );
  say(`Template  ${options.template} · ${counted(template.tags?.length ?? 0, 'tag')}`);
  for (const warning of template.warnings ?? []) say(`          ${warning}`);

  const source = await client.uploadDataSource(
    basename(options.data),
    // Read while it is sent: a table may be larger than a Buffer.
    await openAsBlob(options.data),
    { reading: options.reading },
  );
  requireReady(source, options.data);
  const columns = source.columns ?? [];
  say(
    `Data      ${options.data} · ${counted(source.rowCount ?? 0, 'row')}, ${counted(columns.length, 'column')}${wayOf(source)}`,
  );
  for (const warning of source.warnings ?? []) say(`          ${warning}`);

  const startedAt = Date.now();
  const task = await client.createTask({
    body: {
      templateIds: [template.templateId],
      dataSourceId: source.dataSourceId,
      name: basename(options.out).replace(/\.zip$/i, ''),
      options: {
        missingValue: options.missingValue,
        emptyParagraphs: options.emptyParagraphs,
        check: options.check,
      },
    },
  });
  for (const warning of task.warnings ?? []) say(`          ${warning}`);
  await client.startTask({ taskId: task.taskId });
  const view = createProgressView(screen, environment);
  let hasEnded = false;
  const checkTold = tellCheck(
    client,
    task.taskId,
    (line) => view.note(line),
    () => hasEnded,
  );
  const final = await followTask(client, task.taskId, task.websocketUrl, {
    progress: (progress) => view.update(progress),
    documentFailed: ({ row, code, detail }) => view.note(`Row ${row}: ${code}. ${detail}`),
  });
  hasEnded = true;
  await checkTold;
  view.end();
  const failures: FailureView[] = [];
  for await (const failure of client.each('listFailures', { taskId: task.taskId })) {
    if (failures.push(failure) >= LISTED_FAILURES) break;
  }
  if (final.status !== 'completed' && final.status !== 'partially_completed') {
    const reasons = failures.map(({ row, code, detail }) => `  row ${row}: ${code}. ${detail}`);
    throw new DemoError(
      [`The task ended ${final.status}. ${final.message}`, ...reasons].join('\n'),
    );
  }
  const link = await client.downloadArchive({ taskId: task.taskId });
  await download(link.url, options.out);
  const seconds = (Date.now() - startedAt) / 1000;
  const checked = await checkArchive(options.out);
  if (checked.documents !== final.succeeded) {
    throw new DemoError(
      `The archive holds ${counted(checked.documents, 'document')} instead of ${count(final.succeeded)}.`,
    );
  }
  return {
    documents: checked.documents,
    failures,
    failed: final.failed,
    seconds,
    bytes: link.bytes,
  };
}

/** Below it a rate says less of how fast it is than of how few there were. */
const LEAST_RATE = 10;

/** What the person sees at the end. */
export function summary(result: DemoResult, options: DemoOptions): string {
  const { documents, seconds } = result;
  const time = seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds);
  const rate = documents / seconds;
  const pace = rate < LEAST_RATE ? '' : `, ${count(Math.round(rate))} a second`;
  const lines = [
    '',
    `Documents ${count(documents)} in ${time}${pace}`,
    `Archive   ${options.out} · ${size(result.bytes)}, every entry read back and checked`,
  ];
  if (result.failed > 0) {
    lines.push(`Failed    ${count(result.failed)}, also in _failures.csv of the archive:`);
    for (const { row, code, detail } of result.failures)
      lines.push(`          row ${row}: ${code}. ${detail}`);
    if (result.failed > result.failures.length) {
      lines.push(`          and ${count(result.failed - result.failures.length)} more`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** An error as the terminal shows it: the message, and every fault that the API named. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) {
    // A fault that is the only one is what the message says.
    const faults = error.errors.length > 1 ? error.errors : [];
    return [error.message, ...faults.map(({ detail }) => `  ${detail}`)].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}
