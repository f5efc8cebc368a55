import { describe, expect, it } from 'vitest';
import { applicable, readingOf, type ReadingValues } from '../../../cli/files/reading.ts';

describe('how rows are to be read', () => {
  it('is said as the API takes it', () => {
    const said = { encoding: 'windows-1252', delimiter: ';', 'header-row': 3, quote: "'" };
    expect(readingOf(said, 'a.csv')).toEqual({
      ...{ encoding: 'windows-1252', delimiter: ';', headerRow: 3, quote: "'" },
    });
    expect(readingOf({ sheet: '2', values: 'typed' }, 'a.xlsx')).toEqual({
      ...{ sheet: 2, values: 'typed' },
    });
    expect(readingOf({ sheet: 'People' }, 'a.xlsx')).toEqual({ sheet: 'People' });
    expect(readingOf({}, 'a.csv')).toEqual({});
  });

  it.each(['tab', 'TAB', '\\t', '\t'])('takes %j for the tab', (delimiter) => {
    expect(readingOf({ delimiter }, 'a.csv.gz')).toEqual({ delimiter: '\t' });
  });

  const refused: [ReadingValues, string, RegExp][] = [
    [{ encoding: 'ansi-latin' }, 'a.csv', /--encoding is "ansi-latin".*windows-1252/],
    [{ delimiter: ';;' }, 'a.csv', /--delimiter is ";;".*one character/],
    [{ delimiter: '"' }, 'a.csv', /--delimiter/],
    [{ quote: '`' }, 'a.csv', /--quote is `; it must be " or '\./],
    [{ 'header-row': 0 }, 'a.csv', /--header-row is 0.*from 1 to 100/],
    [{ delimiter: ';' }, 'a.json', /--delimiter is for CSV, and a\.json is none/],
    [{ 'header-row': 2 }, 'a.jsonl', /--header-row is for CSV/],
    [{ sheet: 'People' }, 'a.csv', /--sheet is for workbooks/],
    [{ encoding: 'utf-8' }, 'a.xlsx', /--encoding is for text/],
    [{ sheet: '' }, 'a.xlsx', /--sheet is ""/],
  ];
  it.each(refused)('refuses %j of %s', (said, name, message) => {
    expect(() => readingOf(said, name)).toThrow(message);
  });

  it('leaves out what only other files of a list have', () => {
    const said = { delimiter: ';', sheet: 'People', encoding: 'utf-8' };
    expect(applicable(said, 'a.csv')).toEqual({ delimiter: ';', encoding: 'utf-8' });
    expect(applicable(said, 'a.xlsx')).toEqual({ sheet: 'People' });
    expect(applicable(said, 'a.json')).toEqual({ encoding: 'utf-8' });
  });
});
