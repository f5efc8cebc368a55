/** Runs a task's workflow in this process, step by step, as the state machine would. */
import { objectKeys } from '../../shared/keys.ts';
import type { ObjectStore, Ports } from '../../shared/ports.ts';
import { ShardRefSchema, type ShardOutcome, type ShardRef } from '../../shared/schemas/workflow.ts';
import { CreateTaskSchema, type CreatedTask } from '../../shared/schemas/taskApi.ts';
import { planShards } from '../../shared/shards/planShards.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
import { assembleTask } from '../../shared/tasks/assembleTask.ts';
import { createTask } from '../../shared/tasks/createTask.ts';
import { startTask } from '../../shared/tasks/controlTask.ts';
import { finishTask } from '../../shared/tasks/finishTask.ts';
import { completeTemplate, createTemplate } from '../../shared/templates/templates.ts';
import { z } from 'zod';
import { docx } from './docx.ts';
import type { MemoryPorts } from './memoryPorts.ts';
import { OWNER } from './tasks.ts';

/** Plenty of time. */
export const UNHURRIED = { remainingMs: () => 600_000 };

/** A template that is ready, with these paragraphs. */
export async function givenTemplate(ports: Ports, ...paragraphs: string[]): Promise<string> {
  const { templateId } = await createTemplate(ports, OWNER, {
    name: 'letter',
    fileName: 'letter.docx',
  });
  await ports.objects.put(objectKeys.templateUpload(templateId), docx(...paragraphs));
  await completeTemplate(ports, OWNER, templateId);
  return templateId;
}

/** Creates and starts a task. */
export async function startedTask(
  ports: Ports,
  body: z.input<typeof CreateTaskSchema>,
): Promise<CreatedTask> {
  const task = await createTask(ports, OWNER, CreateTaskSchema.parse(body));
  await startTask(ports, OWNER, task.taskId);
  return task;
}

/** What a row costs while it is measured: enough that a few dozen are worth a shard. */
const ROW_MS = 10;

/** The shards that PlanShards wrote for the map. */
export async function plannedShards(ports: MemoryPorts, taskId: string): Promise<ShardRef[]> {
  const now = () => {
    ports.clock.advance(ROW_MS);
    return ports.clock.now();
  };
  const measured = { ...ports, clock: { ...ports.clock, now } };
  const plan = await planShards(measured, { taskId, run: 1 });
  const manifest: unknown = JSON.parse(
    Buffer.from(await ports.objects.read(plan.manifestKey)).toString('utf8'),
  );
  return z.array(ShardRefSchema).parse(manifest);
}

/** Plans and renders every shard, in order. */
export async function renderAll(ports: MemoryPorts, taskId: string): Promise<ShardOutcome[]> {
  const outcomes: ShardOutcome[] = [];
  for (const shard of await plannedShards(ports, taskId)) {
    outcomes.push(await renderShard(ports, shard, UNHURRIED));
  }
  return outcomes;
}

/** Joins the archive and ends the task. */
export async function assembleAndFinish(ports: Ports, taskId: string): Promise<void> {
  await assembleTask(ports, { taskId, run: 1 });
  await finishTask(ports, { taskId, run: 1 });
}

/** The bytes of the archive. */
export const archiveBytes = async ({ objects }: { objects: ObjectStore }, taskId: string) =>
  Buffer.from(await objects.read(objectKeys.archive(taskId)));
