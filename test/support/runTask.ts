/** Runs a task's workflow in this process, step by step, as the state machine would. */
import { objectKeys } from '../../shared/keys.ts';
import type { ObjectStore, Ports } from '../../shared/ports.ts';
import {
  ShardRefSchema,
  type EndedRound,
  type Plan,
  type Round,
  type ShardOutcome,
  type ShardRef,
} from '../../shared/schemas/workflow.ts';
import { CreateTaskSchema, type TaskView } from '../../shared/schemas/taskApi.ts';
import type { AttemptLimits } from '../../shared/shards/attempt.ts';
import { planShards } from '../../shared/shards/planShards.ts';
import { callShard } from '../../shared/shards/callShard.ts';
import { renderShard } from '../../shared/shards/renderShard.ts';
import { assembleTask } from '../../shared/tasks/assembleTask.ts';
import { createTask } from '../../shared/tasks/createTask.ts';
import { startTask } from '../../shared/tasks/controlTask.ts';
import { finishTask } from '../../shared/tasks/finishTask.ts';
import { hasCheck } from '../../shared/trials/taskCheck.ts';
import { runTrial } from '../../shared/trials/runTrial.ts';
import { TASK_STEPS, type TaskStepName } from '../../shared/tasks/taskSteps.ts';
import { completeTemplate, createTemplate } from '../../shared/templates/templates.ts';
import { newCreation } from '../../shared/creation.ts';
import { z } from 'zod';
import { docx } from './docx.ts';
import type { MemoryPorts } from './memoryPorts.ts';
import { loadTask, OWNER } from './tasks.ts';

/** Plenty of time. */
export const UNHURRIED = { remainingMs: () => 3_600_000 };

/** A template that is ready, with these paragraphs. */
export const givenTemplate = (ports: Ports, ...paragraphs: string[]): Promise<string> =>
  givenWordFile(ports, docx(...paragraphs));

/** A template that is ready, of this file. */
export async function givenWordFile(ports: Ports, file: Uint8Array): Promise<string> {
  const { templateId } = await createTemplate(
    ports,
    OWNER,
    { name: 'letter', fileName: 'letter.docx' },
    newCreation('template', ports),
  );
  await ports.objects.put(objectKeys.templateUpload(templateId), file);
  await completeTemplate(ports, OWNER, templateId);
  return templateId;
}

/** Creates and starts a task. */
export async function startedTask(
  ports: Ports,
  body: z.input<typeof CreateTaskSchema>,
): Promise<TaskView> {
  const creation = newCreation('task', ports);
  const task = await createTask(ports, OWNER, CreateTaskSchema.parse(body), creation);
  await startTask(ports, OWNER, task.taskId);
  return task;
}

/** What a row costs while it is measured: enough that a few dozen are worth a shard. */
const ROW_MS = 10;

/** Ports whose clock goes on by `lookMs` whenever somebody looks at it, in place of work. */
export function slowed<P extends MemoryPorts>(ports: P, lookMs: number): P {
  const { clock } = ports;
  const after =
    <T>(look: () => T) =>
    () => {
      clock.advance(lookMs);
      return look();
    };
  const now = after(() => clock.now());
  const monotonicMs = after(() => clock.monotonicMs());
  return { ...ports, clock: { ...clock, now, monotonicMs } };
}

/** The shards of a plan: as the map reads them, or the only one. */
export async function shardsOfPlan(ports: Pick<Ports, 'objects'>, plan: Plan): Promise<ShardRef[]> {
  if (plan.shards <= 1) return plan.shard ? [plan.shard] : [];
  const manifest: unknown = JSON.parse(
    Buffer.from(await ports.objects.read(plan.manifestKey)).toString('utf8'),
  );
  return z.array(ShardRefSchema).parse(manifest);
}

