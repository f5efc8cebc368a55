/**
 * A deep copy of plain JSON; anything else (undefined, NaN, a Date, a Buffer) raises an error that
 * names its place, because the real table would refuse or bend it.
 */
export function jsonCopy<T>(value: T, path = ''): T {
  return copyValue(value, path) as T;
}

function copyValue(value: unknown, path: string): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((part, i) => copyValue(part, `${path}/${i}`));
  if (typeof value === 'object' && isPlain(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, copyValue(part, `${path}/${name}`)]),
    );
  }
  throw new TypeError(`Not plain JSON at ${path || '/'}: leave undefined attributes out.`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
