/** Creating a task: checks everything that can be checked before any work is done. */
import { issueTicket } from '../access/tickets.ts';
import { requireReadyDataSource } from '../dataSources/dataSources.ts';
import { writeRows } from '../dataSources/rows.ts';
import { newId } from '../ids.ts';
import { objectKeys, ownerPartitions, tableKeys } from '../keys.ts';
import { MAX_ROWS, TASK_RETENTION_SECONDS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import { compileNames } from '../rendering/documentNames.ts';
import type { TaskItem, TemplateItem } from '../schemas/items.ts';
import type { CreatedTask, CreateTask } from '../schemas/taskApi.ts';
import { requireReadyTemplate } from '../templates/templates.ts';
import { startTask } from './controlTask.ts';
import { taskView } from './taskViews.ts';
import { uniqueLabels } from './templateLabels.ts';

type CreatePorts = Pick<
  Ports,
  'table' | 'objects' | 'workflow' | 'clock' | 'random' | 'websocketUrl' | 'log'
>;

const DEFAULT_FILE_NAME = '{template}-{row}';

const fault = (pointer: string, detail: string) =>
  new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer, detail }] });

async function findRows(
  ports: CreatePorts,
  ownerId: string,
  taskId: string,
  body: CreateTask,
): Promise<Pick<TaskItem, 'rowsKey' | 'indexKey' | 'rowCount' | 'dataSourceId'>> {
  if (body.dataSourceId !== undefined) {
    const source = await requireReadyDataSource(ports, ownerId, body.dataSourceId);
    return {
      dataSourceId: body.dataSourceId,
      rowsKey: objectKeys.sourceRows(body.dataSourceId),
      indexKey: objectKeys.sourceIndex(body.dataSourceId),
      rowCount: source.rowCount ?? 0,
    };
  }
  const rows = body.data ?? [];
  if (rows.length === 0) throw fault('/data', 'data has no rows. Send at least one.');
  const rowsKey = objectKeys.taskRows(taskId);
  const indexKey = objectKeys.taskIndex(taskId);
  const { rowCount } = await writeRows(ports, { rowsKey, indexKey }, rows);
  return { rowsKey, indexKey, rowCount };
}

/** What the upload's check found out, so that no worker tries it again. */
const triedEngine = ({ engine, engineBuild: build }: TemplateItem) =>
  engine && build !== undefined ? { tried: { build, engine } } : {};

/**
 * Creates a task and, with autoStart, starts it.
 * @throws Problem TEMPLATE_NOT_FOUND, DATA_SOURCE_NOT_FOUND, INVALID_STATE (a template or data source
 *   that is not ready), TEMPLATE_INVALID, DATA_INVALID, VALIDATION_ERROR
 */
export async function createTask(
  ports: CreatePorts,
  ownerId: string,
  body: CreateTask,
): Promise<CreatedTask> {
  const templates = await Promise.all(
    body.templateIds.map((templateId) => requireReadyTemplate(ports, ownerId, templateId)),
  );
  const fileName = body.fileName ?? DEFAULT_FILE_NAME;
  compileNames(fileName, templates.length);

  const taskId = newId('task', ports);
  const rows = await findRows(ports, ownerId, taskId, body);
  if (rows.rowCount === 0) throw fault('/dataSourceId', 'The data source has no rows.');
  const totalDocuments = rows.rowCount * templates.length;
  if (totalDocuments > MAX_ROWS) {
    throw new Problem(
      'DATA_INVALID',
      `The task would make ${totalDocuments} documents; one task makes at most ${MAX_ROWS}. Split the rows over several tasks.`,
    );
  }

  const now = ports.clock.now();
  const labels = uniqueLabels(templates.map((template) => template.name));
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
    templates: templates.map((template, i) => ({
      templateId: template.templateId,
      label: labels[i] ?? template.name,
      sha256: template.sha256 ?? '',
      ...triedEngine(template),
    })),
    ...rows,
    totalDocuments,
    fileName,
    options: body.options,
    metadata: body.metadata,
    run: 0,
    round: 0,
    triedAtPlan: 0,
    idleRounds: 0,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    seq: 0,
    pushedAt: now,
    pushedCount: 0,
    ratePerSecond: 0,
    pushLeaseUntil: 0,
    createdAt: now,
    expiresAt: Math.floor(now / 1000) + TASK_RETENTION_SECONDS,
  };
  await ports.table.put(tableKeys.task(taskId), task, { absent: 'pk' });
  const view = body.autoStart ? await startTask(ports, ownerId, taskId) : taskView(task);
  const { websocketUrl } = await issueTicket(ports, ownerId);
  return { ...view, websocketUrl };
}
