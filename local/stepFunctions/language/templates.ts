/** Payload templates: JSON in which a field whose name ends in `.$` is computed. */
import { DefinitionFault, RuntimeFailure } from '../failures.ts';
import { parseIntrinsic } from './intrinsics.ts';
import type { Evaluate } from './intrinsics.ts';
import { isObject } from '../json.ts';
import type { Json } from '../json.ts';
import { parsePath, readPath } from './paths.ts';

/** Reads a template; `where` tells its place in a DefinitionFault. */
export function compileTemplate(template: Json, where: string): Evaluate {
  if (Array.isArray(template)) {
    const elements = template.map((element, i) => compileTemplate(element, `${where}[${i}]`));
    return (from) => elements.map((element) => element(from));
  }
  if (!isObject(template)) return () => template;
  const fields = Object.entries(template).map(([key, value]): [string, Evaluate] =>
    key.endsWith('.$')
      ? [key.slice(0, -2), compileExpression(key, value, `${where}.${key}`)]
      : [key, compileTemplate(value, `${where}.${key}`)],
  );
  return (from) => Object.fromEntries(fields.map(([key, evaluate]) => [key, evaluate(from)]));
}

/** A path or an intrinsic function; `key` is the field that a failure names. */
export function compileExpression(key: string, expression: Json, where: string): Evaluate {
  if (typeof expression === 'string' && expression.startsWith('States.')) {
    return parseIntrinsic(expression, where);
  }
  if (typeof expression !== 'string' || !expression.startsWith('$')) {
    throw new DefinitionFault(
      where,
      'must hold a path, which begins with $, or an intrinsic function.',
    );
  }
  const path = parsePath(expression, where);
  return (from) => {
    const found = readPath(path, from);
    if (found !== undefined) return found;
    const searched = path.root === 'context' ? from.context : from.data;
    throw new RuntimeFailure(
      `The JSONPath '${expression}' specified for the field '${key}' could not be found in the input '${JSON.stringify(searched)}'`,
    );
  };
}
