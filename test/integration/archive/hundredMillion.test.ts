/** An archive of as many segments as there may be, each as large as is wanted. */
import { expect, it } from 'vitest';
import { JOINED_BYTES_AT_ONCE, S3_MAX_PARTS } from '../../../shared/limits.ts';
import { assembleSyntheticTask, END_BYTES } from './syntheticTask.ts';

it('joins 9,000 segments of 2.5 TB in one upload, holding a few parts at a time', async () => {
  const documents = 10_000_000;
  const archive = await assembleSyntheticTask(documents, { documentBytes: 250_000 });

  // Not 9,000 to the one: cuts are possible at every 256th row of so many.
  expect(archive.shards).toBeGreaterThan(8_900);
  expect(archive.documents).toBe(documents);
  expect(archive.bytes).toBeGreaterThan(2.5e12);
  expect(archive.completedBytes).toBe(archive.bytes);
  expect(archive.parts.copied).toBe(archive.shards);
  expect(archive.parts.copied + archive.parts.uploaded).toBeLessThanOrEqual(S3_MAX_PARTS);
  expect(archive.peakBytes).toBeLessThan(JOINED_BYTES_AT_ONCE);

  // The manifest is an entry, too; the directory ends where the end records begin.
  const { entries, bytes, offset } = archive.directory;
  expect(entries).toBe(documents + 1);
  expect(offset + bytes + END_BYTES).toBe(archive.bytes);
});
