/** One visit of a state: its data on the way in and out, its events, its context object. */
import { RuntimeFailure } from '../failures.ts';
import type { Data } from '../language/paths.ts';
import type { EnteredTask } from '../history.ts';
import type { Json, JsonObject } from '../json.ts';
import { limitedText } from '../limits.ts';
import { readPath, writePath } from '../language/paths.ts';
import type { Path } from '../language/paths.ts';
import type { Flow, Setting, State } from '../language/program.ts';
import type { Run } from '../services.ts';
import { writeToken } from '../taskTokens.ts';

/** The events of a flow form a chain: each names the one before it. */
export interface Thread {
  readonly run: Run;
  /** Names the flow within the execution (history.ts). */
  readonly scope: string;
  lastEventId: number;
}

export interface Visit {
  readonly thread: Thread;
  readonly state: State;
  /** As the state before it passed it on. */
  readonly rawInput: Json;
  readonly enteredEventId: number;
  /** Milliseconds since 1970. */
  readonly enteredAt: number;
  /** Retries made so far, by retrier. */
  readonly used: number[];
  /** Of a task that an earlier engine began. */
  task?: EnteredTask;
  /** The event that tells of a failure which no retry follows; a map sets it once its work begins. */
  failureEvent?: string;
}

export interface FlowStart {
  readonly flow: Flow;
  /** Names the flow within its execution (history.ts). */
  readonly scope: string;
  readonly input: Json;
  /** The event that started the flow; 0 for the execution itself. */
  readonly previousEventId: number;
}

export interface FlowEnd {
  readonly output: Json;
  readonly lastEventId: number;
}

/** Runs a flow to its end (flow.ts); states that hold flows are given it. */
export type RunFlow = (run: Run, start: FlowStart) => Promise<FlowEnd>;

/** The name that events of the state begin with. */
export function eventKind(state: State): string {
  return state.kind === 'InlineMap' || state.kind === 'DistributedMap' ? 'Map' : state.kind;
}

/** Records an event of the flow. */
export function emit(thread: Thread, type: string, details?: JsonObject): number {
  thread.lastEventId = thread.run.recorder.event({
    scope: thread.scope,
    previousEventId: thread.lastEventId,
    type,
    ...(details && { details }),
  });
  return thread.lastEventId;
}

/** How often the state has been tried again in this visit. */
export function retryCount({ used }: Visit): number {
  return used.reduce((sum, count) => sum + count, 0);
}

/** The context object, which paths reach by $$. */
export function contextOf(visit: Visit): JsonObject {
  const { execution, mapItem } = visit.thread.run;
  return {
    Execution: {
      Id: execution.arn,
      Input: execution.input,
      Name: execution.name,
      RoleArn: execution.roleArn,
      StartTime: new Date(execution.startedAt).toISOString(),
      RedriveCount: 0,
    },
    State: {
      EnteredTime: new Date(visit.enteredAt).toISOString(),
      Name: visit.state.name,
      RetryCount: retryCount(visit),
    },
    StateMachine: { Id: execution.stateMachineArn, Name: execution.stateMachineName },
    ...(waitsForToken(visit.state) && { Task: { Token: tokenOf(visit) } }),
    ...(mapItem && { Map: { Item: mapItem } }),
  };
}

/** The token of the present attempt at the visited state. */
export function tokenOf(visit: Visit): string {
  const { run, scope } = visit.thread;
  const { enteredEventId } = visit;
  const at = { scope, enteredEventId, attempt: retryCount(visit) };
  return writeToken(run.execution.arn, at, run.child);
}

/** Whether the state ends when somebody answers its token. */
export const waitsForToken = (state: State): boolean =>
  state.kind === 'Task' && state.waitsForToken;

/** What the state works on: its data after InputPath, and the context object. */
export function effectiveInput(visit: Visit): Data {
  const context = contextOf(visit);
  const data = follow(visit.state.inputPath, { data: visit.rawInput, context });
  return { data, context };
}

/** The input after Parameters too; States.DataLimitExceeded when they make it too large. */
export function effectiveParameters(visit: Visit, input: Data): Json {
  const { parameters, name } = visit.state;
  if (!parameters) return input.data;
  const made = parameters(input);
  limitedText(made, name);
  return made;
}

/** The state's output for its result: ResultSelector, then ResultPath, then OutputPath. */
export function outputOf(visit: Visit, result: Json): Json {
  const { resultSelector, resultPath, outputPath } = visit.state;
  const context = contextOf(visit);
  const selected = resultSelector ? resultSelector({ data: result, context }) : result;
  const combined = resultPath ? writePath(resultPath, visit.rawInput, selected) : visit.rawInput;
  return follow(outputPath, { data: combined, context });
}

/** InputPath and OutputPath: null gives an empty object. */
function follow(path: Path | null, from: Data): Json {
  if (path === null) return {};
  const found = readPath(path, from);
  if (found !== undefined) return found;
  const steps = path.steps.map((step) => (typeof step === 'number' ? `[${step}]` : `['${step}']`));
  throw new RuntimeFailure(`Invalid path '${path.text}' : No results for path: $${steps.join('')}`);
}

/** A number of the definition, or the one its path leads to; undefined when neither is given. */
export function numberSetting(
  setting: Setting,
  from: Data,
  { whole = true, most = Infinity }: { whole?: boolean; most?: number } = {},
): number | undefined {
  if (!setting) return undefined;
  if ('value' in setting) return setting.value;
  const { path } = setting;
  const field = setting.field;
  const value = readPath(path, from);
  if (typeof value !== 'number' || (whole && !Number.isInteger(value))) {
    const shown = typeof value === 'string' ? value : JSON.stringify(value ?? null);
    throw new RuntimeFailure(
      `The ${field}Path field refers to value "${shown}" which is not a valid ${whole ? 'integer' : 'number'}: ${path.text}`,
    );
  }
  if (value < 0 && most === Infinity) throw new RuntimeFailure(`${field} cannot be negative.`);
  if (value < 0 || value > most) {
    throw new RuntimeFailure(`${field} must be between 0 and ${most}.`);
  }
  return value;
}
