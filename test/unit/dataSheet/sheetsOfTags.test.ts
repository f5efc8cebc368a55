/** Which sheets and columns the tags of a template ask for. */
import { describe, expect, it } from 'vitest';
import { inspectTemplate } from '../../../shared/rendering/compileTemplate.ts';
import { sheetsOfTags } from '../../../shared/dataSheet/sheetsOfTags.ts';
import { listHeader } from '../../../shared/dataSheet/sheetsOfTags.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

/** By the header of a sheet: its columns, with their kinds where they are no texts. */
function plan(...text: string[]): Record<string, string[]> {
  const { tags } = inspectTemplate(wordFile(paragraphs(...text))).compiled;
  const { sheets, unfillable } = sheetsOfTags(tags);
  const columns = sheets.map(({ lists, columns: all }) => [
    listHeader(lists) || 'rows',
    all.map(
      ({ name, kind, isOuterToo }) =>
        name + (kind === 'text' ? '' : `:${kind}`) + (isOuterToo ? '*' : ''),
    ),
  ]);
  const all = Object.fromEntries(columns) as Record<string, string[]>;
  return unfillable.length > 0 ? { ...all, unfillable: [...unfillable] } : all;
}

describe('the sheets of a template', () => {
  it('have a column for each tag, in order, once, by their formats', () => {
    expect(
      plan(
        '{name} {address.city} {start | date:"d MMMM yyyy"} {name | upper}',
        '{pay | currency:"EUR"} {share | percent} {n | words} {note | default:"–"} {Name} {start}',
      ),
    ).toEqual({
      rows: [
        'name',
        'address.city',
        'start:date',
        'pay:number',
        'share:number',
        'n:number',
        'note',
        'Name',
      ],
    });
  });

  it('have a sheet for each list, and those in lists', () => {
    expect(
      plan(
        '{customer}{#orders}{no}{date | date:"yyyy"}{#items}{article}{#gift}!{/gift}{#parts}{part}{/parts}{/items}{/orders}',
        '{#tags}{.}{/tags}{orders | sum:"total"}',
      ),
    ).toEqual({
      rows: ['customer'],
      '#orders': ['no', 'date:date', 'total'],
      '#orders#items': ['article', 'gift:condition'],
      '#orders#items#parts': ['part'],
      '#tags': ['.'],
    });
  });

  it('tell conditions from lists by what else is read', () => {
    expect(plan('{#bonus}{bonus} more{/bonus}{^bonus}none{/bonus}')).toEqual({ rows: ['bonus'] });
    expect(plan('{#manager}{name}{/manager}{name}')).toEqual({
      rows: ['manager:condition', 'name'],
    });
    expect(plan('{#isManager}{team}{/isManager}{#是否在职}{部门}{/是否在职}')).toEqual({
      rows: ['isManager:condition', 'team', '是否在职:condition', '部门'],
    });
    expect(plan('{#remote}text{/remote}{^onsite}{home}{/onsite}')).toEqual({
      rows: ['remote:condition', 'onsite:condition', 'home'],
    });
    expect(plan('{#items | count}{total}{/items}{#items}{price}{/items}')).toEqual({
      rows: ['total'],
      '#items': ['price'],
    });
    expect(plan('{#address}{street}{/address}{address.city}')).toEqual({
      rows: ['address.street', 'address.city'],
    });
  });

  it('have a column on both sheets where a list reads what rows have, too', () => {
    expect(plan('{name}{#items}{name}{price}{/items}')).toEqual({
      rows: ['name'],
      '#items': ['name*', 'price'],
    });
    expect(plan('{items[1].price}{#items}{name}{/items}')).toEqual({
      rows: [],
      '#items': ['price', 'name'],
    });
  });

  it('have one list for sections of one name within lists and around them', () => {
    expect(plan('{#a}{#b}{x}{/b}{y}{/a}{#b}{x}{z}{/b}')).toEqual({
      rows: [],
      '#a': ['y'],
      '#b': ['x', 'z'],
    });
  });

  it('leave out what no table can fill, and say so', () => {
    expect(plan('{__proto__}{ok}{a.__proto__.b}{#c}{__proto__}{d}{/c}')).toEqual({
      rows: ['ok'],
      '#c': ['d'],
      unfillable: ['__proto__', 'a.__proto__.b'],
    });
    expect(plan('{#2nd}{x}{y}{/2nd}')).toMatchObject({ unfillable: ['2nd', 'x', 'y'] });
    expect(plan('{#a[2]}{x}{y}{/a[2]}')).toMatchObject({ unfillable: ['a[2]', 'x', 'y'] });
    expect(plan('no tag')).toEqual({ rows: [] });
  });
});
