import { describe, expect, it } from 'vitest';
import { compareTask, type TaskNames } from '../../../shared/columns/compareTask.ts';

const tag = (name: string, kind: 'value' | 'section' | 'inverted' = 'value') => ({
  name,
  kind,
  path: [],
  part: 'word/document.xml',
});
const compare = (tags: string[], columns: string[], changes: Partial<TaskNames> = {}) =>
  compareTask({
    templates: [{ label: 'letter', tags: tags.map((name) => tag(name)) }],
    fileNameTags: [],
    columns: { names: columns, areAll: true },
    missingValue: 'empty',
    ...changes,
  });

describe('compareTask', () => {
  it('is silent where all fits', () => {
    expect(compare(['name', 'city'], ['city', 'name'])).toEqual({ warnings: [] });
  });

  it('names tags without a column with the nearest one, and columns without a tag', () => {
    expect(compare(['Nme', 'citi', 'Zip', 'xyz'], ['name', 'CITY', 'zip']).warnings).toEqual([
      'No column fills the tag {Nme}: it stays blank. Did you mean the column "name"?',
      'No column fills the tag {citi}: it stays blank. Did you mean the column "CITY"?',
      'No column fills the tag {xyz}: it stays blank.',
      'Filled from columns that are spelt otherwise: {Zip} from "zip". If one is wrong, say which column it is in options.mapping.',
      'No tag reads the columns "name" and "CITY".',
    ]);
  });

  it('says what becomes of sections, and of rows that must be whole', () => {
    const templates = [{ label: 'letter', tags: [tag('a', 'section'), tag('b', 'inverted')] }];
    expect(compare([], [], { templates }).warnings).toEqual([
      'No column fills the tag {#a}: what is in it is left out of every document.',
      'No column fills the tag {^b}: what is in it stays in every document.',
    ]);
    expect(compare(['a'], [], { missingValue: 'error' }).warnings).toEqual([
      'No column fills the tag {a}: rows fail for it.',
    ]);
  });

  it('names the template where there are several, and the pattern of file names', () => {
    const templates = [
      { label: 'letter', tags: [tag('a')] },
      { label: 'invoice', tags: [tag('b')] },
    ];
    expect(compare([], ['a', 'c'], { templates, fileNameTags: ['c', 'd'] }).warnings).toEqual([
      'No column fills the tag {d} of fileName: names of documents go without it.',
      'No column fills the tag {b} of "invoice": it stays blank.',
    ]);
  });

  it.each(['price > 3', 'name | upper', 'a + b', 'status=="paid"', 'x ? y : z'])(
    'says that {%s} is not computed',
    (name) => {
      expect(compare([name], []).warnings[0]).toContain('formulas are not computed');
    },
  );

  it('stays short whatever is missing', () => {
    const many = (word: string) => Array.from({ length: 500 }, (_, i) => `${word}${i}`.repeat(50));
    const { warnings } = compare(many('wanted'), many('given'));
    expect(warnings.length).toBe(12);
    expect(warnings[10]).toBe('And 490 more tags are filled by no column.');
    expect(warnings[11]).toMatch(/ and 490 more\.$/);
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThan(1_000);
  });

  it('finds the columns that are spelt otherwise', () => {
    const { warnings, spellings } = compare(
      ["Client's name", 'First name', 'address.Zip code', 'same'],
      ['Client’s name', 'First\nname', 'address.Zip\u00a0code', 'same'],
    );
    expect(warnings).toEqual([]);
    expect(spellings?.templates).toEqual([
      {
        "Client's name": ['Client’s name'],
        'First name': ['First\nname'],
        'address.Zip code': ['address.Zip\u00a0code'],
        'Zip code': ['Zip\u00a0code'],
      },
    ]);
  });
});
