/**
 * Makes examples/offer-letter.docx: an offer of employment, as Word would have saved it, with tags cut
 * into several runs by its spell checker. Run it with `npx tsx examples/makeOfferLetter.ts`.
 * Element order follows the schemas of ECMA-376 part 1, which Word insists on.
 */
import { writeFileSync } from 'node:fs';
import { createPackageWriter } from '../shared/rendering/packageWriter.ts';

// ── Colours, as Word writes them ──
const INK = '22303C';
const ACCENT = '1B5E6B';
const ACCENT_PALE = 'E8F1F2';
const RULE = 'C9D6D9';
const MUTED = '6B7A86';

// ── Measures: lengths in twentieths of a point, of A4 with margins of 2.3 cm ──
const PAGE = { width: 11_906, height: 16_838, margin: 1_304 };
const TEXT_WIDTH = PAGE.width - 2 * PAGE.margin;

const NAMESPACES =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" ' +
  'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A run. `properties` are the children of w:rPr, in the order of the schema. */
const run = (text: string, properties = '') =>
  `<w:r>${properties === '' ? '' : `<w:rPr>${properties}</w:rPr>`}<w:t xml:space="preserve">${escape(text)}</w:t></w:r>`;

/** Revisions in which the letter was written: Word keeps runs of different ones apart. */
const REVISIONS = ['007A21C4', '003F5B08', '009D14E6'] as const;

/** Text that Word has cut into runs at its revisions, the second of them marked as misspelt. */
function cut(...pieces: string[]): string {
  const runs = pieces.map(
    (piece, i) =>
      `<w:r w:rsidR="${REVISIONS[i % REVISIONS.length]}"><w:t xml:space="preserve">${escape(piece)}</w:t></w:r>`,
  );
  runs.splice(
    1,
    1,
    '<w:proofErr w:type="spellStart"/>',
    runs[1] ?? '',
    '<w:proofErr w:type="spellEnd"/>',
  );
  return runs.join('');
}

const TAB = '<w:r><w:tab/></w:r>';

/** A paragraph of a style; content is runs. */
const paragraph = (style: string, ...content: string[]) =>
  `<w:p w:rsidR="005C1E90" w:rsidRDefault="005C1E90"><w:pPr><w:pStyle w:val="${style}"/></w:pPr>${content.join('')}</w:p>`;

const text = (style: string, value: string) => paragraph(style, run(value));

/** A field that Word computes, such as PAGE; `shown` is what it showed last. */
const field = (instruction: string, shown: string) =>
  `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> ${instruction} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run(shown)}<w:r><w:fldChar w:fldCharType="end"/></w:r>`;

interface Cell {
  readonly width: number;
  readonly content: string;
  readonly shade?: string;
}

const cell = ({ width, content, shade }: Cell) =>
  `<w:tc><w:tcPr><w:tcW w:w="${width}" w:type="dxa"/>${shade ? `<w:shd w:val="clear" w:color="auto" w:fill="${shade}"/>` : ''}<w:vAlign w:val="center"/></w:tcPr>${content}</w:tc>`;

const row = (cells: readonly Cell[], isHeader = false) =>
  `<w:tr w:rsidR="005C1E90"><w:trPr><w:cantSplit/>${isHeader ? '<w:tblHeader/>' : ''}</w:trPr>${cells.map(cell).join('')}</w:tr>`;

const table = (style: string, widths: readonly number[], rows: readonly string[]) =>
  `<w:tbl><w:tblPr><w:tblStyle w:val="${style}"/><w:tblW w:w="${TEXT_WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/></w:tblPr><w:tblGrid>${widths.map((width) => `<w:gridCol w:w="${width}"/>`).join('')}</w:tblGrid>${rows.join('')}</w:tbl>`;

const LABEL_WIDTHS = [2_350, TEXT_WIDTH - 2_350] as const;
const term = (label: string, value: string) =>
  row([
    { width: LABEL_WIDTHS[0], content: text('TermLabel', label), shade: ACCENT_PALE },
    { width: LABEL_WIDTHS[1], content: paragraph('TermValue', value) },
  ]);

const BENEFIT_WIDTHS = [3_500, TEXT_WIDTH - 3_500] as const;
const benefit = (first: string, second: string) =>
  row([
    { width: BENEFIT_WIDTHS[0], content: paragraph('TermValue', first) },
    { width: BENEFIT_WIDTHS[1], content: paragraph('TermValue', second) },
  ]);

const HALF = TEXT_WIDTH / 2;
const signature = (...lines: string[]): Cell => ({
  width: HALF,
  content: paragraph('SignatureLine') + lines.map((line) => text('Small', line)).join(''),
});

