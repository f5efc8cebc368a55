/** Creating a task: checks everything that can be checked before any work is done. */
import { stepsOf } from '../columns/columnPath.ts';
import { compareTask } from '../columns/compareTask.ts';
import type { Columns } from '../columns/fill.ts';
import { lookalikeWarnings } from '../columns/lookalikes.ts';
import { columnsOf, requireReadyDataSource, withFields } from '../dataSources/dataSources.ts';
import { completeReading } from '../dataSources/reading.ts';
import { writeRows } from '../dataSources/rows.ts';
import type { Creation } from '../creation.ts';
import { taskNotes } from '../deletion/dueNotes.ts';
import { noteUses } from '../deletion/uses.ts';
import { objectKeys, ownerPartitions, tableKeys } from '../keys.ts';
import { MAX_ROWS } from '../limits.ts';
import { expiryFrom } from './retention.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import { beginOrQueue } from '../queue/begin.ts';
import { loadQuota } from '../queue/quota.ts';
import type { QueuePorts } from '../queue/runs.ts';
import { schedule } from '../schedules/schedule.ts';
import { readStartAt } from '../schedules/startAt.ts';
import { columnsOfNames, compileNames } from '../rendering/documentNames.ts';
import { TaskItemSchema, type DataSourceItem, type TaskItem } from '../schemas/items.ts';
import type { CreateTask, TaskView } from '../schemas/taskApi.ts';
import type { FilterColumns } from '../selection/filter.ts';
import { requireReadyTemplate } from '../templates/templates.ts';
import { keepTaskWebhook, requireTarget } from '../webhooks/taskWebhook.ts';
import { startRun } from './beginRun.ts';
import { keepNames, loadWarnings } from './taskNames.ts';
import { taskStore } from './taskStore.ts';
import { groupedColumns } from './groupedColumns.ts';
import { checkSelection } from './checkSelection.ts';
import { requireMapping } from './requireMapping.ts';
import { tagsRead } from '../tags/compileFormats.ts';
import { taskTemplate } from './taskTemplate.ts';
import { taskView } from './taskViews.ts';
import { uniqueLabels } from './templateLabels.ts';

type CreatePorts = QueuePorts & Pick<Ports, 'objects' | 'secrets' | 'egress'>;

const DEFAULT_FILE_NAME = '{template}-{row}';

const fault = (pointer: string, detail: string) =>
  new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer, detail }] });

interface FoundRows {
  readonly item: Pick<TaskItem, 'rowsKey' | 'indexKey' | 'rowCount' | 'dataSourceId'>;
  readonly columns: Columns;
  /** Fields of the rows themselves. */
  readonly filterable: FilterColumns;
  /** What the rows themselves give to tell; of a data source its own answer does. */
  readonly warnings: readonly string[];
}

/** Fields of the rows of a data source; of CSV all but groups and lists are texts. */
function fieldsOf({ columns = [], reading, fileName }: DataSourceItem): FilterColumns {
  const isCsv = completeReading(fileName, reading ?? {}).format === 'csv';
  const groups = new Set<string>();
  const names = new Set<string>();
  for (const column of columns) {
    const [first = column, ...rest] = stepsOf(column);
    names.add(String(first));
    if (rest.length > 0) groups.add(String(first));
  }
  const texts = isCsv ? [...names].filter((name) => !groups.has(name)) : [];
  return { names: [...names], texts: new Set(texts) };
}

async function findRows(
  ports: CreatePorts,
  ownerId: string,
  taskId: string,
  body: CreateTask,
): Promise<FoundRows> {
  if (body.dataSourceId !== undefined) {
    const source = await requireReadyDataSource(ports, ownerId, body.dataSourceId);
    return {
      item: {
        dataSourceId: body.dataSourceId,
        rowsKey: objectKeys.sourceRows(body.dataSourceId),
        indexKey: objectKeys.sourceIndex(body.dataSourceId),
        rowCount: source.rowCount ?? 0,
      },
      columns: columnsOf(source),
      filterable: fieldsOf(source),
      warnings: [],
    };
  }
  const rows = body.data ?? [];
  if (rows.length === 0) throw fault('/data', 'data has no rows. Send at least one.');
  const rowsKey = objectKeys.taskRows(taskId);
  const indexKey = objectKeys.taskIndex(taskId);
  const written = await writeRows(ports, { rowsKey, indexKey }, rows);
  return {
    item: { rowsKey, indexKey, rowCount: written.rowCount },
    columns: withFields(written),
    filterable: { names: written.columns, texts: new Set() },
    warnings: lookalikeWarnings(written.columns),
  };
}

/**
 * Creates a task and, with autoStart, starts it, or has it start later.
 * @throws Problem TEMPLATE_NOT_FOUND, DATA_SOURCE_NOT_FOUND, INVALID_STATE (a template or data source
 *   that is not ready), TEMPLATE_INVALID, DATA_INVALID, VALIDATION_ERROR
 */
