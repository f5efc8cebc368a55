import { describe, expect, it } from 'vitest';
import { type Item, itemBytes, writeUnits } from '../../../../local/dynamodb/capacity.ts';
import { parseTableProperties } from '../../../../local/dynamodb/tableProperties.ts';

describe('the size of an item', () => {
  it.each<[string, Item, number]>([
    ['names and strings count in UTF-8', { né: { S: '王a' } }, 3 + 4],
    ['a number takes a byte for two digits and one more', { n: { N: '12345' } }, 1 + 4],
    ['zeros at its ends do not count', { n: { N: '00120.00' } }, 1 + 2],
    ['a sign does', { n: { N: '-12' } }, 1 + 3],
    ['yes, no and nothing take one', { a: { BOOL: true }, b: { NULL: true } }, 2 + 2],
    ['bytes count decoded', { b: { B: 'AQID' } }, 1 + 3],
    ['sets are the sum of their members', { s: { SS: ['ab', 'c'] }, n: { NS: ['12'] } }, 2 + 3 + 2],
    ['a list takes 3 and one for each', { l: { L: [{ S: 'ab' }, { BOOL: true }] } }, 1 + 3 + 3 + 2],
    ['a map likewise, with its names', { m: { M: { k: { S: 'ab' } } } }, 1 + 3 + 1 + 3],
  ])('%s', (_, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });
});

const table = parseTableProperties('Table', {
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'all',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
    {
      IndexName: 'keys',
      KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
});
const withoutIndexes = parseTableProperties('Table', {
  KeySchema: table.KeySchema,
  AttributeDefinitions: [],
});

const key = { pk: { S: 'p' } };
/** As many bytes as given, less its key. */
const ofBytes = (bytes: number): Item => ({ ...key, x: { S: 'x'.repeat(bytes - 4) } });
const inAll = { ...key, owner: { S: 'o' } };
const inBoth = { ...inAll, status: { S: 's' } };

/** As dynalite makes copies. */
function withoutPrototypes<T extends object>(value: T): T {
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
    copy[name] = typeof inner === 'object' && inner !== null ? withoutPrototypes(inner) : inner;
  }
  return copy as T;
}

describe('the units of a write', () => {
  it.each<[string, Item | undefined, Item | undefined, number]>([
    ['a new item of 1 KB takes one', undefined, ofBytes(1024), 1],
    ['and of a byte more two', undefined, ofBytes(1025), 2],
    ['the larger of before and after counts', ofBytes(2049), ofBytes(10), 3],
    ['removing costs what was there', ofBytes(2048), undefined, 2],
    ['removing nothing costs one', undefined, undefined, 1],
  ])('of a table alone: %s', (_, before, after, units) => {
    expect(itemBytes(ofBytes(1024))).toBe(1024);
    expect(writeUnits(withoutIndexes, { before, after, written: true })).toBe(units);
  });

  it('cost the item that was seen when a condition did not hold', () => {
    const seen = { before: ofBytes(1500), after: undefined, written: false };
    expect(writeUnits(table, seen)).toBe(2);
  });

  it.each<[string, Item | undefined, Item | undefined, number]>([
    ['an item without its keys is in none', undefined, key, 1],
    ['one more for each that it is in', undefined, inBoth, 3],
    ['removing it costs the same', inBoth, undefined, 3],
    ['a change shows in the index of all', inBoth, { ...inBoth, x: { S: '1' } }, 2],
    ['a change of a key takes two writes', inAll, { ...inAll, owner: { S: 'other' } }, 3],
    ['leaving an index is one', inBoth, inAll, 1 + 1 + 1],
    ['what stays as it is costs the table alone', inBoth, withoutPrototypes(inBoth), 1],
  ])('with indexes: %s', (_, before, after, units) => {
    expect(writeUnits(table, { before, after, written: true })).toBe(units);
  });
});
