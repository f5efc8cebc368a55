/**
 * Tables far larger than the memory that reading them may take. Their bytes are made while they are
 * read, and what is written is only counted.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createRowsWriter } from '../../shared/dataSources/rowsWriter.ts';
import { sourceFile } from '../../shared/dataSources/sourceFile.ts';
import { readWorkbook } from '../../shared/dataSources/xlsx/readWorkbook.ts';
import { TaskOptionsSchema } from '../../shared/schemas/common.ts';
import { prepareGroups } from '../../shared/shards/groupRows.ts';
import { createWorkbookWriter } from '../../shared/workbooks/workbookWriter.ts';
import { memorySink } from '../support/writeWorkbook.ts';
import { readSource } from '../../shared/dataSources/readSource.ts';
import { readIndex, readRows } from '../../shared/dataSources/rows.ts';
import { MAX_ROW_BYTES, S3_MIN_PART_BYTES } from '../../shared/limits.ts';
import type { ByteRange, ObjectStore } from '../../shared/ports.ts';
import { createMemoryObjectStore } from '../support/memoryObjectStore.ts';

const MB = 1_000_000;
const FILE_BYTES = 200 * MB;
/** Two buffers of 12 MiB, and windows. */
const MOST_GROWTH_BYTES = 60 * MB;
/** Rows of a workbook; beside what is said above, the reader of its XML and of the texts that its cells share. */
const ROWS = 40_000;
const MOST_WORKBOOK_BYTES = 100 * MB;
/** What is kept is looked at after so many bytes. */
const LOOK_BYTES = 20 * MB;
setFlagsFromString('--expose-gc');
const collectGarbage = z
  .custom<() => void>((value) => typeof value === 'function')
  .parse(runInNewContext('gc'));
const keys = { rowsKey: 'rows', indexKey: 'index' };

/** Bytes that are kept, without what the collector has not got to yet. */
function kept(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

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
  const start = kept();
  const seen = { bytes: 0, pieces: 0, isClosed: false, growth: 0 };
  async function* stream() {
    try {
      yield Buffer.from(head);
      for (seen.bytes = head.length; seen.bytes < totalBytes; seen.bytes += piece.length) {
        if (seen.pieces++ % 64 === 0) seen.growth = Math.max(seen.growth, kept() - start);
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

describe('a workbook', () => {
  /** As our writer makes it, of 11 columns, each value another. */
  async function workbookOf(rows: number): Promise<Buffer> {
    const sink = memorySink();
    const writer = createWorkbookWriter(sink);
    await writer.beginSheet({ name: 'Rows', columns: [] });
    writer.row(Array.from({ length: 11 }, (_, column) => `column ${column + 1}`));
    for (let row = 1; row <= rows; row++) {
      const texts = Array.from({ length: 7 }, (_, column) => `text ${column} of row ${row}`);
      writer.row([row, row * 1.25, row % 2 === 0, new Date(row * 86_400_000), ...texts]);
      if (writer.full) await writer.flush();
    }
    await writer.finish();
    return sink.bytes();
  }

  /** Reads it in pieces of a stream, and tells by how much what is kept grew meanwhile. */
  async function growthOf(rows: number): Promise<number> {
    const file = await workbookOf(rows);
    const { objects, counted } = createCountingStore();
    await objects.put('upload', file);
    const whole = sourceFile({ objects }, 'upload', file.length);
    const start = kept();
    let growth = 0;
    async function* watched(range: ByteRange) {
      let pieces = 0;
      for await (const piece of whole.stream(range)) {
        for (let at = 0; at < piece.length; at += 64 * 1024) {
          if (pieces++ % 8 === 0) growth = Math.max(growth, kept() - start);
          yield piece.subarray(at, at + 64 * 1024);
        }
      }
    }
    const outcome = await readWorkbook({ objects }, { ...whole, stream: watched }, {}, keys);
    expect(outcome).toMatchObject({ ok: true, rowCount: rows });
    expect(counted.lines).toBe(rows);
    expect(counted.mostUnderWay).toBeLessThan(16 * MB);
    return growth;
  }

  it('of four times the rows is read in the same memory', { timeout: 120_000 }, async () => {
    const small = await growthOf(ROWS);
    const large = await growthOf(4 * ROWS);
    expect(small).toBeLessThan(MOST_WORKBOOK_BYTES);
    expect(large).toBeLessThan(MOST_WORKBOOK_BYTES);
    // Rows alone are 45 MB more.
    expect(large - small).toBeLessThan(30 * MB);
  });
});

describe('rows that are grouped', () => {
  /** Of rows with a text of so many characters, in groups by that or all in one. */
  async function growthOf(rows: number, characters: number, isOne: boolean): Promise<number> {
    const ports = { objects: createMemoryObjectStore() };
    const source = { rowsKey: 'source', indexKey: 'source-index' };
    const writer = createRowsWriter(ports, source);
    for (let row = 1; row <= rows; row++) {
      const text = String(row).padEnd(characters, 'x');
      writer.writeRow(isOne ? { key: 'one', text } : { key: text });
      if (writer.full) await writer.flush();
    }
    await writer.finish();
    const start = kept();
    let growth = 0;
    async function* watched(...from: Parameters<ObjectStore['stream']>) {
      let bytes = 0;
      for await (const piece of ports.objects.stream(...from)) {
        for (let at = 0; at < piece.length; at += MB) {
          const part = piece.subarray(at, at + MB);
          if (Math.floor(bytes / LOOK_BYTES) < Math.floor((bytes += part.length) / LOOK_BYTES))
            growth = Math.max(growth, kept() - start);
          yield part;
        }
      }
      growth = Math.max(growth, kept() - start);
    }
    const written = { objects: { ...ports.objects, stream: watched, startUpload: forgetful } };
    await prepareGroups(written, {
      ...keys,
      ungrouped: source,
      rowCount: rows,
      fileName: '{row}',
      templates: [],
      options: TaskOptionsSchema.parse({ groupBy: 'key' }),
    });
    return growth;
  }
  const forgetful: ObjectStore['startUpload'] = () =>
    Promise.resolve({
      uploadPart: () => Promise.resolve(),
      copyPart: () => Promise.resolve(),
      complete: () => Promise.resolve(true),
      abort: () => Promise.resolve(),
    });

  it.each([
    ['are told apart in memory that does not grow with their values', false],
    ['are not gathered where they are larger than a row may be', true],
  ])('%s', async (_what, isOne) => {
    // The values alone are 200 MB.
    expect(await growthOf(20_000, 10_000, isOne)).toBeLessThan(150 * MB);
  });
});
