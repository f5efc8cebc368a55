/**
 * JSONPath as Amazon States Language uses it: `$` is the state's data, `$$` the context object.
 * A definite path (fields and indices only) leads to one value or to nothing; any other path leads to
 * the list of its matches. Definite paths, which are nearly all, are walked here; the others go to
 * jsonpath-plus.
 */
import { JSONPath } from 'jsonpath-plus';
import { DefinitionFault, RuntimeFailure } from '../failures.ts';
import { isObject, toJson } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

export interface Path {
  /** As written in the definition. */
  readonly text: string;
  readonly root: 'data' | 'context';
  /** Field names and array indices, or undefined when the path is not definite. */
  readonly steps: readonly (string | number)[] | undefined;
}

/** A definite path within the data, such as a ResultPath. */
export interface ReferencePath {
  readonly text: string;
  readonly steps: readonly (string | number)[];
}

/** What paths read from. */
export interface Data {
  readonly data: Json;
  readonly context: JsonObject;
}

/** `value` is undefined when the path leads nowhere. */
export type Found = Json | undefined;

const FIELD = /^\.([^\s.[\](){}'"*?@,:~^`$&|!<>=+\\]+)/;
const QUOTED = /^\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/;
const INDEX = /^\[\s*(-?\d+)\s*\]/;
/** Wildcards, descendants, slices and unions: what makes a path indefinite. Filters are not known. */
const MANY = [
  /^\.?\[\s*\*\s*\]/,
  /^\.\*/,
  /^\.\.(?=[^.])\*?/,
  /^\[\s*-?\d*\s*:\s*-?\d*\s*(?::\s*\d*\s*)?\]/,
  /^\[\s*-?\d+(?:\s*,\s*-?\d+)+\s*\]/,
  /^\[\s*'(?:[^'\\]|\\.)*'(?:\s*,\s*'(?:[^'\\]|\\.)*')+\s*\]/,
];

/** Reads a path of a definition; a DefinitionFault, told of `where`, when it is none that is known. */
export function parsePath(text: string, where: string): Path {
  const root = text.startsWith('$$') ? 'context' : 'data';
  const steps: (string | number)[] = [];
  let definite = true;
  let rest = text.slice(root === 'context' ? 2 : 1);
  const unknown = () =>
    new DefinitionFault(where, `the path ${text} is not one that is known here.`);
  if (!text.startsWith('$')) throw unknown();
  while (rest !== '') {
    const single = FIELD.exec(rest) ?? QUOTED.exec(rest) ?? INDEX.exec(rest);
    if (single) {
      rest = rest.slice(single[0].length);
      const name = single[1] ?? single[2] ?? '';
      steps.push(INDEX.test(single[0]) ? Number(name) : name.replace(/\\(.)/g, '$1'));
      continue;
    }
    const many = MANY.map((pattern) => pattern.exec(rest)).find((match) => match !== null);
    if (!many) throw unknown();
    definite = false;
    rest = rest.slice(many[0].length);
    // After `..` comes a bare name or a bracket.
    if (many[0] === '..' && !rest.startsWith('[')) rest = `.${rest}`;
  }
  return { text, root, steps: definite ? steps : undefined };
}

/** Reads a path that must be definite and within the data. */
export function parseReferencePath(text: string, where: string): ReferencePath {
  const { root, steps } = parsePath(text, where);
  if (root === 'context' || !steps || steps.some((step) => typeof step === 'number' && step < 0)) {
    throw new DefinitionFault(
      where,
      `${text} must be a reference path: fields and indices of the state's data only.`,
    );
  }
  return { text, steps };
}

/** What the path leads to, or undefined. An indefinite path always leads to a list. */
export function readPath(path: Path, from: Data): Found {
  const root = path.root === 'context' ? from.context : from.data;
  if (path.steps) return walk(path.steps, root);
  if (typeof root !== 'object' || root === null) return [];
  const matches: unknown = JSONPath({
    path: path.root === 'context' ? path.text.slice(1) : path.text,
    json: root,
    eval: false,
    wrap: true,
  });
  return toJson(matches);
}

function walk(steps: readonly (string | number)[], root: Json): Found {
  let value: Found = root;
  for (const step of steps) {
    if (typeof step === 'number') {
      if (!Array.isArray(value)) return undefined;
      value = value.at(step);
    } else {
      if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
      value = value[step];
    }
  }
  return value;
}

/** A copy of `target` in which `path` holds `value`; missing objects on the way are made. */
export function writePath(path: ReferencePath, target: Json, value: Json): Json {
  const [first, ...rest] = path.steps;
  if (first === undefined) return value;
  const inner = (child: Found = {}) => writePath({ text: path.text, steps: rest }, child, value);
  if (typeof first === 'string' && isObject(target)) {
    const copy: JsonObject = { ...target };
    // Assigning to __proto__ would set the prototype instead of a field.
    Object.defineProperty(copy, first, {
      value: inner(Object.hasOwn(target, first) ? target[first] : undefined),
      enumerable: true,
      writable: true,
      configurable: true,
    });
    return copy;
  }
  if (typeof first === 'number' && Array.isArray(target) && first < target.length) {
    return target.with(first, inner(target[first]));
  }
  throw new RuntimeFailure(
    `Unable to apply Reference Path '${path.text}' to the state's input.`,
    'States.ResultPathMatchFailure',
  );
}
