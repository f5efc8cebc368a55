/** Templates that are valid but spelt otherwise than Word spells them are filled as if Word had written them. */
import { describe, expect, it } from 'vitest';
import { openTemplate } from '../../../../shared/rendering/openTemplate.ts';
import { compileTemplate } from '../../../../shared/rendering/compileTemplate.ts';
import { createDocumentCheck } from '../../../../shared/rendering/repairs/checkDocuments.ts';
import { findBreaches } from '../../../../shared/rendering/repairs/wordRules.ts';
import type { Row } from '../../../../shared/schemas/common.ts';
import { craftZip } from '../../../support/craftZip.ts';
import { fillInEveryTier } from '../../../support/tiers.ts';
import { paragraphs, wordEntries, wordFile } from '../../../support/wordFile.ts';

const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN_TYPE =
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';

const withMain = (content: string | Uint8Array) =>
  wordFile('', { entries: [{ name: 'word/document.xml', content }] });
const document = (body: string, head = HEAD) =>
  `${head}<w:document xmlns:w="${WORD}"><w:body>${body}<w:sectPr/></w:body></w:document>`;

/** The text of the filled main part, which breaks no rule. */
async function textOf(template: Uint8Array, row: Row): Promise<string> {
  const xml = (await fillInEveryTier(template, row)).get('word/document.xml') ?? '';
  expect(findBreaches(xml)).toEqual([]);
  return xml.replace(/<[^>]*>/g, '').trim();
}

describe('a template', () => {
  it.each([
    ['xml:space in single quotes', `<w:t xml:space='preserve'>Dear {name}</w:t>`],
    ['xml:space that says nothing', '<w:t xml:space="default">Dear {name}</w:t>'],
    ['blanks around =', '<w:t xml:space = "preserve">Dear {name}</w:t>'],
    ['line breaks in its tags', '<w:t\n  xml:space="preserve"\n>Dear {name}</w:t\n>'],
    ['a tab before an attribute', '<w:t\txml:space="preserve">Dear {name}</w:t>'],
    ['blanks at the end of tags', '<w:t >Dear {name}</w:t >'],
    ['a comment in a tag', '<w:t>Dear {na<!-- <w:p> -->me}</w:t>'],
    ['a processing instruction in a tag', '<w:t>Dear {na<?x <y> ?>me}</w:t>'],
    ['character data', '<w:t><![CDATA[Dear {name}]]></w:t>'],
    ['references to letters', '<w:t>De&#97;r {n&#x61;me}</w:t>'],
    ['references to braces', '<w:t>Dear &#123;name&#x7D;</w:t>'],
  ])('with %s', async (_name, text) => {
    expect(await textOf(withMain(document(`<w:p><w:r>${text}</w:r></w:p>`)), { name: 'Ann' })).toBe(
      'Dear Ann',
    );
  });

  it('keeps what its references and character data mean', async () => {
    const text = '<w:t>&#60;{a}&#38;amp; <![CDATA[<&>]]>&#233;&#160;&#x1F600;</w:t>';
    expect(await textOf(withMain(document(`<w:p><w:r>${text}</w:r></w:p>`)), { a: '1' })).toBe(
      '&lt;1&amp;amp; &lt;&amp;&gt;\u00e9\u00a0\u{1f600}',
    );
  });

  it('with names in references, in us-ascii', async () => {
    const head = HEAD.replace('UTF-8', 'us-ascii');
    const text = '<w:p><w:r><w:t>[{pr&#233;nom}] [{&#22995;}] &#123;nom&#125;</w:t></w:r></w:p>';
    expect(
      await textOf(withMain(document(text, head)), { prénom: 'Zoé', 姓: '李', nom: 'Dur' }),
    ).toBe('[Zoé] [李] Dur');
  });

  it.each(['utf-16le', 'utf-16be', 'windows-1252'])('in %s', async (encoding) => {
    const text = document(paragraphs('Zoé {prénom}'), HEAD.replace('UTF-8', encoding.slice(0, 12)));
    const utf16 = Buffer.from(`\ufeff${text.replace(/utf-16../, 'UTF-16')}`, 'utf16le');
    const bytes = {
      'utf-16le': utf16,
      'utf-16be': Buffer.from(utf16).swap16(),
      'windows-1252': Buffer.from(text, 'latin1'),
    }[encoding];
    expect(await textOf(withMain(bytes ?? ''), { prénom: 'Zoë' })).toBe('Zoé Zoë');
  });

  it.each([
    ['another prefix', 'x:', ':x'],
    ['no prefix', '', ''],
  ])('with %s for its elements', async (_name, prefix, declared) => {
    const xml = document(paragraphs('{a} b'))
      .replaceAll('w:', prefix)
      .replace('xmlns:w', `xmlns${declared}`);
    const usual = await fillInEveryTier(wordFile(paragraphs('{a} b')), { a: 'A\nB' });
    const template = withMain(
      prefix === '' ? xml : xml.replace('<x:body>', '<x:body xmlns:unused="urn:u">'),
    );
    const filled = await fillInEveryTier(template, { a: 'A\nB' });
    expect(filled.get('word/document.xml')?.replace(' xmlns:unused="urn:u"', '')).toBe(
      usual.get('word/document.xml'),
    );
  });

  it('with prefixes that other attributes name', async () => {
    const xml = `${HEAD}<x:document xmlns:x="${WORD}" xmlns:q="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:y="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:z="urn:z" q:Ignorable="y z"><x:body><x:p y:paraId="00000001"><x:r><x:t>{a}</x:t></x:r></x:p></x:body></x:document>`;
    const filled = await fillInEveryTier(withMain(xml), { a: 1 });
    expect(filled.get('word/document.xml')).toContain('mc:Ignorable="w14 z"');
    expect(findBreaches(filled.get('word/document.xml') ?? '')).toEqual([]);
  });

  it.each([
    [
      'extensions in capitals',
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="RELS" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="XML" ContentType="${MAIN_TYPE}"/></Types>`,
    ],
    [
      'a prefix',
      `<ct:Types xmlns:ct="http://schemas.openxmlformats.org/package/2006/content-types"><ct:Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><ct:Override PartName="/word/document.xml" ContentType="${MAIN_TYPE}"/></ct:Types>`,
    ],
    [
      'the name of a part in capitals',
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/WORD/Document.xml" ContentType="${MAIN_TYPE}"/></Types>`,
    ],
  ])('whose content types have %s', async (_name, types) => {
    const template = craftZip(
      wordEntries(paragraphs('Dear {name}')).map((entry) =>
        entry.name === '[Content_Types].xml' ? { ...entry, content: HEAD + types } : entry,
      ),
    );
    expect(await textOf(template, { name: 'Ann' })).toBe('Dear Ann');
  });

  it('gets numbers of their own for drawings that have the same', () => {
    const drawing =
      '<w:p><w:r><w:drawing><wp:docPr xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" id="3" name="a"/></w:drawing></w:r></w:p>';
    const { xml } = openTemplate(wordFile(drawing + drawing));
    const text = Buffer.from(xml.get('word/document.xml') ?? []).toString();
    expect(Array.from(text.matchAll(/ id="(\d+)"/g), ([, id]) => id)).toEqual(['3', '1']);
  });

  it('that Word has spelt stays as it is, byte for byte', () => {
    const body = `${paragraphs('{a} &amp; > b')}<w:p><w:r><w:t title='x'/><w:br /></w:r></w:p>`;
    const { xml } = openTemplate(wordFile(body));
    expect(Buffer.from(xml.get('word/document.xml') ?? []).toString()).toBe(
      `${HEAD}<w:document xmlns:w="${WORD}"><w:body>${body}<w:sectPr/></w:body></w:document>`,
    );
  });

  it('with very many references is read in one go', () => {
    const body = `${paragraphs('{a}')}<w:p><w:r><w:t>${'&#233; text '.repeat(200_000)}</w:t></w:r></w:p>`;
    expect(compileTemplate(wordFile(body)).tags).toHaveLength(1);
  });
});

