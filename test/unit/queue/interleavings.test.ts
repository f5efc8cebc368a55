/**
 * Many calls for the tasks of one owner at the same time, in any order, while processes die: never more
 * tasks work than may, no budget is overdrawn, and after a sweep nobody waits for ever.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLAIM_GRACE_MS, PUSH_LEASE_MS } from '../../../shared/limits.ts';
import { tableKeys } from '../../../shared/keys.ts';
import { Problem } from '../../../shared/problems.ts';
import { SlotSchema } from '../../../shared/schemas/quota.ts';
import { beginOrQueue } from '../../../shared/queue/begin.ts';
import { comeToRest, leaveQueue } from '../../../shared/queue/rest.ts';
import { changePriority } from '../../../shared/queue/priority.ts';
import { sweepOwner } from '../../../shared/queue/sweep.ts';
import { nextStatus, isAtWork } from '../../../shared/tasks/lifeCycle.ts';
import { changeTask, inStatus } from '../../../shared/tasks/taskStore.ts';
import { givenTask, loadTask, OWNER } from '../../support/tasks.ts';
import {
  atWork,
  createWorld,
  queued,
  quotaOf,
  tasksOf,
  type Process,
  type World,
} from './world.ts';

const TASKS = 6;
const DOCUMENTS = 10;
const idOf = (i: number) => `task_01J${String(i).padStart(23, '0')}`;

/** Begins a run of a task at rest, as start, resume and retry do. */
const begin =
  (taskId: string): Process =>
  async (ports) => {
    const task = await loadTask(ports, taskId);
    const first = task.run === 0 ? 'start' : task.status === 'paused' ? 'resume' : 'retry';
    if (nextStatus(task.status, first)) await beginOrQueue(ports, task, { by: OWNER });
  };

/** Ends the run of a task, or pauses it, after so many of its documents were made. */
const stop =
  (taskId: string, made: number, status: 'completed' | 'failed' | 'paused'): Process =>
  async (ports) => {
    const task = await loadTask(ports, taskId);
    const seen = isAtWork(task.status);
    const charged = Math.min(DOCUMENTS, Math.max(made, task.charged ?? 0));
    const set = { status, stage: status === 'paused' ? 'waiting' : 'done', charged };
    const rested = seen
      ? await changeTask(
          ports,
          taskId,
          { set },
          {
            all: [inStatus([task.status]), { attribute: 'run', is: '=', value: task.run }],
          },
        )
      : task;
    // The last step of a workflow is repeated when it broke down.
    if (rested) await comeToRest(ports, rested);
  };

/** Takes a task out that waits for its turn. */
const leave =
  (taskId: string, status: 'cancelled' | 'paused'): Process =>
  async (ports) => {
    const task = await loadTask(ports, taskId);
    if (task.status !== 'queued') return;
    const set = { status, stage: 'waiting' };
    if (await changeTask(ports, taskId, { set }, inStatus(['queued']))) {
      await leaveQueue(ports, task);
    }
  };

const prefer =
  (taskId: string, priority: number): Process =>
  async (ports) => {
    const task = await loadTask(ports, taskId);
    await changePriority(ports, task, priority);
  };

