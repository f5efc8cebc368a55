/** One job, from its files to its documents. */
import type { SheafClient } from '../../client/client.ts';
import { ApiError } from '../../client/errors.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { CliError, explain } from '../errors.ts';
import type { Saving } from '../files/saveFile.ts';
import type { Target } from '../target/target.ts';
import { readTask, writeTask } from './folderState.ts';
import { causesOf, followJob } from './followJob.ts';
import type { Ending, JobEvent, Outcome, SavedPlace, Tell } from './jobEvents.ts';
import type { Job, JobFiles, Place } from './jobs.ts';
import { readingFor, type Order } from './order.ts';
import { saveDocuments, saveResults } from './saveJob.ts';
import type { Settings } from './settings.ts';
import type { Stopping } from './stopping.ts';
import type { Uploads } from './uploads.ts';

export interface Workshop {
  readonly target: Target;
  readonly settings: Settings;
  readonly order: Order;
  readonly uploads: Uploads;
  readonly stopping: Stopping;
  /** How many jobs there are. */
  readonly jobs: number;
  readonly tell: Tell;
}

interface Begun {
  readonly task: TaskView;
  readonly websocketUrl: string | undefined;
}

/**
 * Does a job. What goes wrong ends this job alone, and is part of its outcome.
 * @returns how it ended, which was told as well
 */
export async function runJob(
  shop: Workshop,
  { label: job, source, place, results }: Job,
): Promise<Outcome> {
  const { target, settings, stopping, tell } = shop;
  const { client } = target;
  const startedAt = performance.now();
  const saved: SavedPlace[] = [];
  let begun: Begun | undefined;
  const finish = (part: Pick<Outcome, 'ending' | 'message'> & Partial<Outcome>): Outcome => {
    const outcome: Outcome = {
      ...{ job, taskId: begun?.task.taskId, saved },
      ...{ total: 0, made: 0, failed: 0, skipped: 0, reused: 0, causes: [], areAllCauses: true },
      seconds: (performance.now() - startedAt) / 1000,
      ...part,
    };
    tell({ type: 'ended', job, outcome });
    return outcome;
  };
  if (stopping.isAsked()) return finish({ ending: 'left', message: undefined });
  try {
    begun =
      'task' in source
        ? beginAgain(shop, job, source.task)
        : await createTask(shop, job, source, place);
    const { taskId } = begun.task;
    const unwatch = stopping.watch(taskId);
    let task: TaskView;
    let why: string | undefined;
    try {
      await setGoing(client, begun.task);
      const followed = await followJob(client, job, taskId, begun.websocketUrl, tell);
      ({ task, why } = followed);
    } finally {
      unwatch();
    }
    begun = { ...begun, task };
    const ending = endingOf(task);
    const { causes, areAll } = await causesOf(client, task);
    const counts = {
      total: task.totalDocuments,
      made: task.succeeded,
      ...{ failed: task.failed, skipped: task.skipped, reused: task.reused },
      ...{ causes, areAllCauses: areAll },
    };
    if (hasArchive(task)) {
      const saving = savingOf(settings, place, stopping.signal, job, tell);
      const documents = await saveDocuments(client, taskId, place, saving);
      if (documents.documents !== task.succeeded) {
        throw new CliError(
          `The archive holds ${documents.documents ?? 0} documents instead of ${task.succeeded}. Retry the task: sheaf task retry ${taskId}.`,
        );
      }
      saved.push(documents);
      tell({ type: 'saved', job, saved: documents });
      if (place.kind === 'folder') await writeTask(place.path, target, taskId);
      if (results !== undefined) {
        const force = settings.force === true;
        const table = await saveResults(client, taskId, results, {
          ...{ force, signal: stopping.signal },
        });
        saved.push(table);
        tell({ type: 'saved', job, saved: table });
      }
    }
    return finish({ ending, ...counts, message: task.error?.message ?? why });
  } catch (error) {
    const { message, more } = explain(error, target.apiUrl);
    const text = [message, ...more].join('\n');
    const task = begun?.task;
    if (stopping.isAsked()) {
      // What has a task can be gone on with.
      return finish({
        ending: task ? 'paused' : 'left',
        message: undefined,
        ...(task && { total: task.totalDocuments, made: task.succeeded, failed: task.failed }),
      });
    }
    return finish({
      ending: 'failed',
      message: text,
      ...(task && { total: task.totalDocuments }),
      ...(task && isThere(task) && { resumable: true }),
    });
  }
}

