/**
 * Ways of turning CSV into lines of JSON. Each is given the same pieces of bytes, and writes one JSON
 * object a row into a buffer, as it would for an upload. The peers leave names such as `items[1].sum`
 * as they are; ours makes lists of them, keeps an index of the rows beside, and refuses what is broken.
 */
import { parse as createCsvParser } from 'csv-parse';
import Papa from 'papaparse';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inferSchema, initParser, type Parser } from 'udsv';
import { readSource } from '../../shared/dataSources/readSource.ts';
import { PART_BYTES } from '../../shared/limits.ts';
import { nowhere } from '../stores.ts';

/** Reads a table; returns how many rows it had. */
export type ReadCsv = (pieces: Iterable<Buffer>) => number | Promise<number>;

/** A buffer that is filled with lines again and again. */
function createLines() {
  const buffer = Buffer.allocUnsafeSlow(2 * PART_BYTES);
  let position = 0;
  let rows = 0;
  return {
    add(row: unknown) {
      position += buffer.write(`${JSON.stringify(row)}\n`, position);
      if (position >= PART_BYTES) position = 0;
      rows++;
    },
    get rows() {
      return rows;
    },
  };
}

/** A character may begin in one piece and end in the next. */
function* decoded(pieces: Iterable<Buffer>): Generator<string> {
  const decoder = new TextDecoder();
  for (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

async function* asStream(pieces: Iterable<Buffer>) {
  yield* pieces;
}

/** Ours, with everything that ingesting a data source does but input and output. */
export const readWithSheaf: ReadCsv = async (pieces) => {
  const outcome = await readSource(
    { objects: nowhere() },
    () => asStream(pieces),
    { format: 'csv' },
    { rowsKey: 'rows', indexKey: 'index' },
  );
  if (!outcome.ok) throw new Error(outcome.problems[0]?.detail);
  return outcome.rowCount;
};

export const readWithCsvParse: ReadCsv = async (pieces) => {
  const lines = createLines();
  const parser = createCsvParser({ columns: true });
  parser.on('data', (row: unknown) => lines.add(row));
  await pipeline(Readable.from(pieces), parser);
  return lines.rows;
};

/** Given text: of bytes it takes each piece for itself, and breaks characters at their edges. */
export const readWithPapaParse: ReadCsv = async (pieces) => {
  const lines = createLines();
  await new Promise<void>((resolve, reject) => {
    Papa.parse(Readable.from(decoded(pieces)), {
      header: true,
      skipEmptyLines: true,
      chunk: ({ data }) => data.forEach((row) => lines.add(row)),
      complete: () => resolve(),
      error: reject,
    });
  });
  return lines.rows;
};

export const readWithUdsv: ReadCsv = (pieces) => {
  const lines = createLines();
  let parser: Parser | undefined;
  for (const text of decoded(pieces)) {
    parser ??= initParser(inferSchema(text));
    parser.chunk(text, parser.stringObjs<Record<string, string>>, (row) => lines.add(row));
  }
  parser?.end();
  return lines.rows;
};

const LINE_END = 0x0a;

/** The floor: looks at every byte, and makes nothing of them. */
export function countLineEnds(pieces: Iterable<Buffer>): number {
  let count = 0;
  for (const piece of pieces) {
    for (let at = piece.indexOf(LINE_END); at >= 0; at = piece.indexOf(LINE_END, at + 1)) count++;
  }
  return count;
}
