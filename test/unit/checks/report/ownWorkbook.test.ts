import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { objectKeys } from '../../../../shared/keys.ts';
import { MAX_OTHER_COMMENTS } from '../../../../shared/limits.ts';
import type { ReadingOptions } from '../../../../shared/schemas/common.ts';
import { openRangedZip } from '../../../../shared/zip/rangedZip.ts';
import { createMemoryPorts } from '../../../support/memoryPorts.ts';
import { craftRows, craftWorkbook, type CraftedWorkbook } from '../../../support/workbooks.ts';
import {
  commentsOf,
  excelJs,
  finding,
  linesOf,
  mark,
  repacked,
  reportOf,
  rowsOf,
} from './support.ts';

const PEOPLE = [
  ['name', 'city'],
  ['Ada', 'London'],
  ['', 'Bonn'],
  ['Lin', '王'],
];
const people = (more: Partial<CraftedWorkbook> = {}) =>
  craftWorkbook({ sheets: [{ name: 'People', data: craftRows(PEOPLE) }], ...more });
const SHEET = 'xl/worksheets/sheet1.xml';
const R = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** Cells that conditional formats fill, by severity. */
function filled(sheet: string) {
  const found: Record<string, string[]> = {};
  for (const [, sqref = '', dxf = ''] of sheet.matchAll(
    /<(?:\w+:)?conditionalFormatting sqref="([^"]*)"><(?:\w+:)?cfRule type="expression" dxfId="(\d+)"[^>]*><(?:\w+:)?formula>TRUE</g,
  ))
    (found[dxf] ??= []).push(...sqref.split(' '));
  return found;
}

/** Texts of the cells of a part. */
const textsOf = (sheet: string) =>
  [...sheet.matchAll(/<t(?: [^>]*)?>([^<]*)<\/t>/g)].map(([, text = '']) => text);
const WrongSchema = z.tuple([z.looseObject({ 'What is wrong': z.string() }), z.unknown()]);

/** Relationships of the sheet. */
const sheetRels = (targets: readonly (readonly [id: string, type: string, target: string])[]) => ({
  name: 'xl/worksheets/_rels/sheet1.xml.rels',
  content: `<Relationships xmlns="${RELATIONSHIPS}">${targets
    .map(([id, type, target]) => `<Relationship Id="${id}" Type="${type}" Target="${target}"/>`)
    .join('')}</Relationships>`,
});
const comments = (list: string, authors = '<author>Ann</author>') => ({
  name: 'xl/comments1.xml',
  content: `<comments xmlns="${MAIN}"><authors>${authors}</authors><commentList>${list}</commentList></comments>`,
});
const VML = `<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout><v:shapetype id="_x0000_t202"/><v:shape id="_x0000_s1025" type="#_x0000_t202"><v:textbox><br></v:textbox><x:ClientData ObjectType="Note"><x:Row>1</x:Row><x:Column>0</x:Column></x:ClientData></v:shape></xml>`;

/** A workbook whose cell A2 has a comment already. */
const commented = (list: string, more: readonly (readonly [string, string, string])[] = []) =>
  craftWorkbook({
    sheets: [
      {
        name: 'People',
        data: craftRows(PEOPLE),
        behind: `<legacyDrawing xmlns:q="${R}" q:id="vml"/>`,
      },
    ],
    entries: [
      sheetRels([
        ['vml', `${R}/vmlDrawing`, '../drawings/vmlDrawing1.vml'],
        ['c', `${R}/comments`, '../comments1.xml'],
        ...more,
      ]),
      comments(list),
      { name: 'xl/drawings/vmlDrawing1.vml', content: VML },
    ],
  });

