import { describe, expect, it } from 'vitest';
import { createFilling, type ReadTag } from '../../../shared/columns/fill.ts';

/** `items>name` is {name} in {#items}. */
const tag = (spelled: string): ReadTag => {
  const path = spelled.split('>');
  const name = path.pop() ?? '';
  return { name, kind: 'value', path };
};
const filling = (tags: string[], names: string[], areAll = true) =>
  createFilling({ names, areAll })(tags.map(tag));
const unfilled = (tags: string[], columns: string[], areAll = true) =>
  filling(tags, columns, areAll).unfilled.map(({ name }) => name);
const unread = (tags: string[], columns: string[], areAll = true) => {
  const { used } = filling(tags, columns, areAll);
  return columns.filter((_, i) => !used.has(i));
};

describe('fill', () => {
  it('names each tag without a column once, in the order of the template', () => {
    expect(unfilled(['b', 'name', 'a', 'b'], ['name'])).toEqual(['b', 'a']);
  });

  it('finds what header paths lead to', () => {
    const columns = ['address.city', 'items[1].name', 'items[2].name', 'full.name'];
    const tags = [
      'address',
      'address.city',
      'address>city',
      'items',
      'items>name',
      '.',
      'full.name',
    ];
    expect(unfilled(tags, columns)).toEqual([]);
    expect(unfilled(['city', 'items>price', 'name'], columns)).toEqual(['city', 'price', 'name']);
  });

  it('looks outward from a section, as rendering does', () => {
    expect(
      unfilled(['bonus>name', 'items>name', 'bonus>items>name'], ['bonus', 'items[1].x', 'name']),
    ).toEqual([]);
    expect(unfilled(['bonus>items>x'], ['bonus', 'items[1].x'])).toEqual([]);
  });

  it('knows of JSON only what the fields of a row are called', () => {
    expect(unfilled(['address.city', 'items>name'], ['address', 'items'], false)).toEqual([]);
    expect(unfilled(['address.city', 'items>name'], ['address', 'items'], true)).toEqual([
      'address.city',
      'name',
    ]);
    expect(unfilled(['Name', 'zip'], ['name', 'city'], false)).toEqual(['Name', 'zip']);
  });

  it.each([
    ['Name', ['city', 'name'], 'name'],
    ['e-mail', ['email'], 'email'],
    ['straße', ['strasse'], 'strasse'],
    ['adress', ['address'], 'address'],
    ['firstname', ['lastname', 'first_name'], 'first_name'],
    ['id', ['ip'], undefined],
    ['price', ['items[1].Price'], 'items[1].Price'],
    ['start_date', ['end_date'], undefined],
    ['Nmae', ['name', 'city'], 'name'],
    ['Amount', ['Amount (EUR)', 'city'], 'Amount (EUR)'],
    ['Amount EUR net', ['Amount (EUR)', 'city'], 'Amount (EUR)'],
    ['Name', ['First name', 'Last name'], undefined],
    ['no', ['no of items'], undefined],
  ])('takes %s for nearest in %j: %s', (name, columns, nearest) => {
    expect(filling([name], columns).unfilled[0]?.nearest).toBe(nearest);
  });

  it('looks for the nearest column where the tag stands, before it looks elsewhere', () => {
    const { unfilled } = filling(['items>Name'], ['Nome', 'items[1].name', 'items[2].name']);
    expect(unfilled).toMatchObject([{ name: 'Name', nearest: 'items[1].name' }]);
  });

  it('compares names as people see them', () => {
    const columns = ['Client\u2019s name', 'First\nname', 'items[1].Unit\u00a0price'];
    expect(unfilled(["Client's name", 'First name', 'items>Unit price'], columns)).toEqual([]);
  });

  it('knows the columns that no tag reads', () => {
    expect(unread(['a', 'items>name'], ['a', 'b', 'items[1].name', 'items[1].sku'])).toEqual([
      'b',
      'items[1].sku',
    ]);
    expect(unread(['items'], ['items[1].name'])).toEqual(['items[1].name']);
    expect(unread(['items', 'address.city'], ['items', 'address', 'x'], false)).toEqual(['x']);
    expect(unread(['Q1[1]', 'a.b'], ['Q1[1]', 'a.b', 'Q1[2]'])).toEqual([]);
  });
});
