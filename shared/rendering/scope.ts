/** Finding values in a row: what a tag's name leads to, and which column of the data that is. */

/**
 * The value at `name` in `scope`: own properties only, so that no name reaches a prototype. A name
 * that is a key as a whole wins; else dots lead through objects: `address.city`.
 * @returns undefined when there is no such key; null when the key is there without a value
 */
export function readPath(scope: unknown, name: string): unknown {
  const whole = readKey(scope, name);
  if (whole !== undefined || !name.includes('.')) return whole;
  return name.split('.').reduce(readKey, scope);
}

/** The value of one key, as readPath() reads it. */
export function readKey(scope: unknown, key: string): unknown {
  if (typeof scope !== 'object' || scope === null || !Object.hasOwn(scope, key)) return undefined;
  const value: unknown = Reflect.get(scope, key);
  return typeof value === 'function' ? undefined : value;
}

/** Where in a row rendering stands: the sections entered so far, outermost first. */
export interface Trail {
  /** Names of the sections. */
  readonly sections: readonly string[];
  /** 0-based number of the list's item, by section. */
  readonly items: readonly number[];
  /** The scopes: the row, then one for each section. */
  readonly scopes: readonly unknown[];
}

/**
 * The column that a tag reads, as header paths of the data name it: `salary`, `address.city`,
 * `benefits[2].name` (1-based).
 */
export function columnOf(name: string, { sections, items, scopes }: Trail): string {
  const paths = [''];
  sections.forEach((section, k) => {
    const outer = scopes.slice(0, k + 1);
    const holder = outer.findLastIndex((scope) => (readPath(scope, section) ?? null) !== null);
    const value = readPath(outer[holder], section);
    const path = join(paths[holder], section);
    if (Array.isArray(value)) paths.push(`${path}[${(items[k] ?? 0) + 1}]`);
    // A condition enters nothing: what is in it reads on in the scope around it.
    else paths.push(typeof value === 'object' && value !== null ? path : (paths[k] ?? ''));
  });
  const holder = scopes.findLastIndex((scope) => readPath(scope, name) !== undefined);
  return join(paths[holder === -1 ? paths.length - 1 : holder], name);
}

const join = (path = '', name: string) =>
  name === '.' ? path : path === '' ? name : `${path}.${name}`;