describe('a marked workbook', () => {
  it('fills the cells, gives each a comment, and lists the findings behind all other sheets', async () => {
    const { bytes, textOf } = await reportOf(people(), {
      marks: [
        mark(1, 'name', 'Wrong. Mend it.'),
        mark(3, 'city', 'Unusual.', 'warning'),
        mark(1, 'name', 'Used by {name}.', 'warning'),
      ],
      findings: [finding({ count: 2, firstRows: [2] })],
    });
    expect(filled(textOf(SHEET))).toEqual({ 0: ['A2'], 1: ['B4'] });
    const workbook = await excelJs(bytes);
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['People', 'Check']);
    expect(commentsOf(workbook.getWorksheet('People'))).toEqual({
      A2: 'Error: Wrong. Mend it.\nUsed by {name}.',
      B4: 'Warning: Unusual.',
    });
    expect(linesOf(workbook.getWorksheet('Check'))).toEqual([
      'What the check found',
      'The check found 1 kind of error.',
      '2 cells are marked in the sheet "People": red is an error, yellow a warning, and the comment of the cell says what to do.',
      'Severity | What is wrong | Column | Tag | How often | First places | What to do | Code',
      'Error | The column is empty. | name | {name} | 2 | A3 (row 2), … | Fill it. | VALUE_EMPTY',
    ]);
    expect(textOf('xl/worksheets/sheet2.xml')).toContain(`location="&apos;People&apos;!A3"`);
  });

  it.each([
    ['by default', {}, ['A4', 'A6', 'A9']],
    ['without hidden rows', { hidden: 'skip' as const }, ['A4', 'A9']],
    ['with a given header', { headerRow: 3 }, ['A4', 'A6', 'A9']],
  ])(
    'has its marks where the reader found the rows, %s',
    async (_how, reading: ReadingOptions, wanted) => {
      const row = (number: number, name: string, hidden = '') =>
        `<row r="${number}"${hidden}><c r="A${number}" t="inlineStr"><is><t>${name}</t></is></c><c r="C${number}" t="inlineStr"><is><t>c${number}</t></is></c></row>`;
      const file = craftWorkbook({
        sheets: [
          { name: 'Cover', state: 'hidden', data: craftRows([['x'], ['y']]) },
          {
            data: [
              '<row r="1"><c r="A1" t="inlineStr"><is><t>A title</t></is></c></row>',
              row(3, 'name'),
              row(4, 'a'),
              row(6, 'b', ' hidden="1"'),
              row(9, 'd'),
            ].join(''),
          },
        ],
      });
      // Blank rows between count as rows.
      const rows = reading.hidden === 'skip' ? [1, 5] : [1, 3, 6];
      const { textOf } = await reportOf(file, {
        reading,
        marks: rows.flatMap((number) => [mark(number, 'name'), mark(number, `c3`)]),
      });
      const { 0: cells = [] } = filled(textOf('xl/worksheets/sheet2.xml'));
      expect(cells).toEqual([...wanted, ...wanted.map((cell) => cell.replace('A', 'C'))]);
    },
  );

  it('has rows of findings as high as their texts are long, also where nobody finds that by himself', async () => {
    const long = 'Words that go on. '.repeat(20).trim();
    const { textOf } = await reportOf(people(), {
      marks: [mark(1, 'name')],
      findings: [finding(), finding({ detail: long }), finding({ detail: '長'.repeat(60) })],
    });
    const heights = [
      ...textOf('xl/worksheets/sheet2.xml').matchAll(/<row r="(\d+)"(?: ht="(\d+)")?/g),
    ];
    expect(heights.slice(-3).map(([, , points]) => points)).toEqual([undefined, '120', '45']);
  });

  it('marks the first cell of a merged area, the only one that is seen', async () => {
    const file = craftWorkbook({
      sheets: [
        {
          data: craftRows([
            ['name', 'city'],
            ['Ada', null],
            [null, 'x'],
            ['b', 'c'],
          ]),
          behind:
            '<mergeCells count="2"><mergeCell ref="A2:A3"/><mergeCell ref="A4:B4"/></mergeCells>',
        },
      ],
    });
    const { textOf } = await reportOf(file, {
      marks: [mark(2, 'name'), mark(3, 'city', 'Elsewhere.', 'warning')],
    });
    expect(filled(textOf(SHEET))).toEqual({ 0: ['A2'], 1: ['A4'] });
  });

  it('has all elements of the sheet in the order of the schema', async () => {
    const behind = [
      '<sheetProtection sheet="1"/>',
      '<autoFilter ref="A1:B4"/>',
      '<mergeCells count="1"><mergeCell ref="D8:E9"/></mergeCells>',
      '<dataValidations count="0"/>',
      '<pageMargins left="1" right="1" top="1" bottom="1" header="1" footer="1"/>',
      '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x14"><controls/></mc:Choice></mc:AlternateContent>',
      '<tableParts count="0"/>',
      '<extLst><ext uri="x"><conditionalFormatting/></ext></extLst>',
    ].join('');
    const file = craftWorkbook({ sheets: [{ data: craftRows(PEOPLE), behind }] });
    const { textOf } = await reportOf(file, { marks: [mark(1, 'name')] });
    const tail = textOf(SHEET).split('</sheetData>')[1] ?? '';
    const names = [...tail.matchAll(/<(\w+:)?(\w+)/g)].map(([, , name = '']) => name);
    const [behindMerged, behindMargins] = [
      names.indexOf('mergeCell'),
      names.indexOf('pageMargins'),
    ];
    expect(names.slice(behindMerged + 1, behindMerged + 5)).toEqual([
      'conditionalFormatting',
      'cfRule',
      'formula',
      'dataValidations',
    ]);
    expect(names[behindMargins + 1]).toBe('legacyDrawing');
    expect(names[behindMargins + 2]).toBe('AlternateContent');
  });

  it.each([
    ['a strict workbook', people({ isStrict: true }), 'http://purl.oclc.org/ooxml/'],
    ['a transitional one', people(), 'http://schemas.openxmlformats.org/'],
  ])('keeps to the namespaces of %s', async (_kind, file, namespace) => {
    const { names, textOf } = await reportOf(file, { marks: [mark(1, 'name')] });
    const own = ['xl/comments1.xml', 'xl/worksheets/sheet2.xml'].map(textOf);
    for (const text of own) expect(text).toContain(`xmlns="${namespace}`);
    for (const name of names.filter((each) => each.endsWith('.rels'))) {
      for (const [, type = ''] of textOf(name).matchAll(/Type="([^"]*)"/g))
        expect(type.startsWith(namespace)).toBe(true);
    }
  });

  it('takes the prefixes of each part', async () => {
    const part = `<?xml version="1.0"?><x:worksheet xmlns:x="${MAIN}"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>name</x:t></x:is></x:c></x:row><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`;
    const file = craftWorkbook({
      sheets: [{ data: '', part }],
      entries: [
        {
          name: 'xl/styles.xml',
          content: `<s:styleSheet xmlns:s="${MAIN}"><s:fonts count="1"><s:font><s:b/><s:sz val="9"/></s:font></s:fonts><s:cellXfs count="1"><s:xf/></s:cellXfs><s:dxfs/></s:styleSheet>`,
        },
        {
          name: 'xl/workbook.xml',
          content: `<w:workbook xmlns:w="${MAIN}"><w:sheets><w:sheet xmlns:rel="${R}" name="check" sheetId="7" rel:id="s1"/></w:sheets></w:workbook>`,
        },
      ],
    });
    const { textOf, bytes } = await reportOf(file, { marks: [mark(1, 'name')] });
    expect(textOf(SHEET)).toContain('<x:conditionalFormatting sqref="A2"><x:cfRule ');
    expect(textOf(SHEET)).toContain('<x:legacyDrawing ');
    const styles = textOf('xl/styles.xml');
    expect(styles).toMatch(/<s:dxfs count="2"><s:dxf>/);
    expect(styles).toContain('<s:fonts count="2">');
    expect(styles).not.toMatch(/<(?!s:|\/s:|\?)/);
    expect(textOf('xl/workbook.xml')).toContain(
      `<w:sheet name="Check (2)" sheetId="8" xmlns:r="${R}" r:id="rIdCheck1"/>`,
    );
    expect(await rowsOf(bytes)).toEqual([[{ name: '1' }, []]]);
  });

  it('makes styles where there are none', async () => {
    const file = await repacked(people(), {
      'xl/styles.xml': undefined,
      'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${RELATIONSHIPS}"><Relationship Id="s1" Type="${R}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    });
    const { textOf, bytes } = await reportOf(file, { marks: [mark(1, 'name')] });
    expect(textOf('xl/styles.xml')).toContain('<dxfs count="2">');
    expect(textOf('xl/_rels/workbook.xml.rels')).toContain(
      `Type="${R}/styles" Target="styles.xml"`,
    );
    const cell = (await excelJs(bytes)).getWorksheet('Check')?.getCell('A1');
    expect(cell?.font?.bold).toBe(true);
  });

  it('has no looks of its own where there are as many styles as Excel takes', async () => {
    const file = people({
      entries: [
        {
          name: 'xl/styles.xml',
          content: `<styleSheet xmlns="${MAIN}"><cellXfs>${'<xf/>'.repeat(65_490)}</cellXfs></styleSheet>`,
        },
      ],
    });
    const { textOf } = await reportOf(file, { marks: [mark(1, 'name')] });
    expect(textOf('xl/styles.xml').match(/<xf\b/g)).toHaveLength(65_490);
    expect(textOf('xl/worksheets/sheet2.xml')).not.toMatch(/<c [^>]* s="/);
    expect(filled(textOf(SHEET))).toEqual({ 0: ['A2'] });
  });

  it('has its last boxes within the sheet', async () => {
    const cells = `<row r="1"><c r="XFD1" t="inlineStr"><is><t>name</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`;
    const { textOf } = await reportOf(craftWorkbook({ sheets: [{ data: cells }] }), {
      marks: [mark(1_048_575, 'name')],
    });
    expect(filled(textOf(SHEET))).toEqual({ 0: ['XFD1048576'] });
    const [, anchor = ''] = /<x:Anchor>([^<]*)</.exec(textOf('xl/drawings/vmlDrawing1.vml')) ?? [];
    const [left, , top, , right, , bottom] = anchor.split(', ').map(Number);
    expect([left, right]).toEqual([16_380, 16_383]);
    expect(bottom).toBe(1_048_575);
    expect(top).toBeLessThan(1_048_575);
  });

  it('leaves all other entries as the bytes that they are', async () => {
    const picture = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * i) % 251));
    const file = people({
      entries: [
        { name: 'xl/media/image1.png', content: picture },
        { name: 'xl/theme/theme1.xml', content: '<theme>x</theme>' },
      ],
    });
    const { bytes } = await reportOf(file, { marks: [mark(1, 'name')] });
    const rawOf = async (zip: Uint8Array, name: string) => {
      const opened = await openRangedZip(
        {
          bytes: zip.length,
          read: async ({ offset, length }) => zip.subarray(offset, offset + length),
          async *stream({ offset, length }) {
            yield zip.subarray(offset, offset + length);
          },
        },
        { entries: 100, directoryBytes: 100_000 },
      );
      const record = opened.records.find((each) => each.name === name);
      const pieces: Uint8Array[] = [];
      if (record) for await (const piece of opened.compressed(record)) pieces.push(piece);
      return { method: record?.method, bytes: Buffer.concat(pieces) };
    };
    for (const name of ['xl/media/image1.png', 'xl/theme/theme1.xml', '_rels/.rels'])
      expect(await rawOf(bytes, name)).toEqual(await rawOf(file, name));
  });

  it('gives the same bytes each time, and the same rows as before', async () => {
    const options = { marks: [mark(1, 'name'), mark(2, 'city', 'x', 'warning')] };
    const [one, other] = [await reportOf(people(), options), await reportOf(people(), options)];
    expect(one.bytes.equals(other.bytes)).toBe(true);
    expect(await rowsOf(one.bytes)).toEqual(await rowsOf(people()));
  });

  it('keeps comments that are there, and adds to that of a marked cell', async () => {
    const file = commented(
      '<comment ref="A2" authorId="0"><text><t>Mine</t></text></comment><comment ref="B9" authorId="0"><text><r><t>Other</t></r></text></comment>',
    );
    const { textOf } = await reportOf(file, { marks: [mark(1, 'name'), mark(1, 'city')] });
    const text = textOf('xl/comments1.xml');
    expect(text).toContain('<authors><author>Ann</author><author>Sheaf</author></authors>');
    expect(text).toContain(
      '<comment ref="A2" authorId="0"><text><r><t>Mine</t></r><r><t xml:space="preserve">\nError: It is wrong. Correct it.</t></r></text></comment>',
    );
    expect(text).toContain('<comment ref="B2" authorId="1">');
    const vml = textOf('xl/drawings/vmlDrawing1.vml');
    // Its own, kept as it is though it is no XML, and one more.
    expect(vml).toContain('<v:textbox><br></v:textbox>');
    expect([...vml.matchAll(/ id="(_x0000_s\d+)"/g)].map(([, id]) => id)).toEqual([
      '_x0000_s1025',
      '_x0000_s2049',
    ]);
    expect(vml).toContain('data="1,2"');
    expect([...textOf(SHEET).matchAll(/legacyDrawing/g)]).toHaveLength(1);
  });

  it('leaves conversations as they are, and tells their cells in its own sheet', async () => {
    const file = commented(
      '<comment ref="A2" authorId="0"><text><t>[Threaded comment]</t></text></comment>',
      [
        [
          't',
          'http://schemas.microsoft.com/office/2017/10/relationships/threadedComment',
          '../threads.xml',
        ],
      ],
    );
    const withThreads = repacked(file, {
      'xl/threads.xml':
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="A2" id="{1}"><text>why?</text></threadedComment></ThreadedComments>',
    });
    const { textOf } = await reportOf(await withThreads, {
      marks: [mark(1, 'name'), mark(1, 'city')],
    });
    expect(textOf('xl/comments1.xml')).toContain('<text><t>[Threaded comment]</t></text>');
    expect(textOf('xl/threads.xml')).toContain('why?');
    const check = textOf('xl/worksheets/sheet2.xml');
    expect(check).toContain('Cells that have a conversation keep it as it is');
    expect(textsOf(check).slice(-3)).toEqual(['Error', 'Error: It is wrong. Correct it.', 'A2']);
  });

  it('puts its formats before those of the sheet', async () => {
    const file = craftWorkbook({
      sheets: [
        {
          data: craftRows(PEOPLE),
          behind:
            '<conditionalFormatting sqref="A1:B9"><cfRule type="duplicateValues" dxfId="0" priority="1"/><cfRule type="expression" priority="12"><formula>1</formula></cfRule></conditionalFormatting>',
        },
      ],
    });
    const { textOf } = await reportOf(file, {
      marks: [mark(1, 'name'), mark(1, 'city', 'x', 'warning')],
    });
    const rules = [...textOf(SHEET).matchAll(/type="(\w+)"[^>]* priority="(\d+)"/g)];
    expect(rules.map(([, type, priority]) => [type, priority])).toEqual([
      ['duplicateValues', '3'],
      ['expression', '14'],
      ['expression', '1'],
      ['expression', '2'],
    ]);
  });

  it('replaces a drawing that leads nowhere', async () => {
    const file = craftWorkbook({
      sheets: [{ data: craftRows(PEOPLE), behind: `<legacyDrawing xmlns:q="${R}" q:id='gone'/>` }],
    });
    const { textOf } = await reportOf(file, { marks: [mark(1, 'name')] });
    expect(textOf(SHEET)).toMatch(/<legacyDrawing xmlns:q="[^"]*" q:id='rIdCheck\d'\/>/);
  });

  it('leaves a digital signature out, and says so', async () => {
    const type = `${RELATIONSHIPS}/digital-signature/origin`;
    const file = people({
      entries: [
        {
          name: '_rels/.rels',
          content: `<Relationships xmlns="${RELATIONSHIPS}"><Relationship Id="r" Type="${R}/officeDocument" Target="xl/workbook.xml"/><Relationship Id="s" Type="${type}" Target="_xmlsignatures/origin.sigs"/></Relationships>`,
        },
        { name: '_xmlsignatures/origin.sigs', content: '' },
        { name: '_xmlsignatures/sig1.xml', content: '<Signature/>' },
      ],
    });
    const { names, textOf, bytes } = await reportOf(file, { marks: [mark(1, 'name')] });
    expect(names.filter((name) => name.includes('signature'))).toEqual([]);
    expect(textOf('_rels/.rels')).not.toContain('signature');
    expect(linesOf((await excelJs(bytes)).getWorksheet('Check')).join()).toContain(
      'The digital signature was left out',
    );
  });

  it('has texts for texts, whatever they look like', async () => {
    const texts = ['=HYPERLINK("http://x")', '+1', '_x0041_', 'a\u0000b\ud800', '<c t="f">&amp;'];
    const { textOf, bytes } = await reportOf(people(), {
      marks: texts.map((text) => mark(1, 'name', text)),
      findings: texts.map((detail) => finding({ detail })),
    });
    const check = textOf('xl/worksheets/sheet2.xml');
    expect(check).not.toContain('<f>');
    expect([...check.matchAll(/<c [^>]*t="([^"]*)"/g)].every(([, t]) => t === 'inlineStr')).toBe(
      true,
    );
    const told = (await rowsOf(bytes, { sheet: 'Check', headerRow: 5 })).map(
      (row) => WrongSchema.parse(row)[0]['What is wrong'],
    );
    expect(told).toEqual([
      '=HYPERLINK("http://x")',
      '+1',
      '_x0041_',
      'a\u0000b\ufffd',
      '<c t="f">&amp;',
    ]);
  });

  it('splits long lists of cells, and joins those below each other', async () => {
    const rows = Array.from({ length: 1_400 }, (_, i) => [`a${i}`, 'b']);
    const file = craftWorkbook({ sheets: [{ data: craftRows([['name', 'city'], ...rows]) }] });
    const { textOf } = await reportOf(file, {
      marks: rows.flatMap((_, i) => [
        ...(i % 2 === 0 ? [mark(i + 1, 'name')] : []),
        mark(i + 1, 'city', 'x', 'warning'),
      ]),
      markedAll: false,
    });
    const lists = [...textOf(SHEET).matchAll(/sqref="([^"]*)"/g)].map(([, list = '']) =>
      list.split(' '),
    );
    expect(lists.map(({ length }) => length)).toEqual([500, 200, 1]);
    expect(lists[2]).toEqual(['B2:B1401']);
    expect(textOf('xl/worksheets/sheet2.xml')).toContain(
      'More cells are at fault, and not marked: a report marks 10,000, of everything that is found the first. Correct these, then check again.',
    );
  });

  it('only fills cells where a sheet has very many comments', async () => {
    const list = Array.from(
      { length: MAX_OTHER_COMMENTS + 1 },
      (_, i) => `<comment ref="D${i + 1}" authorId="0"><text/></comment>`,
    ).join('');
    const { textOf } = await reportOf(commented(list), { marks: [mark(1, 'name')] });
    expect(filled(textOf(SHEET))).toEqual({ 0: ['A2'] });
    expect(textOf('xl/comments1.xml')).not.toContain('Sheaf');
    const check = textsOf(textOf('xl/worksheets/sheet2.xml'));
    expect(check.join()).toContain('none could be added');
    expect(check.slice(-3)).toEqual(['Error', 'Error: It is wrong. Correct it.', 'A2']);
  });
});

