/** From the bytes of an uploaded table to rows.jsonl and rows.idx: every format of text, in flat memory. */
import { lookalikeWarnings } from '../columns/lookalikes.ts';
import type { Ports } from '../ports.ts';
import type { DataProblem, FoundReading, FoundSheet } from '../schemas/common.ts';
import { createCsvReader } from './csv.ts';
import { decodeToUtf8, NotUtf8, type KnownEncoding } from './decode.ts';
import { guessEncoding, type Guess } from './encoding/guess.ts';
import { createUtf8Doubt } from './encoding/utf8Doubt.ts';
import { encodingOf } from './encodings.ts';
import { createJsonArrayReader } from './jsonArray.ts';
import { createJsonLinesReader } from './jsonLines.ts';
import { windowsOf } from './pieces.ts';
import type { TextReading } from './reading.ts';
import { createRowsWriter, type RowsKeys, type RowsWriter } from './rowsWriter.ts';
import { createProblemList, SourceFault, type FoundProblem } from './sourceFault.ts';
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
      /** How it was read. */
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

/** The bytes of a table from their beginning, each time anew. */
export type OpenSource = () => AsyncIterable<Uint8Array>;

/**
 * Reads a table to its end, or to where it cannot be read on. A table with problems leaves nothing
 * behind. One in another encoding than UTF-8 that does not name it is read again, once the encoding is
 * found.
 */
export async function readSource(
  ports: Pick<Ports, 'objects'>,
  open: OpenSource,
  reading: TextReading,
  keys: RowsKeys,
): Promise<SourceOutcome> {
  const outcome = await readOnce(ports, open, reading, keys);
  if (!('notUtf8' in outcome)) return outcome;
  const guess = await guessEncoding(open()).catch(faultAsOutcome);
  if ('ok' in guess) return guess;
  if (guess.encoding === undefined) {
    const problem = guess.isDamagedUtf8 ? outcome.notUtf8 : untold(guess);
    return { ok: false, problems: [problem], problemCount: 1 };
  }
  const again = await readOnce(ports, open, { ...reading, encoding: guess.encoding }, keys);
  if ('notUtf8' in again) throw new Error('The encoding was named.');
  return again.ok ? { ...again, warnings: [guessed(guess), ...again.warnings] } : again;
}

function faultAsOutcome(error: unknown): SourceOutcome {
  if (!(error instanceof SourceFault)) throw error;
  return { ok: false, problems: error.problems, problemCount: error.problems.length };
}

const untold = ({ line }: Guess): FoundProblem => ({
  code: 'ENCODING_UNKNOWN',
  line,
  detail: `The file is not UTF-8, and by its characters beyond ASCII, first in line ${line}, its encoding cannot be told. Save it as UTF-8, or name its encoding when you complete the data source, such as windows-1252, windows-1251, gb18030, big5, shift_jis, euc-jp or euc-kr.`,
});

const guessed = ({ encoding, line }: Guess) =>
  `The file is not UTF-8: by its characters, the first of which is in line ${line}, it was taken for ${encoding}. If they are wrong in the rows, upload it as a new data source and name its encoding.`;

const unmarked = ({ encoding }: KnownEncoding) =>
  `The file has no byte-order mark: by its zero bytes it was taken for ${encoding}. If the rows are wrong, upload it as a new data source and name its encoding.`;

const doubtful = (line: number) =>
  `The file has next to no characters beyond ASCII, the first in line ${line}: they were taken for UTF-8. If they are wrong in the rows, upload it as a new data source and name its encoding.`;

const overruled = ({ encoding }: KnownEncoding) =>
  `The file begins with a byte-order mark: it was read as ${encoding}, not in the encoding that was named.`;

/** Reads it in the encoding that is named, or known at its beginning. */
async function readOnce(
  ports: Pick<Ports, 'objects'>,
  open: OpenSource,
  reading: TextReading,
  keys: RowsKeys,
): Promise<SourceOutcome | { notUtf8: FoundProblem }> {
  const writer = createRowsWriter(ports, keys);
  const problems = createProblemList();
  let notUtf8: FoundProblem | undefined;
  try {
    const reader = createReader({ writer, problems }, reading);
    const text = createText(open(), reading);
    await readAll(text, reader, writer).catch((error: unknown) => {
      if (!(error instanceof SourceFault)) throw error;
      const placed = error.problems.map((problem) => ({ line: reader.line, ...problem }));
      if (error instanceof NotUtf8) [notUtf8] = placed;
      for (const problem of placed) problems.add(problem);
    });
    if (problems.count === 0) {
      const { rowCount, bytes } = await writer.finish();
      const { columns, nestedColumns, found } = reader;
      const warnings = [...text.warnings(), ...reader.warnings(), ...lookalikeWarnings(columns)];
      return {
        ok: true,
        columns,
        nestedColumns,
        warnings,
        rowCount,
        bytes,
        found: { encoding: text.encoding, ...found },
      };
    }
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.abort();
  if (notUtf8) return { notUtf8 };
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

/** Whether a label names this encoding; utf-16 is that of either order. */
const isSame = (label: string, encoding: string) =>
  encodingOf(label) === encoding || (/^utf-?16$/i.test(label) && encoding.startsWith('utf-16'));

/** A text in UTF-8, and what is known of its encoding. */
interface DecodedText {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Once the first piece was given, or the end. */
  readonly encoding: string;
  /** Looks at a window of it. @param line tells in which it begins */
  look(window: Uint8Array, line: () => number): void;
  warnings(): string[];
}

function createText(source: AsyncIterable<Uint8Array>, { encoding }: TextReading): DecodedText {
  let known: KnownEncoding = { encoding: 'utf-8', by: 'default' };
  const doubt = createUtf8Doubt();
  return {
    pieces: decodeToUtf8(source, encoding, (told) => {
      known = told;
    }),
    get encoding() {
      return known.encoding;
    },
    look(window, line) {
      if (known.by === 'default') doubt.take(window, line);
    },
    warnings() {
      if (known.by === 'zeros') return [unmarked(known)];
      if (known.by === 'mark') {
        const isOther = encoding !== undefined && !isSame(encoding, known.encoding);
        return isOther ? [overruled(known)] : [];
      }
      return doubt.line === undefined ? [] : [doubtful(doubt.line)];
    },
  };
}

async function readAll(text: DecodedText, reader: SourceReader, writer: RowsWriter): Promise<void> {
  let isEmpty = true;
  for await (const piece of text.pieces) {
    for (const window of windowsOf(piece)) {
      isEmpty = false;
      text.look(window, () => reader.line);
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
