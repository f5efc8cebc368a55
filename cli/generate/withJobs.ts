/** What every command of jobs has around its work: places that are its own, an API, and who hears of what happens. */
import { join } from 'node:path';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { checkOutputFile } from '../files/inputs.ts';
import { takeLock } from '../files/lock.ts';
import type { Tell } from './jobEvents.ts';
import type { Job, Place, Plan } from './jobs.ts';
import { orderOf, readingFor } from './order.ts';
import type { Workshop } from './runJob.ts';
import type { Settings } from './settings.ts';
import { createJobsView } from './showJobs.ts';
import { createStopping } from './stopping.ts';
import { createUploads } from './uploads.ts';

/** What happens to jobs. */
export interface Events {
  /** Has somebody else hear of it, too. */
  readonly listen: (listener: Tell) => void;
  /** Ends what is drawn of it. */
  readonly end: () => void;
}

/** Does something with all jobs; the code to end with. */
export type JobsWork<J extends Job> = (
  context: Context,
  shop: Workshop,
  jobs: readonly J[],
  events: Events,
) => Promise<ExitCode>;

/**
 * Prepares for jobs, has the work done, and cleans up.
 * @throws UsageError, CliError; what the work throws
 */
export async function withJobs<J extends Job>(
  context: Context,
  settings: Settings,
  plan: Plan<J>,
  work: JobsWork<J>,
): Promise<ExitCode> {
  const { jobs } = plan;
  const locks: (() => Promise<void>)[] = [];
  try {
    const others: (readonly [option: string, path: string])[] = [
      ...inputsOf(jobs),
      ...outputsOf(jobs),
      ...namedBy(settings),
    ];
    for (const option of ['report', 'progress-file'] as const) {
      const path = settings[option];
      if (path === undefined) continue;
      await checkOutputFile(path, `--${option}`, true, others);
      others.push([`--${option}`, path]);
    }
    if (settings['dry-run'] !== true) {
      for (const { place } of jobs) locks.push(await lock(place));
    }
    const order = await orderOf(settings);
    for (const { source } of jobs) {
      if ('data' in source) readingFor(settings, source.data, jobs.length > 1);
    }
    const target = await context.target();
    const screen = context.options.quiet === true ? { write: () => undefined } : context.err;
    const view = createJobsView(screen, context.colour, jobs.length);
    const stopping = createStopping(target.client, context.interrupts, (text) => view.note(text));
    const listeners: Tell[] = [(event) => view.tell(event)];
    const tell: Tell = (event) => listeners.forEach((listen) => listen(event));
    const shop: Workshop = {
      ...{ target, settings, order, stopping, tell, jobs: jobs.length },
      uploads: createUploads(target.client, tell, stopping.signal),
    };
    try {
      return await work(context, shop, jobs, {
        listen: (listener) => void listeners.push(listener),
        end: () => view.end(),
      });
    } finally {
      view.end();
    }
  } finally {
    for (const unlock of locks) await unlock();
    await plan.remove();
  }
}

/** What must not be lost: options with the paths that they name. */
export const inputsOf = (jobs: readonly Job[]) =>
  jobs.flatMap(({ source }) =>
    'task' in source
      ? []
      : [
          ...source.templates.map((path) => ['--template', path] as const),
          ['--data', source.data] as const,
        ],
  );

const outputsOf = (jobs: readonly Job[]) =>
  jobs.flatMap(({ place, results }) => [
    ...(place.kind === 'archive' ? [['--out', place.path] as const] : []),
    ...(results === undefined ? [] : [['--results', results] as const]),
  ]);

/** Files that say what is to be done. */
const namedBy = (settings: Settings) =>
  (['steps', 'file-list', 'url-list'] as const).flatMap((option) => {
    const path = settings[option];
    return path === undefined || path === '-' ? [] : [[`--${option}`, path] as const];
  });

const lock = ({ kind, path }: Place) =>
  takeLock(kind === 'folder' ? join(path, '.sheaf.lock') : `${path}.lock`, path);
