/** JSON as values: what states take in, pass on and give back. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Reads JSON text; a SyntaxError when it is none. What JSON.parse returns is Json by definition. */
export function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  return value as Json;
}

/** A value as it looks after a journey through JSON text; undefined and functions become null. */
export function toJson(value: unknown): Json {
  return parseJson(JSON.stringify(value) ?? 'null');
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Two values are equal as JSON: numbers by value, objects whatever the order of their keys. */
export function jsonEquals(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, i) => jsonEquals(value, b[i] ?? null));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key] ?? null, b[key] ?? null))
    );
  }
  return false;
}
