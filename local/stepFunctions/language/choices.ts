/** Choice rules: comparisons of data with constants or with other data, joined by And, Or, Not. */
import { DefinitionFault, RuntimeFailure } from '../failures.ts';
import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { parsePath, readPath } from './paths.ts';
import type { Data, Path } from './paths.ts';

export type Condition = (from: Data) => boolean;

/** The signs of an ordering that each comparison accepts: −1 less, 0 equal, 1 greater. */
const ORDERINGS: Readonly<Record<string, readonly number[]>> = {
  Equals: [0],
  LessThan: [-1],
  LessThanEquals: [-1, 0],
  GreaterThan: [1],
  GreaterThanEquals: [0, 1],
};

/** RFC 3339 with capital T and Z, as Amazon States Language demands of timestamps. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
export const isTimestamp = (value: Json): value is string =>
  typeof value === 'string' && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));

/**
 * Makes two values comparable, or undefined where the comparison's type does not hold of the value:
 * then the comparison is false.
 */
const READERS: Readonly<Record<string, (value: Json) => string | number | boolean | undefined>> = {
  String: (value) => (typeof value === 'string' ? value : undefined),
  Numeric: (value) => (typeof value === 'number' ? value : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  Timestamp: (value) => (isTimestamp(value) ? Date.parse(value) : undefined),
};

const TYPE_TESTS: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: isTimestamp,
};

/** Reads a rule, which names its `Next`, or a nested one, which does not. */
export function compileCondition(rule: Json, where: string): Condition {
  if (!isObject(rule)) throw new DefinitionFault(where, 'a choice rule must be an object.');
  const [operator, ...others] = Object.keys(rule).filter(
    (key) => !['Next', 'Comment', 'Variable'].includes(key),
  );
  if (operator === undefined || others.length > 0) {
    throw new DefinitionFault(
      where,
      `a choice rule must hold exactly one comparison, not ${others.length + (operator ? 1 : 0)}.`,
    );
  }
  const operand = rule[operator] ?? null;
  if (operator === 'And' || operator === 'Or') {
    if (!Array.isArray(operand)) throw new DefinitionFault(where, `${operator} needs a list.`);
    const parts = operand.map((part, i) => compileCondition(part, `${where}.${operator}[${i}]`));
    return operator === 'And'
      ? (from) => parts.every((part) => part(from))
      : (from) => parts.some((part) => part(from));
  }
  if (operator === 'Not') {
    const part = compileCondition(operand, `${where}.Not`);
    return (from) => !part(from);
  }
  return compileComparison(operator, operand, variableOf(rule, where), where);
}

function variableOf(rule: JsonObject, where: string): Path {
  if (typeof rule.Variable !== 'string') {
    throw new DefinitionFault(where, 'a comparison needs a Variable.');
  }
  return parsePath(rule.Variable, where);
}

function compileComparison(
  operator: string,
  operand: Json,
  variable: Path,
  where: string,
): Condition {
  if (operator === 'IsPresent') {
    return (from) => (readPath(variable, from) !== undefined) === operand;
  }
  const typeTest = Object.hasOwn(TYPE_TESTS, operator) ? TYPE_TESTS[operator] : undefined;
  if (typeTest) return (from) => typeTest(present(variable, from)) === operand;
  if (operator === 'StringMatches') {
    if (typeof operand !== 'string')
      throw new DefinitionFault(where, 'StringMatches needs a string.');
    const pattern = wildcardPattern(operand);
    return (from) => {
      const value = present(variable, from);
      return typeof value === 'string' && pattern.test(value);
    };
  }
  const [, kind = '', relation = '', byPath] =
    /^(String|Numeric|Boolean|Timestamp)([A-Z][A-Za-z]*?)(Path)?$/.exec(operator) ?? [];
  const read = READERS[kind];
  const signs = Object.hasOwn(ORDERINGS, relation) ? ORDERINGS[relation] : undefined;
  if (!read || !signs || (kind === 'Boolean' && relation !== 'Equals')) {
    throw new DefinitionFault(where, `the comparison ${operator} is not known.`);
  }
  const other = compileOperand(operand, byPath !== undefined, read, `${where}.${operator}`);
  return (from) => {
    const [left, right] = [read(present(variable, from)), read(other(from))];
    if (left === undefined || right === undefined) return false;
    return signs.includes(left === right ? 0 : left < right ? -1 : 1);
  };
}

function compileOperand(
  operand: Json,
  byPath: boolean,
  read: (value: Json) => unknown,
  where: string,
): (from: Data) => Json {
  if (byPath) {
    if (typeof operand !== 'string') throw new DefinitionFault(where, 'needs a path.');
    const path = parsePath(operand, where);
    return (from) => present(path, from);
  }
  if (read(operand) === undefined) {
    throw new DefinitionFault(where, 'needs a constant of the type in its name.');
  }
  return () => operand;
}

function present(path: Path, from: Data): Json {
  const found = readPath(path, from);
  if (found !== undefined) return found;
  throw new RuntimeFailure(
    `Invalid path '${path.text}': The choice state's condition path references an invalid value.`,
  );
}

/** `*` stands for any characters; a backslash escapes it and itself. */
function wildcardPattern(pattern: string): RegExp {
  const source = pattern.replace(
    /\\([*\\])|(\*)|([^*\\])|\\/gs,
    (piece, escaped?: string, star?: string) =>
      star ? '.*' : (escaped ?? piece).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${source}$`, 's');
}
