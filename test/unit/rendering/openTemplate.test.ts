import { describe, expect, it } from 'vitest';
import { inspectTemplate } from '../../../shared/rendering/compileTemplate.ts';
import { part, relationship, relationships, richWordFile } from '../../support/richWordFile.ts';
import { fillInEveryTier } from '../../support/tiers.ts';
import { paragraphs } from '../../support/wordFile.ts';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const SIGNATURE = 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature';
const settings = (content: string, ...rels: string[]) => ({
  parts: {
    'word/settings.xml': {
      type: `${WORD}.settings+xml`,
      content: part('w:settings', `<w:zoom w:percent="100"/>${content}<w:compat/>`),
    },
    'word/recipients.xml': { type: `${WORD}.mailMergeRecipientData+xml`, content: '<x/>' },
  },
  entries: [{ name: 'word/_rels/settings.xml.rels', content: relationships(...rels) }],
  relationships: relationship('rId1', 'settings', 'settings.xml'),
});

describe('what no document takes along', () => {
  it('is a signature: its parts, relationships and content types', async () => {
    const template = richWordFile(paragraphs('{name}'), {
      parts: {
        '_xmlsignatures/origin.sigs': {
          type: 'application/vnd.openxmlformats-package.digital-signature-origin',
          content: '',
        },
        'sign/one.xml': {
          type: 'application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml',
          content: '<Signature/>',
        },
      },
      entries: [
        {
          name: '_rels/.rels',
          content: relationships(
            relationship('rId1', 'officeDocument', 'word/document.xml'),
            relationship('rId2', `${SIGNATURE}/origin`, '_xmlsignatures/origin.sigs'),
          ),
        },
        {
          name: '_xmlsignatures/_rels/origin.sigs.rels',
          content: relationships(relationship('rId1', `${SIGNATURE}/signature`, '/sign/one.xml')),
        },
      ],
    });
    const parts = await fillInEveryTier(template, { name: 'Ann' });
    expect([...parts.keys()]).toEqual(['[Content_Types].xml', '_rels/.rels', 'word/document.xml']);
    expect(parts.get('[Content_Types].xml')).not.toMatch(/sign/i);
    expect(parts.get('_rels/.rels')).toBe(
      relationships(relationship('rId1', 'officeDocument', 'word/document.xml')),
    );
    expect(inspectTemplate(template).warnings).toEqual([
      expect.stringMatching(/^The template has a digital signature\. .* go without it/),
    ]);
  });

  it('is the connection of a mail merge, with its path, query and list of recipients', async () => {
    const template = richWordFile(
      paragraphs('{name}'),
      settings(
        '<w:mailMerge><w:mainDocumentType w:val="formLetters"/><w:connectString w:val="C:\\Users\\x"/><w:query w:val="SELECT 1"/><w:dataSource r:id="rId1"/><w:odso><w:recipientData r:id="rId2"/></w:odso></w:mailMerge>',
        relationship('rId1', 'mailMergeSource', 'file:///C:/Users/x/list.xlsx', true),
        relationship('rId2', 'recipientData', 'recipients.xml'),
      ),
    );
    const parts = await fillInEveryTier(template, { name: 'Ann' });
    expect(parts.has('word/recipients.xml')).toBe(false);
    expect(parts.get('[Content_Types].xml')).not.toContain('recipients');
    expect(parts.get('word/_rels/settings.xml.rels')).toBe(relationships());
    expect(parts.get('word/settings.xml')).toBe(
      part('w:settings', '<w:zoom w:percent="100"/><w:compat/>'),
    );
    expect(inspectTemplate(template).warnings).toEqual([
      expect.stringMatching(/^The template is a main document of a mail merge\./),
    ]);
  });

  it('is another template that it is attached to', async () => {
    const template = richWordFile(
      paragraphs('{name}'),
      settings(
        '<w:attachedTemplate r:id="rId1"/>',
        relationship('rId1', 'attachedTemplate', 'file:///C:/Users/x/l.dotm', true),
      ),
    );
    const parts = await fillInEveryTier(template, { name: 'Ann' });
    expect(parts.get('word/_rels/settings.xml.rels')).toBe(relationships());
    expect(parts.get('word/settings.xml')).not.toContain('attachedTemplate');
    expect(inspectTemplate(template).warnings).toEqual([
      expect.stringMatching(
        /^The template is attached to another one, "file:\/\/\/C:\/Users\/x\/l\.dotm"/,
      ),
    ]);
  });

  it('leaves links to files of a computer, and tells of them', async () => {
    const template = richWordFile(
      paragraphs('{name}') +
        '<w:p><w:r><w:drawing><wp:docPr id="1" name="x" descr="C:\\Users\\ann\\a.jpg"/></w:drawing></w:r></w:p>',
      { relationships: relationship('rId4', 'hyperlink', 'file:///S:/plan.xlsx', true) },
    );
    const parts = await fillInEveryTier(template, { name: 'Ann' });
    expect(parts.get('word/_rels/document.xml.rels')).toContain('file:///S:/plan.xlsx');
    expect(inspectTemplate(template).warnings).toEqual([
      'The template names files of a computer or network, which all recipients see and cannot open: "file:///S:/plan.xlsx" in word/document.xml, "C:\\Users\\ann\\a.jpg" in word/document.xml. Remove the links or alternative texts.',
    ]);
  });
});
