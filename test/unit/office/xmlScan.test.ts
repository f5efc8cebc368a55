import { describe, expect, it } from 'vitest';
import {
  isOneElement,
  isRepeatable,
  xmlAttributes,
  XmlMalformed,
  xmlTags,
} from '../../../shared/office/xmlScan.ts';

describe('xmlTags', () => {
  it('finds tags, whatever is around them', () => {
    const xml = `<?xml a="<b>"?><!-- <c> --><a x='1>2' y = "&lt;&#65;&#x42;&quot;"><b/><![CDATA[<d>]]></a >`;
    const tags = [...xmlTags(xml)];
    expect(tags.map(({ kind, name }) => [kind, name])).toEqual([
      ['open', 'a'],
      ['empty', 'b'],
      ['close', 'a'],
    ]);
    const [first] = tags;
    if (!first) throw new Error('No tag was found.');
    expect(Object.fromEntries(xmlAttributes(first))).toEqual({ x: '1>2', y: '<AB"' });
    expect(xml.slice(first.start, first.end)).toMatch(/^<a x='1>2'.*">$/);
  });

  it.each([
    '<',
    '< a>',
    '<a',
    '<a b>',
    '<a b=c>',
    '<a b="<">',
    '<!DOCTYPE a>',
    '<!-- a',
    '<![CDATA[a',
    '<?a',
  ])('refuses %s', (xml) => {
    expect(() => [...xmlTags(xml)]).toThrow(XmlMalformed);
  });

  it('takes long attributes in linear time', () => {
    const xml = `<a${' b="c"'.repeat(20_000)} <`;
    expect(() => [...xmlTags(xml)]).toThrow(XmlMalformed);
  });
});

describe('isRepeatable', () => {
  it.each([
    ['text', true],
    ['<w:p>a</w:p><w:p/>', true],
    ['a</w:t></w:r><w:r><w:t>b', true],
    ['</w:t></w:r></w:p><w:p><w:r><w:t>', true],
    ['</w:t></w:r><w:t><w:r>', false],
    ['</w:tc></w:tr></w:tbl>', false],
    ['<w:tbl>', false],
    ['<a></b>', false],
    ['<a', false],
  ])('of %s is %s', (xml, expected) => {
    expect(isRepeatable(xml)).toBe(expected);
  });
});

describe('isOneElement', () => {
  it.each([
    ['<a/>', true],
    ['\ufeff<?xml version="1.0"?>\n<!-- <b> --><a><b/>text</a>\n', true],
    ['', false],
    ['text', false],
    ['<?xml version="1.0"?>', false],
    ['<a/>text', false],
    ['text<a/>', false],
    ['<a/><b/>', false],
    ['<a></a><a></a>', false],
    ['<a>', false],
    ['</a>', false],
    ['<a></b>', false],
    ['<a', false],
  ])('of %j is %s', (xml, expected) => {
    expect(isOneElement(xml)).toBe(expected);
  });
});
