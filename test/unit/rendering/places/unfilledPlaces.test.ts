import { describe, expect, it } from 'vitest';
import { inspectTemplate } from '../../../../shared/rendering/compileTemplate.ts';
import { craftZip } from '../../../support/craftZip.ts';
import { field, part, relationship, richWordFile } from '../../../support/richWordFile.ts';
import { paragraphs, runs } from '../../../support/wordFile.ts';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const warningsOf = (body: string, options = {}) =>
  inspectTemplate(richWordFile(paragraphs('{name}') + body, options)).warnings;
const told = (name: string, kind: string, tags: string) =>
  `${name} (${kind}) holds ${tags}, which no row fills: every document will show the tags as they are.`;

describe('places that are not filled', () => {
  it('names building blocks and their tags, cut into runs too', () => {
    const warnings = warningsOf('', {
      parts: {
        'word/glossary/document.xml': {
          type: `${WORD}.document.glossary+xml`,
          content: part('w:glossaryDocument', runs('{cli', 'ent}') + paragraphs('{city}')),
        },
      },
      relationships: relationship('rId5', 'glossaryDocument', 'glossary/document.xml'),
    });
    expect(warnings).toEqual([
      told('word/glossary/document.xml', 'building blocks of the template', '{client}, {city}'),
    ]);
  });

  it('names embedded workbooks, files to be inserted and objects', () => {
    const workbook = craftZip([
      { name: 'xl/sharedStrings.xml', content: '<sst><si><t>{total}</t></si></sst>' },
    ]);
    const warnings = warningsOf('', {
      parts: {
        'word/embeddings/book.xlsx': { type: 'application/octet-stream', content: workbook },
        'word/chunk.html': { type: 'text/html', content: '<p>{city} {}</p><style>a{b:c}</style>' },
        'word/embeddings/o.bin': {
          type: 'application/vnd.openxmlformats-officedocument.oleObject',
          content: Buffer.from('\u0001{total}', 'utf16le'),
        },
      },
      relationships:
        relationship('rId5', 'package', 'embeddings/book.xlsx') +
        relationship('rId6', 'aFChunk', 'chunk.html') +
        relationship('rId7', 'oleObject', 'embeddings/o.bin'),
    });
    expect(warnings).toEqual([
      told(
        'word/embeddings/book.xlsx',
        'a file embedded in the document, such as the workbook of a chart',
        '{total}',
      ),
      told('word/chunk.html', 'a file that Word inserts when it opens the document', '{city}'),
      told('word/embeddings/o.bin', 'an object embedded in the document', '{total}'),
    ]);
  });

  it('names attributes that are not shown', () => {
    expect(
      warningsOf(
        '<w:sdt><w:sdtPr><w:tag w:val="{id}"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>',
      ),
    ).toEqual([told('word/document.xml', 'attributes', '{id}')]);
  });

  it('says nothing of GUIDs, of what add-ins keep, and of what is filled', () => {
    expect(
      warningsOf(
        `<w:p>${field('ADDIN X {a}')}</w:p><w:p><w:r><w:drawing><wp:docPr id="1" name="x" descr="{name}"><a:ext uri="{28A0092B-C50C-407E-A947-70E740481C1C}"/></wp:docPr></w:drawing></w:r></w:p>`,
        {
          parts: {
            'word/glossary/document.xml': {
              type: `${WORD}.document.glossary+xml`,
              content: part('w:glossaryDocument', `<w:p>${field('ADDIN X {a}')}</w:p>`),
            },
          },
        },
      ),
    ).toEqual([]);
  });
});
