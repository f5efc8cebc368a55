/** Control calls, in every state, at the same moment, and from processes that end between two writes. */
import { describe, expect, it } from 'vitest';
import { executionNames } from '../../../shared/keys.ts';
import type { Ports } from '../../../shared/ports.ts';
import { TASK_STATUSES, type TaskStatus } from '../../../shared/schemas/common.ts';
import type { TaskItem } from '../../../shared/schemas/items.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { assembleTask } from '../../../shared/tasks/assembleTask.ts';
import { cancelTask, pauseTask, resumeTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { finishTask } from '../../../shared/tasks/finishTask.ts';
import { isAtWork, isFinal, possibleCalls } from '../../../shared/tasks/lifeCycle.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { mortal, Died } from '../../support/mortal.ts';
import { givenTask, loadTask, OWNER, TASK_ID } from '../../support/tasks.ts';

const CALLS = {
  start: startTask,
  pause: pauseTask,
  resume: resumeTask,
  cancel: cancelTask,
} as const;
type CallName = keyof typeof CALLS;
const NAMES = Object.keys(CALLS) as CallName[];

/** A task in a state, as it comes to be there. */
function inState(status: TaskStatus, made: number): Partial<TaskItem> {
  const waits = status === 'pending' || status === 'scheduled';
  const stage = isFinal(status)
    ? 'done'
    : status === 'assembling'
      ? 'assembling'
      : isAtWork(status)
        ? 'rendering'
        : 'waiting';
  return {
    status,
    stage,
    run: waits ? 0 : 1,
    succeeded: waits ? 0 : made,
    ...(status === 'pausing' || status === 'paused' ? { stopReason: 'pause' as const } : {}),
    ...(status === 'cancelling' || status === 'cancelled' ? { stopReason: 'cancel' as const } : {}),
    ...(isFinal(status) ? { finishedAt: 1 } : {}),
    ...(status === 'queued' ? { queuedAt: 1, queuedFrom: 'pending' as const } : {}),
  };
}

const ask = (ports: Ports, call: CallName): Promise<TaskView> => CALLS[call](ports, OWNER, TASK_ID);

/** Where each call leads, with 40 documents made and with none; what is not here is refused. */
const LEADS: Record<CallName, Partial<Record<TaskStatus, string>>> = {
  start: {
    pending: 'running',
    scheduled: 'running',
    queued: 'queued',
    running: 'running',
    assembling: 'assembling',
  },
  pause: {
    queued: 'paused',
    running: 'pausing',
    pausing: 'pausing',
    paused: 'paused',
  },
  resume: { pausing: 'running', paused: 'running' },
  cancel: {
    pending: 'cancelled',
    scheduled: 'cancelled',
    queued: 'cancelled or cancelling',
    running: 'cancelling',
    pausing: 'cancelling',
    paused: 'cancelled or cancelling',
    assembling: 'cancelling',
    cancelling: 'cancelling',
    cancelled: 'cancelled',
  },
};

const expected = (call: CallName, status: TaskStatus, made: number) => {
  const leads = LEADS[call][status];
  if (!leads?.includes(' or ')) return leads;
  return made > 0 ? 'cancelling' : 'cancelled';
};

const SAID: Record<CallName, string> = {
  start: 'started',
  pause: 'paused',
  resume: 'resumed',
  cancel: 'cancelled',
};

describe.each(NAMES)('%s', (call) => {
  it.each(TASK_STATUSES)('of a task that is %s', async (status) => {
    for (const made of [0, 40]) {
      const ports = createMemoryPorts();
      const task = await givenTask(ports, inState(status, made));
      const to = expected(call, status, made);
      if (to === undefined) {
        const refusal = await ask(ports, call).catch((error: unknown) => error);
        expect(refusal).toMatchObject({ code: 'INVALID_STATE', status: 409 });
        const { message } = refusal as Error;
        expect(message).toContain(`The task is ${status} and cannot be ${SAID[call]}.`);
        for (const possible of possibleCalls(status)) expect(message).toContain(possible);
        expect(await loadTask(ports, TASK_ID)).toEqual(task);
        expect(ports.workflow.starts).toEqual([]);
        continue;
      }
      // As often as one likes; resume and start are answered as they are once the run is under way.
      for (const times of [1, 2, 3]) {
        const view = await ask(ports, call);
        expect([times, view.status]).toEqual([times, to]);
      }
      const after = await loadTask(ports, TASK_ID);
      const begins = after.run > task.run;
      expect(after.run - task.run).toBe(begins ? 1 : 0);
      const started = new Set(ports.workflow.starts.map(({ executionName }) => executionName));
      expect([...started]).toEqual(begins ? [executionNames.task(TASK_ID, after.run)] : []);
      if (begins) expect(after).toMatchObject({ stage: 'planning', round: 0 });
      // Whoever works on it is told to stop, or is not; whoever begins is not told before.
      const stops = {
        pausing: 'pause',
        paused: 'pause',
        cancelling: 'cancel',
        cancelled: 'cancel',
      };
      expect(after.stopReason).toBe(stops[to as keyof typeof stops]);
    }
  });
});

describe('a failed document and a pause in the same moment', () => {
  it('end the task: it would stop there again', async () => {
    const ports = createMemoryPorts();
    await givenTask(ports, { stopReason: 'error', failed: 1, succeeded: 3 });
    expect(await pauseTask(ports, OWNER, TASK_ID)).toMatchObject({ status: 'pausing' });
    expect((await loadTask(ports, TASK_ID)).stopReason).toBe('error');
    await assembleTask(ports, { taskId: TASK_ID, run: 1, round: 1, shards: 1 });
    await finishTask(ports, { taskId: TASK_ID, run: 1 });
    expect((await loadTask(ports, TASK_ID)).status).toBe('failed');
  });
});

/** The rest of the run that the task's state asks for, as its execution does it. */
async function work(ports: MemoryPorts) {
  for (const { executionName } of [...ports.workflow.starts]) {
    const run = Number(executionName.split('-').at(-1));
    await assembleTask(ports, { taskId: TASK_ID, run, round: 1, shards: 0 });
    await finishTask(ports, { taskId: TASK_ID, run });
  }
}

describe('two calls in the same moment', () => {
  const pairs = NAMES.flatMap((first) => NAMES.map((second) => [first, second] as const));
  it.each(pairs)(
    '%s and %s, however they meet, leave a task that goes on',
    async (first, second) => {
      for (const status of ['pending', 'running', 'pausing', 'paused', 'assembling'] as const) {
        for (let at = 1; at <= 8; at++) {
          const ports = createMemoryPorts();
          await givenTask(ports, inState(status, 40));
          const other = async () => {
            await ask(ports, second).catch((error: unknown) =>
              expect(error).toMatchObject({ code: 'INVALID_STATE' }),
            );
          };
          const world = mortal(ports, at, 'before', { instead: other });
          await ask(world.ports, first).catch((error: unknown) =>
            expect(error).toMatchObject({ code: 'INVALID_STATE' }),
          );
          const task = await loadTask(ports, TASK_ID);
          const names = ports.workflow.starts.map(({ executionName }) => executionName);
          // Whatever waits for a run has one.
          if (isAtWork(task.status) && task.stage === 'planning') {
            expect(names).toContain(executionNames.task(TASK_ID, task.run));
          }
          // The one before, too, comes to its end.
          ports.workflow.starts.unshift({
            workflow: 'task',
            executionName: executionNames.task(TASK_ID, 1),
            input: {},
          });
          await work(ports);
          const { status: now } = await loadTask(ports, TASK_ID);
          expect([status, at, isAtWork(now), now]).toEqual([status, at, false, now]);
        }
      }
    },
  );
});

describe.each(['before', 'behind'] as const)(
  'a process that dies %s a call to the outside',
  (when) => {
    it.each([
      ['start', 'pending'],
      ['pause', 'running'],
      ['pause', 'queued'],
      ['resume', 'pausing'],
      ['resume', 'paused'],
      ['cancel', 'pending'],
      ['cancel', 'queued'],
      ['cancel', 'running'],
      ['cancel', 'pausing'],
      ['cancel', 'paused'],
    ] as const)(
      'of %s, of a task that is %s, leaves it to the same call again',
      async (call, status) => {
        for (const made of [0, 40]) {
          for (let at = 1; ; at++) {
            const ports = createMemoryPorts();
            await givenTask(ports, inState(status, made));
            const world = mortal(ports, at, when);
            const died = await ask(world.ports, call).then(
              () => false,
              (error: unknown) => {
                expect(error).toBeInstanceOf(Died);
                return true;
              },
            );
            if (!died && !world.died()) break;
            world.revive();
            ports.clock.advance(10_000);
            const view = await ask(ports, call);
            expect(view.status).toBe(expected(call, status, made));
            const { run, stage, owed } = await loadTask(ports, TASK_ID);
            const names = ports.workflow.starts.map(({ executionName }) => executionName);
            if (stage === 'planning') {
              expect(new Set(names)).toEqual(new Set([executionNames.task(TASK_ID, run)]));
            } else {
              expect(names).toEqual([]);
              // Where no run comes to tell it, the call has told what happened.
              if (!isAtWork(view.status)) expect(owed).toBeUndefined();
            }
          }
        }
      },
    );

    it('of a start, and is paused before anybody repeats it, waits all the same', async () => {
      for (let at = 1; ; at++) {
        const ports = createMemoryPorts();
        await givenTask(ports, inState('pending', 0));
        const world = mortal(ports, at, when);
        await startTask(world.ports, OWNER, TASK_ID).catch(() => undefined);
        if (!world.died()) break;
        if ((await loadTask(ports, TASK_ID)).status === 'pending') continue;
        await pauseTask(ports, OWNER, TASK_ID);
        await work(ports);
        expect((await loadTask(ports, TASK_ID)).status).toBe('paused');
      }
    });
  },
);
