import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_WORKBOOK_PART_BYTES } from '../../../../shared/limits.ts';
import { craftZip } from '../../../support/craftZip.ts';
import { craftRows, craftWorkbook } from '../../../support/workbooks.ts';
import { faultsOf, readBytes, readCrafted } from './support.ts';

const sheets = [{ data: craftRows([['name'], ['secret']]) }];
const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/** A compound file with one stream of this name. */
function compound(stream: string): Buffer {
  const file = Buffer.alloc(4 * 512);
  OLE.copy(file);
  file.writeUInt16LE(9, 30);
  file.writeUInt32LE(1, 48);
  file.write(stream, 2 * 512 + 128, 'utf16le');
  return file;
}

const first = async (bytes: Uint8Array) => (await faultsOf(readBytes(bytes)))[0];

describe('files that are no workbook', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'FILE_EMPTY', /empty/],
    ['a workbook with a password', compound('EncryptedPackage'), 'FILE_ENCRYPTED', /password/],
    ['an old workbook', compound('Workbook'), 'FILE_NOT_WORKBOOK', /old Excel workbook/],
    ['the head of one', OLE, 'FILE_NOT_WORKBOOK', /old Excel workbook/],
    ['a table of text', Buffer.from('a,b\n1,2\n'), 'FILE_NOT_WORKBOOK', /ends in \.csv/],
    ['a web page', Buffer.from('<html><table>'), 'FILE_NOT_WORKBOOK', /web page/],
    ['gzip', gzipSync('a'), 'FILE_NOT_WORKBOOK', /gzip/],
    ['a PDF', Buffer.from('%PDF-1.7'), 'FILE_NOT_WORKBOOK', /PDF/],
    [
      'OpenDocument',
      craftZip([
        { name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet' },
        { name: 'content.xml', content: '' },
      ]),
      'FILE_NOT_WORKBOOK',
      /OpenDocument/,
    ],
    [
      'Numbers',
      craftZip([{ name: 'Index/Document.iwa', content: '' }]),
      'FILE_NOT_WORKBOOK',
      /Numbers/,
    ],
    [
      'a Word document',
      craftZip([{ name: 'word/document.xml', content: '' }]),
      'FILE_NOT_WORKBOOK',
      /template/,
    ],
    [
      'a binary workbook',
      craftZip([{ name: 'xl/workbook.bin', content: '' }]),
      'FILE_NOT_WORKBOOK',
      /\.xlsb/,
    ],
    ['another ZIP', craftZip([{ name: 'a.txt', content: '' }]), 'FILE_NOT_WORKBOOK', /ZIP/],
    ['the head of a ZIP', Buffer.from('PK\x03\x04'), 'FILE_DAMAGED', /breaks off/],
  ] as const)('%s', async (_what, bytes, code, detail) => {
    const fault = await first(bytes);
    expect(fault).toMatchObject({ code });
    expect(fault?.detail).toMatch(detail);
  });
});

describe('a broken workbook', () => {
  it('is told, wherever it breaks off and whatever byte is another', async () => {
    const bytes = craftWorkbook({ sheets });
    for (let end = 4; end < bytes.length; end += 97) {
      expect(await first(bytes.subarray(0, end))).toMatchObject({ code: 'FILE_DAMAGED' });
    }
    let read = 0;
    for (let at = 0; at < bytes.length; at += 13) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      const { outcome } = await readBytes(changed);
      if (outcome.ok) read++;
      else expect(outcome.problems[0]?.detail).not.toContain('secret');
    }
    // Times, attributes and names that nobody goes by may be others.
    expect(read).toBeGreaterThan(0);
  });

  it.each([
    [
      'a DOCTYPE in the sheet',
      { sheets: [{ data: '', part: '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>' }] },
      'FILE_UNSAFE',
    ],
    [
      'a DOCTYPE in the workbook',
      { sheets, entries: [{ name: 'xl/workbook.xml', content: '<!DOCTYPE x><workbook/>' }] },
      'FILE_UNSAFE',
    ],
    [
      'an entity that is not known',
      {
        sheets: [
          {
            data: '<row><c t="inlineStr"><is><t>&amp;</t></is></c></row><row><c t="inlineStr"><is><t>&bomb;</t></is></c></row>',
          },
        ],
      },
      undefined,
    ],
    ['elements that cross', { sheets: [{ data: '<row><c></row></c>' }] }, 'FILE_DAMAGED'],
    [
      'a sheet that breaks off',
      { sheets: [{ data: '', part: '<worksheet><sheetData><row>' }] },
      'FILE_DAMAGED',
    ],
    ['two roots', { sheets: [{ data: '', part: '<worksheet/><worksheet/>' }] }, 'FILE_DAMAGED'],
    ['no XML', { sheets: [{ data: '', part: 'no' }] }, 'FILE_DAMAGED'],
    [
      'bytes that are no UTF-8',
      {
        sheets: [{ data: '', part: Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]) }],
      },
      'FILE_DAMAGED',
    ],
    [
      'a depth without end',
      { sheets: [{ data: '', part: '<a>'.repeat(100_000) }] },
      'FILE_DAMAGED',
    ],
    [
      'a sheet that is not there',
      {
        sheets,
        entries: [
          {
            name: 'xl/_rels/workbook.xml.rels',
            content:
              '<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/none.xml"/></Relationships>',
          },
        ],
      },
      'FILE_DAMAGED',
    ],
    [
      'relationships that are no XML',
      { sheets, entries: [{ name: 'xl/_rels/workbook.xml.rels', content: '<' }] },
      'FILE_DAMAGED',
    ],
    [
      'an encrypted part',
      { sheets, entries: [{ name: 'xl/workbook.xml', content: 'x', flags: 1 }] },
      'FILE_ENCRYPTED',
    ],
    [
      'a method that nobody uses',
      { sheets, entries: [{ name: 'xl/workbook.xml', content: 'x', method: 12 }] },
      'FILE_DAMAGED',
    ],
    [
      'a part larger than declared',
      {
        sheets,
        entries: [{ name: 'xl/workbook.xml', content: '<workbook/>', declared: { size: 3 } }],
      },
      'FILE_UNSAFE',
    ],
    [
      'a checksum that is another',
      {
        sheets,
        entries: [{ name: 'xl/workbook.xml', content: '<workbook/>', declared: { crc32: 3 } }],
      },
      'FILE_DAMAGED',
    ],
    [
      'styles beyond all measure',
      {
        sheets,
        entries: [{ name: 'xl/styles.xml', content: ' '.repeat(MAX_WORKBOOK_PART_BYTES + 1) }],
      },
      'FILE_TOO_LARGE',
    ],
  ])('with %s is told', async (_what, workbook, code) => {
    const { outcome } = await readCrafted(workbook);
    expect(outcome.ok ? undefined : outcome.problems[0]?.code).toBe(code);
  });

  it('that is a bomb is told before it is inflated', async () => {
    const bomb = Buffer.alloc(70 * 1024 * 1024, ' ');
    const faults = await faultsOf(
      readCrafted({ sheets, entries: [{ name: 'xl/worksheets/sheet1.xml', content: bomb }] }),
    );
    expect(faults).toMatchObject([{ code: 'FILE_UNSAFE' }]);
  });

  it('whose merged cells lie over each other is told', async () => {
    const data = craftRows([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ]);
    const areas = '<mergeCell ref="A2:XFD3"/>'.repeat(2);
    const faults = await faultsOf(readCrafted({ sheets: [{ data, behind: areas }] }));
    expect(faults).toMatchObject([{ code: 'FILE_DAMAGED' }]);
  });
});