describe('a workbook that cannot be marked', () => {
  const upload = (dataSourceId: string) => objectKeys.sourceUpload(dataSourceId);
  const said = async (report: ReturnType<typeof reportOf>) => {
    const workbook = await excelJs((await report).bytes);
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Rows', 'Check']);
    expect(commentsOf(workbook.getWorksheet('Rows'))).toEqual({
      A3: 'Error: It is wrong. Correct it.',
    });
    return linesOf(workbook.getWorksheet('Check')).join('\n');
  };
  const marks = [mark(2, 'name')];

  it('that was deleted gives its rows as they were read', async () => {
    const report = reportOf(people(), {
      marks,
      meanwhile: ({ objects }, { dataSourceId }) => objects.delete(upload(dataSourceId)),
    });
    expect(await said(report)).toContain('could not be marked: it was deleted or replaced');
  });

  it('that was replaced, too', async () => {
    const report = reportOf(people(), {
      marks,
      meanwhile: ({ objects }, { dataSourceId }) =>
        objects.put(upload(dataSourceId), Buffer.from('x')),
    });
    expect(await said(report)).toContain('could not be marked: it was deleted or replaced');
  });

  it('that is replaced while it is marked, too', async () => {
    const ports = createMemoryPorts();
    let looks = 0;
    const objects = {
      ...ports.objects,
      head: async (key: string) => {
        if (key.endsWith('upload') && ++looks === looksBefore + 2)
          await ports.objects.put(key, people({ isStrict: true }));
        return ports.objects.head(key);
      },
    };
    let looksBefore = Infinity;
    const report = reportOf(people(), {
      ports: { ...ports, objects },
      marks,
      meanwhile: async () => {
        looksBefore = looks;
      },
    });
    expect(await said(report)).toContain('could not be marked: it was deleted or replaced');
    expect(ports.objects.openUploads()).toBe(0);
  });

  it.each([
    [
      'whose comments are no XML',
      commented('<comment ref="A2"'),
      'one of its parts is not well-formed XML',
    ],
    [
      'with more styles than any has',
      people({
        entries: [
          {
            name: 'xl/styles.xml',
            content: `<styleSheet xmlns="${MAIN}"><cellXfs>${'<xf/>'.repeat(600_000)}</cellXfs></styleSheet>`,
          },
        ],
      }),
      'one of its parts has more elements than are read',
    ],
    [
      'whose sheet is in UTF-16',
      craftWorkbook({
        sheets: [
          {
            data: '',
            part: Buffer.from(
              `\ufeff<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="${MAIN}"><sheetData>${craftRows(PEOPLE)}</sheetData></worksheet>`,
              'utf16le',
            ),
          },
        ],
      }),
      'its sheet is in another encoding than UTF-8',
    ],
    [
      'with an entry of another method',
      people({ entries: [{ name: 'x.bin', content: 'x', method: 12 }] }),
      'compressed unusually',
    ],
  ])('%s gives its rows as they were read', async (_what, file, reason) => {
    expect(await said(reportOf(file, { marks }))).toContain(reason);
  });
});

describe('the workbook of rows with lists', () => {
  it('is marked where rows of nothing but keys are its last', async () => {
    const rows = [['#', 'name'], ['1', 'Lin'], ['2', 'Ada'], ['3'], ['4']];
    const items = [
      ['#items', 'article'],
      ['1', 'Chair'],
    ];
    const file = craftWorkbook({
      sheets: [
        { name: 'People', data: craftRows(rows) },
        { name: 'Items', data: craftRows(items) },
      ],
    });
    const { bytes } = await reportOf(file, { marks: [mark(2, 'name')] });
    const workbook = await excelJs(bytes);
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['People', 'Items', 'Check']);
    expect(Object.keys(commentsOf(workbook.getWorksheet('People')))).toEqual(['B3']);
  });
});
