/** Finding values in a row: what a tag's name leads to, and which column of the data that is. */
import { mayBePath, stepsOf, type Step } from '../columns/columnPath.ts';
import type { Spellings } from '../columns/spellings.ts';

/**
 * The value at `name` in `scope`: own properties only, so that no name reaches a prototype. A name
 * that is a key as a whole wins; else it may be a path through objects and lists: `address.city`,
 * `items[1].name`, with entries numbered from 1.
 * @param spellings further keys that a name is looked up by
 * @returns undefined when there is no such key; null when the key is there without a value
 */
export function readPath(scope: unknown, name: string, spellings?: Spellings): unknown {
  const mapped = spellings?.mapped?.get(name);
  if (mapped) return readMapped(scope, mapped);
  const whole = readSpelt(scope, name, spellings);
  if (whole !== undefined || !mayBePath(name)) return whole;
  const steps = stepsOf(name);
  // What is no path by its brackets is still led by its dots.
  const way = steps.length === 1 ? name.split('.') : steps;
  return way.reduce<unknown>((at, step) => readStep(at, step, spellings), scope);
}

/** The first of some keys and paths that a scope has. */
function readMapped(scope: unknown, names: readonly string[]): unknown {
  for (const name of names) {
    const value = readPath(scope, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The value of one key, as readPath() reads it. */
export function readKey(scope: unknown, key: string): unknown {
  if (typeof scope !== 'object' || scope === null || !Object.hasOwn(scope, key)) return undefined;
  const value: unknown = Reflect.get(scope, key);
  return typeof value === 'function' ? undefined : value;
}

function readStep(scope: unknown, step: Step, spellings: Spellings | undefined): unknown {
  if (typeof step === 'string') return readSpelt(scope, step, spellings);
  return Array.isArray(scope) ? (scope as unknown[])[step - 1] : undefined;
}

function readSpelt(scope: unknown, name: string, spellings: Spellings | undefined): unknown {
  const value = readKey(scope, name);
  if (value !== undefined || spellings === undefined) return value;
  const key = keyIn(scope, name, spellings);
  return key === undefined ? undefined : readKey(scope, key);
}

/** The first further spelling of a name that is a key of the scope. */
const keyIn = (scope: unknown, name: string, spellings: Spellings | undefined) =>
  spellings?.get(name)?.find((key) => readKey(scope, key) !== undefined);

/** Where in a row rendering stands: the sections entered so far, outermost first. */
export interface Trail {
  /** Names of the sections; undefined for one that is a condition and enters nothing. */
  readonly sections: readonly (string | undefined)[];
  /** 0-based number of the list's item, by section. */
  readonly items: readonly number[];
  /** The scopes: the row, then one for each section. */
  readonly scopes: readonly unknown[];
}

/**
 * The column that a tag reads, as header paths of the data name it: `salary`, `address.city`,
 * `benefits[2].name` (1-based).
 */
export function columnOf(
  name: string,
  { sections, items, scopes }: Trail,
  spellings?: Spellings,
): string {
  const read = (scope: unknown, key: string) => readPath(scope, key, spellings);
  const spelt = (scope: unknown, key: string) => {
    const mapped = spellings?.mapped?.get(key);
    if (mapped) return mapped.find((each) => readPath(scope, each) !== undefined) ?? key;
    return readKey(scope, key) === undefined ? (keyIn(scope, key, spellings) ?? key) : key;
  };
  const paths = [''];
  sections.forEach((section, k) => {
    if (section === undefined) {
      paths.push(paths[k] ?? '');
      return;
    }
    const outer = scopes.slice(0, k + 1);
    const holder = outer.findLastIndex((scope) => (read(scope, section) ?? null) !== null);
    const value = read(outer[holder], section);
    const path = join(paths[holder], spelt(outer[holder], section));
    if (Array.isArray(value)) paths.push(`${path}[${(items[k] ?? 0) + 1}]`);
    // A condition enters nothing: what is in it reads on in the scope around it.
    else paths.push(typeof value === 'object' && value !== null ? path : (paths[k] ?? ''));
  });
  const holder = holderOf(scopes, (scope) => read(scope, name));
  return join(paths[holder === -1 ? paths.length - 1 : holder], spelt(scopes[holder], name));
}

/** The innermost scope that has a value, or else the innermost that has a place for it. */
function holderOf(scopes: readonly unknown[], read: (scope: unknown) => unknown): number {
  const valued = scopes.findLastIndex((scope) => (read(scope) ?? null) !== null);
  return valued === -1 ? scopes.findLastIndex((scope) => read(scope) !== undefined) : valued;
}

const join = (path = '', name: string) =>
  name === '.' ? path : path === '' ? name : `${path}.${name}`;
