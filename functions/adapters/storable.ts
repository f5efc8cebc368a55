/** Values as the SDK's marshaller takes them. */

/**
 * An item's attribute, its objects as maps. The marshaller tells an object by its `constructor`, which
 * is a key like any other in what clients name, such as metadata; what is no plain JSON is left to it,
 * and refused.
 */
export function storable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return new Map(Object.entries(value).map(([name, member]) => [name, storable(member)]));
}