const taskId = fc.nat(TASKS - 1).map(idOf);
const ended = fc.constantFrom('completed' as const, 'failed' as const, 'paused' as const);
const left = fc.constantFrom('cancelled' as const, 'paused' as const);
/** What a process does, as a counterexample shows it. */
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('begin' as const), taskId }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('stop' as const),
      taskId,
      made: fc.nat(DOCUMENTS),
      status: ended,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('leave' as const), taskId, status: left }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('prefer' as const), taskId, priority: fc.nat(100) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('sweep' as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function processOf(act: Action): Process {
  switch (act.what) {
    case 'begin':
      return begin(act.taskId);
    case 'stop':
      return stop(act.taskId, act.made, act.status);
    case 'leave':
      return leave(act.taskId, act.status);
    case 'prefer':
      return prefer(act.taskId, act.priority);
    case 'sweep':
      return (ports) => sweepOwner(ports, OWNER);
  }
}

const death = fc.option(fc.record({ at: fc.integer({ min: 1, max: 14 }), effect: fc.boolean() }), {
  nil: undefined,
  freq: 4,
});
const scenario = fc.record({
  taskLimit: fc.integer({ min: 1, max: 3 }),
  documentBudget: fc.option(fc.integer({ min: 5, max: 60 }), { nil: undefined }),
  /** Processes that run at the same time, wave after wave, and how long until the next. */
  waves: fc.array(
    fc.record({
      processes: fc.array(fc.tuple(action, death), { minLength: 1, maxLength: 8 }),
      pauseMs: fc.constantFrom(0, 1_000, CLAIM_GRACE_MS),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  choices: fc.infiniteStream(fc.nat(1_000)),
});

/** Documents that tasks at work may yet make, by their own slots. */
const promised = (world: World) =>
  atWork(world).reduce((sum, { slot }) => sum + SlotSchema.parse(slot).reserved, 0);

/** Whether nothing waits, nor is anything left of what waited or worked. */
const isSettled = (world: World) =>
  Object.keys(quotaOf(world).slots).length === 0 &&
  queued(world).length === 0 &&
  tasksOf(world).every(({ status }) => status !== 'queued');

describe('calls for the tasks of one owner, in any order, of processes that may die', () => {
  it('never let more work than may, and leave nobody waiting', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ taskLimit, documentBudget, waves, choices }) => {
        const world = createWorld();
        const { ports } = world;
        await ports.table.put(tableKeys.quota(OWNER), {
          taskLimit,
          ...(documentBudget !== undefined && { documentBudget }),
        });
        for (let i = 0; i < TASKS; i++) {
          await givenTask(ports, {
            taskId: idOf(i),
            status: 'pending',
            stage: 'waiting',
            run: 0,
            totalDocuments: DOCUMENTS,
          });
        }
        const choose = (count: number) => (choices.next().value ?? 0) % count;
        const check = () => {
          expect(atWork(world).length).toBeLessThanOrEqual(taskLimit);
          const charged = quotaOf(world).used;
          if (documentBudget !== undefined) {
            expect(charged + promised(world)).toBeLessThanOrEqual(documentBudget);
          }
        };
        for (const { processes, pauseMs } of waves) {
          for (const [each, dies] of processes) world.launch(processOf(each), dies);
          await world.run(choose, check);
          ports.clock.advance(pauseMs);
        }

        // From now on nobody dies. What is at work ends, and the sweeper comes every minute.
        for (let minute = 0; minute < 4 * TASKS; minute++) {
          ports.clock.advance(CLAIM_GRACE_MS + PUSH_LEASE_MS);
          world.launch((live) => sweepOwner(live, OWNER));
          await world.run(choose, check);
          // Whatever works has an execution.
          const started = new Set(ports.workflow.starts.map(({ executionName }) => executionName));
          for (const { taskId: id, run } of atWork(world)) {
            expect(started).toContain(`${id}-${run}`);
          }
          for (const { taskId: id } of atWork(world)) world.launch(stop(id, 7, 'completed'));
          const working = atWork(world).length;
          await world.run(choose, check);
          if (working === 0 && isSettled(world)) break;
        }
        expect(atWork(world)).toEqual([]);
        expect(tasksOf(world).filter(({ status }) => status === 'queued')).toEqual([]);
        expect(queued(world)).toEqual([]);
        const quota = quotaOf(world);
        expect(quota.slots).toEqual({});
        expect(quota.waiting).toBe(false);
        expect(quota.used).toBe(tasksOf(world).reduce((sum, task) => sum + (task.charged ?? 0), 0));
        for (const error of world.errors) {
          if (!(error instanceof Problem)) throw error;
          expect(['LIMIT_EXCEEDED', 'DATA_INVALID']).toContain(error.code);
        }
      }),
      { numRuns: Number(globalThis.process.env['SHEAF_QUEUE_RUNS'] ?? 150) },
    );
  });
});
