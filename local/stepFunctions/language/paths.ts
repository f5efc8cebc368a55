/**
 * Paths of Amazon States Language: `$` is the state's data, `$$` the context object; field names and
 * indices lead from there to one value or to nothing. JSONPath has more (wildcards, slices, filters,
 * `..`), which nothing here uses: such a path is refused when the definition is loaded.
 */
import { DefinitionFault, RuntimeFailure } from '../failures.ts';
import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

export interface Path {
  /** As written in the definition. */
  readonly text: string;
  readonly root: 'data' | 'context';
  /** Field names and array indices. */
  readonly steps: readonly (string | number)[];
}

/** What paths read from. */
export interface Data {
  readonly data: Json;
  readonly context: JsonObject;
}

const FIELD = /^\.([^\s.[\](){}'"*?@,:~^`$&|!<>=+\\]+)/;
const QUOTED = /^\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/;
const INDEX = /^\[\s*(\d+)\s*\]/;

/** Reads a path of a definition; a DefinitionFault, told of `where`, when it is none that is known. */
export function parsePath(text: string, where: string): Path {
  const root = text.startsWith('$$') ? 'context' : 'data';
  const steps: (string | number)[] = [];
  let rest = text.slice(root === 'context' ? 2 : 1);
  while (rest !== '' || !text.startsWith('$')) {
    const index = INDEX.exec(rest);
    const step = index ?? FIELD.exec(rest) ?? QUOTED.exec(rest);
    if (!step || !text.startsWith('$')) {
      throw new DefinitionFault(
        where,
        `the local workflow engine does not read the path ${text}, only fields and indices such as $.a['b c'][0] or $$.Execution.Name.`,
      );
    }
    rest = rest.slice(step[0].length);
    const name = step[1] ?? step[2] ?? '';
    steps.push(index ? Number(name) : name.replace(/\\(.)/g, '$1'));
  }
  return { text, root, steps };
}

/** Reads a path that must lie within the data, such as a ResultPath. */
export function parseReferencePath(text: string, where: string): Path {
  const path = parsePath(text, where);
  if (path.root === 'data') return path;
  throw new DefinitionFault(where, `${text} must be a path within the state's data.`);
}

/** What the path leads to; undefined when it leads nowhere. */
export function readPath({ root, steps }: Path, from: Data): Json | undefined {
  let value: Json | undefined = root === 'context' ? from.context : from.data;
  for (const step of steps) {
    if (typeof step === 'number') {
      if (!Array.isArray(value)) return undefined;
      value = value[step];
    } else {
      if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
      value = value[step];
    }
  }
  return value;
}

/** A copy of `target` in which `path` holds `value`; missing objects on the way are made. */
export function writePath(path: Path, target: Json, value: Json): Json {
  const [first, ...steps] = path.steps;
  if (first === undefined) return value;
  const inner = (child: Json = {}) => writePath({ ...path, steps }, child, value);
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
