/** Reading tables in tests: text in, rows and problems out, by way of the in-memory bucket. */
import fc from 'fast-check';
import { readSource, type SourceOutcome } from '../../../shared/dataSources/readSource.ts';
import type { TextReading } from '../../../shared/dataSources/reading.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';

export interface ReadTable {
  readonly outcome: SourceOutcome;
  /** The lines of rows.jsonl, parsed; undefined when nothing was published. */
  readonly rows: unknown[] | undefined;
}

/** The same bytes in pieces, cut before each of these offsets. */
export function pieces(bytes: Uint8Array, cuts: readonly number[] = []): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, i) => bytes.slice(places[i], end));
}

async function* streamOf(parts: readonly Uint8Array[]) {
  yield* parts;
}

/** Reads a table that arrives in these pieces. */
export async function readPieces(
  parts: readonly Uint8Array[],
  reading: TextReading,
): Promise<ReadTable> {
  const objects = createMemoryObjectStore();
  const keys = { rowsKey: 'rows', indexKey: 'index' };
  const outcome = await readSource({ objects }, () => streamOf(parts), reading, keys);
  if (objects.openUploads() > 0) throw new Error('An upload was left open.');
  if (!objects.keys().includes('rows')) return { outcome, rows: undefined };
  const text = Buffer.from(await objects.read('rows')).toString('utf8');
  const rows = text.split('\n').slice(0, -1);
  return { outcome, rows: rows.map((line): unknown => JSON.parse(line)) };
}

/** Reads a table that is this text in UTF-8. */
export const readText = (text: string, reading: TextReading) =>
  readPieces([Buffer.from(text)], reading);

/** The problems of a table that must not be readable. */
export async function problemsOf(table: Promise<ReadTable>) {
  const { outcome, rows } = await table;
  if (outcome.ok) throw new Error('The table was read.');
  if (rows) throw new Error('Rows were published in spite of problems.');
  return outcome.problems;
}

/** Places to cut bytes at. */
export const cutsArbitrary = fc.array(fc.nat(2_000), { maxLength: 8 });

/** Texts of all kinds: ASCII with what CSV and JSON escape, other scripts, emoji. */
export const textArbitrary = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab",;|\t\\\r\n \u0000\u001f') }),
  fc.string({ unit: 'grapheme' }),
);
