/** What several kinds of states have in common, read from a definition. */
import type { z } from 'zod';
import { DefinitionFault } from '../failures.ts';
import type { Json } from '../json.ts';
import { NOT_RUN } from './definitionSchema.ts';
import type { StateDefinition } from './definitionSchema.ts';
import { parsePath, parseReferencePath } from './paths.ts';
import type { Catcher, Setting } from './program.ts';
import type { Retrier } from './retry.ts';
import { compileTemplate } from './templates.ts';

/** Parses with the schema, or raises a fault that lists what does not fit. */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.infer<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue) => {
    const at = issue.path.join('.');
    const fault =
      issue.code === 'unrecognized_keys' ? `${NOT_RUN} ${issue.keys.join(', ')}` : issue.message;
    return at === '' ? fault : `${at}: ${fault}`;
  });
  throw new DefinitionFault(where, `${faults.join('; ')}.`);
}

/** Refuses fields of a service call that the engine would not pass on. */
export function onlyFields(
  template: Record<string, unknown>,
  known: string[],
  where: string,
): void {
  for (const field of Object.keys(template)) {
    if (!known.includes(field.replace(/\.\$$/, ''))) {
      throw new DefinitionFault(where, `${NOT_RUN} ${field}.`);
    }
  }
}

/** The state that follows; undefined at the end of the flow. */
export function nextOf(state: { Next?: string; End?: boolean }, where: string): string | undefined {
  if ((state.Next === undefined) === (state.End !== true)) {
    throw new DefinitionFault(where, 'needs either a Next or End: true.');
  }
  return state.Next;
}

/** The number `field`, or the path `fieldPath` to one. */
export function setting<Field extends string>(
  from: { readonly [key in Field | `${Field}Path`]?: unknown },
  field: Field,
  where: string,
): Setting {
  const value = from[field];
  const path = from[`${field}Path`];
  if (value !== undefined && path !== undefined) {
    throw new DefinitionFault(where, `${field} and ${field}Path cannot both be given.`);
  }
  if (typeof value === 'number') return { value };
  return typeof path === 'string' ? { path: parsePath(path, where), field } : undefined;
}

/** InputPath to OutputPath, with their defaults. */
export function compileDataFlow(state: StateDefinition, where: string) {
  const fields: {
    InputPath?: string | null;
    OutputPath?: string | null;
    ResultPath?: string | null;
    Parameters?: Record<string, Json>;
    ResultSelector?: Record<string, Json>;
  } = state.Type === 'Fail' ? {} : state;
  const template = (field: 'Parameters' | 'ResultSelector') =>
    fields[field] && compileTemplate(fields[field], `${where}.${field}`);
  const path = (text: string | null = '$') => (text === null ? null : parsePath(text, where));
  return {
    inputPath: path(fields.InputPath),
    outputPath: path(fields.OutputPath),
    resultPath: resultPath(fields.ResultPath, where),
    parameters: template('Parameters'),
    resultSelector: template('ResultSelector'),
  };
}

function resultPath(text: string | null = '$', where: string) {
  return text === null ? null : parseReferencePath(text, `${where}.ResultPath`);
}

/** Retry and Catch; most states have none. */
export function compileFailing(
  state: StateDefinition,
  where: string,
): { retriers: Retrier[]; catchers: Catcher[] } {
  if (!('Retry' in state || 'Catch' in state)) return { retriers: [], catchers: [] };
  const { Retry = [], Catch = [] } = state;
  checkWildcards(Retry, `${where}.Retry`);
  checkWildcards(Catch, `${where}.Catch`);
  return {
    retriers: Retry.map((retry) => ({
      errors: retry.ErrorEquals,
      intervalSeconds: retry.IntervalSeconds,
      maxAttempts: retry.MaxAttempts,
      backoffRate: retry.BackoffRate,
      maxDelaySeconds: retry.MaxDelaySeconds,
      jitter: retry.JitterStrategy,
    })),
    catchers: Catch.map((catcher) => ({
      errors: catcher.ErrorEquals,
      next: catcher.Next,
      resultPath: resultPath(catcher.ResultPath, `${where}.Catch`),
    })),
  };
}

/** States.ALL stands alone, and in the last place. */
function checkWildcards(entries: { ErrorEquals: string[] }[], where: string): void {
  entries.forEach(({ ErrorEquals }, i) => {
    if (!ErrorEquals.includes('States.ALL')) return;
    if (ErrorEquals.length > 1 || i < entries.length - 1) {
      throw new DefinitionFault(where, 'States.ALL must stand alone and in the last entry.');
    }
  });
}
