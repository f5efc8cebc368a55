/**
 * Tables far larger than the memory that reading them may take. Their bytes are made while they are
 * read, and what is written is only counted.
 */
import { describe, expect, it } from 'vitest';
import { readSource } from '../../shared/dataSources/readSource.ts';
import { readIndex, readRows } from '../../shared/dataSources/rows.ts';
import { MAX_ROW_BYTES, S3_MIN_PART_BYTES } from '../../shared/limits.ts';
import type { ObjectStore } from '../../shared/ports.ts';
import { createMemoryObjectStore } from '../support/memoryObjectStore.ts';

const MB = 1_000_000;
const FILE_BYTES = 200 * MB;
/** Two buffers of 12 MiB, windows, and what the collector has not got to yet. */
const MOST_GROWTH_BYTES = 100 * MB;
const keys = { rowsKey: 'rows', indexKey: 'index' };

/** An object store that forgets bodies after a while, as a slow network would, and counts them. */
function createCountingStore() {
  const memory = createMemoryObjectStore();
  const counted = { bytes: 0, lines: 0, smallParts: 0, underWay: 0, mostUnderWay: 0 };
  async function take(body: Uint8Array) {
    counted.underWay += body.length;
    counted.mostUnderWay = Math.max(counted.mostUnderWay, counted.underWay);
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) counted.lines++;
    counted.bytes += body.length;
    counted.underWay -= body.length;
  }
  const objects: ObjectStore = {
    ...memory,
    startUpload: async () => ({
      uploadPart: async (_, body) => {
        if (body.length < S3_MIN_PART_BYTES) counted.smallParts++;
        await take(body);
      },
      copyPart: async () => undefined,
      complete: async () => true,
      abort: async () => undefined,
    }),
  };
  return { objects, counted };
}

/** A source of `head`, then `piece` again and again; tells how much of it was asked for. */
function createSource(head: string, piece: Uint8Array, totalBytes: number) {
  const start = process.memoryUsage.rss();
  const seen = { bytes: 0, pieces: 0, isClosed: false, growth: 0 };
  async function* stream() {
    try {
      yield Buffer.from(head);
      for (seen.bytes = head.length; seen.bytes < totalBytes; seen.bytes += piece.length) {
        if (seen.pieces++ % 16 === 0) {
          seen.growth = Math.max(seen.growth, process.memoryUsage.rss() - start);
        }
        yield piece;
      }
    } finally {
      seen.isClosed = true;
    }
  }
  return { stream: stream(), seen };
}

/** About 64 KiB of whole lines. */
function linesOf(line: string): { piece: Buffer; lines: number } {
  const lines = Math.floor((64 * 1024) / Buffer.byteLength(line));
  return { piece: Buffer.from(line.repeat(lines)), lines };
}

