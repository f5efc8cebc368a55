/** People make a task: they upload its rows, wait for the task that it is made upon, and look at samples before it begins. */
import type { SheafClient } from '../../client/client.ts';
import { isFinal } from '../../shared/tasks/lifeCycle.ts';
import { TASK_WEBHOOK, type PlayedTask } from './played.ts';
import { isRefusal } from './refusals.ts';
import { rowsOf, selectionOptions } from './rows.ts';
import type { TaskPlan } from './scenario.ts';
import type { World } from './world/world.ts';
import { stepOf } from './service.ts';

/** How often somebody looks whether something has come to its end, in ms, and how many times. */
const [LOOK_MS, LOOKS] = [2_000, 30];

/** @param delay in ms from now on */
export const inMs = ({ timeline }: World, delay: number) =>
  new Date(timeline.now() + delay).toISOString();

/** What is made of which rows, as a task and its samples name it. */
const orderOf = (plan: TaskPlan, { templateIds, dataSourceId }: PlayedTask) => ({
  templateIds: [...templateIds],
  ...(dataSourceId === undefined ? { data: rowsOf(plan) } : { dataSourceId }),
  options: {
    concurrency: plan.concurrency,
    onError: plan.onError,
    maxRetries: plan.maxRetries,
    priority: plan.priority,
    ...selectionOptions(plan),
    ...(plan.approval && { approval: true }),
  },
});

/**
 * @param index of the task in the scenario
 * @param tasks all of them
 */
export async function create(
  world: World,
  client: SheafClient,
  tasks: readonly PlayedTask[],
  index: number,
): Promise<void> {
  const task = tasks[index];
  if (!task) return;
  const { plan } = task;
  try {
    if (plan.source === 'upload') {
      const lines = rowsOf(plan).map((row) => JSON.stringify(row));
      const bytes = new Uint8Array(Buffer.from(lines.join('\n')));
      const source = await client.uploadDataSource('rows.jsonl', bytes, {
        idempotencyKey: `source-${index}`,
      });
      task.dataSourceId = source.dataSourceId;
    }
    const base = plan.base === undefined ? undefined : tasks[plan.base];
    const baseTaskId = base && (await onceEnded(world, client, base));
    const { taskId } = await client.createTask(
      {
        body: {
          ...orderOf(plan, task),
          ...(plan.calls && { steps: [stepOf(index, plan)] }),
          mode: plan.mode,
          autoStart: plan.autoStart,
          ...(plan.startsAfter !== undefined && { startAt: inMs(world, plan.startsAfter) }),
          ...(plan.webhook && { webhookUrl: TASK_WEBHOOK }),
          ...(baseTaskId !== undefined && { baseTaskId }),
        },
      },
      { idempotencyKey: `create-${index}` },
    );
    task.taskId = taskId;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Whatever became of it: there is nobody who knows its id.
    task.rests = true;
  }
}

/** The id of a task as soon as it has ended; after some time whether or not it has. */
async function onceEnded(
  world: World,
  client: SheafClient,
  task: PlayedTask,
): Promise<string | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const { taskId } = task;
    if (taskId !== undefined && isFinal((await client.getTask({ taskId })).status)) break;
    await world.pause(LOOK_MS);
  }
  return task.taskId;
}

/**
 * Has samples made of what the task makes, looks at them, and starts it with their hash.
 * @returns false when no samples can be made
 */
export async function approve(
  world: World,
  client: SheafClient,
  task: PlayedTask,
  taskId: string,
): Promise<boolean> {
  // Of its own for each look, and the same in each repetition of the scenario.
  const idempotencyKey = `samples-${taskId}-${world.timeline.now()}`;
  const body = orderOf(task.plan, task);
  const { sampleId } = await client.createSamples({ body }, { idempotencyKey });
  for (let look = 0; look < LOOKS; look++) {
    const { status, hash } = await client.getSamples({ sampleId });
    if (status === 'failed') return false;
    if (hash !== null) {
      world.steps.approved(taskId);
      await client.startTask({ taskId, body: { approval: hash } });
      return true;
    }
    await world.pause(LOOK_MS);
  }
  return true;
}
