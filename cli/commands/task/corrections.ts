/** Corrections of rows, as --set and --corrections give them. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import * as z from 'zod';
import { namedDelimiter } from '../../../shared/dataSources/csvDelimiter.ts';
import { DIALECT_HEAD_BYTES, findDialect } from '../../../shared/dataSources/csvDialect.ts';
import { createCsvTokenizer, type CsvRow } from '../../../shared/dataSources/csvTokens.ts';
import { RowSchema, type Row } from '../../../shared/schemas/common.ts';
import { RetryTaskSchema } from '../../../shared/schemas/taskApi.ts';
import { UsageError } from '../../errors.ts';
import { size } from '../../terminal/words.ts';

export interface Correction {
  readonly row: number;
  readonly values: Row;
}

/** What a request may hold. */
const MAX_BYTES = 3_000_000;
const ROW_COLUMN = 'row';
const LINE_FEED = 0x0a;

const SET = /^(\d{1,9}):([^=]+)=(.*)$/s;
const SET_ADVICE = 'It is row:column=value, such as "17:city=Bonn".';

export const SetSchema = z.string().transform((text, context): Correction => {
  const [, row, column = '', value = ''] = SET.exec(text) ?? [];
  if (row !== undefined && Number(row) > 0)
    return { row: Number(row), values: { [column]: value } };
  context.addIssue(SET_ADVICE);
  return z.NEVER;
});

const RowNumberSchema = z.coerce.number().int().min(1);
const ListSchema = RetryTaskSchema.shape.corrections.unwrap();
/** Values by number of row. */
const ByRowSchema = z.record(z.string().regex(/^[1-9]\d{0,8}$/), RowSchema);

/** Corrections by row, one for each; of values that are given twice the last one counts. */
export function joinCorrections(corrections: readonly Correction[]): Correction[] {
  const byRow = new Map<number, Row>();
  for (const { row, values } of corrections) {
    byRow.set(row, { ...byRow.get(row), ...values });
  }
  return [...byRow].map(([row, values]) => ({ row, values }));
}

/**
 * Reads a file of corrections: a CSV with a column `row` and a column for each column that is corrected, or
 * JSON. Of a CSV a cell without any character leaves the value as it is; `""` makes it blank.
 * @param shown how the command line names it
 * @throws UsageError that says what to change
 */
export async function readCorrections(path: string, shown: string): Promise<Correction[]> {
  const refuse = (what: string) => new UsageError(`--corrections ${shown}: ${what}`);
  const kind = extname(path).toLowerCase();
  if (kind !== '.csv' && kind !== '.json') {
    throw refuse('this cannot be read. Name a file that ends in .csv or .json.');
  }
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' || error.code === 'EISDIR'
      ? refuse('there is no such file.')
      : error;
  });
  if (bytes.length > MAX_BYTES) {
    throw refuse(
      `the file has ${size(bytes.length)}, and ${size(MAX_BYTES)} are the most. Correct the table itself, and retry with --data.`,
    );
  }
  const text = decode(bytes);
  if (text === undefined) throw refuse('it is not UTF-8. Save it as UTF-8.');
  const found = kind === '.json' ? fromJson(text) : fromCsv(text);
  if (typeof found === 'string') throw refuse(found);
  return found;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fromJson(text: string): Correction[] | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `this is no JSON (${(error as Error).message}).`;
  }
  const list = ListSchema.safeParse(json);
  if (list.success) return list.data;
  const byRow = ByRowSchema.safeParse(json);
  if (byRow.success) {
    return Object.entries(byRow.data).map(([row, values]) => ({ row: Number(row), values }));
  }
  return 'it has another form than [{"row": 17, "values": {"city": "Bonn"}}] or {"17": {"city": "Bonn"}}.';
}

/** Cells of a line; undefined where there is no character. */
type Cells = (string | undefined)[];

function fromCsv(text: string): Correction[] | string {
  const lines = linesOf(text);
  if (typeof lines === 'string') return lines;
  const [header, ...rows] = lines;
  const names = header?.cells ?? [];
  const rowAt = names.findIndex((name) => name?.trim().toLowerCase() === ROW_COLUMN);
  if (rowAt === -1) return 'it has no column "row", which says what row each line corrects.';
  const corrections: Correction[] = [];
  for (const { line, cells } of rows) {
    const row = RowNumberSchema.safeParse(cells[rowAt]);
    if (!row.success) return `line ${line}: the column "row" holds no number of a row.`;
    if (cells.length > names.length) return `line ${line} has more cells than the header.`;
    const values = cells.flatMap((value, index) => {
      const name = names[index];
      return index === rowAt || value === undefined || !name ? [] : [[name, value] as const];
    });
    corrections.push({ row: row.data, values: Object.fromEntries(values) });
  }
  return corrections;
}

const CellSchema = z.string();

function linesOf(text: string): { line: number; cells: Cells }[] | string {
  const bytes = Buffer.from(text);
  const head = bytes.subarray(0, DIALECT_HEAD_BYTES);
  const named = namedDelimiter(head);
  const { delimiter, quote } = findDialect(head, named === undefined ? 1 : 2, {
    delimiter: named,
    quote: undefined,
  });
  const lines: { line: number; cells: Cells }[] = [];
  let fault: string | undefined;
  const cellsOf = ({ bytes: written, ends, cellCount }: CsvRow): Cells =>
    Array.from({ length: cellCount }, (_, index) => {
      const json = Buffer.from(written.subarray(ends[index - 1] ?? 0, ends[index])).toString(
        'utf8',
      );
      return json === '' ? undefined : CellSchema.parse(JSON.parse(json));
    });
  const tokenizer = createCsvTokenizer(
    { delimiter, quote, skippedLines: named === undefined ? 0 : 1 },
    {
      ready: () => true,
      row: (row) => void lines.push({ line: row.line, cells: cellsOf(row) }),
      emptyLine: () => undefined,
      brokenQuote: ({ openedIn }) =>
        void (fault ??= `line ${openedIn}: there is text behind a closing quote.`),
    },
  );
  try {
    tokenizer.push(
      bytes.at(-1) === LINE_FEED ? bytes : Buffer.concat([bytes, Buffer.of(LINE_FEED)]),
      0,
    );
    tokenizer.end();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return fault ?? lines;
}
