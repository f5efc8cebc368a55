/**
 * Items in DynamoDB's notation and back (DynamoDB API reference, AttributeValue). Items are plain JSON, so
 * of its ten types six are used: what else there is was not written here, and is refused.
 */
import type { Item } from '../../shared/ports.ts';

/** A value in DynamoDB's notation: one member, whose name is its type. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Readonly<Record<string, AttributeValue>> };

/**
 * A value as it is stored.
 * @throws TypeError for what is no plain JSON (undefined too, which is a mistake of ours), and for integers
 *   that a number does not hold exactly
 */
export function attributeValue(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'boolean':
      return { BOOL: value };
    case 'number':
      if (isExact(value)) return { N: String(value) };
      throw new TypeError('A number of an item is not finite, or too large to be exact.');
    case 'object':
      if (value === null) return { NULL: true };
      if (Array.isArray(value)) return { L: value.map(attributeValue) };
      if (isPlain(value)) return { M: attributeValues(value) };
      break;
    default:
  }
  throw new TypeError(`A value of an item is no JSON: ${typeof value}.`);
}

/** An item, or the key of one, as it is stored. @throws TypeError as attributeValue does */
export const attributeValues = (item: object): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeValue(value)]));

/** An item as the service gives it. @throws TypeError for what attributeValue never makes */
export function itemOf(attributes: unknown): Item {
  if (typeof attributes !== 'object' || attributes === null) throw notOurs();
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, valueOf(value)]),
  );
}

function valueOf(attribute: unknown): unknown {
  if (typeof attribute !== 'object' || attribute === null) throw notOurs();
  const [[type, value] = [], another] = Object.entries(attribute) as [string, unknown][];
  if (another === undefined) {
    if (type === 'S' && typeof value === 'string') return value;
    if (type === 'N' && typeof value === 'string' && isExact(Number(value))) return Number(value);
    if (type === 'BOOL' && typeof value === 'boolean') return value;
    if (type === 'NULL' && value === true) return null;
    if (type === 'L' && Array.isArray(value)) return value.map(valueOf);
    if (type === 'M') return itemOf(value);
  }
  throw notOurs();
}

const isExact = (value: number) =>
  Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;

/** An object may have any key, `constructor` and `__proto__` among them: clients name some. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const notOurs = () => new TypeError('An attribute of an item is of a type that is not stored.');
