/** Making a trial: a step of the trial workflow, and the first step of a task that is checked. */
import { checkOrder } from '../checks/checkOrder.ts';
import {
  AS_TOLD,
  inGroups,
  isOfGroup,
  type Locate,
  type RowPlace,
} from '../checks/report/groupedPlaces.ts';
import { MarksSchema } from '../checks/report/marks.ts';
import { writeCheckReport } from '../checks/report/writeCheckReport.ts';
import { readColumns } from '../columns/storedColumns.ts';
import { dataSourceStore } from '../dataSources/dataSourceStore.ts';
import { ID_PREFIXES } from '../ids.ts';
import { objectKeys } from '../keys.ts';
import { FLUSH_INTERVAL_MS, REPORTED_AT_ONCE_ROWS, TRIAL_RESERVE_MS } from '../limits.ts';
import { METRICS, WORKFLOW_ERRORS } from '../names.ts';
import { ObjectMissing, type Change, type Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import { WorkflowError } from '../problems.ts';
import { runResults } from '../results/runResults.ts';
import { makeSamples } from '../samples/makeSamples.ts';
import { FindingsSchema } from '../schemas/checkApi.ts';
import type { Order, TaskItem, TrialItem } from '../schemas/items.ts';
import type { TrialRun } from '../schemas/workflow.ts';
import { rowsOfGroups } from '../shards/groupRows.ts';
import { taskStore } from '../tasks/taskStore.ts';
import { isDone, isOpen, trialStore } from './trialStore.ts';

type TrialPorts = Pick<Ports, 'table' | 'objects' | 'clock' | 'log' | 'metrics'>;

/** When there is time no longer. */
interface Time {
  readonly remainingMs: () => number;
}

const UNHURRIED: Time = { remainingMs: () => Infinity };

const isSamples = (of: string): boolean => of.startsWith(`${ID_PREFIXES.sample}_`);

const ourFault = (of: string) => ({
  code: 'INTERNAL',
  message: isSamples(of)
    ? 'The samples could not be made because something went wrong on our side. Ask for samples again, or ask the operator: the log has the cause.'
    : 'The rows could not be checked because something went wrong on our side. Check again, or ask the operator: the log has the cause.',
});
const gone = (of: string) => ({
  code: 'INVALID_STATE',
  message: isSamples(of)
    ? 'The rows or a template were deleted before samples were made of them. Upload them again and ask for samples anew.'
    : 'The rows or a template were deleted before they were checked. Upload them again and check anew.',
});

/**
 * Makes a trial and records what it found, or writes the results of a task. Repeatable: one that is known is left as it is, and every attempt
 * finds the same.
 * @throws WorkflowError CheckFailed for a task whose rows have errors and that is not to be made then; what
 *   the bucket or the table throws: then the workflow tries again, and at last calls this with `error`
 */
export async function runTrial(
  ports: TrialPorts,
  { of, run, reportOnly, results, error }: TrialRun,
  { remainingMs }: Time = UNHURRIED,
): Promise<void> {
  if (results) {
    await runResults(ports, { taskId: of, ...results, error }, { remainingMs });
    return;
  }
  const trial = await trialStore.find(ports, of);
  if (reportOnly) {
    await reportAlone(ports, of, trial, error);
    return;
  }
  const task = of.startsWith('task_') ? await taskStore.find(ports, of) : undefined;
  if (trial?.status === 'checking') {
    if (error) ports.log.error('The rows could not be checked.', { of, error: error.Error });
    const result = error
      ? { error: ourFault(of) }
      : await makeTrial(ports, { of, trial, task, remainingMs });
    // A task that is to stop is checked when it goes on.
    if (result === undefined) return;
    await record(ports, of, { ...result, ...(run !== undefined && { run }) });
  } else {
    ports.log.info('There is nothing to be checked (any more).', { of, status: trial?.status });
  }
  // Asked of what is recorded: another attempt may have been first, or this one was before.
  if (task?.options.check === 'strict') requireFit(task, await trialStore.find(ports, of));
}

/** Writes the report of a check that was made before, or records that it cannot be. */
async function reportAlone(
  ports: TrialPorts,
  of: string,
  trial: TrialItem | undefined,
  error: TrialRun['error'],
): Promise<void> {
  if (trial?.status !== 'done' || isSamples(of)) {
    ports.log.info('There is nothing to be reported (any more).', { of, status: trial?.status });
    return;
  }
  const fail = async (cause: NonNullable<TrialItem['reportFailure']>['cause']) => {
    const change: Change = { set: { reportFailure: { cause, at: ports.clock.now() } } };
    await trialStore.change(ports, of, change, isDone);
  };
  if (error) {
    ports.log.error('The report of a check could not be written.', { of, error: error.Error });
    await fail('fault');
    return;
  }
  try {
    await writeReport(ports, of, trial.order);
  } catch (caught) {
    if (!(caught instanceof ObjectMissing)) throw caught;
    ports.log.info('The rows of a report are gone.', { of });
    await fail('gone');
  }
}

/**
 * Ends the run of a strict task whose rows have errors, however often its step is tried again. A retry that
 * began since says that it is to be made all the same.
 * @throws WorkflowError CheckFailed
 */
function requireFit({ taskId, retries = [] }: TaskItem, trial: TrialItem | undefined) {
  if (!trial) return;
  const { status, summary, run: knownIn = 0 } = trial;
  const isFit = status === 'done' && summary?.errors === 0;
  if (isFit || status === 'checking' || retries.some(({ run }) => run >= knownIn)) return;
  throw new WorkflowError(
    WORKFLOW_ERRORS.checkFailed,
    `The check of ${taskId} found errors, and its options say that nothing is made then.`,
  );
}

type Result = Pick<TrialItem, 'summary' | 'samples' | 'run'> | Pick<TrialItem, 'error' | 'run'>;

async function record(ports: TrialPorts, of: string, result: Result): Promise<void> {
  const status = 'error' in result ? 'failed' : 'done';
  const change: Change = { set: { status, ...result, finishedAt: ports.clock.now() } };
  const recorded = await trialStore.change(ports, of, change, isOpen);
  if (!recorded) return;
  const { summary } = recorded;
  if (summary) ports.metrics.count(METRICS.rowsChecked, summary.rows);
  const { rows: chosenFrom } = recorded.samples ?? {};
  ports.log.info(isSamples(of) ? 'Samples were made.' : 'Rows were checked.', {
    of,
    status,
    ...(chosenFrom !== undefined && { rows: chosenFrom }),
    ...(summary && { rows: summary.rows, errors: summary.errors, warnings: summary.warnings }),
  });
}

const OUTDATED = {
  code: 'INVALID_STATE',
  message:
    'A retry changed the rows before they were checked. Check them by POST /batch/checks, with what the retry named.',
};

interface Attempt extends Time {
  readonly of: string;
  readonly trial: TrialItem;
  /** The task that it is part of. */
  readonly task: TaskItem | undefined;
}

/** @returns undefined when nobody waits for it any more, because the task is to stop */
async function makeTrial(
  ports: TrialPorts,
  { of, trial, task, remainingMs }: Attempt,
): Promise<Result | undefined> {
  if (task?.retries) return { error: OUTDATED };
  let isStopped = task?.stopReason !== undefined;
  if (isStopped) return undefined;
  let askedAt = ports.clock.monotonicMs();
  async function isOver(): Promise<boolean> {
    if (remainingMs() < TRIAL_RESERVE_MS) return true;
    const now = ports.clock.monotonicMs();
    if (!task || now - askedAt < FLUSH_INTERVAL_MS) return isStopped;
    askedAt = now;
    const { run, stopReason } = (await taskStore.find(ports, of)) ?? {};
    isStopped ||= run !== task.run || stopReason !== undefined;
    return isStopped;
  }
  try {
    // Rows of a data source that was deleted since stay as long as a task uses them.
    const columns = await readColumns(ports, objectKeys.trialColumns(of));
    if (isSamples(of)) {
      const { order, named } = trial;
      const sampling = { sampleId: of, order, columns, named, isOver, remainingMs };
      return { samples: await makeSamples(ports, sampling) };
    }
    const checked = await checkOrder(ports, {
      order: trial.order,
      columns,
      isSequential: task?.mode === 'sequential',
      isOver,
    });
    if (isStopped) return undefined;
    const { summary, findings, ...marked } = checked;
    await ports.objects.put(objectKeys.checkMarks(of), bytesOf(marked));
    await ports.objects.put(objectKeys.checkFindings(of), bytesOf(findings));
    // That of a task, and of very many rows, is written when somebody asks for it.
    if (!task && trial.order.rowCount <= REPORTED_AT_ONCE_ROWS) {
      await reportAtOnce(ports, of, trial.order);
    }
    return { summary };
  } catch (error) {
    if (error instanceof ObjectMissing) return { error: gone(of) };
    throw error;
  }
}

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

/** Writes the report if that can be done: what was found is worth telling without it, and it is tried again when asked for. */
async function reportAtOnce(ports: TrialPorts, of: string, order: Order): Promise<void> {
  try {
    await writeReport(ports, of, order);
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    ports.log.error('The report of a check could not be written yet.', { of, error: name });
  }
}

/** Writes the report of a check that is known. @throws ObjectMissing */
async function writeReport(ports: TrialPorts, of: string, order: Order): Promise<void> {
  const { dataSourceId } = order;
  const findings = FindingsSchema.parse(await readJson(ports, objectKeys.checkFindings(of)));
  const marked = MarksSchema.parse(await readJson(ports, objectKeys.checkMarks(of)));
  await writeCheckReport(ports, {
    source:
      dataSourceId === undefined ? undefined : await dataSourceStore.find(ports, dataSourceId),
    ...(order.ungrouped ?? order),
    findings,
    ...marked,
    locate: await locateIn(ports, order, [
      ...marked.marks,
      ...findings.flatMap(({ firstRows, column }) => firstRows.map((row) => ({ row, column }))),
    ]),
    to: objectKeys.checkReport(of),
  });
}

/** Where these places of an order are in its rows as they came. @throws ObjectMissing */
async function locateIn(
  ports: TrialPorts,
  order: Order,
  places: readonly RowPlace[],
): Promise<Locate> {
  const { groupBy } = order.options;
  const groups = new Set(places.filter(({ column }) => isOfGroup(column)).map(({ row }) => row));
  if (groupBy === undefined || groups.size === 0) return AS_TOLD;
  return inGroups(groupBy, await rowsOfGroups(ports, order, groups));
}
