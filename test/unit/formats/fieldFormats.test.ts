import { describe, expect, it } from 'vitest';
import { applyFormat, holds } from '../../../shared/formats/fieldFormats.ts';
import type { Condition } from '../../../shared/formats/fieldSchemas.ts';

describe('pictures of numbers', () => {
  // What Word 2010 gives (docx4j's tests), without the blanks that it pads with.
  it.each([
    ['00.00', '9', '09.00'],
    ['00.00', '9.006', '09.01'],
    ['##.##', '9', '9'],
    ['####.0000', '123.456', '123.4560'],
    ['0.00x', '0.125678', '0.126'],
    ['.x', '0.75', '.8'],
    ['$###.00', '95.4', '$95.40'],
    ['$#,###,###', '2456800', '$2,456,800'],
    ['##%', '33', '33%'],
    ["$##0.00 'is tax'", '3.89', '$3.89 is tax'],
    ['00', '€180,000.00 EUR', '180000'],
    ['x##', '222492', '492'],
    ['0.00', 'none', 'none'],
    ['0.00', '1.005', '1.01'],
    ['0', '2.5', '3'],
    ['0.00', '-1.5', '-1.50'],
    ['$#,##0.00;($#,##0.00)', '-1234.5', '($1,234.50)'],
    ['0.00;-0.00;free', '0.001', 'free'],
    ['+#,##0', '1234', '+1,234'],
    ['#,##0.00', '12345678901234567890.125', '12,345,678,901,234,567,890.13'],
    ["000'-'0000", '5551234', '555-1234'],
    ['#,##0.00', '0', '0.00'],
    ['#', '0', ''],
    ['#,##0', '999', '999'],
    [',0.00', '1234.5', '1,234.50'],
    ['#,##0.0', '999.96', '1,000.0'],
  ])('%s of %s is %s', (number, value, text) => {
    expect(applyFormat({ number, language: 'en-US' }, value)).toBe(text);
  });

  it.each([
    ['#.##0,00 €', '1234.5', '1.234,50 €'],
    ['#.##0,00', '1.234,5', '1.234,50'],
    ['0,00', '1234,5', '1234,50'],
    ['#.##0', '1234567', '1.234.567'],
  ])('%s of %s is %s in German', (number, value, text) => {
    expect(applyFormat({ number, language: 'de-DE' }, value)).toBe(text);
  });

  it('takes numbers that are no text as they are', () => {
    expect(applyFormat({ number: '0.00', language: 'de-DE' }, 1.234)).toBe('1.23');
    expect(applyFormat({ number: '0', language: 'en-US' }, 1e21)).toBe('1000000000000000000000');
  });
});

describe('pictures of dates', () => {
  it.each([
    ['d MMMM yyyy', '2024-04-15', 'en-GB', '15 April 2024'],
    ['d MMMM yyyy', '2024-04-15', 'de-DE', '15 April 2024'],
    ['dddd, d. MMM yy', '2024-03-05T14:07:09', 'de-DE', 'Dienstag, 5. Mär 24'],
    ['d MMMM yyyy', '2024-04-15', 'pl-PL', '15 kwietnia 2024'],
    ['MMMM yyyy', '2024-04-15', 'pl-PL', 'kwiecień 2024'],
    ['yyyy年M月d日', '2024-04-15', 'zh-CN', '2024年4月15日'],
    ['EEEE年O月A日', '2024-11-25', 'zh-CN', '二〇二四年十一月二十五日'],
    ['EEEE年O月A日 dddd', '2024-10-10', 'zh-CN', '二〇二四年十月十日 星期四'],
    ['MM/dd/yy', '2024-04-05', 'en-US', '04/05/24'],
    ['h:mm am/pm', '2024-04-15 14:05', 'en-US', '2:05 pm'],
    ['HH:mm:ss', '4/15/2024 2:05:09 PM', 'en-US', '14:05:09'],
    ["d 'day of' MMMM", '11/25/2025', 'en-US', '25 day of November'],
    ['d MMM', '3/4/2026', 'en-GB', '3 Apr'],
    ['d MMM', '3/4/2026', 'en-US', '4 Mar'],
    ['d MMM', '03.04.2026', 'de-DE', '3 Apr'],
    ['yyyy-MM-dd', '15 April 2024', 'en-US', '2024-04-15'],
    ['yyyy-MM-dd', 'April 15, 2024', 'en-US', '2024-04-15'],
    ['d MMMM yyyy', 'soon', 'en-US', 'soon'],
    ['d MMMM yyyy', '2024-02-30', 'en-US', '2024-02-30'],
    ['d', '2024-04-15', 'en-US', '15'],
  ])('%s of %s in %s is %s', (date, value, language, text) => {
    expect(applyFormat({ date, language }, value)).toBe(text);
  });
});

describe('letters, and text around a value', () => {
  it.each([
    ['upper', 'SmiTH and co', 'SMITH AND CO'],
    ['lower', 'SmiTH', 'smith'],
    ['firstcap', 'anna maria', 'Anna maria'],
    ['caps', 'anna SmiTH-lee', 'Anna SmiTH-Lee'],
  ] as const)('%s of %s is %s', (letters, value, text) => {
    expect(applyFormat({ letters }, value)).toBe(text);
  });

  it('is there with a value alone', () => {
    const format = { before: '(', after: ') ', letters: 'upper' } as const;
    expect(applyFormat(format, 'x')).toBe('(X) ');
    expect(applyFormat(format, '')).toBe('');
  });
});

describe('conditions', () => {
  const test = (left: string, comparison: '=' | '<>' | '<' | '>' | '<=' | '>=', right: string) => {
    const condition: Condition = { left: [left], comparison, right: [right], hasWildcards: true };
    return holds(condition, () => undefined);
  };
  it.each([
    ['10', '>', '9', true],
    ['10', '=', '10.0', true],
    ['1,000', '>', '999', true],
    ['b', '>', 'a', true],
    ['Berlin', '=', 'berlin', false],
    ['Berlin', '=', 'Ber*', true],
    ['Berlin', '<>', 'B?rlin', false],
    ['', '=', '', true],
    ['', '<>', '', false],
    ['-1', '<', '0', true],
  ] as const)('%s %s %s: %s', (left, comparison, right, expected) => {
    expect(test(left, comparison, right)).toBe(expected);
  });
});
