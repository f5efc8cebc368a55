/** Writing the table of results of a task: a step of the trial workflow, begun when somebody asks for it. */
import {
  changeUpload,
  DONE,
  isWorkbook,
  writeObject,
} from '../checks/report/ownWorkbook/changeUpload.ts';
import type { ObjectWriter } from '../archive/objectWriter.ts';
import { dataSourceStore } from '../dataSources/dataSourceStore.ts';
import { objectKeys, tableKeys } from '../keys.ts';
import { RESULTS_RESERVE_MS } from '../limits.ts';
import { ObjectMissing, type Ports } from '../ports.ts';
import type { DataSourceItem, ResultsFailureItem, TaskItem } from '../schemas/items.ts';
import type { ResultsRun, TrialRun } from '../schemas/workflow.ts';
import { taskStore } from '../tasks/taskStore.ts';
import { addColumns } from './ownSheet/addColumns.ts';
import { cellOf, resultColumns } from './resultColumns.ts';
import { resultRows, type ResultRow } from './resultRows.ts';
import { revisionOf } from './revision.ts';
import { stepNamesOf, type StepColumns } from './stepColumns.ts';
import { tableColumns } from './tableRows.ts';
import { TooMuch } from './tooMuch.ts';
import { writeCsv, writeJsonLines } from './writeText.ts';
import { writeResultsWorkbook } from './writeWorkbook.ts';
import { labelsOf } from '../tasks/parts.ts';

type ResultPorts = Pick<Ports, 'table' | 'objects' | 'clock' | 'log'>;

interface Wanted extends ResultsRun {
  readonly taskId: string;
  /** There when the function itself failed for good. */
  readonly error?: TrialRun['error'];
}

/** The time was over before all rows were written: of as many rows as there are, or because something stood still. */
class OutOfTime extends Error {
  constructor() {
    super('There was no time to write all rows.');
    this.name = 'OutOfTime';
  }
}

/** When there is time no longer. */
interface Time {
  readonly remainingMs: () => number;
}

/** The task changed while its results were written: they are of no revision of it. */
class Outdated extends Error {
  constructor() {
    super('The task changed while its results were written.');
    this.name = 'Outdated';
  }
}

/**
 * Writes results, or records why they cannot be. Repeatable: the same revision of a task gives the same bytes, and
 * what has changed meanwhile is not written.
 * @throws what the bucket or the table throws: then the workflow tries again, and at last calls this with `error`
 */
export async function runResults(
  ports: ResultPorts,
  { taskId, format, revision, error }: Wanted,
  time: Time,
): Promise<void> {
  const task = await taskStore.find(ports, taskId);
  if (!task || revisionOf(task) !== revision) {
    ports.log.info('There are no such results to be written (any more).', { taskId, revision });
    return;
  }
  const fail = async (reason: Pick<ResultsFailureItem, 'cause' | 'detail'>) => {
    const item: ResultsFailureItem = { revision, ...reason, at: ports.clock.now() };
    await ports.table.put(tableKeys.resultsFailure(taskId, format), item);
  };
  if (error) {
    ports.log.error('Results could not be written.', { taskId, format, error: error.Error });
    await fail({ cause: 'fault' });
    return;
  }
  try {
    await write(ports, task, { format, revision }, time);
    ports.log.info('Results were written.', { taskId, format, rows: task.rowCount });
  } catch (caught) {
    if (caught instanceof TooMuch) await fail({ cause: 'tooMuch', detail: caught.message });
    else if (caught instanceof OutOfTime) await fail({ cause: 'time' });
    else if (caught instanceof ObjectMissing) await fail({ cause: 'gone' });
    else if (!(caught instanceof Outdated)) throw caught;
    ports.log.info('Results were not written.', { taskId, format, cause: caught.name });
  }
}

async function write(
  ports: ResultPorts,
  task: TaskItem,
  { format, revision }: ResultsRun,
  time: Time,
): Promise<void> {
  const { taskId, dataSourceId } = task;
  const to = objectKeys.results(taskId, revision, format);
  // Read anew where a workbook turns out to be another behind its last row.
  const rows = () => inTime(resultRows(ports, task), time);
  const steps = { names: stepNamesOf(task) };
  const labels = labelsOf(task);
  const writing = (content: (object: ObjectWriter) => Promise<void>) =>
    writeObject(ports, to, async (object) => {
      await content(object);
      await requireUnchanged(ports, task);
    });
  if (format === 'jsonl') {
    await writing((object) => writeJsonLines(object, rows(), labels, steps));
    return;
  }
  const source =
    dataSourceId === undefined ? undefined : await dataSourceStore.find(ports, dataSourceId);
  const hindrance =
    format === 'xlsx' && source && isWorkbook(source) && !task.ungrouped
      ? await addToUpload(ports, task, { source, steps, to, rows })
      : undefined;
  if (hindrance === DONE) return;
  const columns = await tableColumns(ports, task, source);
  const more = resultColumns(task, steps, columns.names);
  await writing((object) =>
    format === 'csv'
      ? writeCsv(object, rows(), columns, more)
      : writeResultsWorkbook(object, rows(), columns, more, hindrance && noteOf(hindrance)),
  );
}

const noteOf = (hindrance: string) =>
  `The columns could not be added to the workbook itself: ${hindrance}. These are its rows as they were read.`;

interface OwnResults {
  readonly source: DataSourceItem;
  readonly steps: Pick<StepColumns, 'names'>;
  readonly to: string;
  readonly rows: () => AsyncIterable<readonly ResultRow[]>;
}

/** Adds the columns to the workbook that the rows are from; answers why it cannot, as the end of a sentence. */
const addToUpload = (
  ports: ResultPorts,
  task: TaskItem,
  { source, steps, to, rows }: OwnResults,
): Promise<typeof DONE | string> =>
  changeUpload(ports, source, to, async (file, object) => {
    await addColumns(
      file,
      source,
      (names) => {
        const more = resultColumns(task, steps, names, true);
        return { names: more.names, rows: cellsOf(rows(), more) };
      },
      object,
    );
    await requireUnchanged(ports, task);
  });

async function* cellsOf(
  rows: AsyncIterable<readonly ResultRow[]>,
  more: ReturnType<typeof resultColumns>,
) {
  for await (const batch of rows) yield batch.map((row) => more.valuesOf(row).map(cellOf));
}

/** The same rows. @throws OutOfTime when there is no time for them all */
async function* inTime(
  rows: AsyncIterable<ResultRow[]>,
  { remainingMs }: Time,
): AsyncGenerator<ResultRow[], void, undefined> {
  for await (const batch of rows) {
    if (remainingMs() < RESULTS_RESERVE_MS) throw new OutOfTime();
    yield batch;
  }
}

/** Nobody began anything with the task since: what was read of it belongs together. @throws Outdated */
async function requireUnchanged(ports: Pick<Ports, 'table'>, task: TaskItem): Promise<void> {
  const now = await taskStore.find(ports, task.taskId);
  if (!now || revisionOf(now) !== revisionOf(task)) throw new Outdated();
}
