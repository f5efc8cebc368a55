/** From the bytes of an uploaded table to rows.jsonl and rows.idx: every format of text, in flat memory. */
import { lookalikeWarnings } from '../columns/lookalikes.ts';
import type { Ports } from '../ports.ts';
import type { DataProblem, FoundReading, FoundSheet } from '../schemas/common.ts';
import { createCsvReader } from './csv.ts';
import { decodeToUtf8 } from './decode.ts';
import { createJsonArrayReader } from './jsonArray.ts';
import { createJsonLinesReader } from './jsonLines.ts';
import { windowsOf } from './pieces.ts';
import type { TextReading } from './reading.ts';
import { createRowsWriter, type RowsKeys, type RowsWriter } from './rowsWriter.ts';
import { createProblemList, SourceFault } from './sourceFault.ts';
import type { ReaderOutput, SourceReader } from './sourceReader.ts';

/** What a table was found to be; `bytes` is the size of rows.jsonl. */
export type SourceOutcome =
  | {
      readonly ok: true;
      readonly columns: string[];
      readonly nestedColumns: string[] | undefined;
      readonly warnings: readonly string[];
      readonly rowCount: number;
      readonly bytes: number;
      /** How it was read, where that was found by itself. */
      readonly found?: FoundReading;
      /** Of a workbook: what it has. */
      readonly sheets?: readonly FoundSheet[];
    }
  | {
      readonly ok: false;
      /** The first problems, and how many there are in all. */
      readonly problems: readonly DataProblem[];
      readonly problemCount: number;
      readonly sheets?: readonly FoundSheet[] | undefined;
    };

/**
 * Reads a table to its end, or to where it cannot be read on. A table with problems leaves nothing
 * behind.
 */
export async function readSource(
  ports: Pick<Ports, 'objects'>,
  source: AsyncIterable<Uint8Array>,
  reading: TextReading,
  keys: RowsKeys,
): Promise<SourceOutcome> {
  const writer = createRowsWriter(ports, keys);
  const problems = createProblemList();
  try {
    const reader = createReader({ writer, problems }, reading);
    await readAll(source, reading, reader, writer).catch((error: unknown) => {
      if (!(error instanceof SourceFault)) throw error;
      for (const problem of error.problems) problems.add({ line: reader.line, ...problem });
    });
    if (problems.count === 0) {
      const { rowCount, bytes } = await writer.finish();
      const { columns, nestedColumns } = reader;
      const warnings = [...reader.warnings(), ...lookalikeWarnings(columns)];
      return { ok: true, columns, nestedColumns, warnings, rowCount, bytes };
    }
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.abort();
  return { ok: false, problems: problems.listed, problemCount: problems.count };
}

function createReader(output: ReaderOutput, reading: TextReading): SourceReader {
  switch (reading.format) {
    case 'csv':
      return createCsvReader(output, reading);
    case 'json':
      return createJsonArrayReader(output);
    case 'jsonl':
      return createJsonLinesReader(output);
  }
}

async function readAll(
  source: AsyncIterable<Uint8Array>,
  { encoding }: TextReading,
  reader: SourceReader,
  writer: RowsWriter,
): Promise<void> {
  let isEmpty = true;
  for await (const piece of decodeToUtf8(source, encoding)) {
    for (const window of windowsOf(piece)) {
      isEmpty = false;
      let at = 0;
      while (at < window.length) {
        at = reader.push(window, at);
        if (writer.full) await writer.flush();
      }
    }
  }
  if (isEmpty) {
    throw new SourceFault({
      code: 'FILE_EMPTY',
      detail: 'The file is empty. Upload one with at least one row.',
    });
  }
  while (!reader.end()) await writer.flush();
}
