import fc from 'fast-check';
import { format as formatByCode } from 'numfmt';
import { describe, expect, it } from 'vitest';
import { builtInFormat } from '../../../shared/dataSources/xlsx/builtInFormats.ts';
import { compileFormat } from '../../../shared/formats/numberFormat.ts';
import { plainDate, plainDecimals } from '../../../shared/formats/plainFormats.ts';
import { isoOf, serialOfIso } from '../../../shared/formats/serialDates.ts';

const shown = (code: string, value: number, locale = 'en-US', is1904 = false) =>
  compileFormat(code, { locale, is1904 }).show(value);

describe('a number', () => {
  it.each([
    ['General', 0.30000000000000004, '0.3'],
    ['General', 1 / 3, '0.333333333'],
    ['General', 123456789012, '1.23457E+11'],
    ['General', 0.000012345678, '1.23457E-05'],
    ['0.00', 1.005, '1.01'],
    ['0%', 0.125, '13%'],
    ['0', 2.5, '3'],
    ['0.##', 1, '1.'],
    ['#', 0, ''],
    ['0;-0;;@', 0, ''],
    ['0,', 1234567, '1235'],
    ['#,.#,', 1234567, '1.2'],
    ['0,0.00%%', 123.45, '1,234,500.00%%'],
    ['# ?/?', 1.25, '1 1/4'],
    ['[<-10]#" Wow"', -11, '-11 Wow'],
    ['[>999]#,"K";0', 1234, '1K'],
    ['#,##0.00\\ [$€-407]', 1234.5, '1,234.50 €'],
    ['\\a $#.00" profit"', 12.3, 'a $12.30 profit'],
    ['$###.00', -12.3, '-$12.30'],
    ['no such code [', 5, '5'],
  ])('in %s, %d is %s', (code, value, text) => {
    expect(shown(code, value)).toBe(text);
  });

  it('is shown by the fast way as by the formatter', () => {
    const code = fc
      .tuple(
        fc.constantFrom('', '$', '"EUR "', '-'),
        fc.constantFrom('0', '#,##0'),
        fc.constantFrom('', '.0', '.00', '.0000'),
        fc.constantFrom('', '%', ' €', '" kg"'),
      )
      .map((parts) => parts.join(''));
    const value = fc.oneof(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100),
      fc.integer({ min: -1000, max: 1000 }).map((halves) => halves / 2),
    );
    fc.assert(
      fc.property(code, value, (pattern, number) => {
        const quick = plainDecimals(pattern)?.(number);
        if (quick !== undefined) expect(quick).toBe(formatByCode(pattern, number));
      }),
      { numRuns: 2_000 },
    );
    expect(plainDecimals('#,##0.00')?.(1234567.891)).toBe('1,234,567.89');
    expect(plainDecimals('0;-0')).toBeUndefined();
  });
});

