import { describe, expect, it } from 'vitest';
import { parseTag } from '../../../shared/tags/tagExpression.ts';
import { readFormats } from '../../../shared/tags/compileFormats.ts';
import { takeApart } from '../../../shared/tags/writtenTag.ts';

const partsOf = (written: string) => {
  const { name, formats, fault } = takeApart(written);
  return [
    name,
    ...formats.map((format) => [format.name, ...format.arguments]),
    ...(fault === undefined ? [] : [fault]),
  ];
};

describe('a tag', () => {
  it.each([
    ['name', ['name']],
    ["Client's name", ["Client's name"]],
    ['"quoted"', ['"quoted"']],
    ['a:b', ['a:b']],
    ['name|upper', ['name', ['upper']]],
    [' Name \u00a0|\u00a0 UPPER ', ['Name', ['upper']]],
    ["Client's | upper | trim", ["Client's", ['upper'], ['trim']]],
    ['d | date:"d MMMM":"de"', ['d', ['date', 'd MMMM', 'de']]],
    ['x | percent:1', ['x', ['percent', '1']]],
    ['x | default:"a | b: c"', ['x', ['default', 'a | b: c']]],
    ['x | default:""', ['x', ['default', '']]],
    ['x | default:"say \\"yes\\""', ['x', ['default', 'say "yes"']]],
    ['x ｜ upper', ['x', ['upper']]],
    ['x | date：“yyyy年”', ['x', ['date', 'yyyy年']]],
    ['"a | b"', ['a | b']],
    ['“a | b” | upper', ['a | b', ['upper']]],
    // Of quotes around a part of the name alone nothing is taken.
    ['"a" and "b" | upper', ['"a" and "b"', ['upper']]],
    // As the code of a field has it.
    ['x | date:\\"yyyy\\":\\"de\\"', ['x', ['date', 'yyyy', 'de']]],
  ])('is taken apart: %s', (written, parts) => {
    expect(partsOf(written)).toEqual(parts);
  });

  it.each(['"', '“', '„', '«', '»', "'", '‘', '‚', '’', '‹', '＂', '「'])(
    'takes what Word makes of quotes: %s',
    (opening) => {
      const closing = { '«': '\u00a0»', '»': '«', '‹': '›', '„': '“', '‚': '‘', '「': '」' };
      const end = Object.entries(closing).find(([sign]) => sign === opening)?.[1] ?? opening;
      const start = opening === '«' ? '«\u00a0' : opening;
      expect(partsOf(`x | date:${start}d. M.${end}:${start}de${end}`)).toEqual([
        'x',
        ['date', 'd. M.', 'de'],
      ]);
    },
  );

  it.each([
    ['x |', /A bar \|/],
    ['x | upper |', /A bar \|/],
    ['x | date:"yyyy', /never closed/],
    ['x | date:', /Nothing stands behind the colon/],
    ['x | upper y', /Behind upper/],
  ])('tells what cannot be read: %s', (written, fault) => {
    expect(takeApart(written).fault).toMatch(fault);
  });

  it('is told as it can be read again', () => {
    const { told, formats } = parseTag('x|date:“d MMMM”:«de»|default:"\\"–\\""');
    expect(told).toBe('x | date:"d MMMM":"de" | default:"\\"–\\""');
    expect(parseTag(told).formats).toEqual(formats);
    expect(readFormats(told.split(' | ').slice(1))).toEqual(formats);
  });
});

describe('formats', () => {
  const faultsOf = (written: string) => parseTag(written).faults.map(({ detail }) => detail);

  it.each([
    ['d | dat', /no format "dat"\. Did you mean date\?/],
    ['d | foo', /There are date, number/],
    ['d | __proto__', /no format "__proto__"/],
    ['d | constructor', /no format "constructor"/],
    ['d | date:"dd.mm.yyyy"', /m, which is minutes\. Write M for months: "dd\.MM\.yyyy"/],
    ['d | date:"???"', /no picture of a date/],
    ['d | date:"d":"klingon!"', /no language/],
    ['d | date:"d":"en":"ymd"', /no order of a date/],
    ['n | number:"yyyy"', /a format of dates/],
    ['n | number:"0":"xx"', /no language/],
    ['n | number:"0":"de":";"', /no sign before fractions/],
    ['n | currency', /takes at most 3 arguments, and has 0\. Write currency:"EUR"/],
    ['n | currency:"XYZ1"', /no currency/],
    ['n | percent:"many"', /digits behind the point/],
    ['n | words:"tlh"', /no words of this kind in "tlh"/],
    ['n | words:"en":"roman"', /no kind of words/],
    ['n | count:1', /count takes no argument, and has 1/],
    ['n | default', /default takes 1 argument, and has 0/],
  ])('tell what is wrong: %s', (written, fault) => {
    expect(faultsOf(written)).toEqual([expect.stringMatching(fault)]);
  });

  it('tell everything that is wrong with one tag', () => {
    expect(faultsOf('d | dat | currency:"X" | upper:1:2')).toHaveLength(3);
  });
});
