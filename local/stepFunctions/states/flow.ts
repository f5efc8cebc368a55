/** Runs a flow: from state to state, with Retry and Catch around each, until one ends it. */
import { diskFault } from '../../disk/diskFault.ts';
import { Interrupted, RuntimeFailure, WorkflowFailure, errorOutput } from '../failures.ts';
import type { EnteredState } from '../history.ts';
import type { Json } from '../json.ts';
import { limitedText } from '../limits.ts';
import { writePath } from '../language/paths.ts';
import type { Flow, State } from '../language/program.ts';
import { chooseRetrier, matchesError, retryDelayMs } from '../language/retry.ts';
import { interruption, sleepUntil } from '../services.ts';
import type { Run } from '../services.ts';
import { runState } from './states.ts';
import type { StateOutcome } from './states.ts';
import { emit, eventKind } from './visit.ts';
import type { FlowEnd, FlowStart, Thread, Visit } from './visit.ts';

/**
 * Runs a flow to its end, or goes on with it from where the recorder says that it stood; gives the
 * output of its last state, and the event that it ended with.
 * @throws {WorkflowFailure} when a state fails and nothing catches it
 * @throws {Interrupted} when the run's signal is aborted
 */
export async function runFlow(
  run: Run,
  { flow, scope, input, previousEventId }: FlowStart,
): Promise<FlowEnd> {
  const position = run.recorder.position(scope);
  const thread: Thread = { run, scope, lastEventId: position?.lastEventId ?? previousEventId };
  let name: string | null = position?.left ? position.left.next : flow.startAt;
  let value = position?.left?.output ?? input;
  let interrupted = position?.entered;
  while (name !== null) {
    if (run.signal.aborted) throw interruption(run.signal);
    const state = stateOf(flow, interrupted?.name ?? name);
    const visit = interrupted ? reenter(thread, state, interrupted) : enter(thread, state, value);
    const { output, next } = await settle(visit, interrupted);
    interrupted = undefined;
    leave(visit, output, next);
    name = next ?? null;
    value = output;
  }
  return { output: value, lastEventId: thread.lastEventId };
}

function stateOf(flow: Flow, name: string): State {
  const state = flow.states.get(name);
  if (!state) throw new WorkflowFailure('States.Runtime', `There is no state ${name}.`);
  return state;
}

function enter(thread: Thread, state: State, input: Json): Visit {
  const enteredAt = thread.run.services.clock.now();
  const enteredEventId = emit(thread, `${eventKind(state)}StateEntered`, {
    stateEnteredEventDetails: {
      input: JSON.stringify(input),
      inputDetails: { truncated: false },
      name: state.name,
    },
  });
  return { thread, state, rawInput: input, enteredEventId, enteredAt, used: [] };
}

function reenter(thread: Thread, state: State, entered: EnteredState): Visit {
  const { input, eventId, at, used, task } = entered;
  return {
    thread,
    state,
    rawInput: input,
    enteredEventId: eventId,
    enteredAt: at,
    used: [...used],
    ...(task && { task }),
  };
}

/** Leaves the state; Succeed ends its flow, Fail is left by its failure alone. */
function leave({ thread, state }: Visit, output: Json, next: string | undefined): void {
  // The output is checked last: what a Catch or a ResultPath makes of it counts as well.
  const text = limitedText(output, state.name);
  thread.lastEventId = thread.run.recorder.event({
    scope: thread.scope,
    previousEventId: thread.lastEventId,
    type: `${eventKind(state)}StateExited`,
    details: {
      stateExitedEventDetails: {
        name: state.name,
        output: text,
        outputDetails: { truncated: false },
      },
    },
    next: next ?? null,
  });
}

/** Tries the state, and again as its Retry says; then hands what failed to its Catch. */
async function settle(visit: Visit, interrupted: EnteredState | undefined): Promise<StateOutcome> {
  const { thread, state, used } = visit;
  const { run } = thread;
  if (interrupted?.retryAt !== undefined) await sleepUntil(run, interrupted.retryAt);
  let mapRunArn = interrupted?.mapRunArn;
  for (;;) {
    delete visit.failureEvent;
    try {
      return await runState(visit, runFlow, mapRunArn);
    } catch (error) {
      if (error instanceof Interrupted) throw abortedState(visit, error);
      // What cannot be written down has not happened: the execution stands where it was until the next start.
      if (diskFault(error)) throw error;
      const failure = located(error, visit);
      mapRunArn = undefined;
      delete visit.task;
      const chosen = chooseRetrier(state.retriers, used, failure.error);
      if (!chosen) {
        if (visit.failureEvent !== undefined) emit(thread, visit.failureEvent);
        return caught(visit, failure);
      }
      const attempt = (used[chosen.index] ?? 0) + 1;
      for (let i = used.length; i < chosen.index; i++) used[i] = 0;
      used[chosen.index] = attempt;
      const { clock, random } = run.services;
      const until = clock.now() + retryDelayMs(chosen.retrier, attempt, random);
      run.recorder.retry({ scope: thread.scope, used, until });
      await sleepUntil(run, until);
    }
  }
}

function caught({ state, rawInput }: Visit, failure: WorkflowFailure): StateOutcome {
  const catcher = state.catchers.find(({ errors }) => matchesError(errors, failure.error));
  if (!catcher) throw failure;
  const output = catcher.resultPath
    ? writePath(catcher.resultPath, rawInput, errorOutput(failure))
    : rawInput;
  return { output, next: catcher.next };
}

/**
 * The failure with its place, as Step Functions tells it. An error that is none of the language's is
 * a fault of this interpreter: it is logged and fails the execution, so that nothing hangs.
 */
function located(error: unknown, { thread, state, enteredEventId }: Visit): WorkflowFailure {
  if (error instanceof WorkflowFailure && !(error instanceof RuntimeFailure)) return error;
  const known = error instanceof RuntimeFailure;
  if (!known) {
    thread.run.services.log.error('The workflow engine failed in a state.', {
      execution: thread.run.execution.arn,
      state: state.name,
      fault: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
  const what = known ? error.reason : 'The workflow engine failed; its log tells more.';
  return new WorkflowFailure(
    known ? error.error : 'States.Runtime',
    `An error occurred while executing the state '${state.name}' (entered at the event id #${enteredEventId}). ${what}`,
  );
}

/** Tells the history of a state that ended because a sibling failed; other ends have told theirs. */
function abortedState(visit: Visit, interrupted: Interrupted): Interrupted {
  if (interrupted.reason === 'sibling failed') {
    emit(visit.thread, `${eventKind(visit.state)}StateAborted`);
  }
  return interrupted;
}