describe('a day', () => {
  it.each([
    ['yyyy"年"m"月"d"日"', 46351, '2026年11月25日'],
    ['yyyy年m月d日', 46351, '2026年11月25日'],
    ['[$-804]mmmm', 46351, '十一月'],
    ['[$-407]d. mmmm yyyy', 46351, '25. November 2026'],
    ['[DBNum1][$-804]yyyy"年"m"月"d"日"', 46351, '二〇二六年十一月二十五日'],
    ['[$-411]ggge"年"m"月"d"日"', 46351, '令和8年11月25日'],
    ['[$-411]ge.m.d', 32515, 'S64.1.7'],
    ['[$-404]e/m/d', 46351, '115/11/25'],
    ['上午/下午h"时"mm"分"', 0.6, '下午2时24分'],
    ['hh:mm:ss a/p', 0.60795, '02:35:27 p'],
    ['h:mm AM/PM', 0.6, '2:24 PM'],
    ['m/d/yyyy', 60, '2/29/1900'],
    ['[h]:mm', 1.5, '36:00'],
    ['"It was "[h]" [yes, "h"] hours and "mm:ss', 3.14159, 'It was 75 [yes, 75] hours and 23:53'],
    ['hh:mm:ss', 1.0032134017094, '00:04:38'],
    ['m/d/yyyy', -1, undefined],
    ['m/d/yyyy', 2_958_466, undefined],
    ['[h]:mm', -0.5, undefined],
  ])('in %s, %d is %s', (code, value, text) => {
    expect(shown(code, value)).toBe(text);
  });

  it('may be before the first where days count from 1904', () => {
    expect(shown('[h]:mm:ss', -0.08546296296296296, 'en-US', true)).toBe('-2:03:04');
    expect(shown('yyyy-mm-dd', 0, 'en-US', true)).toBe('1904-01-01');
  });

  it('is shown by the fast way as by the formatter', () => {
    const token = fc.constantFrom(
      'yyyy',
      'yy',
      'm',
      'mm',
      'd',
      'dd',
      'h',
      'hh',
      'ss',
      '/',
      '-',
      '.',
      ' ',
      '"T"',
      ':',
    );
    const code = fc.array(token, { minLength: 1, maxLength: 9 }).map((tokens) => tokens.join(''));
    const day = fc.oneof(
      fc.integer({ min: 61, max: 2_958_465 }),
      fc
        .tuple(fc.integer({ min: 61, max: 80_000 }), fc.integer({ min: 0, max: 86_399 }))
        .map(([days, seconds]) => days + seconds / 86_400),
    );
    fc.assert(
      fc.property(code, day, (pattern, serial) => {
        const quick = plainDate(pattern)?.(serial);
        if (quick !== undefined) expect(quick).toBe(formatByCode(pattern, serial));
      }),
      { numRuns: 3_000 },
    );
    expect(plainDate('yyyy-mm-dd hh:mm:ss')?.(46351.5)).toBe('2026-11-25 12:00:00');
  });

  it('is another in the calendar and back', () => {
    expect(isoOf(1, false)).toBe('1900-01-01');
    expect(isoOf(60, false)).toBeUndefined();
    expect(isoOf(61, false)).toBe('1900-03-01');
    expect(isoOf(46351.999999, false)).toBe('2026-11-26');
    expect(isoOf(0.75, true)).toBe('18:00:00');
    fc.assert(
      fc.property(fc.integer({ min: 61, max: 2_958_465 }), (serial) => {
        expect(serialOfIso(isoOf(serial, false) ?? '')).toBe(serial);
      }),
    );
    for (const text of ['', 'T', '2026', '25.11.2026']) expect(serialOfIso(text)).toBeUndefined();
  });
});

describe('numerals', () => {
  it.each([
    ['[DBNum1][$-804]General', 1234, '一千二百三十四'],
    ['[DBNum1][$-804]General', 10205, '一万〇二百〇五'],
    ['[DBNum1][$-804]General', 12, '十二'],
    ['[DBNum2][$-804]General', 1234.5, '壹仟贰佰叁拾肆.伍'],
    ['[DBNum2][$-804]General', 100000, '壹拾万'],
    ['[DBNum1][$-804]0', 1234, '一二三四'],
    ['[DBNum3][$-804]0', 1204, '１２０４'],
  ])('in %s, %d is %s', (code, value, text) => {
    expect(shown(code, value)).toBe(text);
  });
});

describe('a text', () => {
  it('is changed by a format that has a place for it', () => {
    const format = compileFormat('0;-0;0;"<"@">"', { locale: 'en-US', is1904: false });
    expect([format.changesTexts, format.showText('a')]).toEqual([true, '<a>']);
    for (const code of ['General', '@', '0.00', '0;-0;;@', 'm/d/yyyy;@']) {
      expect(compileFormat(code, { locale: 'en-US', is1904: false }).changesTexts).toBe(false);
    }
  });
});

describe('built-in formats', () => {
  it.each([
    [0, 'en-US', 'General'],
    [9, 'en-US', '0%'],
    [14, 'en-US', 'm/d/yyyy'],
    [14, 'de', 'dd.mm.yyyy'],
    [31, 'zh-CN', 'yyyy"年"m"月"d"日"'],
    [31, 'zh-TW', 'yyyy"年"m"月"d"日"'],
    [34, 'zh-CN', '上午/下午h"时"mm"分"'],
    [27, 'ja-JP', '[$-411]ge.m.d'],
    [34, 'ko-KR', 'yyyy-mm-dd'],
    [31, 'en-US', 'm/d/yyyy'],
    [49, 'zh-CN', '@'],
    [100, 'en-US', 'General'],
    [-1, 'en-US', 'General'],
    [400, 'en-US', 'General'],
  ])('%d in %s', (id, locale, code) => {
    expect(builtInFormat(id, locale)).toBe(code);
  });
});
