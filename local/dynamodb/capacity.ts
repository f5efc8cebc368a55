/**
 * Capacity units as DynamoDB counts them (Developer Guide, "DynamoDB on-demand capacity mode" and
 * "Using Global Secondary Indexes"). dynalite's own figures know of no indexes.
 */
import type { TableProperties } from './tableProperties.ts';

/** An attribute in DynamoDB's notation, such as {"S": "text"}. */
type Attribute = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, Attribute | undefined>>;

const WRITE_UNIT_BYTES = 1024;
/** Of a list or a map, and of each element in it. */
const COLLECTION_BYTES = 3;
const ELEMENT_BYTES = 1;

/** The size of an item: its names in UTF-8, and its values. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    if (value) bytes += Buffer.byteLength(name) + attributeBytes(value);
  }
  return bytes;
}

function attributeBytes(attribute: Attribute): number {
  const [type, value] = Object.entries(attribute)[0] ?? [];
  const sum = <T>(list: unknown, bytesOf: (element: T) => number) =>
    (list as T[]).reduce((total, element) => total + bytesOf(element), 0);
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(value));
    case 'B':
      return Buffer.byteLength(String(value), 'base64');
    case 'N':
      return numberBytes(String(value));
    case 'SS':
      return sum<string>(value, (text) => Buffer.byteLength(text));
    case 'BS':
      return sum<string>(value, (text) => Buffer.byteLength(text, 'base64'));
    case 'NS':
      return sum<string>(value, numberBytes);
    case 'L':
      return COLLECTION_BYTES + sum<Attribute>(value, (one) => ELEMENT_BYTES + attributeBytes(one));
    case 'M': {
      const map = value as Item;
      return COLLECTION_BYTES + Object.keys(map).length * ELEMENT_BYTES + itemBytes(map);
    }
    // BOOL and NULL.
    default:
      return 1;
  }
}

/** About a byte for two significant digits, and one more; another for a sign. */
function numberBytes(text: string): number {
  const [, sign = '', digits = ''] = /^([-+]?)([\d.]*)/.exec(text) ?? [];
  const significant = digits.replace('.', '').replace(/^0+|0+$/g, '');
  return Math.ceil(significant.length / 2) + 1 + (sign === '-' ? 1 : 0);
}

const unitsOf = (item: Item) => Math.max(1, Math.ceil(itemBytes(item) / WRITE_UNIT_BYTES));

type Properties = Pick<TableProperties, 'KeySchema' | 'GlobalSecondaryIndexes'>;
type Index = NonNullable<TableProperties['GlobalSecondaryIndexes']>[number];

/** What a write met and left. */
export interface Written {
  /** Undefined when there was none. */
  readonly before?: Item | undefined;
  /** Undefined when there is none, or when nothing was written. */
  readonly after?: Item | undefined;
  /** False when a condition did not hold. */
  readonly written: boolean;
}

/**
 * What PutItem, UpdateItem or DeleteItem consumes: the larger of the item before and after, in the
 * table and in each index that shows a change. A condition that did not hold costs the item it saw.
 */
export function writeUnits(table: Properties, { before, after, written }: Written): number {
  const ofTable = larger(before, after);
  if (!written) return ofTable;
  const ofIndexes = (table.GlobalSecondaryIndexes ?? []).map((index) =>
    indexUnits(
      keysOf(index.KeySchema),
      projected(table, index, before),
      projected(table, index, after),
    ),
  );
  return ofIndexes.reduce((sum, units) => sum + units, ofTable);
}

const larger = (before: Item | undefined, after: Item | undefined) =>
  Math.max(unitsOf(before ?? {}), unitsOf(after ?? {}));

/** A changed key takes two writes: the former entry goes, and another one comes. */
function indexUnits(keys: readonly string[], before: Item | undefined, after: Item | undefined) {
  if (!before && !after) return 0;
  if (!before || !after) return larger(before, after);
  if (!keys.every((key) => isEqual(before[key], after[key]))) {
    return unitsOf(before) + unitsOf(after);
  }
  return isEqual(before, after) ? 0 : larger(before, after);
}

/** Equality of JSON values. Those of dynalite differ in their prototypes, which Node's own compares. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Object(one) !== one || Object(other) !== other) return one === other;
  const entries = Object.entries(one as object);
  const others = other as Record<string, unknown>;
  return (
    entries.length === Object.keys(others).length &&
    entries.every(([name, value]) => isEqual(value, others[name]))
  );
}

/** What an index shows of an item; undefined when the item lacks a key of the index. */
function projected(
  { KeySchema }: Properties,
  { KeySchema: indexKeys, Projection }: Index,
  item: Item | undefined,
): Item | undefined {
  if (!item || !keysOf(indexKeys).every((key) => item[key] !== undefined)) return undefined;
  if (Projection.ProjectionType === 'ALL') return item;
  const names = [
    ...keysOf(KeySchema),
    ...keysOf(indexKeys),
    ...(Projection.NonKeyAttributes ?? []),
  ];
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}

const keysOf = (schema: TableProperties['KeySchema']) =>
  schema.map(({ AttributeName }) => AttributeName);
