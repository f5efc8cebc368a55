import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRowsAt, placeOfRow } from '../../../shared/dataSources/rowsAt.ts';
import type { RowsIndex } from '../../../shared/dataSources/rows.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';

const KEY = 'sources/s/rows.jsonl';

/** Rows of these sizes, with an index that knows every `stride`-th of them. */
async function given(sizes: readonly number[], stride: number) {
  const objects = createMemoryObjectStore();
  const lines = sizes.map((size, i) => `{"n":${i + 1},"text":"${'é'.repeat(size)}"}\n`);
  const starts: number[] = [];
  let bytes = 0;
  for (const line of lines) {
    starts.push(bytes);
    bytes += Buffer.byteLength(line);
  }
  await objects.put(KEY, Buffer.from(lines.join('')));
  const offsets = starts.filter((_, i) => i % stride === 0);
  const index: RowsIndex = { rowCount: sizes.length, stride, bytes, offsets };
  return { objects, index, starts };
}

const anyTable = fc.record({
  sizes: fc.array(fc.oneof(fc.nat(20), fc.constantFrom(300_000, 800_000)), {
    minLength: 1,
    maxLength: 30,
  }),
  stride: fc.constantFrom(1, 2, 4, 8),
  picks: fc.array(fc.nat(29), { minLength: 1, maxLength: 8 }),
});

describe('rows by their numbers', { timeout: 60_000 }, () => {
  it('are found wherever they are, whatever the index knows', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async ({ sizes, stride, picks }) => {
        const { objects, index, starts } = await given(sizes, stride);
        const wanted = [...new Set(picks.map((n) => (n % sizes.length) + 1))].sort((a, b) => a - b);
        const found: unknown[] = [];
        for await (const row of readRowsAt({ objects }, { rowsKey: KEY }, index, wanted)) {
          found.push([row.row, row.values['n']]);
        }
        expect(found).toEqual(wanted.map((n) => [n, n]));
        for (const row of wanted) {
          const place = await placeOfRow({ objects }, { rowsKey: KEY }, index, row);
          expect(place).toBe(starts[row - 1]);
        }
        const end = await placeOfRow({ objects }, { rowsKey: KEY }, index, sizes.length + 1);
        expect(end).toBe(index.bytes);
      }),
      { numRuns: 30 },
    );
  });

  it('are read together where they are near, and nothing else is where they are not', async () => {
    const { objects, index } = await given(
      Array.from({ length: 30 }, () => 100_000),
      1,
    );
    const streamed: number[] = [];
    const counting = {
      ...objects,
      stream(key: string, range?: { offset: number; length: number }) {
        streamed.push(range?.length ?? Infinity);
        return objects.stream(key, range);
      },
    };
    const rows = [1, 3, 4, 30];
    for await (const row of readRowsAt({ objects: counting }, { rowsKey: KEY }, index, rows)) {
      expect(rows).toContain(row.row);
    }
    expect(streamed.map((bytes) => Math.round(bytes / 200_000))).toEqual([4, 1]);
  });

  it('are missed aloud', async () => {
    const { objects, index } = await given([1, 2], 1);
    const read = readRowsAt({ objects }, { rowsKey: KEY }, index, [3]);
    await expect(read.next()).rejects.toThrow('There is no row 3.');
    await expect(placeOfRow({ objects }, { rowsKey: KEY }, index, 4)).rejects.toThrow('no row 4');
  });
});
