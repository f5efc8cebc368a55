/** The whole job of a command: what is to be done, done, and told. */
import type { Context } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode } from '../exit.ts';
import { checkOutputFile, checkOutputFolder } from '../files/inputs.ts';
import { planJobs, type NewJob, type Place, type Plan, type ResumedJob } from './jobs.ts';
import { makeAll } from './makeAll.ts';
import type { FlagValues } from './readSettings.ts';
import { SETTING_NAMES, type SettingName, type Settings } from './settings.ts';
import { checkAll, sampleAll } from './trials.ts';
import { withJobs, type JobsWork } from './withJobs.ts';

/** Settings that go with --resume: the rest is what the task was made with. */
const RESUMABLE: ReadonlySet<SettingName> = new Set<SettingName>([
  ...(['resume', 'out', 'force', 'results', 'report', 'progress-file'] as const),
]);

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
  const { signal } = context.interrupts;
  if (resume !== undefined) {
    const plan = await planResumed(context, resume, settings);
    return withJobs(context, settings, plan, makeAll);
  }
  const plan = await planJobs(settings, context, sample ? 'samples' : 'documents', signal);
  const work: JobsWork<NewJob> = dryRun
    ? (...[own, shop, jobs]) => checkAll(own, shop, jobs)
    : sample
      ? sampleAll
      : makeAll;
  return withJobs(context, settings, plan, work);
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
    const odd = SETTING_NAMES.find((name) => flags[name] !== undefined && !RESUMABLE.has(name));
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

/** A task that there is, with its place checked. */
async function planResumed(
  context: Context,
  taskId: string,
  settings: Settings,
): Promise<Plan<ResumedJob>> {
  const { out = 'documents.zip', force = false, results } = settings;
  const place: Place = { kind: /\.zip$/i.test(out) ? 'archive' : 'folder', path: out };
  if (place.kind === 'archive') await checkOutputFile(out, '--out', force, []);
  else await checkOutputFolder(out, '--out', true, []);
  if (results !== undefined) await checkOutputFile(results, '--results', force, []);
  const { client } = await context.target();
  const task = await client.getTask({ taskId });
  return {
    jobs: [{ label: task.name, source: { task }, place, results }],
    remove: () => Promise.resolve(),
  };
}
