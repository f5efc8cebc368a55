import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../shared/schemas/checkApi.ts';
import type { Tag } from '../../../../shared/schemas/common.ts';
import { faultsOfRows } from '../../../../web/pages/wizard/findings.ts';
import { liveNames, type NamesInput } from '../../../../web/pages/wizard/liveNames.ts';
import { matchColumns } from '../../../../web/pages/wizard/matching.ts';

const tag = (name: string, ...path: string[]): Tag => ({
  name,
  kind: 'value',
  path,
  part: 'word/document.xml',
});

describe('tags and columns', () => {
  const tags = [tag('name'), tag('First Name'), tag('emial'), tag('zzz')];
  const columns = ['name', 'first_name', 'email', 'city', 'items[1].a', 'items[2].a'];

  it('are matched as the service does, those without a column first, with what may be meant', () => {
    const { matches, unfilled, unused } = matchColumns(tags, columns, {});
    expect(matches.map(({ name, isFilled, column }) => [name, isFilled, column])).toEqual([
      ['emial', false, undefined],
      ['zzz', false, undefined],
      ['name', true, undefined],
      ['First Name', true, 'first_name'],
    ]);
    expect(matches[0]?.suggestions).toEqual(['email']);
    expect(unfilled).toBe(2);
    expect(unused).toEqual(['email', 'city', 'items[1].a']);
  });

  it('are also those of the rows of a group', () => {
    const letter = [
      tag('customer'),
      { ...tag('rows'), kind: 'section' as const },
      tag('item', 'rows'),
    ];
    const ordered = ['customer', 'item'];
    expect(matchColumns(letter, ordered, {}).unfilled).toBe(1);
    const { matches, unfilled, unused } = matchColumns(letter, ordered, {}, 'customer');
    expect(matches.map(({ name, isFilled }) => [name, isFilled])).toEqual([
      ['customer', true],
      ['rows', true],
      ['item', true],
    ]);
    expect([unfilled, unused]).toEqual([0, []]);
  });

  it('may be named like what every object has', () => {
    const odd = [tag('constructor'), tag('toString'), tag('__proto__')];
    const { matches } = matchColumns(odd, ['toString'], { constructor: 'toString' });
    expect(matches.map(({ name, chosen }) => [name, chosen])).toEqual([
      ['__proto__', undefined],
      ['constructor', 'toString'],
      ['toString', undefined],
    ]);
  });

  it('are matched as somebody says', () => {
    const { matches, unfilled } = matchColumns(tags, columns, { emial: 'email', zzz: 'city' });
    expect(unfilled).toBe(0);
    expect(matches.find(({ name }) => name === 'zzz')).toMatchObject({
      chosen: 'city',
      isFilled: false,
    });
  });
});

describe('names of documents', () => {
  const input: NamesInput = {
    pattern: '{First Name}-{row}',
    template: 'Letter',
    tags: [],
    columns: ['first_name', 'born'],
    mapping: {},
    rows: [
      { row: 1, values: { first_name: 'Ada', born: '1815-12-10' } },
      { row: 2, values: { first_name: '<img src=x onerror="alert(1)">' } },
    ],
  };

  it('are those of the archive', () => {
    expect(liveNames(input)).toEqual({
      names: ['Ada-1.docx', '_img src=x onerror=_alert(1)__-2.docx'],
    });
    expect(liveNames({ ...input, pattern: '{template}/{row}' }).names?.[0]).toBe('Letter/1.docx');
  });

  it('tell what is wrong with their pattern', () => {
    expect(liveNames({ ...input, pattern: '{name' }).fault).toContain('never closed');
  });
});

describe('findings', () => {
  it('are shown at the cells of the rows that they name, the first of each', () => {
    const finding = (more: Partial<Finding>): Finding => ({
      code: 'VALUE_UNREADABLE',
      severity: 'error',
      count: 2,
      firstRows: [3, 7],
      detail: 'Wrong.',
      ...more,
    });
    const { rows, faultOf } = faultsOfRows([
      finding({ column: 'a' }),
      finding({ column: 'a', detail: 'Later.', severity: 'warning', firstRows: [7, 9] }),
      finding({ column: 'b', severity: 'info', firstRows: [1] }),
    ]);
    expect([...rows]).toEqual([3, 7, 9]);
    expect(faultOf(7, 'a')).toBe('Wrong.');
    expect(faultOf(9, 'a')).toBe('Later.');
    expect(faultOf(1, 'b')).toBeUndefined();
  });
});