const BODY = [
  paragraph('DateLine', cut('{offer', '_date}'), run('  ·  Reference {reference}')),
  paragraph('Address', run('{name}')),
  paragraph('Address', run('{address}')),
  paragraph('Title', run('Your offer: '), cut('{posi', 'tion', '}')),
  paragraph('BodyText', run('Dear '), cut('{na', 'me', '}'), run(',')),
  paragraph(
    'BodyText',
    run('We enjoyed our conversations very much, and are delighted to offer you the position of '),
    run('{position}', '<w:b/>'),
    run(' in our '),
    cut('{depart', 'ment}'),
    run(' team in '),
    cut('{', 'location', '}'),
    run('. You would report to {manager}.'),
  ),
  text('Heading1', 'The terms'),
  table('Terms', LABEL_WIDTHS, [
    term('Start date', run('{start_date}')),
    term('Salary', run('{salary} a year, paid monthly')),
    term('Working hours', run('{hours} a week')),
    term('Probation', run('{probation} months')),
    term(
      'Place of work',
      run('{location}{#remote_days}; remote on up to {remote_days} a week{/remote_days}'),
    ),
  ]),
  text('BodyText', '{#bonus}'),
  paragraph(
    'Callout',
    run('A signing bonus of '),
    run('{bonus}', '<w:b/>'),
    run(' comes with your first salary; it is ours to celebrate your arrival.'),
  ),
  text('BodyText', '{/bonus}'),
  text('Heading1', 'Your benefits'),
  table('Benefits', BENEFIT_WIDTHS, [
    row(
      [
        { width: BENEFIT_WIDTHS[0], content: text('TableHead', 'Benefit'), shade: ACCENT },
        {
          width: BENEFIT_WIDTHS[1],
          content: text('TableHead', 'What it means for you'),
          shade: ACCENT,
        },
      ],
      true,
    ),
    benefit(cut('{#bene', 'fits', '}{na', 'me}'), run('{value}{/benefits}')),
    benefit(
      run('{^benefits}Our handbook'),
      run('All that it offers is yours; we are glad to send it.{/benefits}'),
    ),
  ]),
  text('BodyText', '{#note}'),
  paragraph('Note', run('{note}')),
  text('BodyText', '{/note}'),
  paragraph(
    'BodyTextAfter',
    run('To accept, please sign one copy and return it by '),
    run('{reply_by}', '<w:b/>'),
    run('. We look forward to working with you.'),
  ),
  text('BodyText', 'With kind regards,'),
  table(
    'Plain',
    [HALF, HALF],
    [row([signature('{manager}', '{manager_title}'), signature('{name}', 'Date:')])],
  ),
].join('');

const SECTION = `<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:footerReference w:type="default" r:id="rId5"/><w:pgSz w:w="${PAGE.width}" w:h="${PAGE.height}"/><w:pgMar w:top="1985" w:right="${PAGE.margin}" w:bottom="1304" w:left="${PAGE.margin}" w:header="737" w:footer="567" w:gutter="0"/><w:cols w:space="708"/><w:docGrid w:linePitch="360"/></w:sectPr>`;

const DOCUMENT = `${XML}<w:document ${NAMESPACES}><w:body>${BODY}${paragraph('Small')}${SECTION}</w:body></w:document>`;

const HEADER = `${XML}<w:hdr ${NAMESPACES}>${paragraph(
  'Header',
  run('MERIDIAN', `<w:b/><w:color w:val="${ACCENT}"/><w:spacing w:val="60"/><w:sz w:val="26"/>`),
  run('  INSTRUMENTS', `<w:color w:val="${MUTED}"/><w:spacing w:val="60"/><w:sz w:val="18"/>`),
  TAB,
  run('Offer of employment for '),
  cut('{na', 'me', '}'),
)}</w:hdr>`;

const FOOTER = `${XML}<w:ftr ${NAMESPACES}>${paragraph(
  'Footer',
  run('Meridian Instruments  ·  {office_address}'),
  TAB,
  cut('{refer', 'ence}'),
  run('  ·  Page '),
  field('PAGE', '1'),
  run(' of '),
  field('NUMPAGES', '1'),
)}</w:ftr>`;

interface Style {
  readonly id: string;
  readonly name: string;
  readonly basedOn?: string;
  /** Children of w:pPr and w:rPr, in the order of the schema. */
  readonly paragraph?: string;
  readonly run?: string;
}

const paragraphStyle = ({
  id,
  name,
  basedOn = 'Normal',
  paragraph: pPr = '',
  run: rPr = '',
}: Style) =>
  `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/><w:basedOn w:val="${basedOn}"/><w:qFormat/>${pPr && `<w:pPr>${pPr}</w:pPr>`}${rPr && `<w:rPr>${rPr}</w:rPr>`}</w:style>`;

