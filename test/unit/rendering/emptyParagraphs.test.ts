import { describe, expect, it } from 'vitest';
import { findBreaches } from '../../../shared/rendering/repairs/wordRules.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { field, part, richWordFile } from '../../support/richWordFile.ts';
import { failInEveryTier, fillInEveryTier } from '../../support/tiers.ts';
import { header } from '../../support/wordFile.ts';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`;
const p = (text: string, properties = '') => `<w:p>${properties}${run(text)}</w:p>`;
const cell = (content: string) => `<w:tc><w:tcPr/>${content}</w:tc>`;
const table = (...cells: string[]) => `<w:tbl><w:tr>${cells.map(cell).join('')}</w:tr></w:tbl>`;
const BOX = (content: string) =>
  `<w:p><w:r><w:pict><v:textbox><w:txbxContent>${content}</w:txbxContent></v:textbox></w:pict></w:r></w:p>`;

interface Options {
  readonly tier?: string;
  readonly name?: string;
  readonly file?: Parameters<typeof richWordFile>[1];
}

/** A part of the document in which empty paragraphs were removed, alike in every tier. */
async function partOf(
  body: string,
  row: Row,
  { tier = 'compiled', name = 'word/document.xml', file }: Options = {},
): Promise<string> {
  const template = richWordFile(body, file);
  const parts = await fillInEveryTier(template, row, { tier, emptyParagraphs: 'remove' });
  const xml = parts.get(name) ?? '';
  expect(findBreaches(xml)).toEqual([]);
  return xml;
}

/** The text of each paragraph; '' for a blank line. */
async function lines(body: string, row: Row, options?: Options): Promise<string[]> {
  const xml = await partOf(body, row, options);
  return Array.from(
    xml.matchAll(/<w:p(?:\s[^>]*)?>(.*?)<\/w:p>|<w:p(?:\s[^>]*)?\/>/gs),
    ([, inner = '']) =>
      Array.from(inner.matchAll(/<w:t(?: [^>]*)?>([^<]*)<\/w:t>/g), ([, text]) => text).join(''),
  );
}

describe('a paragraph that holds only tags', () => {
  const ADDRESS =
    p('{name}') + p('{street}') + p('{street2}') + p('{zip} {city}') + p('Dear {name},');

  it.each<[string, Row]>([
    ['is absent', {}],
    ['is null', { street2: null }],
    ['is an empty text', { street2: '' }],
    ['holds only blanks', { street2: ' \u00a0\t' }],
    ['holds only line breaks', { street2: '\r\n' }],
    ['is an empty list', { street2: [] }],
  ])('leaves no blank line when its value %s', async (_, more) => {
    const row = { name: 'Ann', street: 'Elm St', zip: '1', city: 'X', ...more };
    expect(await lines(ADDRESS, row)).toEqual(['Ann', 'Elm St', '1 X', 'Dear Ann,']);
  });

  it('stays when anything comes out, 0 and false included', async () => {
    const body = p('{a}') + p('{a}{b}') + p('.');
    expect(await lines(body, { a: 0, b: '' })).toEqual(['0', '0', '.']);
    expect(await lines(body, { a: false })).toEqual(['false', 'false', '.']);
    expect(await lines(body, { b: 'x' })).toEqual(['x', '.']);
  });

  it('goes by what its formats make of it', async () => {
    const body = p('{a | default:"–"}') + p('{b | upper}') + p('{c | count}') + p('.');
    expect(await lines(body, { b: '', c: [] })).toEqual(['–', '0', '.']);
    expect(await lines(body, { a: 'x', b: 'y' })).toEqual(['x', 'Y', '0', '.']);
  });

  it('is kept where empty paragraphs are kept, which is what a task does by itself', async () => {
    const parts = await fillInEveryTier(richWordFile(p('{a}') + p('.')), {});
    expect(parts.get('word/document.xml')?.match(/<w:p>/g)).toHaveLength(2);
  });

  it('goes with its properties, bullets, breaks of lines, tabs and bookmarks', async () => {
    const bullet =
      '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:b/><w:rPrChange w:id="1"><w:rPr><w:i/></w:rPr></w:rPrChange></w:rPr></w:pPr>';
    const mark = '<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>';
    const many = `<w:p>${bullet}${mark}${run('{a}')}<w:r><w:tab/></w:r><w:r><w:br/></w:r><w:proofErr w:type="spellStart"/><w:hyperlink w:anchor="x">${run('{b}')}</w:hyperlink><w:ins w:id="2" w:author="x">${run(' ')}</w:ins></w:p>`;
    expect(await partOf(many + p('.'), {})).toContain(
      '<w:body><w:p><w:r><w:t xml:space="preserve">.',
    );
    expect(await lines(many + p('.'), { b: 'x' })).toEqual(['x ', '.']);
  });

  it.each([
    ['text', `<w:p>${run('{a}')}${run(':')}</w:p>`],
    ['a page break', `<w:p>${run('{a}')}<w:r><w:br w:type="page"/></w:r></w:p>`],
    [
      'a bookmark that ends elsewhere',
      `<w:p><w:bookmarkStart w:id="0" w:name="b"/>${run('{a}')}</w:p>${p('x').replace('</w:p>', '<w:bookmarkEnd w:id="0"/></w:p>')}`,
    ],
    ['a picture', BOX(p('x')).replace('<w:r>', `${run('{a}')}<w:r>`)],
    [
      'a field',
      `<w:p>${run('{a}')}<w:fldSimple w:instr="PAGE"><w:r><w:t/></w:r></w:fldSimple></w:p>`,
    ],
    ['the end of a section of the document', p('{a}', '<w:pPr><w:sectPr/></w:pPr>')],
    ['no tag at all', '<w:p/>'],
  ])('stays with %s', async (_, paragraph) => {
    const xml = await partOf(p('first') + paragraph + p('last'), {});
    const kept = await fillInEveryTier(richWordFile(p('first') + paragraph + p('last')), {});
    expect(xml).toBe(kept.get('word/document.xml'));
  });

  it('is not left out where a value is missing and that is an error', () => {
    const options = { missingValue: 'error', timeoutMs: 10_000 } as const;
    const template = richWordFile(p('{#c}{a}{/c}') + p('{b}') + p('.'));
    expect(failInEveryTier(template, { c: true, b: '' }, options, 'remove')).toMatchObject({
      code: 'MISSING_VALUE',
      tag: 'a',
    });
    expect(failInEveryTier(template, { c: false }, options, 'remove')).toMatchObject({ tag: 'b' });
  });
});

describe('conditions and lists in a paragraph', () => {
  it('leave no blank line when nothing comes out of them', async () => {
    const body = p('{#vip}Dear friend{/vip}') + p('{^vip}{title}{/vip}') + p('.');
    expect(await lines(body, { vip: true, title: 'x' })).toEqual(['Dear friend', '.']);
    expect(await lines(body, { title: 'Dr' })).toEqual(['Dr', '.']);
    expect(await lines(body, {})).toEqual(['.']);
  });

  it('look into the items, with the columns around them', async () => {
    const body =
      p('{#items}{#more}{name} {/more}{/items}') + p('{#items}{name}, {/items}') + p('.');
    expect(await lines(body, { items: [{ name: '' }, { more: true, name: 'b' }] })).toEqual([
      'b ',
      ', b, ',
      '.',
    ]);
    expect(await lines(body, { items: [{ more: true }], name: 'out' })).toEqual([
      'out ',
      'out, ',
      '.',
    ]);
    expect(await lines(body, { items: [{ more: true }] })).toEqual([', ', '.']);
    expect(await lines(body, { items: [] })).toEqual(['.']);
  });

  it('reach over paragraphs with both their signs in text', async () => {
    const body = p('{#a}One') + p('Two{/a}') + p('.');
    expect(await lines(body, { a: true })).toEqual(['One', 'Two', '.']);
    expect(await lines(body, { a: [{}, {}] })).toEqual(['One', 'Two', 'One', 'Two', '.']);
    expect(await lines(body, {})).toEqual(['.']);
    expect(await lines(p('{#a}{x}') + p('{y}{/a}') + p('.'), { a: true, y: 'Y' })).toEqual([
      'Y',
      '.',
    ]);
  });

  it('hold paragraphs that go by themselves', async () => {
    const body = p('{#items}') + p('{name}') + p('{note}') + p('{/items}') + p('.');
    const items = [
      { name: 'a', note: '' },
      { name: 'b', note: 'n' },
      { name: ' ', note: null },
    ];
    expect(await lines(body, { items })).toEqual(['a', 'b', 'n', '.']);
  });
});

describe('what must keep a paragraph', () => {
  it('is a cell, which keeps its last one, as it was', async () => {
    const styled = p('{b}', '<w:pPr><w:jc w:val="right"/></w:pPr>');
    const body = table(p('{a}') + styled, p('{c}'), p('x') + p('{d}'));
    const xml = await partOf(body, {});
    expect(xml.match(/<w:tc>.*?<\/w:tc>/gs)?.map((each) => each.match(/<w:p>/g)?.length)).toEqual([
      1, 1, 1,
    ]);
    expect(xml).toContain('<w:jc w:val="right"/>');
    expect(await lines(body, { a: 'A', c: 'C' })).toEqual(['A', 'C', 'x']);
    expect(await lines(body, { a: 'A', b: 'B', d: 'D' })).toEqual(['A', 'B', '', 'x', 'D']);
  });

  it('is a cell that holds a list of nothing but blank lines', async () => {
    const body = table(p('{#items}') + p('{name}') + p('{/items}')) + p('.');
    expect(await lines(body, { items: [{ name: '' }, {}] })).toEqual(['', '.']);
    expect(await lines(body, { items: [{ name: '' }, { name: 'b' }] })).toEqual(['b', '.']);
  });

  it('is a table beside another one, and the end behind a table', async () => {
    const body =
      table(p('1')) + p('{a}') + table(p('2')) + p('{b}') + p('.') + table(p('3')) + p('{c}');
    expect(await lines(body, {})).toEqual(['1', '', '2', '.', '3', '']);
  });

  it('is a text box, a header and a note', async () => {
    expect(await lines(BOX(p('{a}') + p('{b}')), {})).toHaveLength(1);
    const file = {
      parts: {
        'word/header1.xml': header(p('{a}') + p('{b}')),
        'word/footnotes.xml': {
          type: `${WORD}.footnotes+xml`,
          content: part('w:footnotes', `<w:footnote w:id="1">${p('{a}') + p('{b}')}</w:footnote>`),
        },
      },
    };
    expect(await lines(p('.'), { a: 'A' }, { name: 'word/header1.xml', file })).toEqual(['A']);
    expect(await lines(p('.'), {}, { name: 'word/header1.xml', file })).toEqual(['']);
    expect(await lines(p('.'), {}, { name: 'word/footnotes.xml', file })).toEqual(['']);
  });

  it('is a document of nothing but tags', async () => {
    expect(await lines(p('{a}') + p('{b}'), {})).toEqual(['']);
    expect(await lines(p('{a}') + p('{b}'), { a: 'A' })).toEqual(['A']);
  });
});

describe('lines of a mail merge', () => {
  it('go too where the template says to keep them', async () => {
    const file = {
      parts: {
        'word/settings.xml': {
          type: `${WORD}.settings+xml`,
          content: part('w:settings', '<w:mailMerge><w:doNotSuppressBlankLines/></w:mailMerge>'),
        },
      },
    };
    const body = `<w:p>${field('MERGEFIELD a \\b &quot;(&quot;')}</w:p>${p('.')}`;
    expect(await lines(body, { a: '' }, { file })).toEqual(['.']);
    expect(await lines(body, { a: 'x' }, { file })).toEqual(['(x', '.']);
  });
});
