/** What filling would break, and what every engine writes instead. */
import { describe, expect, it } from 'vitest';
import { findBreaches } from '../../../../shared/rendering/repairs/wordRules.ts';
import type { Row } from '../../../../shared/schemas/common.ts';
import { fillInEveryTier } from '../../../support/tiers.ts';
import { richWordFile } from '../../../support/richWordFile.ts';
import { header, paragraphs, table, type WordFileOptions } from '../../../support/wordFile.ts';

/** The body of the filled document; it breaks no rule, whatever the tier. */
async function bodyOf(
  body: string,
  row: Row,
  { tier = 'compiled', part = 'word/document.xml', ...options }: Options = {},
): Promise<string> {
  const template = richWordFile(body, options);
  const parts = await fillInEveryTier(template, row, { tier });
  const xml = parts.get(part) ?? '';
  expect(findBreaches(xml)).toEqual([]);
  return /<w:body>(.*)<w:sectPr\/>/s.exec(xml)?.[1] ?? xml;
}

interface Options extends WordFileOptions {
  readonly tier?: string;
  readonly part?: string;
}

const textBox = (content: string, id = 1) =>
  `<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="${id}" name="Box"/><w:txbxContent>${content}</w:txbxContent></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape id="_x0000_s${1025 + id}" o:spid="_x0000_s${2048 + id}"><v:textbox><w:txbxContent>${content}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>`;
const control = (content: string) =>
  `<w:sdt><w:sdtPr/><w:sdtContent>${content}</w:sdtContent></w:sdt>`;
const cell = (content: string) => `<w:tc><w:tcPr/>${content}</w:tc>`;
const all = (xml: string, pattern: RegExp) => Array.from(xml.matchAll(pattern), ([, id]) => id);

describe('a header', () => {
  it('that holds nothing but a table keeps a paragraph when the table goes', async () => {
    const content = table(['{#items}{name}', '{value}{/items}']);
    const parts = { 'word/header1.xml': header(content) };
    const rows: Row[] = [{}, { items: [] }, { items: [{ name: 'a', value: 1 }] }];
    for (const row of rows) {
      const options = { parts, part: 'word/header1.xml', tier: 'reused-parse' };
      const xml = await bodyOf(paragraphs('text'), row, options);
      expect(xml.includes('<w:p')).toBe(true);
    }
  });
});

describe('line breaks in values', () => {
  it.each([
    ['CRLF', 'a\r\nb'],
    ['CR', 'a\rb'],
    ['LF', 'a\nb'],
    ['the line separator', 'a\u2028b'],
    ['the paragraph separator', 'a\u2029b'],
  ])('are %s, once each', async (_name, value) => {
    expect(await bodyOf(paragraphs('{x}'), { x: value })).toBe(
      '<w:p><w:r><w:t xml:space="preserve">a</w:t></w:r><w:r><w:br/></w:r><w:r><w:t xml:space="preserve">b</w:t></w:r></w:p>',
    );
  });

  it('keep empty lines', async () => {
    const body = await bodyOf(paragraphs('{x}'), { x: 'a\r\n\r\nb\r\rc\n' });
    expect(body.match(/<w:br\/>/g)).toHaveLength(5);
  });

  it('repeat the properties of a run whole, without a tracked change of them', async () => {
    const run = (properties: string) =>
      `<w:p><w:r><w:rPr>${properties}</w:rPr><w:t>{x}</w:t></w:r></w:p>`;
    const change = '<w:rPrChange w:id="1" w:author="A"><w:rPr><w:i/></w:rPr></w:rPrChange>';
    const body = await bodyOf(run(`<w:b/>${change}`), { x: 'a\nb' });
    expect(body).toBe(
      `<w:p><w:r><w:rPr><w:b/>${change}</w:rPr><w:t xml:space="preserve">a</w:t></w:r><w:r><w:br/></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">b</w:t></w:r></w:p>`,
    );
    expect(
      await bodyOf(run('<w:b/><w:rPrChange w:id="1"><w:rPr/></w:rPrChange>'), { x: 'a\nb' }),
    ).toContain('<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">b');
  });

  it('do so where only the row says which run it is', async () => {
    const tracked =
      '<w:r><w:rPr><w:b/><w:rPrChange w:id="1"><w:rPr><w:i/></w:rPr></w:rPrChange></w:rPr>';
    const body = await bodyOf(
      `<w:p><w:r><w:t>{#l}{x}</w:t></w:r>${tracked}<w:t>{x}{/l}</w:t></w:r></w:p>`,
      { l: [{ x: 'a\nb' }, { x: 'c\nd' }] },
    );
    expect(body.match(/<w:br\/>/g)).toHaveLength(4);
  });

  it('are blanks in equations', async () => {
    const body = '<w:p><m:oMath><m:r><m:t>{x}</m:t></m:r></m:oMath></w:p>';
    expect(await bodyOf(body, { x: 'a\r\nb' })).toContain('<m:t>a b</m:t>');
  });

  const diagram = (text: string): Options => ({
    part: 'word/diagrams/data1.xml',
    parts: {
      'word/diagrams/data1.xml': {
        type: 'application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml',
        content: `<dgm:dataModel xmlns:dgm="urn:dgm" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:p>${text}</a:p></dgm:dataModel>`,
      },
    },
  });

  it('are those of DrawingML in its runs', async () => {
    expect(
      await bodyOf(paragraphs('{x}'), { x: 'a\nb' }, diagram('<a:r><a:t>{x}</a:t></a:r>')),
    ).toContain('<a:p><a:r><a:t>a</a:t></a:r><a:br/><a:r><a:t>b</a:t></a:r></a:p>');
    const properties = '<a:rPr lang="en"><a:latin typeface="X"/></a:rPr>';
    const styled = diagram(`<a:r><a:t>c</a:t></a:r><a:r>${properties}<a:t>{x}</a:t></a:r>`);
    expect(await bodyOf(paragraphs('{x}'), { x: 'a\nb' }, styled)).toContain(
      `<a:r>${properties}<a:t>a</a:t></a:r><a:br>${properties}</a:br><a:r>${properties}<a:t>b</a:t></a:r>`,
    );
  });

  it('are blanks in fields of DrawingML, which are no runs', async () => {
    const field = diagram('<a:r><a:t>c</a:t></a:r><a:fld id="1"><a:t>{x}</a:t></a:fld>');
    expect(await bodyOf(paragraphs('{x}'), { x: 'a\nb' }, field)).toContain('<a:t>a b</a:t>');
  });
});

