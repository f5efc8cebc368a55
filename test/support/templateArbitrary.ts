/** Word templates of any shape: tags, sections, tables, runs, text boxes within each other. */
import fc from 'fast-check';
import { header, wordFile } from './wordFile.ts';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';

const valueName = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom('a', 'b', 'c', 'x.y', ' a ') },
  // Mostly a fault of the row: what is a list cannot be printed.
  { weight: 1, arbitrary: fc.constantFrom('.', 'list') },
);
const sectionName = fc.constantFrom('list', 'items', 'more', 'some', 'x.z');
const literal = fc.constantFrom('', ' ', 'Text', 'a &amp; b', 'c > d', '&quot;', '王', '  ');

const section = (inside: fc.Arbitrary<string>, join = '') =>
  fc
    .tuple(sectionName, fc.constantFrom('#', '#', '#', '^'), inside)
    .map(([name, sign, content]) => `{${sign}${name}}${join}${content}${join}{/${name}}`);

/** Text of a paragraph, as XML, with tags. */
const { inline } = fc.letrec<{ inline: string; item: string }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal,
    valueName.map((name) => `{${name}}`),
    section(tie('inline')),
  ),
  inline: fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
}));

const RUN_PROPERTIES = [
  '',
  '',
  '<w:rPr><w:b/></w:rPr>',
  '<w:rPr/>',
  '<w:rPr><w:i/><w:lang w:val="de-DE"/></w:rPr>',
  '<w:rPr><w:b/><w:rPrChange w:id="1"><w:rPr><w:i/></w:rPr></w:rPrChange></w:rPr>',
];

/** A text cut into runs wherever Word may cut it: between any two characters that are no entity. */
function cutIntoRuns(text: string, cuts: readonly number[], looks: readonly number[]): string {
  const units = text.match(/&\w+;|[^]/gu) ?? [];
  const places = [...new Set(cuts.map((cut) => cut % (units.length + 1)))].sort((a, b) => a - b);
  const stretches = [0, ...places].map((from, i) => units.slice(from, places[i]).join(''));
  return stretches
    .map((stretch, i) => {
      const look = looks[i % looks.length] ?? 0;
      const space = look % 2 === 0 ? ' xml:space="preserve"' : '';
      return `<w:r>${RUN_PROPERTIES[look % RUN_PROPERTIES.length] ?? ''}<w:t${space}>${stretch}</w:t></w:r>`;
    })
    .join('<w:proofErr w:type="spellEnd"/>');
}

const PARAGRAPH_PROPERTIES = [
  '',
  '<w:pPr><w:jc w:val="left"/></w:pPr>',
  '<w:pPr><w:rPr><w:b/></w:rPr></w:pPr>',
  '<w:pPr><w:jc w:val="right"/></w:pPr>',
  '<w:pPr><w:spacing w:after="0"/></w:pPr>',
  '<w:pPr><w:keepNext/></w:pPr>',
];
const SECTION_BREAKS = [
  '<w:pPr><w:sectPr><w:type w:val="continuous"/></w:sectPr></w:pPr>',
  '<w:pPr><w:sectPr><w:type w:val="nextPage"/></w:sectPr></w:pPr>',
  '<w:pPr><w:sectPr><w:headerReference xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" w:type="default" r:id="rId1"/></w:sectPr></w:pPr>',
];
const EXTRAS = [
  '',
  '',
  '',
  '',
  '<w:r><w:br/></w:r>',
  '<w:r><w:br w:type="page"/></w:r>',
  '<w:bookmarkStart w:id="0" w:name="b"/><w:bookmarkEnd w:id="0"/>',
  '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>{a}</m:t></m:r></m:oMath>',
];

const paragraphOf = (text: fc.Arbitrary<string>) =>
  fc
    .record({
      text,
      cuts: fc.array(fc.nat(60), { maxLength: 3 }),
      looks: fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }),
      properties: fc.oneof(
        { weight: 80, arbitrary: fc.constantFrom(...PARAGRAPH_PROPERTIES) },
        { weight: 1, arbitrary: fc.constantFrom(...SECTION_BREAKS) },
      ),
      extra: fc.constantFrom(...EXTRAS),
      extraFirst: fc.boolean(),
    })
    .map(({ text: its, cuts, looks, properties, extra, extraFirst }) => {
      const runs = cutIntoRuns(its, cuts, looks);
      return `<w:p>${properties}${extraFirst ? extra + runs : runs + extra}</w:p>`;
    });

