/** What each type of state does with its input. */
import { runInlineMap } from './inlineMap.ts';
import { RuntimeFailure, WorkflowFailure } from '../failures.ts';
import type { Data } from '../language/paths.ts';
import type { Json } from '../json.ts';
import type { ChoiceState, DistributedMapState, FailState } from '../language/program.ts';
import { sleepUntil } from '../services.ts';
import { runTask, runTokenTask } from './task.ts';
import { wakeTime } from './wait.ts';
import { contextOf, effectiveInput, effectiveParameters, emit } from './visit.ts';
import { outputOf } from './visit.ts';
import type { RunFlow, Visit } from './visit.ts';

export interface StateOutcome {
  readonly output: Json;
  /** undefined ends the flow. */
  readonly next: string | undefined;
}

/**
 * Does the work of the visited state once.
 * @param runFlow runs the flows that the state holds
 * @param mapRunArn the Map Run to go on with, after a restart in the middle of it
 * @throws {WorkflowFailure} as the state's Retry and Catch match it
 */
export async function runState(
  visit: Visit,
  runFlow: RunFlow,
  mapRunArn: string | undefined,
): Promise<StateOutcome> {
  const { state } = visit;
  const input = effectiveInput(visit);
  const done = (result: Json): StateOutcome => ({
    output: outputOf(visit, result),
    next: state.next,
  });
  switch (state.kind) {
    case 'Pass':
      return done(state.result === undefined ? effectiveParameters(visit, input) : state.result);
    case 'Task':
      return done(await (state.waitsForToken ? runTokenTask : runTask)(visit, state, input));
    case 'Choice':
      return { ...done(input.data), next: chosenNext(state, input) };
    case 'Wait':
      await sleepUntil(visit.thread.run, wakeTime(visit.enteredAt, state, input));
      return done(input.data);
    case 'Succeed':
      return done(input.data);
    case 'Fail':
      throw failureOf(state, input);
    case 'InlineMap':
      return done(await runInlineMap(visit, state, runFlow, input));
    case 'DistributedMap':
      return done(await runDistributedMap(visit, state, input, mapRunArn));
  }
}

function chosenNext({ rules, otherwise }: ChoiceState, input: Data): string {
  const next = rules.find(({ holds }) => holds(input))?.next ?? otherwise;
  if (next !== undefined) return next;
  throw new RuntimeFailure(
    'Failed to transition out of the state. The state does not point to a next state.',
  );
}

function failureOf({ error, cause }: FailState, input: Data): WorkflowFailure {
  const text = (value: Json | undefined) =>
    typeof value === 'string' || value === undefined ? value : JSON.stringify(value);
  return new WorkflowFailure(text(error?.(input)) ?? '', text(cause?.(input)));
}

async function runDistributedMap(
  visit: Visit,
  state: DistributedMapState,
  input: Data,
  mapRunArn: string | undefined,
): Promise<Json> {
  const { run } = visit.thread;
  if (!run.distributedMap) {
    throw new RuntimeFailure('A DISTRIBUTED map cannot run within a child execution.');
  }
  return run.distributedMap(
    {
      run,
      input: input.data,
      context: contextOf(visit),
      mapRunArn,
      emit: (type, details) => emit(visit.thread, type, details),
      onWork() {
        visit.failureEvent = 'MapStateFailed';
      },
    },
    state,
  );
}
