/** Small Word documents, made of the XML that a test is about. */
import { craftZip, type CraftedEntry } from './craftZip.ts';

const MAIN_TYPE =
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';

export interface WordFileOptions {
  readonly mainType?: string;
  /** Other parts by name, with their content type. */
  readonly parts?: Readonly<
    Record<string, { readonly type: string; readonly content: string | Uint8Array }>
  >;
  /** Relationships of the main part, as XML. */
  readonly relationships?: string;
  /** Entries that are no parts of their own, or replace one of the same name. */
  readonly entries?: readonly CraftedEntry[];
  /** Instead of word/document.xml. */
  readonly mainPart?: string;
}

/** A document whose body holds this XML. */
export const wordFile = (body: string, options?: WordFileOptions): Buffer =>
  craftZip(wordEntries(body, options));

export function wordEntries(
  body: string,
  {
    mainType = MAIN_TYPE,
    parts = {},
    relationships = '',
    entries = [],
    mainPart = 'word/document.xml',
  }: WordFileOptions = {},
): CraftedEntry[] {
  const overrides = Object.entries({ [mainPart]: { type: mainType }, ...parts })
    .map(([name, { type }]) => `<Override PartName="/${name}" ContentType="${type}"/>`)
    .join('');
  const made: CraftedEntry[] = [
    {
      name: '[Content_Types].xml',
      content: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides}</Types>`,
    },
    {
      name: '_rels/.rels',
      content: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONSHIPS}/officeDocument" Target="${mainPart}"/></Relationships>`,
    },
    {
      name: mainPart,
      content: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="${WORD}"><w:body>${body}<w:sectPr/></w:body></w:document>`,
    },
    ...(relationships === ''
      ? []
      : [
          {
            name: mainPart.replace(/([^/]+)$/, '_rels/$1.rels'),
            content: `<Relationships xmlns="${PACKAGE}/relationships">${relationships}</Relationships>`,
          },
        ]),
    ...Object.entries(parts).map(([name, { content }]) => ({ name, content })),
  ];
  return [...made.filter(({ name }) => !entries.some((entry) => entry.name === name)), ...entries];
}

/** Paragraphs of one run each. The texts are XML: write &amp; for &. */
export const paragraphs = (...texts: string[]): string =>
  texts.map((text) => `<w:p><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`).join('');

/** A paragraph whose text is cut into runs, as Word does it. */
export const runs = (...texts: string[]): string =>
  `<w:p w:rsidR="00A1"><w:pPr><w:jc w:val="left"/></w:pPr>${texts
    .map((text) => `<w:r w:rsidRPr="00B2"><w:rPr><w:b/></w:rPr><w:t>${text}</w:t></w:r>`)
    .join('<w:proofErr w:type="spellStart"/>')}</w:p>`;

/** A table; each cell holds one paragraph. */
export const table = (...rows: string[][]): string =>
  `<w:tbl><w:tblPr/><w:tblGrid/>${rows
    .map(
      (cells) =>
        `<w:tr>${cells.map((cell) => `<w:tc><w:tcPr/>${paragraphs(cell)}</w:tc>`).join('')}</w:tr>`,
    )
    .join('')}</w:tbl>`;

/** A header or footer part. */
export const header = (body: string, kind: 'hdr' | 'ftr' = 'hdr') => ({
  type: `application/vnd.openxmlformats-officedocument.wordprocessingml.${kind === 'hdr' ? 'header' : 'footer'}+xml`,
  content: `<w:${kind} xmlns:w="${WORD}">${body}</w:${kind}>`,
});
