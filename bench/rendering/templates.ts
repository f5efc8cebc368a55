/**
 * The templates that rendering is measured with, and rows for them: a letter of one page, an invoice
 * with a table, a contract of thirty pages with a picture. Made here, so that everyone measures the
 * same; each in the tags of each library.
 */
import PizZip from 'pizzip';
import type { Row } from '../../shared/schemas/common.ts';
import { createRandom } from '../measure/random.ts';
import { WORDS } from './words.ts';

/** How a library writes its tags. */
export interface Dialect {
  readonly value: (name: string) => string;
  /** A value of the list's current item. */
  readonly itemValue: (list: string, name: string) => string;
  /** Around the rows of a table: before, in the first cell, in the last cell, after. */
  readonly rows: (list: string) => { before: string; first: string; last: string; after: string };
  /** Around text within a paragraph. */
  readonly condition: (name: string) => { start: string; end: string };
}

/** docxtemplater and easy-template-x. */
export const BRACES: Dialect = {
  value: (name) => `{${name}}`,
  itemValue: (_list, name) => `{${name}}`,
  rows: (list) => ({ before: '', first: `{#${list}}`, last: `{/${list}}`, after: '' }),
  condition: (name) => ({ start: `{#${name}}`, end: `{/${name}}` }),
};

export const DOCX_TEMPLATES: Dialect = {
  value: (name) => `+++= ${name}+++`,
  itemValue: (_list, name) => `+++= $item.${name}+++`,
  rows: (list) => ({
    before: `+++FOR item IN ${list}+++`,
    first: '',
    last: '',
    after: '+++END-FOR item+++',
  }),
  condition: (name) => ({ start: `+++IF ${name}+++`, end: '+++END-IF+++' }),
};

export const CARBONE: Dialect = {
  value: (name) => `{d.${name}}`,
  itemValue: (list, name) => `{d.${list}[i].${name}}`,
  rows: (list) => ({ before: '', first: '', last: '', after: `{d.${list}[i+1].item}` }),
  condition: (name) => ({
    start: `{d.${name}:ifEQ(true):showBegin}`,
    end: `{d.${name}:showEnd}`,
  }),
};

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const NAMESPACES =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const RUN_LOOK =
  '<w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="22"/><w:lang w:val="en-GB"/></w:rPr>';
