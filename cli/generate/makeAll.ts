/** The jobs of a command, a few at a time, and what is told at their end. */
import { runLanes } from '../../shared/boundedWork.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { quoted } from '../terminal/quoted.ts';
import { wrapped } from '../terminal/wrapped.ts';
import type { Outcome } from './jobEvents.ts';
import type { Job } from './jobs.ts';
import { createProgressFile } from './progressFile.ts';
import { createReporter, reportText } from './report.ts';
import { runJob, type Workshop } from './runJob.ts';
import { exitCodeOf, summaryLines, totalsOf } from './summary.ts';
import type { Events } from './withJobs.ts';

/** Tasks that one command has under way: enough to keep the engine busy while others are read or saved. */
const AT_ONCE = 4;
/** That the report names in its title. */
const NAMED_JOBS = 3;

/**
 * Makes all documents, and tells what became of them.
 * @param events how to hear what happens, and to end what is drawn of it
 */
export async function makeAll(
  context: Context,
  shop: Workshop,
  jobs: readonly Job[],
  events: Events,
): Promise<ExitCode> {
  const { settings, stopping } = shop;
  const now = () => new Date();
  const seconds = () => performance.now() / 1000;
  const begun = seconds();
  const reporter = createReporter(now, seconds);
  events.listen((event) => reporter.tell(event));
  if (context.options.json === true) events.listen((event) => context.tell(event));
  const progressPath = settings['progress-file'];
  const progressFile =
    progressPath === undefined
      ? undefined
      : createProgressFile(
          progressPath,
          jobs.map(({ label }) => label),
          now,
        );
  if (progressFile) events.listen((event) => progressFile.tell(event));

  const outcomes: Outcome[] = [];
  const work = jobs.map((job, index) => async () => {
    outcomes[index] = await runJob(shop, job);
  });
  await runLanes([{ atOnce: AT_ONCE, work }]);
  events.end();
  const isInterrupted = stopping.isAsked();
  const exitCode = exitCodeOf(outcomes, isInterrupted);
  const took = seconds() - begun;
  const totals = totalsOf(outcomes, took);
  await progressFile?.end(exitCode);
  if (settings.report !== undefined) {
    const labels = jobs.slice(0, NAMED_JOBS).map(({ label }) => label);
    const others = jobs.length > NAMED_JOBS ? ', …' : '';
    const command = `sheaf generate (${labels.join(', ')}${others})`;
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
  for (const [index, outcome] of outcomes.entries()) {
    const { ending, message, taskId, job, resumable = ending === 'paused' } = outcome;
    const name = outcomes.length > 1 ? `${job}: ` : '';
    const isTrouble = ending !== 'made' && ending !== 'in part' && ending !== 'left';
    if (isTrouble && message !== undefined) say(`${name}${message}`);
    if (resumable && taskId !== undefined) {
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
