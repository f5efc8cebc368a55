/** Workbooks (.xlsx) to the byte: what no library would write, too. */
import { craftZip, type CraftedEntry } from './craftZip.ts';

const MAIN = {
  transitional: 'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
  strict: 'http://purl.oclc.org/ooxml/spreadsheetml/main',
};
const RELATIONSHIPS = {
  transitional: 'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  strict: 'http://purl.oclc.org/ooxml/officeDocument/relationships',
};
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

/** A sheet: what is in its sheetData, and around it. */
export interface CraftedSheet {
  readonly name?: string;
  readonly state?: 'hidden' | 'veryHidden';
  /** Rows as XML. */
  readonly data: string;
  /** Elements before and behind the data: cols, mergeCells. */
  readonly before?: string;
  readonly behind?: string;
  /** The whole part instead. */
  readonly part?: string | Uint8Array;
}

export interface CraftedWorkbook {
  readonly sheets: readonly CraftedSheet[];
  /** Contents of the si elements. */
  readonly strings?: readonly string[];
  /** Number formats by style, from 1 on: a built-in id, or a code. */
  readonly formats?: readonly (number | string)[];
  readonly is1904?: boolean;
  readonly isStrict?: boolean;
  /** Method of the entries; 8 deflates. */
  readonly method?: 0 | 8;
  /** Entries that take the place of those of the same name, or are added. */
  readonly entries?: readonly CraftedEntry[];
}

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** A whole workbook. */
export function craftWorkbook({
  sheets,
  strings,
  formats = [],
  is1904 = false,
  isStrict = false,
  method = 8,
  entries = [],
}: CraftedWorkbook): Buffer {
  const main = isStrict ? MAIN.strict : MAIN.transitional;
  const types = isStrict ? RELATIONSHIPS.strict : RELATIONSHIPS.transitional;
  const relationships = (list: readonly (readonly [string, string, string])[]) =>
    `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${list
      .map(
        ([id, type, target]) =>
          `<Relationship Id="${id}" Type="${types}/${type}" Target="${target}"/>`,
      )
      .join('')}</Relationships>`;
  const parts: CraftedEntry[] = [
    {
      name: '[Content_Types].xml',
      content: `${DECLARATION}<Types xmlns="${PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    },
    { name: '_rels/.rels', content: relationships([['r', 'officeDocument', 'xl/workbook.xml']]) },
    {
      name: 'xl/workbook.xml',
      content: `${DECLARATION}<workbook xmlns="${main}" xmlns:r="${types}"><workbookPr${is1904 ? ' date1904="1"' : ''}/><sheets>${sheets
        .map(
          ({ name, state }, i) =>
            `<sheet name="${escape(name ?? `Sheet${i + 1}`)}" sheetId="${i + 1}"${state ? ` state="${state}"` : ''} r:id="s${i + 1}"/>`,
        )
        .join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relationships([
        ...sheets.map(
          (_, i) => [`s${i + 1}`, 'worksheet', `worksheets/sheet${i + 1}.xml`] as const,
        ),
        ...(strings ? [['st', 'sharedStrings', 'sharedStrings.xml'] as const] : []),
        ['f', 'styles', 'styles.xml'],
      ]),
    },
    { name: 'xl/styles.xml', content: stylesPart(main, formats) },
    ...sheets.map(({ data, before = '', behind = '', part }, i) => ({
      name: `xl/worksheets/sheet${i + 1}.xml`,
      content:
        part ??
        `${DECLARATION}<worksheet xmlns="${main}">${before}<sheetData>${data}</sheetData>${behind}</worksheet>`,
    })),
    ...(strings
      ? [
          {
            name: 'xl/sharedStrings.xml',
            content: `${DECLARATION}<sst xmlns="${main}">${strings.map((item) => `<si>${item}</si>`).join('')}</sst>`,
          },
        ]
      : []),
  ];
  const given = new Map(entries.map((entry) => [entry.name, entry]));
  const all = parts.map((part) => given.get(part.name) ?? part);
  const added = entries.filter(({ name }) => !parts.some((part) => part.name === name));
  return craftZip([...all, ...added].map((entry) => ({ method, ...entry })));
}

function stylesPart(main: string, formats: readonly (number | string)[]): string {
  const codes = formats.flatMap((format, i) =>
    typeof format === 'string'
      ? [`<numFmt numFmtId="${164 + i}" formatCode="${escape(format)}"/>`]
      : [],
  );
  const xfs = formats.map(
    (format, i) => `<xf numFmtId="${typeof format === 'string' ? 164 + i : format}"/>`,
  );
  return `${DECLARATION}<styleSheet xmlns="${main}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${xfs.join('')}</cellXfs></styleSheet>`;
}

/** A value of a cell: a text, a number in the style of this number, a truth value, nothing. */
export type CraftedValue = string | number | boolean | null | { value: number; style: number };

/** Rows of values as XML, with inline strings and references. */
export const craftRows = (rows: readonly (readonly CraftedValue[])[], first = 1): string =>
  rows
    .map(
      (cells, i) =>
        `<row r="${first + i}">${cells.map((cell, column) => craftCell(cell, `${lettersOf(column)}${first + i}`)).join('')}</row>`,
    )
    .join('');

function craftCell(value: CraftedValue, reference: string): string {
  if (value === null) return '';
  if (typeof value === 'string')
    return `<c r="${reference}" t="inlineStr"><is><t xml:space="preserve">${escape(value)}</t></is></c>`;
  if (typeof value === 'boolean') return `<c r="${reference}" t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === 'number') return `<c r="${reference}"><v>${value}</v></c>`;
  return `<c r="${reference}" s="${value.style}"><v>${value.value}</v></c>`;
}

/** A column's letters, from 0 on. */
export const lettersOf = (column: number): string =>
  column < 26
    ? String.fromCharCode(65 + column)
    : lettersOf(Math.floor(column / 26) - 1) + String.fromCharCode(65 + (column % 26));