const paragraph = paragraphOf(inline);

const cell = (content: string) => `<w:tc><w:tcPr/>${content}</w:tc>`;
const table = (rows: readonly string[]) => `<w:tbl><w:tblPr/><w:tblGrid/>${rows.join('')}</w:tbl>`;
const row = (cells: readonly string[]) => `<w:tr>${cells.map(cell).join('')}</w:tr>`;

const textBox = (content: string) =>
  `<w:p><w:r><w:rPr><w:b/></w:rPr><w:pict><v:textbox xmlns:v="urn:schemas-microsoft-com:vml"><w:txbxContent>${content}</w:txbxContent></v:textbox></w:pict></w:r></w:p>`;

const lone = (text: string) => paragraphOf(fc.constant(text));

const { blocks } = fc.letrec<{ blocks: string; block: string; row: string }>((tie) => ({
  block: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: paragraph },
    // A section over paragraphs, its tags in paragraphs of their own.
    {
      weight: 2,
      arbitrary: fc
        .tuple(sectionName, fc.constantFrom('#', '#', '^'))
        .chain(([name, sign]) =>
          fc.tuple(lone(`{${sign}${name}}`), tie('blocks'), lone(`{/${name}}`)),
        )
        .map((pieces) => pieces.join('')),
    },
    // A section that begins in one paragraph and ends in another.
    {
      weight: 1,
      arbitrary: fc
        .tuple(sectionName, inline, inline)
        .chain(([name, before, after]) =>
          fc.tuple(lone(`${before}{#${name}}x`), tie('blocks'), lone(`y{/${name}}${after}`)),
        )
        .map((pieces) => pieces.join('')),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.array(tie('row'), { minLength: 1, maxLength: 3 }), fc.boolean())
        .map(([rows, isFollowed]) => table(rows) + (isFollowed ? '<w:p/>' : '')),
    },
    { weight: 1, arbitrary: tie('blocks').map((content) => textBox(`${content}<w:p/>`)) },
    {
      weight: 1,
      arbitrary: tie('blocks').map(
        (content) => `<w:sdt><w:sdtPr/><w:sdtContent>${content}</w:sdtContent></w:sdt>`,
      ),
    },
    {
      weight: 1,
      arbitrary: inline.map((text) => `<w:p><w:r><w:t>{-w:p list}${text}{/list}</w:t></w:r></w:p>`),
    },
  ),
  blocks: fc.array(tie('block'), { minLength: 1, maxLength: 3 }).map((all) => all.join('')),
  row: fc.oneof(
    fc.array(tie('blocks'), { minLength: 1, maxLength: 2 }).map(row),
    fc
      .tuple(sectionName, fc.constantFrom('#', '#', '^'), fc.array(paragraph, { maxLength: 2 }))
      .chain(([name, sign, middle]) =>
        fc
          .tuple(
            paragraphOf(inline.map((text) => `{${sign}${name}}${text}`)),
            lone(`{a}{/${name}}`),
          )
          .map(([first, last]) => row([first, ...middle, last])),
      ),
  ),
}));

/** A template: text, perhaps a header, a footer, footnotes and properties with tags. */
export const wordTemplate: fc.Arbitrary<Uint8Array> = fc
  .record({
    body: blocks,
    headerBody: fc.option(blocks, { freq: 4, nil: undefined }),
    footerBody: fc.option(paragraph, { freq: 4, nil: undefined }),
    note: fc.option(paragraph, { freq: 6, nil: undefined }),
    title: fc.option(inline, { freq: 4, nil: undefined }),
  })
  .map(({ body, headerBody, footerBody, note, title }) =>
    wordFile(body, {
      parts: {
        ...(headerBody !== undefined && { 'word/header1.xml': header(headerBody) }),
        ...(footerBody !== undefined && { 'word/footer1.xml': header(footerBody, 'ftr') }),
        ...(note !== undefined && {
          'word/footnotes.xml': {
            type: `${WORD}.footnotes+xml`,
            content: `<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="1">${note}</w:footnote></w:footnotes>`,
          },
        }),
        ...(title !== undefined && {
          'docProps/core.xml': {
            type: 'application/vnd.openxmlformats-package.core-properties+xml',
            content: `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${title}</dc:title></cp:coreProperties>`,
          },
        }),
      },
    }),
  );
