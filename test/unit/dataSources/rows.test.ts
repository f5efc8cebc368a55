import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutRows,
  isBlankRow,
  readIndex,
  readRows,
  writeRows,
  type RowsIndex,
} from '../../../shared/dataSources/rows.ts';
import {
  createIndexBuilder,
  decodeIndex,
  encodeIndex,
} from '../../../shared/dataSources/rowsIndex.ts';
import {
  MAX_COLUMNS,
  MAX_INDEX_OFFSETS,
  MAX_ROW_BYTES,
  PART_BYTES,
  S3_MIN_PART_BYTES,
} from '../../../shared/limits.ts';
import { ObjectMissing } from '../../../shared/ports.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { textArbitrary } from './support.ts';

const keys = { rowsKey: 'rows', indexKey: 'index' };
const rowArbitrary: fc.Arbitrary<Row> = fc.dictionary(
  fc.constantFrom('name', 'city', '名'),
  fc.oneof(textArbitrary, fc.integer(), fc.constant(null)),
  { maxKeys: 3 },
);

async function collect(objects: ReturnType<typeof createMemoryObjectStore>, rowsPerShard: number) {
  const index = await readIndex({ objects }, keys.indexKey);
  const found: { row: number; values: Row }[] = [];
  for (const range of cutRows(index, rowsPerShard)) {
    let count = 0;
    for await (const { rows } of readRows({ objects }, keys.rowsKey, range)) {
      count += rows.length;
      found.push(...rows);
    }
    expect(count).toBe(range.rowCount);
  }
  return found;
}

/** An index of this many rows with lines of 3 to 12 bytes. */
function indexOf(rowCount: number): RowsIndex {
  const index = createIndexBuilder();
  let offset = 0;
  for (let row = 0; row < rowCount; row++) {
    index.add(offset);
    offset += 3 + (row % 10);
  }
  return index.finish(offset);
}

describe('rows', () => {
  it('come back in order, each exactly once, whatever the shards', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowArbitrary, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        async (rows, rowsPerShard) => {
          const objects = createMemoryObjectStore();
          const { rowCount, bytes } = await writeRows({ objects }, keys, rows);
          expect(rowCount).toBe(rows.length);
          expect((await objects.head('rows'))?.bytes).toBe(bytes);
          expect(await collect(objects, rowsPerShard)).toEqual(
            rows.map((values, i) => ({ row: i + 1, values })),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('come back from pieces of any size', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ name: `张${'x'.repeat(i)}` }));
    const objects = createMemoryObjectStore();
    const { bytes } = await writeRows({ objects }, keys, rows);
    for (const size of [1, 2, 7, 64]) {
      const stream = async function* () {
        const all = await objects.read('rows');
        for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
      };
      const range = { firstRow: 1, rowCount: rows.length, byteOffset: 0, byteLength: bytes };
      const found: Row[] = [];
      for await (const batch of readRows({ objects: { ...objects, stream } }, 'rows', range)) {
        found.push(...batch.rows.map(({ values }) => values));
      }
      expect(found).toEqual(rows);
    }
  });

  it('go up in parts that S3 takes, and come back whole', async () => {
    const objects = createMemoryObjectStore();
    const text = 'x'.repeat(1_000_000);
    function* rows() {
      for (let i = 0; i < 30; i++) yield { text: `${i}${text}` };
    }
    const { rowCount, bytes } = await writeRows({ objects }, keys, rows());
    expect({ rowCount, parts: objects.calls.uploadPart }).toEqual({
      rowCount: 30,
      parts: Math.ceil(bytes / (PART_BYTES + 1_000_000)),
    });
    expect(PART_BYTES).toBeGreaterThanOrEqual(S3_MIN_PART_BYTES);
    const found = await collect(objects, 7);
    expect(found).toHaveLength(30);
    expect(found.every(({ row, values }) => values['text'] === `${row - 1}${text}`)).toBe(true);
  });

  it('of a small table are stored by one call each for rows and index', async () => {
    const objects = createMemoryObjectStore();
    await writeRows({ objects }, keys, [{ a: 1 }, {}]);
    expect(objects.calls).toMatchObject({ put: 2, startUpload: 0 });
    expect(Buffer.from(await objects.read('rows')).toString()).toBe('{"a":1}\n{}\n');
  });

  it('that cannot be stored are named, and leave nothing behind', async () => {
    const objects = createMemoryObjectStore();
    const proto: unknown = JSON.parse('{"__proto__":1}');
    const big = 'x'.repeat(9_000_000 / 3);
    const attempt = (last: unknown) =>
      writeRows({ objects }, keys, [{ big }, { big }, { big }, { big }, last as Row]);
    await expect(attempt(proto)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: 'Row 5 has a field named __proto__, which is reserved. Rename the field.',
    });
    await expect(attempt({ a: 'x'.repeat(MAX_ROW_BYTES) })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: `Row 5 is larger than ${MAX_ROW_BYTES} bytes of JSON. Make it smaller.`,
      errors: [{ pointer: '/data/4' }],
    });
    expect([objects.keys(), objects.openUploads()]).toEqual([[], 0]);
  });

  it('obey the limits of columns', async () => {
    const objects = createMemoryObjectStore();
    const attempt = (row: Row) => writeRows({ objects }, keys, [{ name: 'Ada' }, row]);
    const many = Array.from({ length: MAX_COLUMNS }, (_, i) => [`c${i}`, 1] as const);
    await expect(attempt(Object.fromEntries(many))).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: `There are more than ${MAX_COLUMNS} columns. Split the table.`,
      errors: [{ pointer: '/data/1' }],
    });
    await expect(attempt({ ['x'.repeat(1_001)]: 1 })).rejects.toThrow('longer than 1000 bytes');
    await expect(attempt({ ['\ud800']: 1 })).rejects.toThrow('not valid Unicode');
    expect([objects.keys(), objects.openUploads()]).toEqual([[], 0]);
  });

  it('are not published when the bucket fails', async () => {
    const failing = createMemoryObjectStore({
      before: (call) => {
        if (call === 'uploadPart') throw new Error('The bucket is gone.');
      },
    });
    const rows = Array.from({ length: 5 }, () => ({ big: 'x'.repeat(3_000_000) }));
    await expect(writeRows({ objects: failing }, keys, rows)).rejects.toThrow('gone');
    expect([failing.keys(), failing.openUploads()]).toEqual([[], 0]);
  });

  it('that do not belong to their index are noticed', async () => {
    const objects = createMemoryObjectStore();
    const { bytes } = await writeRows({ objects }, keys, [{ a: 'secret' }, { a: 2 }]);
    const read = async (range: { rowCount: number; byteOffset: number; byteLength: number }) => {
      const found: unknown[] = [];
      for await (const { rows } of readRows({ objects }, 'rows', { firstRow: 1, ...range })) {
        found.push(...rows);
      }
      return found;
    };
    await expect(read({ rowCount: 3, byteOffset: 0, byteLength: bytes })).rejects.toThrow(
      'do not belong together',
    );
    await expect(read({ rowCount: 1, byteOffset: 0, byteLength: 10 })).rejects.toThrow(
      'do not belong together',
    );
    const middle = read({ rowCount: 1, byteOffset: 3, byteLength: bytes - 3 });
    await expect(middle).rejects.toThrow('Row 1 of rows.jsonl is not a JSON object.');
    await expect(readIndex({ objects }, 'nothing')).rejects.toThrow(ObjectMissing);
  });
});

