import { describe, expect, it } from 'vitest';
import { readNumbering, written } from '../../../../web/parts/preview/numbering.ts';
import { readTree } from '../../../../web/parts/preview/xmlTree.ts';

const level = (at: number, format: string, text: string, start = 1) =>
  `<w:lvl w:ilvl="${at}"><w:start w:val="${start}"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`;
const numbering = () =>
  readNumbering(
    readTree(
      `<w:numbering><w:abstractNum w:abstractNumId="0">${level(0, 'decimal', '%1.')}${level(1, 'lowerLetter', '%1.%2)')}${level(2, 'bullet', '\uf0b7')}</w:abstractNum>` +
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>' +
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num></w:numbering>',
    ),
  );

describe('numbers of lists', () => {
  it('count on, begin anew below another, and are written as their level says', () => {
    const { next } = numbering();
    const marks = [0, 1, 1, 0, 1, 2].map((at) => next('1', at)?.text);
    expect(marks).toEqual(['1.', '1.a)', '1.b)', '2.', '2.a)', '•']);
  });

  it('go on over lists of one kind, unless one says where it begins', () => {
    const { next } = numbering();
    expect(
      [next('1', 0), next('2', 0), next('2', 0), next('1', 0)].map((one) => one?.text),
    ).toEqual(['1.', '7.', '8.', '9.']);
    expect(next('9', 0)).toBeUndefined();
  });

  it.each([
    [27, 'lowerLetter', 'aa'],
    [4, 'upperLetter', 'D'],
    [1994, 'upperRoman', 'MCMXCIV'],
    [7, 'decimalZero', '07'],
    [12, 'chineseCounting', '十二'],
    [20, 'chineseCounting', '二十'],
    [5, 'decimal', '5'],
    [5, 'none', ''],
    [5, 'something', '5'],
  ])('writes %i as %s: %s', (value, format, text) => {
    expect(written(value, format)).toBe(text);
  });
});
