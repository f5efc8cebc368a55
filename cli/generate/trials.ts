/** What is looked at before anything is made: the check of every row, and samples. */
import type { SheafClient } from '../../client/client.ts';
import { platformClock } from '../../client/clock.ts';
import type { CheckView } from '../../shared/schemas/checkApi.ts';
import type { SamplesView } from '../../shared/schemas/sampleApi.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { saveFile, type Saving } from '../files/saveFile.ts';
import { unpackArchive } from '../files/unpack.ts';
import { pairLines } from '../terminal/pairs.ts';
import { tableLines, type Column } from '../terminal/table.ts';
import { count, counted, duration, size } from '../terminal/words.ts';
import type { SavedPlace } from './jobEvents.ts';
import type { NewJob, Place } from './jobs.ts';
import { uploadJob, type Workshop } from './runJob.ts';
import { findingLines } from './showJobs.ts';

const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 2_000;
const TOLD_FINDINGS = 50;

type Shop = Pick<Workshop, 'target' | 'settings' | 'order' | 'uploads' | 'jobs' | 'stopping'>;

/**
 * Checks every row of a job, and estimates what it takes.
 * @throws CliError when the check could not be made; ApiError, ConnectionFailed; the signal's reason
 */
async function checkJob(shop: Shop, job: NewJob): Promise<CheckView> {
  const { client } = shop.target;
  const { signal } = shop.stopping;
  const { fileName, steps, options, templateIds, dataSourceId } = await uploadJob(
    shop,
    job.label,
    job.source,
  );
  const body = {
    ...{ templateIds, dataSourceId, options },
    ...(fileName !== undefined && { fileName }),
    ...(steps !== undefined && { steps }),
  };
  const { checkId } = await client.createCheck({ body }, { signal });
  return untilMade(() => client.getCheck({ checkId }, { signal }), 'checking', signal);
}

/**
 * Has samples of a job made.
 * @throws the same
 */
async function sampleJob(shop: Shop, job: NewJob): Promise<SamplesView> {
  const { client } = shop.target;
  const { signal } = shop.stopping;
  const { fileName, options, templateIds, dataSourceId } = await uploadJob(
    shop,
    job.label,
    job.source,
  );
  const body = {
    ...{ templateIds, dataSourceId, options },
    ...(fileName !== undefined && { fileName }),
  };
  const { sampleId } = await client.createSamples({ body }, { signal });
  return untilMade(() => client.getSamples({ sampleId }, { signal }), 'making', signal);
}

async function untilMade<T extends { status: string; error: { message: string } | null }>(
  look: () => Promise<T>,
  underWay: T['status'],
  signal: AbortSignal,
): Promise<T> {
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(1.5 * wait, LONGEST_LOOK_MS)) {
    const view = await look();
    if (view.error) throw new CliError(view.error.message);
    if (view.status !== underWay) return view;
    await platformClock.sleep(wait, signal);
  }
}

/** Lines for people. */
function checkLines({ summary, findings }: CheckView): string[] {
  if (!summary) return [];
  const { rows, documents, errors, warnings, estimate, calls } = summary;
  const lines = pairLines([
    ['Checked', `${counted(rows, 'row')}, for ${counted(documents, 'document')}`],
    ['Found', `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`],
    [
      'Takes',
      `about ${duration(Math.max(1, estimate.seconds))} and ${size(estimate.bytes)}; on AWS $${estimate.costUsd.toFixed(4)}`,
    ],
    [
      'Calls',
      calls &&
        `${count(calls.calls)}, about ${duration(Math.max(1, calls.seconds))} and $${calls.costUsd.toFixed(2)}`,
    ],
  ]);
  return [...lines, ...findingLines(findings, TOLD_FINDINGS).map((line) => `  ${line}`)];
}

const SAMPLE_COLUMNS: readonly Column<SamplesView['documents'][number]>[] = [
  { heading: 'ROW', isNumber: true, cell: ({ row }) => count(row) },
  {
    heading: 'DOCUMENT',
    cell: ({ name, status, failure }) => name ?? (failure ? `${failure.code}` : status),
  },
  { heading: 'WHY', cell: ({ why }) => why },
];

/** Lines for people. */
function sampleLines({ documents, notShown, rows, taken }: SamplesView): string[] {
  return [
    ...tableLines(documents, SAMPLE_COLUMNS),
    ...(rows === null || taken === null
      ? []
      : [
          `${counted(documents.length, 'document')} of ${count(taken)} of ${counted(rows, 'row')}.`,
        ]),
    ...notShown.map(({ what, because }) =>
      because === 'noRow' ? `No row shows ${what}.` : `Not among them: ${what}.`,
    ),
  ];
}

/** Saves all samples; undefined when none could be made. */
async function saveSamples(
  client: SheafClient,
  { sampleId, zipUrl }: SamplesView,
  { kind, path }: Place,
  saving: Saving,
): Promise<SavedPlace | undefined> {
  if (zipUrl === null) return undefined;
  let url: string | null = zipUrl;
  const link = async () => {
    const fresh = url ?? (await client.getSamples({ sampleId })).zipUrl;
    url = null;
    if (fresh === null) throw new CliError('The samples are gone. Run the command again.');
    return { url: fresh };
  };
  if (kind === 'archive') return { what: kind, ...(await saveFile(link, path, saving)) };
  const { unchanged, bytes } = await unpackArchive(link, path, saving);
  return { what: kind, path, unchanged, bytes };
}

/**
 * Checks the rows of all jobs, and tells what was found.
 * @param keep what else is to be done with a check
 */
export async function checkAll(
  context: Context,
  shop: Workshop,
  jobs: readonly NewJob[],
  keep: (check: CheckView, job: NewJob) => Promise<void> = () => Promise.resolve(),
): Promise<ExitCode> {
  let isFaulty = false;
  for (const job of jobs) {
    const check = await checkJob(shop, job);
    isFaulty ||= (check.summary?.errors ?? 0) > 0;
    if (context.options.json === true) context.tell({ type: 'check', job: job.label, check });
    else {
      if (jobs.length > 1) context.print(`${job.label}:`);
      for (const line of checkLines(check)) context.print(line);
    }
    await keep(check, job);
  }
  return isFaulty ? EXIT.faulty : EXIT.done;
}

/** Makes, saves and tells samples of all jobs. */
export async function sampleAll(
  context: Context,
  shop: Workshop,
  jobs: readonly NewJob[],
): Promise<ExitCode> {
  const { settings, stopping, target } = shop;
  let failed = 0;
  let made = 0;
  for (const job of jobs) {
    const samples = await sampleJob(shop, job);
    const saved = await saveSamples(target.client, samples, job.place, {
      signal: stopping.signal,
      force:
        settings.force === true ||
        (job.place.kind === 'folder' && settings['skip-existing'] === true),
    });
    for (const { status } of samples.documents) {
      if (status === 'succeeded') made++;
      if (status === 'failed') failed++;
    }
    if (context.options.json === true) {
      context.tell({ type: 'samples', job: job.label, samples, saved });
      continue;
    }
    if (jobs.length > 1) context.print(`${job.label}:`);
    for (const line of sampleLines(samples)) context.print(line);
    if (saved) context.print(`Saved to ${saved.path}.`);
  }
  if (failed === 0) return EXIT.done;
  return made > 0 ? EXIT.inPart : EXIT.failed;
}