describe('the index of rows', () => {
  it.each([0, 1, 2, MAX_INDEX_OFFSETS, MAX_INDEX_OFFSETS + 1, 3 * MAX_INDEX_OFFSETS])(
    'survives its encoding with %i rows, and stays small',
    (rowCount) => {
      const index = indexOf(rowCount);
      const encoded = encodeIndex(index);
      expect(decodeIndex(encoded)).toEqual(index);
      expect(encoded.length).toBeLessThanOrEqual(512 * 1024);
      expect(index.offsets.length).toBe(Math.ceil(rowCount / index.stride));
    },
  );

  it('is as fine as its size allows', () => {
    expect(indexOf(MAX_INDEX_OFFSETS).stride).toBe(1);
    expect(indexOf(MAX_INDEX_OFFSETS + 1).stride).toBe(2);
    expect(indexOf(2 * MAX_INDEX_OFFSETS + 1).stride).toBe(4);
  });

  it('is refused when it is damaged', () => {
    const encoded = Buffer.from(encodeIndex(indexOf(5)));
    const changed = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(encoded);
      change(bytes);
      return () => decodeIndex(bytes);
    };
    expect(() => decodeIndex(encoded.subarray(0, 10))).toThrow('This is no index of rows.');
    expect(changed((b) => b.write('PK'))).toThrow('This is no index of rows.');
    expect(changed((b) => b.writeUInt16LE(2, 4))).toThrow('version 2; version 1 is known');
    expect(() => decodeIndex(encoded.subarray(0, -1))).toThrow('damaged');
    expect(() => decodeIndex(encoded.subarray(0, -6))).toThrow('damaged');
    expect(changed((b) => b.writeUIntLE(3, 6, 6))).toThrow('damaged');
    expect(changed((b) => b.writeUIntLE(6, 12, 6))).toThrow('damaged');
    expect(changed((b) => b.writeUIntLE(1, 18, 6))).toThrow('damaged');
    expect(changed((b) => b.writeUIntLE(2, 30, 6))).toThrow('damaged');
  });
});

describe('cutting rows into shards', () => {
  it('covers every row once, in order, with cuts where rows begin', () => {
    const stride = fc.integer({ min: 0, max: 6 }).map((power) => 2 ** power);
    const table = fc.tuple(fc.integer({ min: 1, max: 5_000 }), stride);
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 6_000 }), ([rowCount, step], rowsPerShard) => {
        const exact = indexOf(rowCount);
        const offsets = exact.offsets.filter((_, i) => i % step === 0);
        const ranges = cutRows({ ...exact, stride: step, offsets }, rowsPerShard);

        let [row, offset] = [1, 0];
        for (const range of ranges) {
          expect([range.firstRow, range.byteOffset]).toEqual([row, offset]);
          expect(exact.offsets[range.firstRow - 1]).toBe(range.byteOffset);
          expect(range.rowCount).toBeGreaterThan(0);
          expect(range.rowCount).toBeLessThan(rowsPerShard + step);
          row += range.rowCount;
          offset += range.byteLength;
        }
        expect([row, offset]).toEqual([rowCount + 1, exact.bytes]);
        expect(ranges.length).toBeLessThanOrEqual(Math.ceil(rowCount / rowsPerShard));
        if (step === 1) {
          const counts = ranges.map((range) => range.rowCount);
          expect(ranges.length).toBe(Math.ceil(rowCount / rowsPerShard));
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('gives no shard for no rows', () => {
    expect(cutRows(indexOf(0), 10)).toEqual([]);
  });
});

describe('a blank row', () => {
  it.each<Row>([{}, { a: null, b: '' }, { a: { b: null }, c: [] }, { a: [{ b: '' }, null] }])(
    'is %j',
    (row) => expect(isBlankRow(row)).toBe(true),
  );
  it.each<Row>([{ a: ' ' }, { a: null, b: 0 }, { a: false }, { a: [[{ b: 'x' }]] }])(
    'is not %j',
    (row) => expect(isBlankRow(row)).toBe(false),
  );
});