let revision = 0;
const paragraph = (text: string, style = 'Normal') =>
  `<w:p w:rsidR="00${(0x4a10 + (revision++ % 97)).toString(16).toUpperCase()}" w:rsidRDefault="00A31F0C"><w:pPr><w:pStyle w:val="${style}"/><w:spacing w:after="120"/></w:pPr><w:r>${RUN_LOOK}<w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

const prose = (random: () => number, words: number) =>
  Array.from({ length: words }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');

function styles(random: () => number): string {
  const names = ['Normal', 'Heading1', 'Heading2', 'Title', 'Header', 'Footer', 'TableGrid'];
  while (names.length < 60) names.push(`Style${names.length}`);
  const one = (name: string) =>
    `<w:style w:type="paragraph" w:styleId="${name}"><w:name w:val="${name}"/><w:basedOn w:val="Normal"/><w:uiPriority w:val="${Math.floor(random() * 99)}"/><w:qFormat/><w:rsid w:val="00${Math.floor(random() * 0xffffff).toString(16)}"/><w:pPr><w:keepNext/><w:spacing w:before="${Math.floor(random() * 400)}" w:after="${Math.floor(random() * 400)}"/></w:pPr><w:rPr><w:rFonts w:asciiTheme="majorHAnsi"/><w:color w:val="${Math.floor(random() * 0xffffff).toString(16)}"/><w:sz w:val="${Math.floor(16 + random() * 30)}"/></w:rPr></w:style>`;
  return `<w:styles ${NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>${names.map(one).join('')}</w:styles>`;
}

const theme = (random: () => number) =>
  `<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Office"><a:themeElements>${Array.from({ length: 80 }, (_, i) => `<a:clr${i}><a:srgbClr val="${Math.floor(random() * 0xffffff).toString(16)}"/></a:clr${i}>`).join('')}</a:themeElements></a:theme>`;

/** Bytes that no compression makes smaller, behind the signature of a PNG. */
function picture(random: () => number, bytes: number): Uint8Array {
  const content = Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
  content.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return content;
}

const drawing =
  '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="3000000" cy="1500000"/><wp:docPr id="1" name="Picture 1"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="logo.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>';

interface Content {
  readonly body: string;
  readonly header: string;
  readonly footer: string;
  readonly picture?: Uint8Array;
}

/** A package of parts such as Word writes, of which only text, header and footer hold tags. */
function wordPackage(content: Content, random: () => number): Buffer {
  const parts: Record<string, { type: string; xml: string }> = {
    'word/document.xml': {
      type: `${WORD}.document.main+xml`,
      xml: `<w:document ${NAMESPACES}><w:body>${content.body}<w:sectPr><w:headerReference w:type="default" r:id="rId7"/><w:footerReference w:type="default" r:id="rId8"/><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>`,
    },
    'word/header1.xml': {
      type: `${WORD}.header+xml`,
      xml: `<w:hdr ${NAMESPACES}>${content.header}</w:hdr>`,
    },
    'word/footer1.xml': {
      type: `${WORD}.footer+xml`,
      xml: `<w:ftr ${NAMESPACES}>${content.footer}</w:ftr>`,
    },
    'word/styles.xml': { type: `${WORD}.styles+xml`, xml: styles(random) },
    'word/settings.xml': {
      type: `${WORD}.settings+xml`,
      xml: `<w:settings ${NAMESPACES}><w:zoom w:percent="100"/><w:rsids>${Array.from({ length: 60 }, () => `<w:rsid w:val="00${Math.floor(random() * 0xffffff).toString(16)}"/>`).join('')}</w:rsids></w:settings>`,
    },
    'word/fontTable.xml': {
      type: `${WORD}.fontTable+xml`,
      xml: `<w:fonts ${NAMESPACES}>${['Calibri', 'Cambria', 'Symbol'].map((name) => `<w:font w:name="${name}"><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>`).join('')}</w:fonts>`,
    },
    'word/webSettings.xml': {
      type: `${WORD}.webSettings+xml`,
      xml: `<w:webSettings ${NAMESPACES}><w:optimizeForBrowser/></w:webSettings>`,
    },
    'word/theme/theme1.xml': {
      type: 'application/vnd.openxmlformats-officedocument.theme+xml',
      xml: theme(random),
    },
    'docProps/core.xml': {
      type: 'application/vnd.openxmlformats-package.core-properties+xml',
      xml: `<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Bench</dc:title></cp:coreProperties>`,
    },
    'docProps/app.xml': {
      type: 'application/vnd.openxmlformats-officedocument.extended-properties+xml',
      xml: '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Microsoft Office Word</Application></Properties>',
    },
  };
  const zip = new PizZip();
  const types = Object.entries(parts).map(
    ([name, { type }]) => `<Override PartName="/${name}" ContentType="${type}"/>`,
  );
  zip.file(
    '[Content_Types].xml',
    `${DECLARATION}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>${types.join('')}</Types>`,
  );
  zip.file(
    '_rels/.rels',
    `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="${PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/><Relationship Id="rId3" Type="${OFFICE}/extended-properties" Target="docProps/app.xml"/></Relationships>`,
  );
  const related = [
    ['rId1', 'styles', 'styles.xml'],
    ['rId2', 'settings', 'settings.xml'],
    ['rId3', 'webSettings', 'webSettings.xml'],
    ['rId4', 'fontTable', 'fontTable.xml'],
    ['rId5', 'theme', 'theme/theme1.xml'],
    ['rId7', 'header', 'header1.xml'],
    ['rId8', 'footer', 'footer1.xml'],
    ...(content.picture ? [['rId9', 'image', 'media/logo.png']] : []),
  ];
  zip.file(
    'word/_rels/document.xml.rels',
    `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${related.map(([id, type, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`).join('')}</Relationships>`,
  );
  for (const [name, { xml }] of Object.entries(parts)) zip.file(name, DECLARATION + xml);
  if (content.picture) zip.file('word/media/logo.png', content.picture);
  return zip.generate({ type: 'nodebuffer', compression: 'DEFLATE' });
}

/** One page, 6 tags, one each in header and footer. */
function letter(dialect: Dialect): Buffer {
  const random = createRandom(1);
  const { value } = dialect;
  return wordPackage(
    {
      header: paragraph(`${value('company')} · Human Resources`, 'Header'),
      footer: paragraph(`Reference ${value('reference')}`, 'Footer'),
      body: [
        paragraph(`${value('address')}`),
        paragraph(`Dear ${value('name')},`),
        ...Array.from({ length: 5 }, () => paragraph(`${prose(random, 60)}.`)),
        paragraph(`Your salary will be ${value('salary')}, from ${value('start')} on.`),
        paragraph(`${prose(random, 20)}.`),
        paragraph('Yours sincerely'),
      ].join(''),
    },
    random,
  );
}

const cell = (content: string) =>
  `<w:tc><w:tcPr><w:tcW w:w="2310" w:type="dxa"/><w:tcBorders><w:bottom w:val="single" w:sz="4"/></w:tcBorders></w:tcPr>${content}</w:tc>`;
const tableRow = (cells: readonly string[]) =>
  `<w:tr w:rsidR="00B1234A"><w:trPr><w:cantSplit/></w:trPr>${cells.map((text) => cell(paragraph(text))).join('')}</w:tr>`;

/** 8 tags around a table whose row repeats, with 4 tags. */
function invoice(dialect: Dialect): Buffer {
  const random = createRandom(2);
  const { value, itemValue } = dialect;
  const { before, first, last, after } = dialect.rows('items');
  const item = (name: string) => itemValue('items', name);
  // A row of its own for what stands around the repeated row.
  const edge = (text: string) => (text === '' ? '' : tableRow([text, '', '', '']));
  return wordPackage(
    {
      header: paragraph(`${value('company')}`, 'Header'),
      footer: paragraph(`Invoice ${value('number')}`, 'Footer'),
      body: [
        paragraph(`${value('customer')}`),
        paragraph(`${value('address')}`),
        paragraph(`Invoice of ${value('date')}`, 'Title'),
        paragraph(`${prose(random, 25)}.`),
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr><w:tblGrid><w:gridCol/><w:gridCol/><w:gridCol/><w:gridCol/></w:tblGrid>',
        tableRow(['Item', 'Quantity', 'Price', 'Sum']),
        edge(before),
        tableRow([
          `${first}${item('item')}`,
          item('quantity'),
          item('price'),
          `${item('sum')}${last}`,
        ]),
        edge(after),
        '</w:tbl>',
        paragraph(
          `Total: ${value('total')}, to be paid until ${value('due')} to ${value('account')}.`,
        ),
      ].join(''),
    },
    random,
  );
}

const CONTRACT_TAGS = 37;

/** Thirty pages, 40 tags, 3 of them conditions, a picture of 200 KB. */
function contract(dialect: Dialect): Buffer {
  const random = createRandom(3);
  const paragraphs: string[] = [];
  for (let i = 0; i < 150; i++) {
    if (i % 10 === 0) paragraphs.push(paragraph(`${i / 10 + 1}. ${prose(random, 4)}`, 'Heading1'));
    const tag = i % 4 === 0 && i / 4 < CONTRACT_TAGS - 2 ? ` ${dialect.value(`tag${i / 4}`)}` : '';
    const { start, end } =
      i % 50 === 25 ? dialect.condition(`clause${(i - 25) / 50}`) : { start: '', end: '' };
    paragraphs.push(
      paragraph(
        `${prose(random, 40)}${tag} ${start}${prose(random, 50)}${end}${prose(random, 10)}.`,
      ),
    );
  }
  return wordPackage(
    {
      header: paragraph(dialect.value('tag35'), 'Header'),
      footer: paragraph(dialect.value('tag36'), 'Footer'),
      body: drawing + paragraphs.join(''),
      picture: picture(random, 200_000),
    },
    random,
  );
}

const NAMES = ['Ana García', '王小明', 'O’Neil & Sons', 'Zoë <Ze>', 'Łukasz "Luk" Nowak', 'Priya'];
const TEXTS = ['12 High Street\nLondon\nSW1A 1AA', '北京市朝阳区\n100020', '', 'Rua “A” & B, 5'];
const pick = (list: readonly string[], i: number) => list[i % list.length] ?? '';

function letterRow(i: number): Row {
  return {
    company: 'Northwind Trading',
    reference: `HR-${10_000 + i}`,
    address: pick(TEXTS, i),
    name: `${pick(NAMES, i)} ${i}`,
    salary: 30_000 + ((i * 137) % 50_000),
    start: i % 5 === 0 ? null : `2026-0${(i % 9) + 1}-01`,
  };
}

function invoiceRow(i: number): Row {
  return {
    company: 'Northwind Trading',
    number: `R-${i}`,
    customer: pick(NAMES, i),
    address: pick(TEXTS, i),
    date: '2026-07-01',
    total: (i * 991) % 10_000,
    due: '2026-08-01',
    account: 'DE02 1203 0000 0000 2020 51',
    items: Array.from({ length: 20 }, (_, k) => ({
      item: `${pick(WORDS, i * 7 + k * 3)} ${pick(WORDS, i + k)} & more`,
      quantity: (i + k) % 12,
      price: ((i * 31 + k * 17) % 900) + 0.5,
      sum: `${(i * k) % 9_999}.00 €`,
    })),
  };
}

function contractRow(i: number): Row {
  const row: Row = { clause0: i % 2 === 0, clause1: i % 3 === 0, clause2: true };
  for (let k = 0; k < CONTRACT_TAGS; k++) {
    row[`tag${k}`] = `${pick(NAMES, i + k)}, ${pick(WORDS, i * 5 + k)}`;
  }
  return row;
}

/** The templates that are made, each with the values of its rows. */
export const CASES = {
  letter: { template: letter, row: letterRow },
  invoice: { template: invoice, row: invoiceRow },
  contract: { template: contract, row: contractRow },
} as const;
export type CaseName = keyof typeof CASES;

const DIFFERENT_ROWS = 50;

/** Rows for a made template. */
export const rowsOf = (name: CaseName): Row[] =>
  Array.from({ length: DIFFERENT_ROWS }, (_, i) => CASES[name].row(i));
