/** What the API tells of a task that has come to its end, and its archive, held to the invariants. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PizZip from 'pizzip';
import type { SheafClient } from '../../../client/client.ts';
import {
  FAILURES_HEADER,
  MANIFEST_HEADER,
  parseFailureLines,
  parseManifestLines,
} from '../../../shared/archive/reports.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { readArchive } from '../../support/archives.ts';
import { collect } from '../../support/collect.ts';
import { counterViolations, finalCountViolations } from '../invariants/counts.ts';
import { outcomeViolations, type ExpectedDocument } from '../invariants/outcomes.ts';
import { attempt } from './attempts.ts';
import type { Dice } from '../random.ts';
import type { Ledger } from './ledger.ts';
import type { PlayedTask } from './playedTask.ts';
import { TEMPLATE_FILES, textOf } from './taskRows.ts';

export interface Inspected {
  readonly client: SheafClient;
  readonly ledger: Ledger;
  readonly dice: Dice;
  readonly templateIds: readonly string[];
}

/** How many documents of a task are fetched by themselves. */
const SINGLE_DOCUMENTS = 3;

/** Whether a failure is one that the row is not to blame for, so that a retry makes the document. */
export async function failedForFaults(
  { client }: Inspected,
  task: PlayedTask,
  view: TaskView,
): Promise<boolean> {
  if (view.failed < view.totalDocuments && view.status === 'failed') return true;
  if (view.skipped > 0 || view.pending > 0) return true;
  if (view.failed === 0) return false;
  const failures = await collect(client.each('listFailures', { taskId: task.taskId, limit: 100 }));
  const mayFail = new Set(
    task.rows.expected(true).flatMap((one) => (one.mayFail ? `${one.row} ${one.template}` : [])),
  );
  return failures.some(({ row, template }) => !mayFail.has(`${row} ${template}`));
}

/**
 * Notes every violation of a task that has ended.
 * @param isCalm after everything was retried that failed for faults: then nothing else may have failed
 */
export async function inspectTask(
  world: Inspected,
  task: PlayedTask,
  view: TaskView,
  isCalm: boolean,
): Promise<void> {
  const { client, ledger } = world;
  const { taskId, name, plan } = task;
  const say = (sentences: readonly string[]) => {
    const when = isCalm ? '' : ', before its last retry';
    for (const sentence of sentences) ledger.violation(`${name}${when}: ${sentence}`);
  };
  const total = plan.rows * plan.templates;
  const counts = { ...view, total: view.totalDocuments };
  say(counterViolations(counts, total));

  const link = await attempt(() => client.downloadArchive({ taskId }));
  if (link.kind !== 'done') {
    // Without an archive nothing may be counted as made, but by a task that failed.
    const isToBe = view.status === 'completed' || view.status === 'partially_completed';
    if (isToBe && view.succeeded > 0) say([`There is no archive: ${JSON.stringify(link)}`]);
    if (view.status === 'cancelled' && view.succeeded > 0) {
      say([`${view.succeeded} documents were made, and there is no archive.`]);
    }
    return;
  }
  const archive = Buffer.from(await (await fetch(link.value.url)).arrayBuffer());
  ledger.count('archives');
  if (archive.length !== link.value.bytes) say([`The archive has not the bytes that were told.`]);
  say(opensElsewhere(archive));
  const entries = await readArchive(archive).catch((error: unknown) => {
    say([`The archive is damaged: ${String(error)}`]);
    return [];
  });
  const reports = new Map(
    entries.filter((one) => one.name.startsWith('_')).map((one) => [one.name, one.bytes]),
  );
  const made = entries.filter((entry) => !entry.name.startsWith('_'));
  const documents = made.map((entry) => ({
    name: entry.name,
    content: textOfDocument(entry.bytes),
  }));
  const manifest = linesOf(reports.get('_manifest.csv'), MANIFEST_HEADER, parseManifestLines);
  const inArchive = linesOf(reports.get('_failures.csv'), FAILURES_HEADER, parseFailureLines);
  const failures = await collect(client.each('listFailures', { taskId, limit: 100 }));
  ledger.count('documents', documents.length);
  ledger.count('failures', failures.length);

  const kept = await hasKept(client, taskId);
  say(
    outcomeViolations(expectedOf(task, view, isCalm, kept), {
      status: view.status,
      documents,
      manifest,
      failures,
    }),
  );
  say(finalCountViolations(counts, total, manifest));
  if (keysOf(inArchive) !== keysOf(failures)) {
    say([
      `The failure reports differ: ${inArchive.length} in the archive, ${failures.length} told.`,
    ]);
  }
  const listed = await collect(client.each('listDocuments', { taskId, limit: 100 }));
  if (keysOf(listed, 'status') !== keysOf(manifest, 'status')) {
    say([`The API lists ${listed.length} documents, the manifest ${manifest.length}.`]);
  }
  await compareSingles(
    world,
    task,
    new Map(made.map((entry) => [entry.name, entry.bytes])),
    manifest,
  );
}

