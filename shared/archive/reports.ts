/**
 * The lines of the archive's reports: the manifest (one line a document that was tried) and the
 * failures. CSV by RFC 4180 in UTF-8 with a byte-order mark and line feeds; a cell that a spreadsheet would run as a formula is
 * written with an apostrophe before it, which parsing takes away again.
 */
import * as z from 'zod';
import { RowFailureSchema } from '../schemas/common.ts';

/** Byte-order mark: without it Excel takes a CSV for the machine's own 8-bit encoding. */
export const MARK = '\ufeff';
/** First line of `_manifest.csv`. */
export const MANIFEST_HEADER = `${MARK}row,template,document,status,bytes,sha256\n`;
/** First line of `_failures.csv`. */
export const FAILURES_HEADER = `${MARK}row,template,code,tag,column,detail\n`;

const documentFields = {
  row: z.int().min(1).describe('1-based row of the data.'),
  template: z.string().describe("The template's label."),
};

/** A line of the manifest: what became of one row and one template. */
export const ManifestLineSchema = z.discriminatedUnion('status', [
  z.object({
    ...documentFields,
    status: z.literal('succeeded'),
    document: z.string().describe('Name in the archive.'),
    bytes: z.int().min(0),
    sha256: z.string().describe('SHA-256 of the document, in hex.'),
  }),
  z.object({ ...documentFields, status: z.enum(['failed', 'skipped']) }),
]);
export type ManifestLine = z.infer<typeof ManifestLineSchema>;

/** A line of the failure report. */
export const FailureLineSchema = RowFailureSchema.extend(documentFields);
export type FailureLine = z.infer<typeof FailureLineSchema>;

/** What spreadsheets take for a formula (OWASP, "CSV Injection"), escaped or not. */
const FORMULA = /^'*[=+\-@\t\r]/;
const ESCAPED_FORMULA = /^'(?='*[=+\-@\t\r])/;
const QUOTED = /[",\r\n]/;
/** Either of them: most cells are neither, and take one test. */
const SPECIAL = /[",\r\n]|^'*[=+\-@\t]/;

/** A text as a cell of a CSV file. */
export function cell(text: string): string {
  if (!SPECIAL.test(text)) return text;
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The line of a document that was made. Plain arguments: this runs once a document. */
export function documentLine(
  row: number,
  template: string,
  document: string,
  bytes: number,
  sha256: string,
): string {
  return `${row},${cell(template)},${cell(document)},succeeded,${bytes},${sha256}\n`;
}

/** The manifest's line of a document that was not made. */
export function missingDocumentLine(
  row: number,
  template: string,
  status: 'failed' | 'skipped',
): string {
  return `${row},${cell(template)},,${status},,\n`;
}

/** A line of the failure report. */
export function failureLine({ row, template, code, tag, column, detail }: FailureLine): string {
  return `${row},${cell(template)},${code},${cell(tag ?? '')},${cell(column ?? '')},${cell(detail)}\n`;
}

/** A line as it was read, and where it ends, in bytes. */
interface Placed<L> {
  readonly line: L;
  readonly endsAt: number;
}

/**
 * Reads manifest lines back, up to the last whole one.
 * @param bytes from the beginning of a line on, without the header
 * @throws Error when they are not what this module writes
 */
export function parseManifestLines(bytes: Uint8Array): Placed<ManifestLine>[] {
  return parseLines(bytes, 6, ([row, template, document, status, size, sha256]) =>
    ManifestLineSchema.parse(
      status === 'succeeded'
        ? { row: Number(row), template, document, status, bytes: Number(size), sha256 }
        : { row: Number(row), template, status },
    ),
  );
}

/**
 * Reads failure lines back, up to the last whole one.
 * @param bytes from the beginning of a line on, without the header
 * @throws Error when they are not what this module writes
 */
export function parseFailureLines(bytes: Uint8Array): Placed<FailureLine>[] {
  return parseLines(bytes, 6, ([row, template, code, tag, column, detail]) =>
    FailureLineSchema.parse({
      row: Number(row),
      template,
      code,
      ...(tag ? { tag } : {}),
      ...(column ? { column } : {}),
      detail,
    }),
  );
}

/** Each whole line, made of its cells; a line that is cut at the end is left out. */
function parseLines<L>(
  bytes: Uint8Array,
  cellsPerLine: number,
  make: (cells: readonly string[]) => L,
): Placed<L>[] {
  // One character a byte, so that places in the text are places in the bytes.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))([,\n])/y;
  const lines: Placed<L>[] = [];
  let cells: string[] = [];
  while (CELL.lastIndex < text.length) {
    const start = CELL.lastIndex;
    const [, quoted, plain = '', separator] = CELL.exec(text) ?? [];
    if (separator === undefined && isCut(text, start)) return lines;
    const written = quoted === undefined ? plain : quoted.replaceAll('""', '"');
    cells.push(Buffer.from(written, 'latin1').toString('utf8').replace(ESCAPED_FORMULA, ''));
    if (separator === ',' && cells.length < cellsPerLine) continue;
    if (separator !== '\n' || cells.length !== cellsPerLine) {
      throw new Error(`The report is damaged at byte ${start}, line ${lines.length + 1}.`);
    }
    lines.push({ line: make(cells), endsAt: CELL.lastIndex });
    cells = [];
  }
  return lines;
}

/** Whether the text ends within the cell that begins here. */
const isCut = (text: string, start: number): boolean =>
  /^(?:"[^"]*(?:""[^"]*)*"?|[^",\r\n]*)$/.test(text.slice(start));
