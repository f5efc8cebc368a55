/**
 * A deep copy of plain JSON that nobody can change; anything else (undefined, NaN, a Date, a Buffer) raises an
 * error that names its place, because the real table would refuse or bend it.
 */
export function frozenCopy<T>(value: T, path = ''): T {
  return copyValue(value, path) as T;
}

/** What is the same wherever it is held. */
const isScalar = (value: unknown) =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));

function copyValue(value: unknown, path: string): unknown {
  if (isScalar(value)) return value;
  const copyPart = (part: unknown, name: string | number) =>
    isScalar(part) ? part : copyValue(part, `${path}/${name}`);
  if (Array.isArray(value)) return Object.freeze(value.map(copyPart));
  if (typeof value === 'object' && value !== null && isPlain(value)) {
    // Object.fromEntries would do the same, in twice the time.
    const copy: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(value)) {
      if (name === '__proto__') throw new TypeError(`A name at ${path || '/'} is __proto__.`);
      copy[name] = copyPart(part, name);
    }
    return Object.freeze(copy);
  }
  throw new TypeError(`Not plain JSON at ${path || '/'}: leave undefined attributes out.`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