const spacing = (before: number, after: number, line = 264) =>
  `<w:spacing w:before="${before}" w:after="${after}" w:line="${line}" w:lineRule="auto"/>`;
const colour = (value: string) => `<w:color w:val="${value}"/>`;
const size = (halfPoints: number) => `<w:sz w:val="${halfPoints}"/><w:szCs w:val="${halfPoints}"/>`;
const rule = (side: string, value: string, width = 4, space = 4) =>
  `<w:${side} w:val="single" w:sz="${width}" w:space="${space}" w:color="${value}"/>`;
const rightTab = `<w:tabs><w:tab w:val="right" w:pos="${TEXT_WIDTH}"/></w:tabs>`;

const tableStyle = (id: string, name: string, borders: string, margins: string) =>
  `<w:style w:type="table" w:customStyle="1" w:styleId="${id}"><w:name w:val="${name}"/><w:basedOn w:val="TableNormal"/><w:tblPr>${borders && `<w:tblBorders>${borders}</w:tblBorders>`}<w:tblCellMar>${margins}</w:tblCellMar></w:tblPr></w:style>`;
const cellMargins = (vertical: number, horizontal: number) =>
  `<w:top w:w="${vertical}" w:type="dxa"/><w:left w:w="${horizontal}" w:type="dxa"/><w:bottom w:w="${vertical}" w:type="dxa"/><w:right w:w="${horizontal}" w:type="dxa"/>`;
const lines = ['top', 'bottom', 'insideH'].map((side) => rule(side, RULE, 4, 0)).join('');

const STYLES = `${XML}<w:styles ${NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:eastAsia="Microsoft YaHei" w:hAnsi="Calibri" w:cs="Calibri"/>${colour(INK)}${size(21)}<w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>${spacing(0, 0)}</w:pPr></w:pPrDefault></w:docDefaults>${[
  '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>',
  '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>',
  `<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>${cellMargins(0, 108)}</w:tblCellMar></w:tblPr></w:style>`,
  paragraphStyle({ id: 'BodyText', name: 'Body Text', paragraph: spacing(0, 130) }),
  paragraphStyle({
    id: 'BodyTextAfter',
    name: 'Body Text After Table',
    basedOn: 'BodyText',
    paragraph: spacing(220, 130),
  }),
  paragraphStyle({ id: 'Small', name: 'Small', run: colour(MUTED) + size(18) }),
  paragraphStyle({
    id: 'DateLine',
    name: 'Date Line',
    basedOn: 'Small',
    paragraph: spacing(0, 240),
  }),
  paragraphStyle({ id: 'Address', name: 'Address', paragraph: spacing(0, 0, 252) }),
  paragraphStyle({
    id: 'Title',
    name: 'Title',
    paragraph: `<w:keepNext/>${spacing(300, 200, 240)}`,
    run: `<w:b/>${colour(ACCENT)}${size(36)}`,
  }),
  paragraphStyle({
    id: 'Heading1',
    name: 'heading 1',
    paragraph: `<w:keepNext/>${spacing(200, 90, 240)}<w:outlineLvl w:val="0"/>`,
    run: `<w:b/>${colour(ACCENT)}${size(24)}`,
  }),
  paragraphStyle({
    id: 'TermLabel',
    name: 'Term Label',
    run: `<w:b/>${colour(ACCENT)}${size(19)}`,
  }),
  paragraphStyle({ id: 'TermValue', name: 'Term Value', run: size(20) }),
  paragraphStyle({
    id: 'TableHead',
    name: 'Table Head',
    paragraph: '<w:keepNext/>',
    run: `<w:b/>${colour('FFFFFF')}${size(19)}`,
  }),
  paragraphStyle({
    id: 'Callout',
    name: 'Callout',
    paragraph: `<w:pBdr>${rule('top', ACCENT_PALE, 48, 0)}${rule('left', ACCENT, 24, 10)}${rule('bottom', ACCENT_PALE, 48, 0)}</w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="${ACCENT_PALE}"/>${spacing(260, 200)}<w:ind w:left="260"/>`,
  }),
  paragraphStyle({
    id: 'Note',
    name: 'Note',
    paragraph: spacing(200, 0),
    run: `<w:i/>${colour(MUTED)}`,
  }),
  paragraphStyle({
    id: 'SignatureLine',
    name: 'Signature Line',
    paragraph: `<w:keepNext/><w:pBdr>${rule('bottom', MUTED, 4, 1)}</w:pBdr>${spacing(520, 40)}<w:ind w:right="900"/>`,
  }),
  paragraphStyle({
    id: 'Header',
    name: 'header',
    paragraph: `<w:pBdr>${rule('bottom', ACCENT, 8, 8)}</w:pBdr>${rightTab}`,
    run: colour(MUTED) + size(17),
  }),
  paragraphStyle({
    id: 'Footer',
    name: 'footer',
    paragraph: `<w:pBdr>${rule('top', RULE, 4, 8)}</w:pBdr>${rightTab}`,
    run: colour(MUTED) + size(16),
  }),
  tableStyle('Terms', 'Terms', lines, cellMargins(55, 140)),
  tableStyle('Benefits', 'Benefits', lines, cellMargins(55, 140)),
  tableStyle('Plain', 'Plain', '', cellMargins(0, 0)),
].join('')}</w:styles>`;

