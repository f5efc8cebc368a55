/** How much is under way while an object is made of many stretches. */
import { describe, expect, it } from 'vitest';
import type { ObjectStretch } from '../../../shared/archive/byteStretch.ts';
import { writeStretches } from '../../../shared/archive/writeStretches.ts';
import {
  COPIES_AT_ONCE,
  JOINED_BYTES_AT_ONCE,
  JOINS_AT_ONCE,
  PART_BYTES,
  READS_AT_ONCE,
} from '../../../shared/limits.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { createSparseObjectStore } from '../../support/sparseObjectStore.ts';

const MiB = 1024 ** 2;

/** Counts how many calls are under way at once. */
function counter() {
  let now = 0;
  let most = 0;
  return {
    most: () => most,
    async during<T>(work: () => Promise<T>): Promise<T> {
      most = Math.max(most, ++now);
      try {
        // Long enough that all that may be begun is begun.
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
        return await work();
      } finally {
        now--;
      }
    },
  };
}

/** `count` stretches of an object: large ones may be copied. */
const stretches = (key: string, count: number, length: number, copyable: boolean) =>
  Array.from({ length: count }, (_, i): ObjectStretch => ({
    kind: 'object',
    key,
    at: i * length,
    length,
    copyable,
  }));

async function write(parts: readonly ObjectStretch[]) {
  const store = createSparseObjectStore({ keepBytes: false });
  store.define('large', [4_000 * MiB]);
  const calls = { copies: counter(), uploads: counter(), reads: counter() };
  const objects = {
    ...store,
    read: (key, range) => calls.reads.during(() => store.read(key, range)),
    startUpload: async (key) => {
      const upload = await store.startUpload(key);
      return {
        ...upload,
        copyPart: (...args) => calls.copies.during(() => upload.copyPart(...args)),
        uploadPart: (...args) => calls.uploads.during(() => upload.uploadPart(...args)),
      };
    },
  } as Pick<ObjectStore, 'read' | 'startUpload'> as ObjectStore;
  await writeStretches({ objects }, 'made', parts, 'text/plain');
  expect(store.size('made')).toBe(parts.reduce((sum, { length }) => sum + length, 0));
  return {
    copies: calls.copies.most(),
    uploads: calls.uploads.most(),
    reads: calls.reads.most(),
    peakBytes: store.peakBytes(),
  };
}

describe('writing stretches', () => {
  it('has as many copies and joined parts under way as it may, and no more', async () => {
    const { copies, uploads, reads, peakBytes } = await write([
      ...stretches('large', 100, 6 * MiB, true),
      // 300 MiB in pieces, of which a part has 8.
      ...stretches('large', 300, MiB, false),
    ]);
    expect(copies).toBe(COPIES_AT_ONCE);
    expect(uploads).toBe(JOINS_AT_ONCE);
    expect(reads).toBe(JOINS_AT_ONCE * READS_AT_ONCE);
    expect(peakBytes).toBeLessThanOrEqual(JOINS_AT_ONCE * 2 * PART_BYTES);
  });

  it('has fewer joined parts under way when they are larger', async () => {
    // 9,990 parts are copied, so that what is left is 10 parts of 40 MiB or more.
    const { uploads, peakBytes } = await write([
      ...stretches('large', 9_990, 50 * MiB, true).map((stretch) => ({ ...stretch, at: 0 })),
      ...stretches('large', 400, MiB, false),
    ]);
    expect(uploads).toBeGreaterThan(0);
    expect(uploads).toBeLessThan(JOINS_AT_ONCE);
    expect(peakBytes).toBeLessThanOrEqual(JOINED_BYTES_AT_ONCE);
  });
});
