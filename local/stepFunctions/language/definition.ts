/** Reads a definition: everything that the interpreter would not run exactly stops it with its name. */
import { DefinitionFault } from '../failures.ts';
import { compileCondition } from './choices.ts';
import {
  compileDataFlow,
  compileFailing,
  nextOf,
  onlyFields,
  readAs,
  setting,
} from './definitionParts.ts';
import { DefinitionSchema, NOT_RUN, StateSchema } from './definitionSchema.ts';
import type { StateDefinition, StateOfType } from './definitionSchema.ts';
import type { Evaluate } from './intrinsics.ts';
import { compileMap } from './mapDefinition.ts';
import type { Place } from './mapDefinition.ts';
import { parsePath } from './paths.ts';
import type { Flow, Program, State } from './program.ts';
import { compileExpression } from './templates.ts';

/** Makes a definition ready to run; a DefinitionFault names what is wrong and where. */
export function compileDefinition(name: string, definition: unknown): Program {
  const where = `The workflow ${name}`;
  const read = readAs(DefinitionSchema, definition, where);
  return {
    flow: compileFlow(read, { where, inChild: false, inExpress: false, labels: new Set() }),
    timeoutSeconds: read.TimeoutSeconds,
  };
}

function compileFlow(
  { StartAt, States }: { StartAt: string; States: Record<string, unknown> },
  place: Place,
): Flow {
  const states = new Map<string, State>();
  for (const [name, state] of Object.entries(States)) {
    const within = { ...place, where: `${place.where}, ${name}` };
    states.set(name, compileState(name, readAs(StateSchema, state, within.where), within));
  }
  const targets = [...states.values()].flatMap((state) =>
    targetsOf(state).map((target) => ({ from: `${place.where}, ${state.name}`, target })),
  );
  for (const { from, target } of [{ from: place.where, target: StartAt }, ...targets]) {
    if (!states.has(target)) throw new DefinitionFault(from, `there is no state ${target}.`);
  }
  return { startAt: StartAt, states };
}

function targetsOf(state: State): string[] {
  const choices =
    state.kind === 'Choice' ? [...state.rules.map(({ next }) => next), state.otherwise] : [];
  return [state.next, ...choices, ...state.catchers.map(({ next }) => next)].filter(
    (target) => target !== undefined,
  );
}

function compileState(name: string, state: StateDefinition, place: Place): State {
  const { where } = place;
  const base = { name, ...compileDataFlow(state, where), ...compileFailing(state, where) };
  switch (state.Type) {
    case 'Pass':
      return { ...base, kind: 'Pass', next: nextOf(state, where), result: state.Result };
    case 'Task':
      checkInvocation(state, place);
      return {
        ...base,
        kind: 'Task',
        next: nextOf(state, where),
        waitsForToken: state.Resource.endsWith(TOKEN_SUFFIX),
        timeoutSeconds: setting(state, 'TimeoutSeconds', where),
      };
    case 'Choice':
      return {
        ...base,
        kind: 'Choice',
        next: undefined,
        rules: state.Choices.map((rule, i) => ({
          holds: compileCondition(rule, `${where}.Choices[${i}]`),
          next: rule.Next,
        })),
        otherwise: state.Default,
      };
    case 'Wait':
      return { ...base, kind: 'Wait', next: nextOf(state, where), until: untilOf(state, where) };
    case 'Succeed':
      return { ...base, kind: 'Succeed', next: undefined };
    case 'Fail':
      return {
        ...base,
        kind: 'Fail',
        next: undefined,
        error: failText(state, 'Error', where),
        cause: failText(state, 'Cause', where),
      };
    case 'Map':
      return compileMap(base, state, place, compileFlow);
  }
}

/** Ends the Resource of a task that waits until its token is answered. */
const TOKEN_SUFFIX = '.waitForTaskToken';

/** A step invokes a function by the Lambda integration, and waits for its answer, or for one to its token. */
function checkInvocation(state: StateOfType<'Task'>, { where, inExpress }: Place): void {
  if (!/^arn:[\w-]+:states:::lambda:invoke(?:\.waitForTaskToken)?$/.test(state.Resource)) {
    throw new DefinitionFault(
      where,
      `${NOT_RUN} the Resource ${state.Resource}, only arn:aws:states:::lambda:invoke, and the same with ${TOKEN_SUFFIX}.`,
    );
  }
  if (inExpress && state.Resource.endsWith(TOKEN_SUFFIX)) {
    throw new DefinitionFault(
      where,
      `An EXPRESS execution cannot wait for a task token (${state.Resource}). Make the children STANDARD.`,
    );
  }
  const parameters = state.Parameters ?? {};
  onlyFields(parameters, ['FunctionName', 'Payload', 'InvocationType'], `${where}.Parameters`);
  if (!('FunctionName' in parameters) && !('FunctionName.$' in parameters)) {
    throw new DefinitionFault(where, 'Parameters must name a FunctionName.');
  }
  if ((parameters.InvocationType ?? 'RequestResponse') !== 'RequestResponse') {
    throw new DefinitionFault(where, `${NOT_RUN} another InvocationType than RequestResponse.`);
  }
}

function untilOf(state: StateOfType<'Wait'>, where: string) {
  const given = [state.Seconds, state.SecondsPath, state.Timestamp, state.TimestampPath];
  if (given.filter((value) => value !== undefined).length !== 1) {
    throw new DefinitionFault(
      where,
      'a Wait needs one of Seconds, SecondsPath, Timestamp, TimestampPath.',
    );
  }
  if (state.Timestamp !== undefined) return { timestamp: state.Timestamp };
  if (state.TimestampPath !== undefined) {
    return { timestampPath: parsePath(state.TimestampPath, where) };
  }
  return { seconds: setting(state, 'Seconds', where) };
}

/** Error or Cause of a Fail state: a text, or a path or intrinsic function that gives one. */
function failText(
  state: StateOfType<'Fail'>,
  field: 'Error' | 'Cause',
  where: string,
): Evaluate | undefined {
  const given = state[field];
  const path = state[`${field}Path`];
  if (given !== undefined && path !== undefined) {
    throw new DefinitionFault(where, `${field} and ${field}Path cannot both be given.`);
  }
  if (given !== undefined) return () => given;
  return path === undefined ? undefined : compileExpression(`${field}Path`, path, where);
}