describe('the documents that a template is tried with', () => {
  const part = 'word/document.xml';
  const checkOf = (unfilled: string) => createDocumentCheck(() => unfilled, new Set([part]));
  const filled = (xml: string) => new Map([[part, Buffer.from(xml)]]);
  const cell = (content: string) =>
    `<w:document xmlns:w="${WORD}"><w:tbl><w:tr><w:tc>${content}</w:tc></w:tr></w:tbl></w:document>`;

  it('let the template pass when Word opens them', () => {
    const check = checkOf(cell('<w:p/>'));
    check.look('texts', filled(cell('<w:p/><w:p/>')));
    expect(() => {
      check.conclude();
    }).not.toThrow();
  });

  it.each([
    ['a cell without a paragraph', cell(''), /a table cell does not end with a paragraph/],
    [
      'a cell that ends with a table',
      cell(`<w:p/><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>`),
      /does not end/,
    ],
    ['an attribute twice', cell('<w:p a="" a=""/>'), /attribute a stands twice/],
    ['a cut element', cell('<w:p>'), /closes/],
    ['a paragraph in a paragraph', cell('<w:p><w:p/></w:p>'), /a paragraph stands in a paragraph/],
    ['a break outside of runs', cell('<w:p><w:t/></w:p>'), /<w:t> stands outside of a run/],
  ])('refuse it for %s, with the part and the reason', (_name, xml, detail) => {
    const check = checkOf(cell('<w:p/>'));
    check.look('line breaks', filled(xml));
    expect(() => {
      check.conclude();
    }).toThrow(detail);
  });

  it('are compared with the template itself, which Word may open in spite of a fault', () => {
    const check = checkOf(cell(''));
    check.look('line breaks', filled(cell('')));
    expect(() => {
      check.conclude();
    }).not.toThrow();
  });
});
