/**
 * The files in test/fixtures/templates, by name: the code of the fault that checking them must find
 * (TEMPLATE_INVALID for several), and what it is; or `READY` and what it warns of.
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
  'FILE_EMPTY-empty-file': () => new Uint8Array(),
  'FILE_NOT_WORD-not-a-zip': () => Buffer.from('Dear {name},\nthis is a text file.\n'),
  'FILE_NOT_WORD-cut-off': () => wordFile(PLAIN).subarray(0, -40),
  'FILE_DAMAGED-damaged-directory': () => craftZip(wordEntries(PLAIN), 2),
  'FILE_NOT_WORD-no-word-file': () => craftZip([{ name: 'readme.txt', content: 'Hello' }]),
  'FILE_KIND-excel-workbook': () =>
    wordFile(PLAIN, {
      mainType: `${OFFICE}.spreadsheetml.sheet.main+xml`,
      mainPart: 'xl/workbook.xml',
    }),
  'FILE_KIND-powerpoint-presentation': () =>
    wordFile(PLAIN, {
      mainType: `${OFFICE}.presentationml.presentation.main+xml`,
      mainPart: 'ppt/presentation.xml',
    }),
  'FILE_KIND-word-template': () =>
    wordFile(PLAIN, { mainType: `${OFFICE}.wordprocessingml.template.main+xml` }),
  'FILE_KIND-document-with-macros': () =>
    wordFile(PLAIN, { mainType: 'application/vnd.ms-word.document.macroEnabled.main+xml' }),
  'FILE_ENCRYPTED-legacy-or-encrypted': () =>
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(504)]),
  'FILE_ENCRYPTED-encrypted-part': () =>
    wordFile(PLAIN, { entries: [{ name: 'word/secret.xml', content: 'secret', flags: 1 }] }),
  'FILE_UNSAFE-compression-method': () =>
    wordFile(PLAIN, { entries: [{ name: 'word/media/a.png', content: 'png', method: 12 }] }),
  'FILE_TOO_LARGE-too-many-entries': () => craftZip(wordEntries(PLAIN), 5_001),
  'FILE_UNSAFE-bomb-by-ratio': () =>
    wordFile(PLAIN, {
      entries: [{ name: 'word/media/a.bmp', method: 8, content: Buffer.alloc(2_000_000) }],
    }),
  'FILE_UNSAFE-bomb-that-lies': () =>
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
  'FILE_DAMAGED-shared-bytes': () =>
    craftZip(
      [...wordEntries(PLAIN), { name: 'word/document.xml', content: '', sharing: 2 }].map(
        (entry, i) => (i === 3 ? { ...entry, name: 'word/documenu.xml' } : entry),
      ),
    ),
  'FILE_UNSAFE-two-names': () =>
    wordFile(PLAIN, { entries: [{ name: 'WORD/Document.xml', content: '<w:document/>' }] }),
  'FILE_UNSAFE-absolute-name': () =>
    wordFile(PLAIN, { entries: [{ name: '/etc/passwd', content: '' }] }),
  'FILE_UNSAFE-parent-name': () =>
    wordFile(PLAIN, { entries: [{ name: 'word/../../a', content: '' }] }),
  'FILE_UNSAFE-backslash-name': () =>
    wordFile(PLAIN, { entries: [{ name: 'word\\a.xml', content: '' }] }),
  'FILE_DAMAGED-local-name-differs': () =>
    wordFile(PLAIN, {
      entries: [{ name: 'word/a.txt', content: 'a', declared: { localName: 'word/b.txt' } }],
    }),
  'FILE_DAMAGED-checksum': () =>
    wordFile(PLAIN, {
      entries: [{ name: 'word/media/a.png', content: 'png', declared: { crc32: 1 } }],
    }),
  'FILE_UNSAFE-doctype': () =>
    wordFile(PLAIN, {
      entries: [
        {
          name: 'customXml/item1.xml',
          content: '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        },
      ],
    }),
  'FILE_UNSAFE-doctype-utf16': () =>
    wordFile(PLAIN, {
      parts: {
        'customXml/item1': { type: 'application/some+xml', content: utf16('<!DOCTYPE a []><a/>') },
      },
    }),
  'FILE_DAMAGED-main-part-missing': () =>
    craftZip(wordEntries(PLAIN).filter(({ name }) => name !== 'word/document.xml')),
  'PART_UNREADABLE-not-utf8': () =>
    wordFile(PLAIN, { entries: [{ name: 'word/document.xml', content: utf16('<w:document/>') }] }),
  'PART_UNREADABLE-malformed-xml': () => wordFile('<w:p><w:r><w:t>Dear {name}</w:r></w:p>'),
  'TAG_UNCLOSED-unclosed-tag': () =>
    wordFile(paragraphs('Offer', 'Dear {name, welcome to {company}.')),
  'TAG_UNOPENED-unopened-tag': () => wordFile(paragraphs('Dear name}, welcome.')),
  'TAG_BRACES-double-braces': () => wordFile(paragraphs('Dear {{name}},')),
  'SECTION_UNCLOSED-unclosed-section': () => wordFile(paragraphs('{#items}', '{name}')),
  'SECTION_UNOPENED-unopened-section': () => wordFile(paragraphs('{name}', '{/items}')),
  'SECTION_CROSSED-crossing-sections': () => wordFile(paragraphs('{#a}one {#b}two{/a} three{/b}')),
  'SECTION_MISPLACED-section-across-a-table': () =>
    wordFile(table(['{#items}', '{name}']) + paragraphs('{/items}')),
  'SECTION_CROSSED-sections-sharing-a-row': () => wordFile(table(['{#a}x', '{/a}{#b}y{/b}'])),
  'TAG_EMPTY-empty-tag': () => wordFile(paragraphs('Dear { },')),
  'TAG_EMPTY-empty-section': () => wordFile(paragraphs('{#}x{/}')),
  'TAG_SPACED-space-before-sign': () => wordFile(paragraphs('{ ^ items}')),
  'TAG_BRACES-changed-braces': () => wordFile(paragraphs('{=SUM(A1)}')),
  'TAG_MISPLACED-raw-tag-in-text': () => wordFile(paragraphs('Dear {@name},')),
  'ITEM_OUTSIDE_SECTION-item-of-no-list': () => wordFile(paragraphs('All of {.}')),
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
