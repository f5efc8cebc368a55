/** The whole job of a command: what is to be done, done, and told. */
import { join } from 'node:path';
import { runLanes } from '../../shared/boundedWork.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOutputFile } from '../files/inputs.ts';
import { takeLock } from '../files/lock.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { wrapped } from '../terminal/wrapped.ts';
import type { JobEvent, Outcome } from './jobEvents.ts';
import { planJobs, type Job, type Place } from './jobs.ts';
import { orderOf, readingFor } from './order.ts';
import { createProgressFile } from './progressFile.ts';
import type { FlagValues } from './readSettings.ts';
import { createReporter, reportText } from './report.ts';
import { resumeJob, runJob, type Workshop } from './runJob.ts';
import { SETTING_NAMES, type SettingName, type Settings } from './settings.ts';
import { createJobsView } from './showJobs.ts';
import { createStopping } from './stopping.ts';
import { exitCodeOf, summaryLines, totalsOf } from './summary.ts';
import { checkJob, checkLines, sampleJob, sampleLines, saveSamples } from './trials.ts';
import { createUploads } from './uploads.ts';

/** Tasks that one command has under way: enough to keep the engine busy while others are read or saved. */
const AT_ONCE = 4;

/** Settings that go with --resume: the rest is what the task was made with. */
const RESUMABLE: readonly SettingName[] = [
  ...(['resume', 'out', 'force', 'results', 'report', 'progress-file'] as const),
];

/**
 * @param flags what of it was typed
 * @throws CliError, UsageError, ApiError, ConnectionFailed; what the file system says
 */
export async function generate(
  context: Context,
  settings: Settings,
  flags: FlagValues,
): Promise<ExitCode> {
  requireFitting(settings, flags);
  // A pipe that closes, as behind `| head`, is no reason to lose work.
  context.outliveOutput();
  const { resume, sample = false, 'dry-run': dryRun = false } = settings;
  const plan =
    resume === undefined
      ? await planJobs(
          settings,
          context,
          sample ? 'samples' : 'documents',
          context.interrupts.signal,
        )
      : { jobs: [await resumedJob(resume, settings)], remove: () => Promise.resolve() };
  const locks: (() => Promise<void>)[] = [];
  try {
    for (const option of ['report', 'progress-file'] as const) {
      const path = settings[option];
      if (path !== undefined) await checkOutputFile(path, `--${option}`, true, inputsOf(plan.jobs));
    }
    if (!dryRun) for (const { place } of plan.jobs) locks.push(await lock(place));
    const order = await orderOf(settings);
    for (const { data } of plan.jobs) readingFor(settings, data, plan.jobs.length > 1);
    const target = await context.target();
    const view = createJobsView(
      context.options.quiet === true ? { write: () => undefined } : context.err,
      context.colour,
      plan.jobs.length,
    );
    const stopping = createStopping(target.client, context.interrupts, (text) => view.note(text));
    const listeners: ((event: JobEvent) => void)[] = [(event) => view.tell(event)];
    if (context.options.json === true) listeners.push((event) => context.tell(event));
    const tell = (event: JobEvent) => listeners.forEach((listen) => listen(event));
    const shop: Workshop = {
      ...{ target, settings, order, stopping, tell, jobs: plan.jobs.length },
      uploads: createUploads(target.client, tell, stopping.signal),
    };
    try {
      if (dryRun) return await checkAll(context, shop, plan.jobs);
      if (sample) return await sampleAll(context, shop, plan.jobs);
      return await makeAll(context, shop, plan.jobs, listeners, () => view.end());
    } finally {
      view.end();
    }
  } finally {
    for (const unlock of locks) await unlock();
    await plan.remove();
  }
}

/** @throws UsageError for settings that do not go together */
function requireFitting(settings: Settings, flags: FlagValues): void {
  const { resume, sample, steps, report, 'dry-run': dryRun } = settings;
  const instead = [
    dryRun === true && '--dry-run',
    sample === true && '--sample',
    resume !== undefined && '--resume',
  ].filter((name) => name !== false);
  if (instead.length > 1) {
    throw new UsageError(`${instead.join(' and ')} do not go together. Give one of them.`);
  }
  if (resume !== undefined) {
    const odd = SETTING_NAMES.find(
      (name) => flags[name] !== undefined && !RESUMABLE.includes(name),
    );
    if (odd !== undefined) {
      throw new UsageError(
        `--resume goes on with a task as it was made. Leave --${odd} out, or make a new one.`,
      );
    }
  }
  if (sample === true && steps !== undefined) {
    throw new UsageError('--sample is made without calling services. Leave --steps out.');
  }
  if (report !== undefined && (dryRun === true || sample === true)) {
    throw new UsageError(
      '--report tells what was made, and nothing is. For a report of the rows: sheaf check --report.',
    );
  }
}