const SETTINGS = `${XML}<w:settings ${NAMESPACES}><w:zoom w:percent="100"/><w:proofState w:spelling="clean" w:grammar="clean"/><w:defaultTabStop w:val="708"/><w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:rsids><w:rsidRoot w:val="005C1E90"/>${['005C1E90', ...REVISIONS].map((id) => `<w:rsid w:val="${id}"/>`).join('')}</w:rsids><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>`;

const font = (name: string, family: string, charset: string) =>
  `<w:font w:name="${name}"><w:charset w:val="${charset}"/><w:family w:val="${family}"/><w:pitch w:val="variable"/></w:font>`;
const FONTS = `${XML}<w:fonts ${NAMESPACES}>${font('Calibri', 'swiss', '00')}${font('Microsoft YaHei', 'swiss', '86')}</w:fonts>`;

const CORE = `${XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>Offer of employment for {name}</dc:title><dc:creator>Meridian Instruments</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">2026-01-05T09:00:00Z</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">2026-01-05T09:00:00Z</dcterms:modified></cp:coreProperties>`;
const APP = `${XML}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Microsoft Office Word</Application><AppVersion>16.0000</AppVersion></Properties>`;

const WORD_TYPE = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const CONTENT_TYPES = `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${[
  ['/word/document.xml', `${WORD_TYPE}.document.main+xml`],
  ['/word/styles.xml', `${WORD_TYPE}.styles+xml`],
  ['/word/settings.xml', `${WORD_TYPE}.settings+xml`],
  ['/word/fontTable.xml', `${WORD_TYPE}.fontTable+xml`],
  ['/word/header1.xml', `${WORD_TYPE}.header+xml`],
  ['/word/footer1.xml', `${WORD_TYPE}.footer+xml`],
  ['/docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml'],
  ['/docProps/app.xml', 'application/vnd.openxmlformats-officedocument.extended-properties+xml'],
]
  .map(([part, type]) => `<Override PartName="${part}" ContentType="${type}"/>`)
  .join('')}</Types>`;

const relationships = (targets: readonly (readonly [string, string])[]) =>
  `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets
    .map(
      ([type, target], i) => `<Relationship Id="rId${i + 1}" Type="${type}" Target="${target}"/>`,
    )
    .join('')}</Relationships>`;
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const ROOT_RELATIONSHIPS = relationships([
  [`${OFFICE}/officeDocument`, 'word/document.xml'],
  [
    'http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties',
    'docProps/core.xml',
  ],
  [`${OFFICE}/extended-properties`, 'docProps/app.xml'],
]);
const DOCUMENT_RELATIONSHIPS = relationships([
  [`${OFFICE}/styles`, 'styles.xml'],
  [`${OFFICE}/settings`, 'settings.xml'],
  [`${OFFICE}/fontTable`, 'fontTable.xml'],
  [`${OFFICE}/header`, 'header1.xml'],
  [`${OFFICE}/footer`, 'footer1.xml'],
]);

/** The parts of the letter, by name, in the order of the file. */
export const OFFER_LETTER_PARTS: Readonly<Record<string, string>> = {
  '[Content_Types].xml': CONTENT_TYPES,
  '_rels/.rels': ROOT_RELATIONSHIPS,
  'word/document.xml': DOCUMENT,
  'word/_rels/document.xml.rels': DOCUMENT_RELATIONSHIPS,
  'word/header1.xml': HEADER,
  'word/footer1.xml': FOOTER,
  'word/styles.xml': STYLES,
  'word/settings.xml': SETTINGS,
  'word/fontTable.xml': FONTS,
  'docProps/core.xml': CORE,
  'docProps/app.xml': APP,
};

if (import.meta.filename === process.argv[1]) {
  const parts = Object.entries(OFFER_LETTER_PARTS).map(
    ([name, content]) => [name, Buffer.from(content)] as const,
  );
  writeFileSync(
    new URL('offer-letter.docx', import.meta.url),
    createPackageWriter([]).write(parts),
  );
}