describe('containers that lose what is in them', () => {
  it('keep a paragraph in a text box, in both of its forms', async () => {
    const box = textBox(paragraphs('{#vip}', 'VIP', '{/vip}'));
    expect(
      (await bodyOf(box, {})).match(/<w:txbxContent><w:p><\/w:p><\/w:txbxContent>/g),
    ).toHaveLength(2);
    expect(await bodyOf(box, { vip: true })).not.toContain('<w:p></w:p>');
  });

  it('keep one in a text box without anything in the template', async () => {
    expect(await bodyOf(textBox('') + paragraphs('{x}'), { x: 1 })).toContain(
      '<w:txbxContent><w:p></w:p></w:txbxContent>',
    );
  });

  it('keep one in notes, comments, headers and footers', async () => {
    const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
    const root = (name: string, inside: string) => ({
      type: `${WORD}.${name === 'hdr' ? 'header' : name === 'ftr' ? 'footer' : name}+xml`,
      content: `<w:${name} xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">${inside}</w:${name}>`,
    });
    const content = paragraphs('{#a}', 'x', '{/a}');
    for (const [part, made] of Object.entries({
      'word/footnotes.xml': root('footnotes', `<w:footnote w:id="1">${content}</w:footnote>`),
      'word/endnotes.xml': root('endnotes', `<w:endnote w:id="1">${content}</w:endnote>`),
      'word/comments.xml': root('comments', `<w:comment w:id="1">${content}</w:comment>`),
      'word/header1.xml': root('hdr', content),
      'word/footer1.xml': root('ftr', content),
    })) {
      const xml = await bodyOf(paragraphs('{b}'), { a: [] }, { part, parts: { [part]: made } });
      expect(xml.match(/<w:p><\/w:p>/g), part).toHaveLength(1);
    }
  });

  it('let a content control go with its rows', async () => {
    const rows = (inside: string) =>
      `<w:tbl><w:tblPr/><w:tblGrid/><w:tr>${cell(paragraphs('Head'))}</w:tr>${inside}</w:tbl><w:p/>`;
    const body = rows(
      control(`<w:tr>${cell(paragraphs('{#items}{n}'))}${cell(paragraphs('{p}{/items}'))}</w:tr>`),
    );
    expect(await bodyOf(body, { items: [] })).not.toContain('<w:sdt>');
    expect(await bodyOf(body, { items: [{ n: 1 }, { n: 2 }] })).toContain('<w:sdtContent><w:tr>');
  });

  it('let a table go whose only rows went with their content control', async () => {
    const row = `<w:tr>${cell(paragraphs('{#items}{n}'))}${cell(paragraphs('{p}{/items}'))}</w:tr>`;
    const body = `<w:tbl><w:tblPr/><w:tblGrid/>${control(row)}</w:tbl><w:p/>`;
    expect(await bodyOf(body, {})).toBe('<w:p/>');
  });

  it('let a content control be empty among runs', async () => {
    const body = `<w:p>${control('<w:r><w:t>{#a}</w:t></w:r><w:r><w:t>x{/a}</w:t></w:r>')}</w:p>`;
    expect(await bodyOf(body, { a: false })).toContain('<w:sdtContent>');
    const math = `<w:p>${control('<m:oMath><m:r><m:t>{x}</m:t></m:r></m:oMath>')}</w:p>`;
    expect(await bodyOf(math, { x: 1 })).not.toContain('<w:p></w:p>');
  });

  it('keep a paragraph at the end of a cell', async () => {
    const inner = table(['{x}']);
    const inCell = (content: string) =>
      `<w:tbl><w:tblPr/><w:tblGrid/><w:tr>${cell(content)}</w:tr></w:tbl><w:p/>`;
    const lost = paragraphs('{#a}', 'x', '{/a}');
    await bodyOf(inCell(paragraphs('y') + control(lost)), { a: [] });
    await bodyOf(inCell(control(inner)), {});
    // Whether a table comes last is decided by the row.
    await bodyOf(inCell(inner + lost), { a: [] }, { tier: 'reused-parse' });
  });
});

