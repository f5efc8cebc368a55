import { describe, expect, it } from 'vitest';
import { findXmlFault } from '../../../shared/office/strictXml.ts';

const NS = 'xmlns:w="urn:w"';

describe('well-formed XML', () => {
  it.each([
    '<a/>',
    '\ufeff<?xml version="1.0" encoding="UTF-8" standalone=\'yes\'?>\n<a>\n</a>\n',
    `<w:a ${NS}><w:b w:c='1' c="1">x &amp; &#233; &#x1F600; > y</w:b></w:a>`,
    '<!-- before --><a><![CDATA[<b> & ]]><?mso-application progid="Word.Document"?></a><!-- after -->',
    '<a xmlns="urn:a"><b xmlns=""/></a>',
    '<a xmlns:p="urn:1" xmlns:q="urn:2" p:x="" q:x="" x=""/>',
    '<été 日本="1"/>',
    '<a xml:space="preserve"> </a>',
    '<a\n\tb = "1"\n/>',
  ])('is %s', (text) => {
    expect(findXmlFault(text)).toBeUndefined();
  });

  it('tells of each tag, in order', () => {
    const seen: string[] = [];
    findXmlFault('<a><b c="1"/></a>', ({ kind, name }) => seen.push(`${kind} ${name}`));
    expect(seen).toEqual(['open a', 'empty b', 'close a']);
  });

  it('is read in time that grows with its length', () => {
    const deep = `<w:a ${NS}>${'<w:b>'.repeat(50_000)}${'</w:b>'.repeat(50_000)}</w:a>`;
    expect(findXmlFault(deep)).toBeUndefined();
    expect(findXmlFault(`<a>${'&amp;<b c="d">x</b>'.repeat(200_000)}</a>`)).toBeUndefined();
    expect(findXmlFault(`<a ${' '.repeat(200_000)}`)?.detail).toMatch(/not whole/);
  });
});

describe('what is no well-formed XML', () => {
  it.each([
    ['<a b="1" b="2"/>', /attribute b stands twice in <a>/],
    ['<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', /attribute q:b stands twice/],
    [
      '<w:t xml:space=\'preserve\' xml:space="preserve" xmlns:w="u">x</w:t>',
      /xml:space stands twice/,
    ],
    ['<w:a/>', /prefix of w:a in <w:a> is not declared/],
    ['<a w:b="1"/>', /prefix of w:b in <a> is not declared/],
    ['<a><b xmlns:p="u"/><p:c/></a>', /p:c/],
    ['<a><b></a></b>', /<\/a> closes <b>/],
    ['<a>', /<a> is never closed/],
    ['<a/></a>', /closes what is not open/],
    ['<a/><b/>', /a second element, <b>/],
    ['<a/>text', /outside of all elements/],
    ['', /no element/],
    ['<a>&nbsp;</a>', /begins no reference/],
    ['<a b="x & y"/>', /begins no reference/],
    ['<a>&#x1;</a>', /&#x1; stands for a character/],
    ['<a>&#xFFFF;</a>', /stands for a character/],
    ['<a>&#55296;</a>', /stands for a character/],
    ['<a>\u0001</a>', /character that XML does not allow/],
    ['<a>\ud800</a>', /character that XML does not allow/],
    ['<a>]]></a>', /\]\]>/],
    ['<a b="<"/>', /not whole/],
    ['<a b=1/>', /not whole/],
    ['<a b="1"c="2"/>', /not whole/],
    ['<a:b:c xmlns:a="u"/>', /not whole/],
    ['<1a/>', /not whole/],
    ['<!-- a -- b --><a/>', /comment holds --/],
    ['<a><!-- b</a>', /has no end/],
    ['<!DOCTYPE a><a/>', /not allowed/],
    ['<![CDATA[x]]><a/>', /not allowed/],
    ['<a/><?xml version="1.0"?>', /elsewhere than at the beginning/],
    ['<a xmlns:p=""/>', /bound to nothing/],
  ])('is %s', (text, detail) => {
    expect(findXmlFault(text)?.detail).toMatch(detail);
  });
});