/** Whether a task has, or may still come to, documents: it was made, and it is this command that failed. */
const isThere = ({ status }: TaskView) => status !== 'failed';

/** Uploads a job's files; what is to be made of them. */
export async function uploadJob(
  { settings, order, uploads, jobs }: Pick<Workshop, 'settings' | 'order' | 'uploads' | 'jobs'>,
  label: string,
  { templates, data }: JobFiles,
) {
  const templateIds: string[] = [];
  for (const path of templates) templateIds.push(await uploads.template(path, label));
  const dataSourceId = await uploads.data(data, readingFor(settings, data, jobs > 1), label);
  return { ...order, templateIds, dataSourceId };
}

/** Goes on with a task that there is. */
function beginAgain({ tell }: Workshop, job: string, task: TaskView): Begun {
  const { taskId, totalDocuments: documents } = task;
  tell({ type: 'task', job, taskId, documents, warnings: [] });
  return { task, websocketUrl: undefined };
}

async function createTask(
  shop: Workshop,
  label: string,
  files: JobFiles,
  place: Place,
): Promise<Begun> {
  const { target, settings, stopping, tell } = shop;
  const made = await uploadJob(shop, label, files);
  const base = settings['skip-existing'] === true ? await readTask(place.path, target) : undefined;
  const create = (baseTaskId?: string) =>
    target.client.createTask(
      {
        body: {
          ...made,
          name: label.slice(0, 200),
          ...(baseTaskId !== undefined && { baseTaskId }),
        },
      },
      { signal: stopping.signal },
    );
  const task = await create(base).catch((error: unknown) => {
    if (base === undefined || !isAboutBase(error)) throw error;
    tell({
      type: 'note',
      job: label,
      text: 'The task that the folder was made by is not there any more: all documents are made anew.',
    });
    return create();
  });
  const { taskId, totalDocuments, warnings = [], websocketUrl } = task;
  tell({ type: 'task', job: label, taskId, documents: totalDocuments, warnings });
  return { task, websocketUrl };
}

const isAboutBase = (error: unknown) =>
  error instanceof ApiError && error.errors.some(({ pointer }) => pointer === '/baseTaskId');

/** Starts a task, or goes on with one that rests; one that works is left to it. */
async function setGoing(client: SheafClient, { taskId, status }: TaskView): Promise<void> {
  switch (status) {
    case 'pending':
    case 'scheduled':
      await client.startTask({ taskId });
      return;
    case 'paused':
    case 'pausing':
      await client.resumeTask({ taskId });
      return;
    case 'failed':
      throw new CliError(
        `The task ${taskId} failed. Look why with sheaf task failures ${taskId}, and try again with sheaf task retry ${taskId}.`,
      );
    default:
      return;
  }
}

function endingOf({ status, error }: TaskView): Ending {
  switch (status) {
    case 'completed':
      return 'made';
    case 'partially_completed':
      return 'in part';
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return error?.code === 'DATA_INVALID' ? 'faulty' : 'failed';
    default:
      return 'paused';
  }
}

/** What a task that was to be cancelled or stopped had made by then is in its archive, too. */
const hasArchive = ({ status, succeeded }: TaskView) =>
  (status === 'completed' || status === 'partially_completed' || status === 'cancelled') &&
  succeeded > 0;

function savingOf(
  { force = false, 'skip-existing': skipExisting = false }: Settings,
  { kind }: Place,
  signal: AbortSignal,
  job: string,
  tell: (event: JobEvent) => void,
): Saving {
  let bytes = 0;
  return {
    signal,
    // A folder that is gone on with is this command's own.
    force: force || (kind === 'folder' && skipExisting),
    onBytes: (count) => {
      bytes += count;
      tell({ type: 'saving', job, bytes });
    },
  };
}
