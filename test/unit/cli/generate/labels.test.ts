import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../../cli/generate/labels.ts';
import { foldName } from '../../../../shared/rendering/safeNames.ts';

describe('names of tasks', () => {
  it.each([
    [
      ['jan.csv', 'data/feb.csv.gz', 'v1.2.xlsx', '.csv', 'no ending'],
      ['jan', 'feb', 'v1.2', '.csv', 'no ending'],
    ],
    [
      ['jan.csv', 'jan.xlsx', 'feb.csv'],
      ['jan.csv', 'jan.xlsx', 'feb'],
    ],
    [
      ['Jan.csv', 'jan.CSV'],
      ['Jan.csv', 'jan.CSV-2'],
    ],
    [
      ['north/jan.csv', 'south/jan.csv'],
      ['north-jan', 'south-jan'],
    ],
    [
      ['north/jan.csv', 'north/jan.json', 'south/jan.csv'],
      ['north-jan', 'jan.json', 'south-jan'],
    ],
    [
      ['a/x/jan.csv', 'b/x/jan.csv'],
      ['a-x-jan', 'b-x-jan'],
    ],
    [
      ['..csv', '...csv', 'a/...csv', 'x. .csv'],
      ['..csv', '...csv', 'a-input', 'x'],
    ],
  ])('of %j are %j', (paths, labels) => {
    expect(labelsOf(paths)).toEqual(labels);
  });

  it('are different on every disk, and lead to no other folder', () => {
    const name = fc.constantFrom(
      'jan',
      'Jan',
      'JÄN',
      'ja\u0308n',
      '.',
      '..',
      '...',
      'a-jan',
      '$&',
      ' ',
      'x. ',
    );
    const ending = fc.constantFrom('', '.csv', '.xlsx', '.csv.gz', '.');
    const path = fc
      .tuple(fc.array(name, { maxLength: 3 }), name, ending)
      .map(([folders, own, end]) => [...folders, own + end].join('/'));
    fc.assert(
      fc.property(fc.array(path, { maxLength: 12 }), (paths) => {
        const labels = labelsOf(paths);
        expect(labels).toHaveLength(paths.length);
        expect(new Set(labels.map(foldName)).size).toBe(paths.length);
        for (const label of labels) expect(label).not.toMatch(/\/|^\.*$|[. ]$/);
      }),
    );
  });

  it('of ten thousand files of one name are found at once', () => {
    const labels = labelsOf(Array.from({ length: 10_000 }, () => 'jan.csv'));
    expect(labels.at(-1)).toBe('jan.csv-10000');
  });
});
