/** Runs the children of a Map Run: so many at once, until all have ended or too many have failed. */
import { Interrupted, WorkflowFailure } from '../failures.ts';
import type { InterruptReason } from '../failures.ts';
import { createRecorder, isTransition } from '../history.ts';
import { parseJson } from '../json.ts';
import { EXPRESS_CHILD_MS } from '../limits.ts';
import { countEnded, countStarted, exceedsTolerance } from './mapCounts.ts';
import type { ChildStatus, Tolerance } from './mapCounts.ts';
import type { MapChildren } from './mapChildren.ts';
import type { MapRunJournal, MapRunSummary } from './mapRunFiles.ts';
import type { DistributedMapState } from '../language/program.ts';
import { nameUuid } from '../randomness.ts';
import { setAlarm } from '../services.ts';
import type { Run } from '../services.ts';
import type { RunFlow } from '../states/visit.ts';

/** What UpdateMapRun may change while the run goes on. */
export interface MapRunSettings {
  /** Children at the same time, at least 1. */
  maxConcurrency(): number;
  tolerance(): Tolerance;
  /** Called when they were changed. */
  onChange(then: () => void): void;
}

export interface MapRunJob {
  /** The execution that the map is in; its signal ends the run. */
  readonly run: Run;
  /** Aborted when the engine closes, which may be after the execution has ended. */
  readonly closing: AbortSignal;
  readonly state: DistributedMapState;
  readonly runFlow: RunFlow;
  readonly mapRunId: string;
  readonly children: MapChildren;
  readonly journal: MapRunJournal;
  /** Counts are kept up to date while the run goes on. */
  readonly summary: MapRunSummary;
  readonly settings: MapRunSettings;
  childArn(name: string): string;
}

/**
 * Runs every child that has not ended yet.
 * @returns what makes the whole run fail, or undefined
 * @throws {Interrupted} when the engine closes: a later one goes on from the journal
 */
export async function runChildren(job: MapRunJob): Promise<WorkflowFailure | undefined> {
  const { run, closing, state, children, journal, summary } = job;
  const running = new Set<AbortController>();
  let failure: WorkflowFailure | undefined = tooManyFailures(job);
  let next = 0;
  const interrupt = (reason: InterruptReason) => {
    for (const child of running) child.abort(new Interrupted(reason));
  };
  // An Express child cannot be stopped: it is waited for. A Standard one is cancelled.
  const onEnd = () => {
    if (state.executionType === 'STANDARD') interrupt('ended');
  };
  const onClose = () => {
    interrupt('engine closed');
  };
  const fail = (found: WorkflowFailure) => {
    failure ??= found;
    onEnd();
  };
  const goesOn = () => !failure && !run.signal.aborted && !closing.aborted;
  const runNext = async () => {
    const index = next++;
    if (index >= children.count || journal.statusOf(index) !== undefined) return;
    const input = inputOf(job, index, fail);
    if (input === undefined) return;
    const controller = new AbortController();
    running.add(controller);
    countStarted(summary);
    run.services.meter?.mapChild();
    await runChild(job, { index, input, controller });
    running.delete(controller);
    // Children that an end has cancelled do not make it a failure.
    const exceeded = run.signal.aborted ? undefined : tooManyFailures(job);
    if (exceeded) fail(exceeded);
  };
  let workers = 0;
  const isLeft = () => next < children.count && goesOn();
  /** Runs children one after the other, for as long as no fewer of its kind are wanted. */
  const worker = async () => {
    workers++;
    try {
      while (isLeft() && workers <= job.settings.maxConcurrency()) {
        // What may take as long as it likes, and mostly waits for others, needs no place.
        const giveBack =
          state.executionType === 'EXPRESS' ? await run.services.admitChild?.() : undefined;
        try {
          // It may all be over after the wait.
          if (goesOn()) await runNext();
        } finally {
          giveBack?.();
        }
      }
    } finally {
      workers--;
    }
  };
  closing.addEventListener('abort', onClose);
  run.signal.addEventListener('abort', onEnd);
  try {
    await allOf(
      worker,
      () => isLeft() && workers < Math.min(job.settings.maxConcurrency(), children.count),
      (grow) => {
        job.settings.onChange(() => {
          const exceeded = goesOn() ? tooManyFailures(job) : undefined;
          if (exceeded) fail(exceeded);
          grow();
        });
      },
    );
  } finally {
    closing.removeEventListener('abort', onClose);
    run.signal.removeEventListener('abort', onEnd);
  }
  if (closing.aborted) throw new Interrupted('engine closed');
  return failure;
}

