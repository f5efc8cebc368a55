import { describe, expect, it } from 'vitest';
import { inspectTemplate } from '../../../../shared/rendering/compileTemplate.ts';
import { relationship, richWordFile } from '../../../support/richWordFile.ts';
import { fillInEveryTier } from '../../../support/tiers.ts';
import { paragraphs } from '../../../support/wordFile.ts';

const ITEMS = { items: [{ id: 'a b' }, { id: 'c' }], id: 'root' };

describe('links in sections', () => {
  const link = (id: string) =>
    `<w:hyperlink r:id="${id}" w:tooltip="of {id}"><w:r><w:t>open {id}</w:t></w:r></w:hyperlink>`;
  const fill = (body: string, ...ids: string[]) =>
    fillInEveryTier(
      richWordFile(body, {
        relationships: ids
          .map((id) => relationship(id, 'hyperlink', 'https://x.test/%7Bid%7D?a&amp;b', true))
          .join(''),
      }),
      ITEMS,
    );

  it('have a target each, and no relationship that nothing leads to', async () => {
    const parts = await fill(
      `${paragraphs('{#items}')}<w:p>${link('rId8')}</w:p>${paragraphs('{/items}')}<w:p>${link('rId9')}</w:p>`,
      'rId8',
      'rId9',
    );
    const document = parts.get('word/document.xml') ?? '';
    expect(Array.from(document.matchAll(/<w:instrText[^>]*>(.*?)</g), ([, code]) => code)).toEqual([
      ' HYPERLINK &quot;https://x.test/a%20b?a&amp;b&quot; \\o &quot;of a b&quot; ',
      ' HYPERLINK &quot;https://x.test/c?a&amp;b&quot; \\o &quot;of c&quot; ',
    ]);
    expect(document).toContain('<w:hyperlink r:id="rId9" w:tooltip="of root">');
    const rels = parts.get('word/_rels/document.xml.rels') ?? '';
    expect(rels).toContain('Target="https://x.test/root?a&amp;b"');
    expect(rels).not.toContain('rId8');
  });

  it('are so in rows of tables that a section repeats, wherever in the row they stand', async () => {
    const cell = (content: string) => `<w:tc><w:p>${content}</w:p></w:tc>`;
    const text = (value: string) => `<w:r><w:t>${value}</w:t></w:r>`;
    const parts = await fill(
      `<w:tbl><w:tblPr/><w:tblGrid/><w:tr>${cell(link('rId8'))}${cell(text('{#items}'))}${cell(text('{/items}'))}</w:tr></w:tbl><w:p/>`,
      'rId8',
    );
    expect(parts.get('word/document.xml')?.match(/HYPERLINK/g)).toHaveLength(2);
  });
});

describe('links of pictures in sections', () => {
  it('are told of, for they have one target', () => {
    const picture =
      '<w:p><w:r><w:drawing><wp:docPr id="1" name="x"><a:hlinkClick r:id="rId8"/></wp:docPr></w:drawing></w:r></w:p>';
    const { warnings } = inspectTemplate(
      richWordFile(paragraphs('{#items}') + picture + paragraphs('{/items}'), {
        relationships: relationship('rId8', 'hyperlink', 'https://x.test/{id}', true),
      }),
    );
    expect(warnings).toEqual([
      'word/document.xml has links of pictures in sections whose target holds {id}: all copies have the one target, filled from the row. Link a text instead.',
    ]);
  });
});

describe('content controls bound to data', () => {
  const control = (content: string) =>
    `<w:sdt><w:sdtPr><w:showingPlcHdr/><w:dataBinding w:xpath="/a" w:storeItemID="{11111111-2222-3333-4444-555555555555}"/><w:text/></w:sdtPr><w:sdtContent>${content}</w:sdtContent></w:sdt>`;
  const fill = async (body: string) => {
    const template = richWordFile(body, {
      parts: { 'customXml/item1.xml': { type: 'application/xml', content: '<a>{id}</a>' } },
      relationships: relationship('rId7', 'customXml', '../customXml/item1.xml'),
    });
    return (await fillInEveryTier(template, ITEMS)).get('word/document.xml') ?? '';
  };

  it('are bound no more to data that cannot be read, which is told', () => {
    const template = richWordFile(control(paragraphs('{id}')), {
      parts: {
        'customXml/item1.xml': {
          type: 'application/xml',
          content: '<a><Company><Name>{id}</Name></Company></a>',
        },
      },
      relationships: relationship('rId7', 'customXml', '../customXml/item1.xml'),
    });
    expect(inspectTemplate(template).warnings).toEqual([
      'customXml/item1.xml (data kept with the document) holds {id}, which no row fills: every document will show the tags as they are.',
    ]);
  });

  it('stay bound where their data holds the same tags', async () => {
    const document = await fill(control(paragraphs('{id}')));
    expect(document).toContain('w:dataBinding');
    expect(document).not.toContain('showingPlcHdr');
  });

  it('are bound no more in sections, and where their data says something else', async () => {
    expect(
      await fill(paragraphs('{#items}') + control(paragraphs('{id}')) + paragraphs('{/items}')),
    ).not.toContain('w:dataBinding');
    expect(await fill(control(paragraphs('Number {id}')))).not.toContain('w:dataBinding');
    expect(await fill(control(paragraphs('Number')))).toContain('w:dataBinding');
  });
});
