import { describe, expect, it } from 'vitest';
import type { Tag } from '../../../shared/schemas/common.ts';
import { unfilledTags } from '../../../shared/templates/unfilledTags.ts';

/** `items>name` is {name} in {#items}. */
const tag = (spelled: string, kind: Tag['kind'] = 'value'): Tag => {
  const path = spelled.split('>');
  const name = path.pop() ?? '';
  return { name, kind, path, part: 'word/document.xml' };
};
const unfilled = (tags: string[], columns: string[], areFlat = true) =>
  unfilledTags(
    tags.map((name) => tag(name)),
    columns,
    areFlat,
  ).map(({ name }) => name);

describe('unfilledTags', () => {
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
  ])('takes %s for nearest in %j: %s', (name, columns, nearest) => {
    expect(unfilledTags([tag(name)], columns, true)).toEqual([
      nearest === undefined ? { name } : { name, nearest },
    ]);
  });
});