describe('ids that sections repeat', () => {
  const ITEMS = { items: [{ n: 'a' }, { n: 'b' }, { n: 'c' }] };

  it('are numbers of their own for drawings and shapes', async () => {
    const body = await bodyOf(
      paragraphs('{#items}') + textBox(paragraphs('{n}')) + paragraphs('{/items}'),
      ITEMS,
    );
    expect(all(body, /<wp:docPr id="(\d+)"/g)).toEqual(['1', '2', '3']);
    expect(new Set(all(body, /<v:shape id="([^"]*)"/g)).size).toBe(3);
    expect(new Set(all(body, /o:spid="([^"]*)"/g)).size).toBe(3);
  });

  it('differ from those behind the section', async () => {
    const body = await bodyOf(
      paragraphs('{#items}') +
        textBox(paragraphs('{n}'), 7) +
        paragraphs('{/items}') +
        textBox(paragraphs('x'), 1),
      ITEMS,
    );
    expect(all(body, /<wp:docPr id="(\d+)"/g)).toEqual(['7', '2', '3', '1']);
  });

  it('begin anew with each document', async () => {
    const body = paragraphs('{#items}') + textBox(paragraphs('{n}')) + paragraphs('{/items}');
    expect(await bodyOf(body, ITEMS)).toBe(await bodyOf(body, ITEMS));
  });

  it('stay with the first copy for bookmarks, marks of comments and paragraphs', async () => {
    const body = await bodyOf(
      `${paragraphs('{#items}')}<w:p w14:paraId="11111111" w14:textId="77777777"><w:bookmarkStart w:id="4" w:name="here"/><w:commentRangeStart w:id="2"/><w:r><w:t>{n}</w:t></w:r><w:commentRangeEnd w:id="2"/><w:r><w:commentReference w:id="2"/></w:r><w:bookmarkEnd w:id="4"/></w:p>${paragraphs('{/items}')}`,
      ITEMS,
    );
    for (const once of ['bookmarkStart', 'bookmarkEnd', 'commentRangeStart', 'commentReference'])
      expect(body.match(new RegExp(`<w:${once} `, 'g')), once).toHaveLength(1);
    // As stock has it: Word opens paragraphs of one id.
    expect(body.match(/w14:paraId/g)?.length).toBeGreaterThan(1);
    expect(body.match(/<w:p(?: [^>]*)?>/g)).toHaveLength(3);
  });

  it('stay where they are in the branch that is written', async () => {
    const bookmark = '<w:bookmarkStart w:id="0" w:name="b"/><w:bookmarkEnd w:id="0"/>';
    const branch = (sign: string) =>
      `${paragraphs(`{${sign}a}`)}<w:p>${bookmark}<w:r><w:t>{x}</w:t></w:r></w:p>${paragraphs('{/a}')}`;
    for (const a of [true, false])
      expect(await bodyOf(branch('#') + branch('^'), { a })).toContain(bookmark);
  });

  it('lead objects to the copy of their shape', async () => {
    const object =
      '<w:p><w:r><w:object><v:shape id="_x0000_i1025"/><o:OLEObject ShapeID="_x0000_i1025"/></w:object></w:r></w:p>';
    const body = await bodyOf(paragraphs('{#items}') + object + paragraphs('{/items}'), ITEMS);
    expect(all(body, /ShapeID="([^"]*)"/g)).toEqual(all(body, /<v:shape id="([^"]*)"/g));
    expect(new Set(all(body, /ShapeID="([^"]*)"/g)).size).toBe(3);
  });
});