/**
 * Lets so many of the same work side by side as are wanted, until none does any more.
 * @param onMore is given what asks again whether more are wanted
 */
async function allOf(
  work: () => Promise<void>,
  isWanted: () => boolean,
  onMore: (grow: () => void) => void,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const grow = () => {
    while (isWanted()) {
      const one = work();
      running.add(one);
      const forget = () => void running.delete(one);
      one.then(forget, forget);
    }
  };
  onMore(grow);
  grow();
  // Those that were added while one was waited for are waited for, too.
  while (running.size > 0) await Promise.race(running);
}

function tooManyFailures({ summary, settings }: MapRunJob): WorkflowFailure | undefined {
  return exceedsTolerance(summary.itemCounts, settings.tolerance())
    ? new WorkflowFailure(
        'States.ExceedToleratedFailureThreshold',
        'The specified tolerated failure threshold was exceeded',
      )
    : undefined;
}

/** An input that cannot be made fails the whole run, not the child. */
function inputOf(
  { children }: MapRunJob,
  index: number,
  fail: (failure: WorkflowFailure) => void,
): string | undefined {
  try {
    return children.inputOf(index);
  } catch (error) {
    if (!(error instanceof WorkflowFailure)) throw error;
    fail(error);
    return undefined;
  }
}

interface Child {
  readonly index: number;
  readonly input: string;
  readonly controller: AbortController;
}

/** Runs one child and notes how it ended; one that the engine's close interrupts leaves no note. */
async function runChild(job: MapRunJob, { index, input, controller }: Child): Promise<void> {
  const { run, state, journal, summary } = job;
  const { clock } = run.services;
  const startedAt = clock.now();
  const name = nameUuid(`${job.mapRunId}/${index}`);
  const cancelAlarm =
    state.executionType === 'EXPRESS'
      ? setAlarm(run.services, EXPRESS_CHILD_MS, () => {
          controller.abort(new Interrupted('timed out'));
        })
      : () => undefined;
  const end = await childEnd(job, { index, input, controller }, name, startedAt).finally(
    cancelAlarm,
  );
  if (!end) return;
  const endedAt = clock.now();
  if (state.executionType === 'EXPRESS') run.services.meter?.expressEnd(endedAt - startedAt);
  journal.writeChild({ index, name, input, startedAt, endedAt, ...end });
  countEnded(summary, end.status);
}

interface ChildEnd {
  readonly status: ChildStatus;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

async function childEnd(
  job: MapRunJob,
  { index, input, controller }: Child,
  name: string,
  startedAt: number,
): Promise<ChildEnd | undefined> {
  try {
    const run = childRun(job, index, name, startedAt, input, controller.signal);
    const { output } = await job.runFlow(run, {
      flow: job.state.flow,
      scope: '',
      input: run.execution.input,
      previousEventId: 0,
    });
    return { status: 'SUCCEEDED', output: JSON.stringify(output) };
  } catch (error) {
    if (error instanceof WorkflowFailure) {
      const { error: failed, reason } = error;
      return { status: 'FAILED', error: failed, ...(reason !== undefined && { cause: reason }) };
    }
    if (!(error instanceof Interrupted)) throw error;
    if (error.reason === 'engine closed') return undefined;
    return error.reason === 'timed out'
      ? { status: 'TIMED_OUT', error: 'States.Timeout' }
      : { status: 'ABORTED' };
  }
}

/** What the flow of a child carries: it is an execution of its own. */
function childRun(
  job: MapRunJob,
  index: number,
  name: string,
  startedAt: number,
  input: string,
  signal: AbortSignal,
): Run {
  const { run, state, journal, summary } = job;
  const { clock } = run.services;
  const recorder = createRecorder({
    now: () => clock.now(),
    ...(state.executionType === 'STANDARD' && {
      append: (record) => {
        journal.writeStep(index, record);
        if (isTransition(record)) run.services.meter?.transition();
      },
      ...journal.takeSteps(index),
    }),
  });
  if (!recorder.position('')) {
    recorder.event({ scope: 'execution', previousEventId: 0, type: 'ExecutionStarted' });
  }
  return {
    services: run.services,
    caller: run.caller,
    recorder,
    signal,
    waiting: run.waiting,
    child: { executionArn: run.execution.arn, mapRunArn: summary.mapRunArn, index },
    execution: {
      arn: job.childArn(name),
      name,
      input: parseJson(input),
      startedAt,
      stateMachineArn: summary.stateMachineArn,
      stateMachineName: summary.stateMachineArn.split(':').at(-1) ?? '',
      roleArn: run.execution.roleArn,
    },
  };
}
