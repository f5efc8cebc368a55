/** Creating a task: takes its order, and begins it when that is asked for. */
import type { Creation } from '../creation.ts';
import { taskNotes } from '../deletion/dueNotes.ts';
import { noteUses } from '../deletion/uses.ts';
import { ownerPartitions, tableKeys } from '../keys.ts';
import { requireOrdered, takeOrder } from '../orders/takeOrder.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { beginOrQueue } from '../queue/begin.ts';
import { loadQuota } from '../queue/quota.ts';
import type { QueuePorts } from '../queue/runs.ts';
import { schedule } from '../schedules/schedule.ts';
import { readStartAt } from '../schedules/startAt.ts';
import { TaskItemSchema, type TaskItem } from '../schemas/items.ts';
import type { CreateTask, TaskView } from '../schemas/taskApi.ts';
import { addTaskCheck, hasCheck } from '../trials/taskCheck.ts';
import { keepTaskWebhook, requireTarget } from '../webhooks/taskWebhook.ts';
import { requireNoStart } from './approval.ts';
import { startRun } from './beginRun.ts';
import { baseWarnings, requireBase } from './checkBase.ts';
import { expiryFrom } from './retention.ts';
import { keepNames, loadWarnings } from './taskNames.ts';
import { taskStore } from './taskStore.ts';
import { taskView } from './taskViews.ts';
import { keepSteps } from '../rowSteps/taskSteps.ts';

type CreatePorts = QueuePorts & Pick<Ports, 'objects' | 'secrets' | 'egress' | 'serviceEgress'>;

/**
 * Creates a task and, with autoStart, starts it, or has it start later.
 * @throws Problem TEMPLATE_NOT_FOUND, DATA_SOURCE_NOT_FOUND, INVALID_STATE (a template or data source
 *   that is not ready, or an earlier task that has not ended), TASK_NOT_FOUND (that one),
 *   TEMPLATE_INVALID, DATA_INVALID, VALIDATION_ERROR
 */
export async function createTask(
  ports: CreatePorts,
  ownerId: string,
  asked: CreateTask,
  { id: taskId, isRepeat }: Creation,
): Promise<TaskView> {
  const body = withCheck(asked);
  const before = isRepeat ? await taskStore.find(ports, taskId) : undefined;
  if (before) {
    // Whoever wrote it may have died before its execution was started.
    if (before.stage === 'planning') await startRun(ports, before);
    return viewOf(before, await loadWarnings(ports, before));
  }
  requireNoStart(body);
  const startAt =
    body.startAt === undefined ? undefined : readStartAt(body.startAt, ports.clock.now());
  const webhookUrl =
    body.webhookUrl === undefined
      ? undefined
      : requireTarget(ports, body.webhookUrl, '/webhookUrl');
  const { baseTaskId } = body;
  await requireOrdered(ports, ownerId, body);
  const base = baseTaskId === undefined ? undefined : await requireBase(ports, ownerId, baseTaskId);

  const expiresAt = expiryFrom(ports.clock.now(), body.options);
  const sourceIds = body.dataSourceId === undefined ? [] : [body.dataSourceId];
  await noteUses(ports, taskId, [...body.templateIds, ...sourceIds]);
  // Before anything of the task is there: whatever becomes of this process, it is cleared away.
  const startsNow = body.autoStart && startAt === undefined;
  const [taken, , quota] = await Promise.all([
    takeOrder(ports, ownerId, taskId, body),
    taskNotes.note(ports, { id: taskId, dueAt: expiresAt }),
    startsNow ? loadQuota(ports, ownerId) : undefined,
  ]);
  const { order, totalDocuments, labels, columns, compared } = taken;
  const warnings = [...taken.warnings, ...(base ? await baseWarnings(ports, base, order) : [])];

  const now = ports.clock.now();
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
    ...order,
    ...(baseTaskId !== undefined && { baseTaskId }),
    totalDocuments,
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
  await Promise.all([
    keepNames(ports, task, warnings, compared.spellings),
    taken.steps && keepSteps(ports, taskId, taken.steps),
  ]);
  if (hasCheck(order.options)) await addTaskCheck(ports, task, order, columns);
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

/** Rows that come with the request are few, and their sender knows them. */
const withCheck = (body: CreateTask): CreateTask => {
  const { check = body.dataSourceId === undefined ? 'off' : 'warn' } = body.options;
  return { ...body, options: { ...body.options, check } };
};

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
