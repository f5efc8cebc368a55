import { describe, expect, it } from 'vitest';
import { HELP, parseOptions } from '../../../cli/demo/options.ts';

const read = (...args: string[]) => {
  const options = parseOptions(args);
  if (options === 'help') throw new Error('No options.');
  return options;
};

describe('parseOptions', () => {
  it('makes the example when nothing is said, and is gentler with own files', () => {
    expect(read()).toMatchObject({
      data: 'examples/people.csv',
      missingValue: 'error',
      emptyParagraphs: 'keep',
      check: 'warn',
      reading: {},
    });
    expect(read('--data', 'a.csv')).toMatchObject({
      out: 'out/documents.zip',
      missingValue: 'empty',
      emptyParagraphs: 'keep',
      check: 'warn',
    });
  });

  it('takes how the rows are to be read', () => {
    const { reading } = read('--encoding', 'windows-1252', '--delimiter', ';', '--header-row', '3');
    expect(reading).toEqual({ encoding: 'windows-1252', delimiter: ';', headerRow: 3 });
  });

  it.each(['tab', 'TAB', '\\t', '\t'])('takes %j for the tab', (given) => {
    expect(read('--delimiter', given).reading).toEqual({ delimiter: '\t' });
  });

  it.each([
    [['--encoding', 'ansi-latin'], /--encoding is "ansi-latin".*windows-1252/],
    [['--delimiter', ';;'], /--delimiter is ";;".*one character/],
    [['--delimiter', '"'], /--delimiter/],
    [['--quote', '`'], /--quote is `; it must be " or '\./],
    [['--header-row', '0'], /--header-row is "0".*from 1 to 100/],
    [['--header-row', 'two'], /--header-row is "two"/],
    [['--data', 'a.json', '--delimiter', ';'], /--delimiter is for CSV, and a\.json is none/],
    [['--data', 'a.jsonl', '--header-row', '2'], /--header-row is for CSV/],
    [['--data', 'a.csv', '--sheet', 'People'], /--sheet is for workbooks/],
    [['--data', 'a.xlsx', '--encoding', 'utf-8'], /--encoding is for text/],
    [['--data', 'a.xlsx', '--sheet', ''], /--sheet is ""/],
    [['--missing', 'maybe'], /--missing is "maybe"/],
    [['--check', 'on'], /--check is "on"; it must be strict, warn or off/],
    [['--empty-paragraphs', 'drop'], /--empty-paragraphs is "drop"; it must be keep or remove/],
    [['--wat'], /--wat/],
    [['stray.csv'], /stray\.csv/],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('the help', () => {
  it('names every option, in lines that a terminal of 80 columns shows', () => {
    for (const option of [
      'template',
      'data',
      'out',
      'missing',
      'empty-paragraphs',
      'check',
      'keep',
      'help',
    ])
      expect(HELP).toContain(`--${option}`);
    for (const option of ['encoding', 'delimiter', 'header-row'])
      expect(HELP).toContain(`--${option}`);
    expect(Math.max(...HELP.split('\n').map((line) => line.length))).toBeLessThan(80);
  });
});