const keysOf = (
  lines: readonly { row: number; template: string; status?: string }[],
  also?: 'status',
) => lines.map((line) => `${line.row} ${line.template} ${also ? line.status : ''}`).join('\n');

function linesOf<L>(
  report: Buffer | undefined,
  header: string,
  parse: (bytes: Uint8Array) => { line: L }[],
): L[] {
  const rest = report?.subarray(Buffer.byteLength(header)) ?? new Uint8Array();
  return parse(rest).map(({ line }) => line);
}

function textOfDocument(bytes: Buffer): string {
  const document = new PizZip(bytes).file('word/document.xml');
  return document ? textOf(document.asText()) : 'no document';
}

/** Documents that could not be made anew stayed as they were, by the log of the task. */
async function hasKept(client: SheafClient, taskId: string): Promise<boolean> {
  const log = await collect(client.each('readLog', { taskId, limit: 100 }));
  return log.some(({ type }) => type === 'documents_kept');
}

function expectedOf(
  task: PlayedTask,
  { status }: TaskView,
  isCalm: boolean,
  kept: boolean,
): ExpectedDocument[] {
  // What was cancelled is as far as it came, corrected or not.
  const isCut = status === 'cancelled';
  const expected = task.rows.expected(isCut || kept || !isCalm);
  return isCalm && !isCut ? expected : expected.map((document) => ({ ...document, mayFail: true }));
}

/** By Info-ZIP, where it is. */
function opensElsewhere(archive: Buffer): string[] {
  const path = join(tmpdir(), `sheaf-chaos-${process.pid}.zip`);
  writeFileSync(path, archive);
  try {
    execFileSync('unzip', ['-tqq', path], { stdio: 'pipe' });
    return [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    return [`unzip does not take the archive: ${String(error)}`];
  } finally {
    rmSync(path, { force: true });
  }
}

/** Some documents as the API gives them one by one are those of the archive. */
async function compareSingles(
  { client, ledger, dice, templateIds }: Inspected,
  { taskId, name }: PlayedTask,
  entries: ReadonlyMap<string, Buffer>,
  manifest: readonly { row: number; template: string; document?: string }[],
): Promise<void> {
  const made = manifest.filter(({ document }) => document !== undefined);
  for (let i = 0; i < SINGLE_DOCUMENTS && made.length > 0; i++) {
    const line = made[dice.between(0, made.length - 1)];
    if (!line) continue;
    const place = TEMPLATE_FILES.findIndex(({ label }) => label === line.template);
    const { url } = await client.downloadDocument({
      taskId,
      row: line.row,
      templateId: templateIds[place],
    });
    const single = Buffer.from(await (await fetch(url)).arrayBuffer());
    ledger.count('single documents');
    if (!entries.get(line.document ?? '')?.equals(single)) {
      ledger.violation(`${name}: row ${line.row} of ${line.template} is another by itself.`);
    }
  }
}