export async function createTask(
  ports: CreatePorts,
  ownerId: string,
  body: CreateTask,
  { id: taskId, isRepeat }: Creation,
): Promise<TaskView> {
  const before = isRepeat ? await taskStore.find(ports, taskId) : undefined;
  if (before) {
    // Whoever wrote it may have died before its execution was started.
    if (before.stage === 'planning') await startRun(ports, before);
    return viewOf(before, await loadWarnings(ports, before));
  }
  const startAt =
    body.startAt === undefined ? undefined : readStartAt(body.startAt, ports.clock.now());
  const webhookUrl =
    body.webhookUrl === undefined
      ? undefined
      : requireTarget(ports, body.webhookUrl, '/webhookUrl');
  const sourceIds = body.dataSourceId === undefined ? [] : [body.dataSourceId];
  const requireTemplates = () =>
    Promise.all(body.templateIds.map((id) => requireReadyTemplate(ports, ownerId, id)));
  const templates = await requireTemplates();
  for (const id of sourceIds) await requireReadyDataSource(ports, ownerId, id);
  const fileName = body.fileName ?? DEFAULT_FILE_NAME;
  compileNames(fileName, templates.length);
  const fileNameTags = columnsOfNames(fileName);

  const expiresAt = expiryFrom(ports.clock.now(), body.options);
  await noteUses(ports, taskId, [...body.templateIds, ...sourceIds]);
  // Before anything of the task is there: whatever becomes of this process, it is cleared away.
  const startsNow = body.autoStart && startAt === undefined;
  const [rows, , , quota] = await Promise.all([
    findRows(ports, ownerId, taskId, body),
    // Looked for again, behind the note of their use: what was deleted since is not there.
    requireTemplates(),
    taskNotes.note(ports, { id: taskId, dueAt: expiresAt }),
    startsNow ? loadQuota(ports, ownerId) : undefined,
  ]);
  const { rowCount } = rows.item;
  if (rowCount === 0) throw fault('/dataSourceId', 'The data source has no rows.');
  checkSelection(body.options, rowCount, rows.filterable);
  const totalDocuments = rowCount * templates.length;
  if (totalDocuments > MAX_ROWS) {
    throw new Problem(
      'DATA_INVALID',
      `The task would make ${totalDocuments} documents; one task makes at most ${MAX_ROWS}. Split the rows over several tasks.`,
    );
  }

  const now = ports.clock.now();
  const labels = uniqueLabels(templates.map((template) => template.name));
  const compared = compareTask({
    templates: templates.map(({ tags = [] }, i) => ({
      label: labels[i] ?? '',
      tags: tagsRead(tags),
    })),
    fileNameTags,
    columns: body.options.groupBy === undefined ? rows.columns : groupedColumns(rows.columns),
    missingValue: body.options.missingValue,
    mapping: body.options.mapping,
  });
  requireMapping(compared);
  const warnings = [...compared.warnings, ...rows.warnings];
  const task: TaskItem = {
    taskId,
    ownerId,
    ownerKey: ownerPartitions.tasks(ownerId),
    ownerSort: taskId,
    activeSort: taskId,
    name: body.name ?? labels.join(', ').slice(0, 200),
    status: 'pending',
    stage: 'waiting',
    mode: body.mode,
    outputFormat: body.outputFormat,
    templates: templates.map((template, i) => taskTemplate(template, labels[i] ?? template.name)),
    ...rows.item,
    ...(body.options.groupBy !== undefined && {
      rowsKey: objectKeys.groupedRows(taskId),
      indexKey: objectKeys.groupedIndex(taskId),
      ungrouped: { rowsKey: rows.item.rowsKey, indexKey: rows.item.indexKey },
    }),
    totalDocuments,
    fileName,
    options: body.options,
    metadata: body.metadata,
    ...(warnings.length > 0 && { warningCount: warnings.length }),
    ...(compared.spellings && { hasSpellings: true }),
    ...(webhookUrl !== undefined && { hasWebhook: true }),
    run: 0,
    round: 0,
    triedAtPlan: 0,
    idleRounds: 0,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    seq: warnings.length > 0 ? 1 : 0,
    pushedAt: now,
    pushedCount: 0,
    ratePerSecond: 0,
    pushLeaseUntil: 0,
    createdAt: now,
  };
  await keepNames(ports, task, warnings, compared.spellings);
  if (webhookUrl !== undefined) {
    await keepTaskWebhook(ports, task, { url: webhookUrl, webhookEvents: body.webhookEvents });
  }
  // Begun in the same write; should the execution not start, starting the task does it.
  const write = writeNew(ports, task, isRepeat);
  const begun =
    startAt !== undefined
      ? await schedule(ports, task, { startAt, by: ownerId, write })
      : body.autoStart
        ? await beginOrQueue(ports, task, { by: ownerId, write, quota })
        : undefined;
  const stored = begun ?? (await taskStore.add(ports, taskId, { ...task, expiresAt }));
  return viewOf(stored, warnings);
}

/** Creates a task as it is after a change; undefined when there is one under its id. */
const writeNew =
  ({ table, clock }: CreatePorts, task: TaskItem, isRepeat: boolean) =>
  async ({ set }: Change): Promise<TaskItem | undefined> => {
    const item = { ...task, ...set, revision: 1 };
    const free: Condition = { absent: 'pk' };
    // What the sweeper left of a process that claimed the id before, and died, is in nobody's way.
    const now = Math.floor(clock.now() / 1000);
    const left: Condition = {
      all: [{ attribute: 'expiresAt', is: '<=', value: now }, { absent: 'deletedAt' }],
    };
    const condition = isRepeat ? { any: [free, left] } : free;
    const isNew = await table.put(tableKeys.task(task.taskId), item, condition);
    return isNew ? TaskItemSchema.parse(item) : undefined;
  };

const viewOf = (task: TaskItem, warnings: readonly string[]): TaskView => ({
  ...taskView(task),
  warnings: [...warnings],
});