const inputsOf = (jobs: readonly Job[]) =>
  jobs.flatMap(({ templates, data }) => [
    ...templates.map((path) => ['--template', path] as const),
    ...(data === '' ? [] : [['--data', data] as const]),
  ]);

/** What is known of a task that there is: where its documents go. */
async function resumedJob(taskId: string, settings: Settings): Promise<Job> {
  const out = settings.out ?? 'documents.zip';
  const place: Place = { kind: /\.zip$/i.test(out) ? 'archive' : 'folder', path: out };
  const force = settings.force === true;
  if (place.kind === 'archive') await checkOutputFile(out, '--out', force, []);
  if (settings.results !== undefined)
    await checkOutputFile(settings.results, '--results', force, []);
  return { label: taskId, templates: [], data: '', place, results: settings.results };
}

const lock = ({ kind, path }: Place) =>
  takeLock(kind === 'folder' ? join(path, '.sheaf.lock') : `${path}.lock`, path);

/** Makes all documents, and tells what became of them. */
async function makeAll(
  context: Context,
  shop: Workshop,
  jobs: readonly Job[],
  listeners: ((event: JobEvent) => void)[],
  endView: () => void,
): Promise<ExitCode> {
  const { settings, stopping } = shop;
  const now = () => new Date();
  const seconds = () => performance.now() / 1000;
  const begun = seconds();
  const reporter = createReporter(now, seconds);
  listeners.push((event) => reporter.tell(event));
  const progressPath = settings['progress-file'];
  const progressFile =
    progressPath === undefined
      ? undefined
      : createProgressFile(
          progressPath,
          jobs.map(({ label }) => label),
          now,
        );
  if (progressFile) listeners.push((event) => progressFile.tell(event));

  const outcomes: Outcome[] = [];
  const work = jobs.map((job, index) => async () => {
    outcomes[index] =
      settings.resume === undefined
        ? await runJob(shop, job)
        : await resumeJob(shop, settings.resume, job);
  });
  await runLanes([{ atOnce: AT_ONCE, work }]);
  endView();
  const isInterrupted = stopping.isAsked();
  const exitCode = exitCodeOf(outcomes, isInterrupted);
  const took = seconds() - begun;
  const totals = totalsOf(outcomes, took);
  await progressFile?.end(exitCode);
  if (settings.report !== undefined) {
    const command = `sheaf generate (${jobs
      .map(({ label }) => label)
      .slice(0, 3)
      .join(', ')}${jobs.length > 3 ? ', …' : ''})`;
    const report = reporter.report(outcomes, exitCode, command);
    await replaceFile(settings.report, reportText(report, settings.report));
  }
  if (context.options.json === true) context.tell({ type: 'summary', exitCode, totals });
  else for (const line of summaryLines(outcomes, totals)) context.print(wrapped(line, context.out));
  tellTroubles(context, shop, jobs, outcomes, exitCode);
  return exitCode;
}

/** What a person has to know, and to do, when not all was made. */
function tellTroubles(
  context: Context,
  { target }: Workshop,
  jobs: readonly Job[],
  outcomes: readonly Outcome[],
  exitCode: ExitCode,
): void {
  const say = (text: string) => void context.err.write(`${wrapped(text, context.err)}\n`);
  for (const [index, { ending, message, taskId, job }] of outcomes.entries()) {
    const name = outcomes.length > 1 ? `${job}: ` : '';
    const isTrouble = ending !== 'made' && ending !== 'in part' && ending !== 'left';
    if (isTrouble && message !== undefined && ending !== 'paused') say(`${name}${message}`);
    if (ending === 'paused' && taskId !== undefined) {
      const place = jobs[index]?.place.path ?? 'documents.zip';
      say(`${name}Nothing is lost. Go on with it:`);
      // As it stands, to be copied.
      context.err.write(
        `  sheaf generate --resume ${taskId} --out ${quoted(place)}${target.options}\n`,
      );
    }
  }
  if (exitCode === EXIT.interrupted && outcomes.every(({ taskId }) => taskId === undefined)) {
    say('Interrupted; nothing was begun.');
  }
}

const quoted = (path: string) => (/^[\w./{}-]+$/.test(path) ? path : JSON.stringify(path));

async function checkAll(context: Context, shop: Workshop, jobs: readonly Job[]): Promise<ExitCode> {
  let isFaulty = false;
  for (const job of jobs) {
    const check = await checkJob(shop, job);
    isFaulty ||= (check.summary?.errors ?? 0) > 0;
    if (context.options.json === true) context.tell({ type: 'check', job: job.label, check });
    else {
      if (jobs.length > 1) context.print(`${job.label}:`);
      for (const line of checkLines(check)) context.print(line);
    }
  }
  return isFaulty ? EXIT.faulty : EXIT.done;
}

async function sampleAll(
  context: Context,
  shop: Workshop,
  jobs: readonly Job[],
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
