/**
 * The files in test/fixtures/templates, by name: the problem code that completing a template with them
 * must produce, and the fault; or `READY` and what it warns of.
 * UPDATE_FIXTURES=1 npm run test:unit writes them anew.
 */
import { craftZip } from './craftZip.ts';
import { paragraphs, runs, table, wordEntries, wordFile } from './wordFile.ts';

const PLAIN = paragraphs('Dear {name},');
const OFFICE = 'application/vnd.openxmlformats-officedocument';
const ATTACHED =
  '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="file://server/share/letters.dotm" TargetMode="External"/>';
const MACROS = { type: 'application/vnd.ms-office.vbaProject', content: 'macros' };
const utf16 = (text: string) =>
  Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

export const TEMPLATE_FIXTURES: Readonly<Record<string, () => Uint8Array>> = {
  'TEMPLATE_INVALID-empty-file': () => new Uint8Array(),
  'TEMPLATE_INVALID-not-a-zip': () => Buffer.from('Dear {name},\nthis is a text file.\n'),
  'TEMPLATE_INVALID-cut-off': () => wordFile(PLAIN).subarray(0, -40),
  'TEMPLATE_INVALID-damaged-directory': () => craftZip(wordEntries(PLAIN), 2),
  'TEMPLATE_INVALID-no-word-file': () => craftZip([{ name: 'readme.txt', content: 'Hello' }]),
  'TEMPLATE_INVALID-excel-workbook': () =>
    wordFile(PLAIN, {
      mainType: `${OFFICE}.spreadsheetml.sheet.main+xml`,
      mainPart: 'xl/workbook.xml',
    }),
  'TEMPLATE_INVALID-powerpoint-presentation': () =>
    wordFile(PLAIN, {
      mainType: `${OFFICE}.presentationml.presentation.main+xml`,
      mainPart: 'ppt/presentation.xml',
    }),
  'TEMPLATE_INVALID-word-template': () =>
    wordFile(PLAIN, { mainType: `${OFFICE}.wordprocessingml.template.main+xml` }),
  'TEMPLATE_INVALID-document-with-macros': () =>
    wordFile(PLAIN, { mainType: 'application/vnd.ms-word.document.macroEnabled.main+xml' }),
  'TEMPLATE_INVALID-legacy-or-encrypted': () =>
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(504)]),
  'TEMPLATE_INVALID-encrypted-part': () =>
    wordFile(PLAIN, { entries: [{ name: 'word/secret.xml', content: 'secret', flags: 1 }] }),
  'TEMPLATE_INVALID-compression-method': () =>
    wordFile(PLAIN, { entries: [{ name: 'word/media/a.png', content: 'png', method: 12 }] }),
  'TEMPLATE_INVALID-too-many-entries': () => craftZip(wordEntries(PLAIN), 5_001),
  'TEMPLATE_INVALID-bomb-by-ratio': () =>
    wordFile(PLAIN, {
      entries: [{ name: 'word/media/a.bmp', method: 8, content: Buffer.alloc(2_000_000) }],
    }),
  'TEMPLATE_INVALID-bomb-that-lies': () =>
    wordFile(PLAIN, {
      entries: [
        {
          name: 'word/media/a.bmp',
          method: 8,
          content: Buffer.alloc(2_000_000),
          declared: { size: 1_000 },
        },
      ],
    }),
  'TEMPLATE_INVALID-shared-bytes': () =>
    craftZip(
      [...wordEntries(PLAIN), { name: 'word/document.xml', content: '', sharing: 2 }].map(
        (entry, i) => (i === 3 ? { ...entry, name: 'word/documenu.xml' } : entry),
      ),
    ),
  'TEMPLATE_INVALID-two-names': () =>
    wordFile(PLAIN, { entries: [{ name: 'WORD/Document.xml', content: '<w:document/>' }] }),
  'TEMPLATE_INVALID-absolute-name': () =>
    wordFile(PLAIN, { entries: [{ name: '/etc/passwd', content: '' }] }),
  'TEMPLATE_INVALID-parent-name': () =>
    wordFile(PLAIN, { entries: [{ name: 'word/../../a', content: '' }] }),
  'TEMPLATE_INVALID-backslash-name': () =>
    wordFile(PLAIN, { entries: [{ name: 'word\\a.xml', content: '' }] }),
  'TEMPLATE_INVALID-local-name-differs': () =>
    wordFile(PLAIN, {
      entries: [{ name: 'word/a.txt', content: 'a', declared: { localName: 'word/b.txt' } }],
    }),
  'TEMPLATE_INVALID-checksum': () =>
    wordFile(PLAIN, {
      entries: [{ name: 'word/media/a.png', content: 'png', declared: { crc32: 1 } }],
    }),
  'TEMPLATE_INVALID-doctype': () =>
    wordFile(PLAIN, {
      entries: [
        {
          name: 'customXml/item1.xml',
          content: '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        },
      ],
    }),
  'TEMPLATE_INVALID-doctype-utf16': () =>
    wordFile(PLAIN, {
      parts: {
        'customXml/item1': { type: 'application/some+xml', content: utf16('<!DOCTYPE a []><a/>') },
      },
    }),
  'TEMPLATE_INVALID-main-part-missing': () =>
    craftZip(wordEntries(PLAIN).filter(({ name }) => name !== 'word/document.xml')),
  'TEMPLATE_INVALID-not-utf8': () =>
    wordFile(PLAIN, { entries: [{ name: 'word/document.xml', content: utf16('<w:document/>') }] }),
  'TEMPLATE_INVALID-malformed-xml': () => wordFile('<w:p><w:r><w:t>Dear {name}</w:r></w:p>'),
  'TEMPLATE_INVALID-unclosed-tag': () =>
    wordFile(paragraphs('Offer', 'Dear {name, welcome to {company}.')),
  'TEMPLATE_INVALID-unopened-tag': () => wordFile(paragraphs('Dear name}, welcome.')),
  'TEMPLATE_INVALID-double-braces': () => wordFile(paragraphs('Dear {{name}},')),
  'TEMPLATE_INVALID-unclosed-section': () => wordFile(paragraphs('{#items}', '{name}')),
  'TEMPLATE_INVALID-unopened-section': () => wordFile(paragraphs('{name}', '{/items}')),
  'TEMPLATE_INVALID-crossing-sections': () => wordFile(paragraphs('{#a}one {#b}two{/a} three{/b}')),
  'TEMPLATE_INVALID-section-across-a-table': () =>
    wordFile(table(['{#items}', '{name}']) + paragraphs('{/items}')),
  'TEMPLATE_INVALID-sections-sharing-a-row': () => wordFile(table(['{#a}x', '{/a}{#b}y{/b}'])),
  'TEMPLATE_INVALID-empty-tag': () => wordFile(paragraphs('Dear { },')),
  'TEMPLATE_INVALID-empty-section': () => wordFile(paragraphs('{#}x{/}')),
  'TEMPLATE_INVALID-space-before-sign': () => wordFile(paragraphs('{ ^ items}')),
  'TEMPLATE_INVALID-changed-braces': () => wordFile(paragraphs('{=SUM(A1)}')),
  'TEMPLATE_INVALID-raw-tag-in-text': () => wordFile(paragraphs('Dear {@name},')),
  'TEMPLATE_INVALID-many-faults': () =>
    wordFile(
      paragraphs('{one', '{} and two}') +
        runs('{#th', 'ree}') +
        table(['{/four}', '&lt;{five &amp; &gt;']),
      {},
    ),
  'READY-no-tags': () => wordFile(paragraphs('Dear all,')),
  'READY-attached-template': () => wordFile(PLAIN, { relationships: ATTACHED }),
  'READY-macro-project': () => wordFile(PLAIN, { parts: { 'word/vbaProject.bin': MACROS } }),
};
