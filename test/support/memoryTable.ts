/**
 * The table port in memory, with DynamoDB's semantics: the contract suite holds it to the adapter. What it holds
 * is frozen, so that an item can be given out without a copy: whoever changes one that was read finds out.
 */
import { decodeCursor, encodeCursor } from '../../functions/adapters/cursor.ts';
import { INDEXED_ATTRIBUTES, OWNER_INDEXES, TABLE_KEYS } from '../../shared/names.ts';
import type { Change, Clock, Condition, Item, ItemKey, Query, Table } from '../../shared/ports.ts';
import { frozenCopy } from './jsonCopy.ts';

/** An item has at most this size (DynamoDB, "Service, account, and table quotas"). */
const ITEM_BYTES_MAX = 400 * 1024;
const DEFAULT_LIMIT = 100;

type Call = 'get' | 'put' | 'update' | 'delete' | 'query';

export interface MemoryTable extends Table {
  /** How often each method was called. */
  readonly calls: Record<Call, number>;
  /** All items, expired ones included, in the order of their keys. */
  items(): Item[];
}

/**
 * @param hooks `before` runs ahead of each call and may throw, to stand for a broken world; `written` is told of each
 *   item that was written or deleted, as it was and as it is
 */
export function createMemoryTable(
  clock: Pick<Clock, 'now'>,
  hooks: {
    before?: (call: Call, key: ItemKey | Query) => void | Promise<void>;
    written?: (before: Item | undefined, after: Item | undefined) => void;
  } = {},
): MemoryTable {
  /** By partition, then by sort key. */
  const stored = new Map<string, Map<string, Item>>();
  const calls: Record<Call, number> = { get: 0, put: 0, update: 0, delete: 0, query: 0 };

  async function enter(call: Call, key: ItemKey | Query) {
    calls[call]++;
    await hooks.before?.(call, key);
  }

  const find = ({ pk, sk }: ItemKey) => stored.get(pk)?.get(sk);
  function* everyItem() {
    for (const partition of stored.values()) yield* partition.values();
  }

  function store(key: ItemKey, item: Item): Item {
    const partition = stored.get(key.pk) ?? new Map<string, Item>();
    stored.set(key.pk, partition);
    checkItem(key, item);
    const before = partition.get(key.sk);
    partition.set(key.sk, item);
    hooks.written?.(before, item);
    return item;
  }

  const isLive = (item: Item) => {
    const expiry = item[TABLE_KEYS.expiry];
    return typeof expiry !== 'number' || expiry > clock.now() / 1000;
  };

  return {
    calls,
    items: () => [...everyItem()].sort(byPosition(tablePosition)),

    async get(key) {
      await enter('get', key);
      const item = find(key);
      return item && isLive(item) ? item : undefined;
    },

    async put(key, item, condition) {
      await enter('put', key);
      if (!holds(condition, find(key))) return false;
      store(key, frozenCopy({ ...item, ...key }));
      return true;
    },

    async update(key, change, condition) {
      await enter('update', key);
      const present = find(key);
      if (!holds(condition, present)) return undefined;
      return store(key, applyChange(present ?? { ...key }, change));
    },

    async delete(key, condition) {
      await enter('delete', key);
      const present = find(key);
      if (!holds(condition, present)) return false;
      stored.get(key.pk)?.delete(key.sk);
      if (present) hooks.written?.(present, undefined);
      return true;
    },

    async query(query) {
      await enter('query', query);
      const limit = query.limit ?? DEFAULT_LIMIT;
      if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`A page of ${limit} items`);
      const index = query.index && OWNER_INDEXES[query.index];
      const { partition, sort } = index ?? TABLE_KEYS;
      const position = index ? indexPosition(sort) : tablePosition;
      const after = query.after
        ? decodeCursor(query.after, index ? 3 : 1, query.prefix)
        : undefined;

      const direction = query.descending ? -1 : 1;
      const held = index ? everyItem() : (stored.get(query.partition)?.values() ?? []);
      const found = [...held]
        .filter((item) => item[partition] === query.partition && item[sort] !== undefined)
        .filter(isLive)
        .filter((item) => isWanted(position(item)[0] ?? '', query))
        .filter((item) => !after || direction * comparePositions(position(item), after) > 0)
        .sort((a, b) => direction * byPosition(position)(a, b));

      const last = found[limit - 1];
      const items = found
        .slice(0, limit)
        .map((item) => (index ? Object.freeze(shown(item, index)) : item));
      return found.length > limit && last
        ? { items, next: encodeCursor(position(last)) }
        : { items };
    },
  };
}

