/** Files that are uploaded as tables by mistake, and what to do. */
import { fileKindOf, type FileKind } from '../office/fileKinds.ts';
import { GZIP_SIGNATURE } from './gunzip.ts';
import { SourceFault } from './sourceFault.ts';

const AS_CSV = 'save the table as CSV (UTF-8) and upload that.';

const ADVICE: Readonly<Record<FileKind, string>> = {
  'old Office file': `This is an old Excel workbook (.xls), or an Office file with a password, not text. Open it in Excel, remove the password if it has one, and save it as "Excel Workbook (.xlsx)" or as CSV (UTF-8).`,
  'Excel workbook':
    'This is an Excel workbook, not text. Upload it as a new data source under a name that ends in .xlsx, or complete it with format "xlsx".',
  'Word document':
    'This is a Word document, not a table. Upload it as a template, and the table as CSV (UTF-8).',
  'PowerPoint presentation':
    'This is a PowerPoint presentation, not a table. Upload the table as CSV (UTF-8).',
  'OpenDocument file': `This is an OpenDocument file (.ods or .odt), not text. Open it in LibreOffice, ${AS_CSV}`,
  'iWork file': `This is a file of Numbers or Pages, not text. Export the table from Numbers as CSV (UTF-8) and upload that.`,
  'ZIP file':
    'This is an Excel workbook or another ZIP file, not text. Save the table as CSV (UTF-8) and upload that.',
  PDF: 'This is a PDF, not a table. Upload the table that it was made from, as CSV (UTF-8).',
  'RTF document': 'This is an RTF document, not a table. Upload the table as CSV (UTF-8).',
  'web page': `This is a web page (HTML), which Excel opens as a table, or an error that was saved instead of one. Open it in Excel, ${AS_CSV}`,
  'XML file': `This is XML, not a table of text. Open it in Excel, ${AS_CSV}`,
  picture: 'This is a picture, not a table. Upload the table as CSV (UTF-8).',
  'compressed file':
    'This is compressed, but not with gzip. Unpack it and upload the table, or compress it with gzip (.gz).',
  database: `This is a database or a file of a data format, not text. Export the table as CSV (UTF-8) and upload that.`,
};

const GZIP =
  'This is compressed with gzip, which its name does not say. Upload it as a new data source, under a name that ends in .gz, such as people.csv.gz.';

/**
 * Refuses a file that is no text.
 * @param head its first KIND_BYTES, or all of it
 * @throws SourceFault
 */
export function requireText(head: Uint8Array): void {
  const isGzip = GZIP_SIGNATURE.every((byte, i) => head[i] === byte);
  const kind = fileKindOf(head);
  const detail = isGzip ? GZIP : kind && ADVICE[kind];
  if (detail !== undefined) throw new SourceFault({ code: 'FILE_NOT_TEXT', line: 1, detail });
}

/** An object of JSON, or a list of such. */
const JSON_OBJECT = /^\s*(?:\[\s*)?\{\s*(?:\}|"(?:[^"\\]|\\.)*"\s*:)/;

/**
 * Refuses JSON under the name of a CSV file.
 * @param head the first bytes, in UTF-8
 * @throws SourceFault
 */
export function requireNoJson(head: Uint8Array): void {
  if (!JSON_OBJECT.test(Buffer.from(head.subarray(0, MOST_KEY_BYTES)).toString('utf8'))) return;
  throw new SourceFault({
    code: 'FORMAT_WRONG',
    line: 1,
    detail:
      'This is JSON, whatever the name says. Upload it as a new data source under a name that ends in .json, or in .jsonl for an object a line, or complete it with format "json" or "jsonl".',
  });
}

/** The first key of an object comes sooner. */
const MOST_KEY_BYTES = 4 * 1024;
