import { describe, expect, it } from 'vitest';
import type { Tag } from '../../../../shared/schemas/common.ts';
import { countTags, listTags, type ListedTag } from '../../../../web/pages/wizard/tagList.ts';

const tag = (name: string, kind: Tag['kind'] = 'value', ...path: string[]): Tag => ({
  name,
  kind,
  path,
  part: 'word/document.xml',
});
const shape = (listed: readonly ListedTag[]): unknown[] =>
  listed.map(({ tag: { name }, count, inside }) =>
    inside.length === 0 ? [name, count] : [name, count, shape(inside)],
  );

describe('tags as people read them', () => {
  it('are listed once, within what repeats them', () => {
    const tags = [
      tag('name'),
      tag('items', 'section'),
      tag('price', 'value', 'items'),
      tag('name', 'value', 'items'),
      tag('parts', 'section', 'items'),
      tag('name', 'value', 'items', 'parts'),
      tag('name'),
      tag('items', 'inverted'),
      tag('none', 'value', 'items'),
    ];
    expect(shape(listTags(tags))).toEqual([
      ['name', 2],
      [
        'items',
        1,
        [
          ['price', 1],
          ['name', 1],
          ['parts', 1, [['name', 1]]],
          ['none', 1],
        ],
      ],
      ['items', 1],
    ]);
    expect(countTags(tags)).toBe(7);
  });

  it('show what is only within an inverted section, or within nothing that is listed', () => {
    expect(
      shape(listTags([tag('a', 'inverted'), tag('b', 'value', 'a'), tag('c', 'value', 'x')])),
    ).toEqual([
      ['a', 1, [['b', 1]]],
      ['c', 1],
    ]);
  });
});