function isWanted(sortKey: string, { prefix = '', from, to }: Query): boolean {
  if (!sortKey.startsWith(prefix)) return false;
  if (from !== undefined && compareBytes(sortKey, from) < 0) return false;
  return to === undefined || compareBytes(sortKey, to) <= 0;
}

/** Whether a condition holds for an item (DynamoDB, "Comparison operator and function reference"). */
function holds(condition: Condition | undefined, item: Item | undefined): boolean {
  if (!condition) return true;
  if ('absent' in condition) return item?.[condition.absent] === undefined;
  if ('present' in condition) return item?.[condition.present] !== undefined;
  if ('all' in condition) return condition.all.every((part) => holds(part, item));
  if ('any' in condition) return condition.any.some((part) => holds(part, item));
  return compares(item?.[condition.attribute], condition.is, condition.value);
}

type Comparison = Extract<Condition, { is: unknown }>;

/** Values of another type, and absent ones, are unequal and in no order. */
function compares(actual: unknown, is: Comparison['is'], value: Comparison['value']): boolean {
  if (is === '=') return actual === value;
  if (is === '<>') return actual !== value;
  if (typeof actual !== typeof value || typeof value === 'boolean') return false;
  const order =
    typeof value === 'number' ? Number(actual) - value : compareBytes(actual as string, value);
  if (is === '<') return order < 0;
  if (is === '<=') return order <= 0;
  if (is === '>') return order > 0;
  return order >= 0;
}

function applyChange(item: Item, { set = {}, add = {}, remove = [] }: Change): Item {
  const names = [...Object.keys(set), ...Object.keys(add), ...remove];
  if (new Set(names).size < names.length) throw new Error('A change names an attribute twice.');
  const next: Item = { ...item, ...frozenCopy(set) };
  for (const [name, amount] of Object.entries(add)) {
    const present = item[name] ?? 0;
    if (typeof present !== 'number') throw new Error(`Attribute ${name} is no number to add to.`);
    next[name] = present + amount;
  }
  for (const name of remove) delete next[name];
  return Object.freeze(next);
}

const INDEX_KEYS = Object.values(OWNER_INDEXES).flatMap(({ partition, sort }) => [partition, sort]);

function checkItem(key: ItemKey, item: Item) {
  if (item.pk !== key.pk || item.sk !== key.sk) throw new Error('An item cannot change its key.');
  for (const name of INDEX_KEYS) {
    const value = item[name];
    if (value === undefined || (typeof value === 'string' && value !== '')) continue;
    throw new Error(`The index key ${name} must be a string that is not empty.`);
  }
  if (Buffer.byteLength(JSON.stringify(item)) > ITEM_BYTES_MAX) {
    throw new Error(`An item has at most ${ITEM_BYTES_MAX} bytes.`);
  }
}

const tablePosition = (item: Item) => [String(item[TABLE_KEYS.sort])];
const indexPosition = (sort: string) => (item: Item) =>
  [item[sort], item[TABLE_KEYS.partition], item[TABLE_KEYS.sort]].map(String);

/** What an index holds of an item. */
function shown(item: Item, { partition, sort }: { partition: string; sort: string }): Item {
  const { partition: pk, sort: sk } = TABLE_KEYS;
  const names: readonly string[] = [pk, sk, partition, sort, ...INDEXED_ATTRIBUTES];
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}

const byPosition = (position: (item: Item) => string[]) => (a: Item, b: Item) =>
  comparePositions(position(a), position(b));

function comparePositions(a: readonly string[], b: readonly string[]): number {
  for (const [i, value] of a.entries()) {
    const order = compareBytes(value, b[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** DynamoDB orders strings by their UTF-8 bytes, JavaScript by UTF-16 units. */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  // Without surrogates both orders are one.
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
const SURROGATE = /[\ud800-\udfff]/;
