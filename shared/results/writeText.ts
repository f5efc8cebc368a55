/** Results as text: CSV, and one JSON object a line. */
import type { ObjectWriter } from '../archive/objectWriter.ts';
import { cell, MARK } from '../archive/reports.ts';
import type { RowColumns } from '../checks/report/rowColumns.ts';
import type { ResultColumns } from './resultColumns.ts';
import type { ResultRow } from './resultRows.ts';
import { ArchivedFile, type StepColumns, type StepValue } from './stepColumns.ts';

/** Whoever takes lines, and waits for room. */
interface TextSink {
  write(text: string): Promise<void>;
  end(): void;
}

/** Texts are joined before they are bytes: one is some 100 of them. */
const JOINED_CHARACTERS = 64 * 1024;

function textSink(to: ObjectWriter): TextSink {
  let joined = '';
  function end() {
    if (joined !== '') to.append(Buffer.from(joined));
    joined = '';
  }
  return {
    async write(text) {
      joined += text;
      if (joined.length < JOINED_CHARACTERS) return;
      end();
      if (to.full) await to.flush();
    },
    end,
  };
}

/** A number that is written out, which no program takes for more than that. */
const NUMBER = /^[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)? ?%?$/i;

function csvCell(value: StepValue): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof ArchivedFile) return cell(value.name);
  if (typeof value !== 'string') return cell(JSON.stringify(value));
  if (!NUMBER.test(value)) return cell(value);
  return value.includes(',') ? `"${value}"` : value;
}

/** By RFC 4180, 2.1. */
const LINE_END = '\r\n';

/** CSV by RFC 4180 in UTF-8 with a byte-order mark; what a spreadsheet would run is written as in other reports. */
export async function writeCsv(
  to: ObjectWriter,
  rows: AsyncIterable<readonly ResultRow[]>,
  columns: RowColumns,
  more: ResultColumns,
): Promise<void> {
  const sink = textSink(to);
  const header = [...columns.names, ...more.names].map(cell).join(',');
  await sink.write(`${MARK}${header}${LINE_END}`);
  for await (const batch of rows) {
    for (const row of batch) {
      const own = columns.names.map((_, column) => csvCell(columns.valueOf(row.values, column)));
      const line = [...own, ...more.valuesOf(row).map(csvCell)].join(',');
      await sink.write(line + LINE_END);
    }
  }
  sink.end();
}

/** A line of results as JSON. */
interface ResultLine {
  readonly row: number;
  readonly values: ResultRow['values'];
  /** By the names of steps' columns; files by their names in the archive. */
  readonly steps?: Readonly<Record<string, unknown>>;
  readonly status: ResultRow['status'];
  readonly documents: readonly (ResultRow['documents'][number] & { readonly template: string })[];
}

const lineOf = (
  { row, values, status, documents, answers }: ResultRow,
  labels: readonly string[],
  { names }: Pick<StepColumns, 'names'>,
): ResultLine => ({
  row,
  values,
  ...(names.length > 0 && {
    steps: Object.fromEntries(names.map((name, i) => [name, plainOf(answers[i])])),
  }),
  status,
  documents: documents.map((document, part) => ({ template: labels[part] ?? '', ...document })),
});

const plainOf = (value: StepValue) =>
  value instanceof ArchivedFile ? { file: value.name } : (value ?? null);

/** One JSON object a line, in the order of rows. */
export async function writeJsonLines(
  to: ObjectWriter,
  rows: AsyncIterable<readonly ResultRow[]>,
  labels: readonly string[],
  steps: Pick<StepColumns, 'names'>,
): Promise<void> {
  const sink = textSink(to);
  for await (const batch of rows)
    for (const row of batch) await sink.write(`${JSON.stringify(lineOf(row, labels, steps))}\n`);
  sink.end();
}