/** The shards that PlanShards wrote for the map. */
export async function plannedShards(
  ports: MemoryPorts,
  taskId: string,
  round: Omit<Round, 'taskId'> = { run: 1, round: 1 },
): Promise<ShardRef[]> {
  return shardsOfPlan(
    ports,
    await planShards(measuring(slowed(ports, ROW_MS)), { taskId, ...round }),
  );
}

/** More are measured in tests, and so make several shards. */
export const MEASURED_DOCUMENTS = 200;

/** Ports of a plan that measures small tasks too. */
export const measuring = (ports: Ports) => ({ ...ports, probeDocuments: MEASURED_DOCUMENTS });

/** Plans and renders every shard, in order. */
export async function renderAll(ports: MemoryPorts, taskId: string): Promise<ShardOutcome[]> {
  const outcomes: ShardOutcome[] = [];
  for (const shard of await plannedShards(ports, taskId)) {
    outcomes.push(await renderShard(ports, shard, UNHURRIED));
  }
  return outcomes;
}

/** Joins the archive and ends the task, as after the last round. */
export async function assembleAndFinish(ports: Ports, taskId: string): Promise<void> {
  const { run, round } = await loadTask(ports, taskId);
  await assembleTask(ports, { taskId, run, round, shards: 0 });
  await finishTask(ports, { taskId, run });
}

/** What a run in memory does in place of the state machine. */
export interface RunOptions {
  /** Ports of the plan, by which it measures. */
  readonly planPorts?: Ports;
  /** Ports of the step that ends a round. */
  readonly assemblePorts?: Ports;
  /** Works on one shard; calls the rows of one. */
  readonly work?: (shard: ShardRef) => Promise<unknown>;
  readonly call?: (shard: ShardRef) => Promise<unknown>;
  readonly limits?: AttemptLimits;
}

/** Runs a task that was started through its steps, round by round, shards one after the other. */
export async function runTask(
  ports: Ports,
  taskId: string,
  { planPorts = ports, assemblePorts = ports, limits = UNHURRIED, work, call }: RunOptions = {},
): Promise<{ rounds: number }> {
  const { run } = await loadTask(ports, taskId);
  let state: EndedRound & { left?: boolean } = { taskId, run, round: 1, shards: 0 };
  const called = call ?? ((shard: ShardRef) => callShard(ports, shard, limits));
  const rendered = work ?? ((shard: ShardRef) => renderShard(ports, shard, limits));
  let plan: Plan | undefined;
  const steps: Record<TaskStepName, () => Promise<void>> = {
    async CheckRows() {
      const { options } = await loadTask(ports, taskId);
      if (hasCheck(options)) await runTrial(ports, { of: taskId, run, reportOnly: false });
    },
    async PlanShards() {
      plan = await planShards(measuring(planPorts), state);
      state = { taskId, run, round: plan.round, stage: plan.stage, shards: plan.shards };
    },
    async CallRows() {
      if (!plan) throw new Error('There is no plan.');
      if (plan.stage !== 'call') return;
      for (const shard of await shardsOfPlan(ports, plan)) await called(shard);
    },
    async RenderShards() {
      if (!plan) throw new Error('There is no plan.');
      if (plan.stage !== 'render') return;
      for (const shard of await shardsOfPlan(ports, plan)) await rendered(shard);
    },
    async AssembleArchive() {
      state = { ...(await assembleTask(assemblePorts, state)), shards: 0 };
    },
    FinishTask: () => finishTask(ports, { taskId, run }),
  };
  for (let i = 0; i < TASK_STEPS.length; i++) {
    const step = TASK_STEPS[i];
    if (!step) break;
    await steps[step.name]();
    if ('backTo' in step && state.left)
      i = TASK_STEPS.findIndex(({ name }) => name === step.backTo) - 1;
  }
  return { rounds: plan?.round ?? 0 };
}

/** The bytes of the archive. */
export const archiveBytes = async ({ objects }: { objects: ObjectStore }, taskId: string) =>
  Buffer.from(await objects.read(objectKeys.archive(taskId)));