describe('a table of 200 MB', () => {
  it.each([
    ['csv', 'name,street,city\n', 'Zoë "Z",李小龙,"Main Street 5, ""B"""\r\n'],
    ['jsonl', '', `{"name":"Zoë","street":"李小龙","city":"${'Main Street '.repeat(30)}"}\n`],
  ] as const)('is read from %s in flat memory', async (format, head, line) => {
    const { piece, lines } = linesOf(line);
    const { objects, counted } = createCountingStore();
    const { stream, seen } = createSource(head, piece, FILE_BYTES);
    const outcome = await readSource({ objects }, () => stream, { format }, keys);

    const rowCount = Math.ceil((FILE_BYTES - head.length) / piece.length) * lines;
    expect(outcome).toMatchObject({ ok: true, rowCount, columns: ['name', 'street', 'city'] });
    expect([counted.lines, outcome.ok && outcome.bytes]).toEqual([rowCount, counted.bytes]);
    // Only the last part may be small.
    expect(counted.smallParts).toBeLessThanOrEqual(1);
    expect(counted.mostUnderWay).toBeLessThan(16 * MB);
    expect(seen.growth).toBeLessThan(MOST_GROWTH_BYTES);
    const index = await readIndex({ objects }, keys.indexKey);
    expect(index).toMatchObject({ rowCount, bytes: counted.bytes });
  });

  it.each([
    ['csv', 'name,city\nAda,"', 2],
    ['csv', 'name,city\nAda,', 2],
    ['jsonl', '{"name":"Ada"}\n{"name":"', 2],
    ['json', '[{"name":"Ada"},\n{"name":"', 2],
    ['json', '[{"name":"Ada"},\n', 2],
  ] as const)(
    'that is one row of %s is refused without reading it all',
    async (format, head, line) => {
      const { objects, counted } = createCountingStore();
      const { stream, seen } = createSource(head, Buffer.alloc(64 * 1024, 'x'), FILE_BYTES);
      const outcome = await readSource({ objects }, () => stream, { format }, keys);
      if (outcome.ok) throw new Error('It was read.');
      expect(outcome.problems).toMatchObject([{ line }]);
      expect(outcome.problems[0]?.detail).toContain(
        `the row is larger than ${MAX_ROW_BYTES} bytes`,
      );
      expect(seen.bytes).toBeLessThan(MAX_ROW_BYTES + MB);
      expect([seen.isClosed, counted.bytes]).toEqual([true, 0]);
    },
  );

  it('of one line without end, as a header or as cells, takes no memory either', async () => {
    for (const head of ['', 'a,b\n']) {
      const { objects } = createCountingStore();
      const { stream, seen } = createSource(head, Buffer.alloc(64 * 1024, ','), FILE_BYTES / 4);
      const outcome = await readSource({ objects }, () => stream, { format: 'csv' }, keys);
      expect(outcome.ok).toBe(false);
      expect(seen.growth).toBeLessThan(MOST_GROWTH_BYTES);
    }
  });

  it('of empty lines before its only row is written in flat memory', async () => {
    const { objects, counted } = createCountingStore();
    const blankRows = 2 * MB;
    async function* source() {
      yield Buffer.from('a_rather_long_name_of_a_column\n');
      for (let at = 0; at < blankRows; at += MB) yield Buffer.alloc(MB, '\n');
      yield Buffer.from('x');
    }
    const outcome = await readSource({ objects }, source, { format: 'csv' }, keys);
    expect(outcome).toMatchObject({ ok: true, rowCount: blankRows + 1, bytes: counted.bytes });
    expect(counted.lines).toBe(blankRows + 1);
    expect(counted.mostUnderWay).toBeLessThan(16 * MB);
  });

  it('gives a range of its rows in flat memory', async () => {
    const { piece, lines } = linesOf('{"name":"Zoë","city":"London"}\n');
    const { stream, seen } = createSource('', piece, FILE_BYTES / 4);
    const objects = { ...createMemoryObjectStore(), stream: () => stream };
    const rowCount = Math.ceil(FILE_BYTES / 4 / piece.length) * lines;
    const range = { firstRow: 5, rowCount, byteOffset: 0, byteLength: 1 };
    let [next, largest] = [5, 0];
    for await (const { rows } of readRows({ objects }, 'rows', range)) {
      for (const { row } of rows) if (row === next) next++;
      largest = Math.max(largest, rows.length);
    }
    expect(next).toBe(5 + rowCount);
    expect(largest).toBeLessThanOrEqual(lines + 1);
    expect(seen.growth).toBeLessThan(MOST_GROWTH_BYTES);
  });

  it('is closed when its reader leaves early', async () => {
    const { piece } = linesOf('{"name":"Zoë"}\n');
    const { stream, seen } = createSource('', piece, FILE_BYTES);
    const objects = { ...createMemoryObjectStore(), stream: () => stream };
    const range = { firstRow: 1, rowCount: 1_000_000, byteOffset: 0, byteLength: 1 };
    for await (const { rows } of readRows({ objects }, 'rows', range)) {
      expect(rows[0]?.row).toBe(1);
      break;
    }
    expect(seen.isClosed).toBe(true);
    expect(seen.bytes).toBeLessThan(MB);
  });
});
