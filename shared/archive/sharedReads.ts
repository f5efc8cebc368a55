/** Reading an object of which several stretches are wanted at once: small ones come in one read. */
import type { ByteRange, Ports } from '../ports.ts';
import { sourceRange, type ByteStretch } from './byteStretch.ts';
import type { Slice } from './partPlan.ts';

type Reader = Pick<Ports['objects'], 'read'>;

/** A request costs as much as the reading of so many bytes, and more. */
const ONE_READ_BYTES = 1024 * 1024;

/** From the first to the last byte that is wanted, by key, of objects that are read more than once. */
function spansOf(slices: readonly Slice<ByteStretch>[]): Map<string, ByteRange> {
  const spans = new Map<string, { from: number; to: number; reads: number }>();
  for (const { stretch, offset, length } of slices) {
    if (stretch.kind === 'made') continue;
    const range = sourceRange({ stretch, offset, length });
    const { key } = stretch;
    const known = spans.get(key) ?? { from: Infinity, to: 0, reads: 0 };
    spans.set(key, {
      from: Math.min(known.from, range.offset),
      to: Math.max(known.to, range.offset + range.length),
      reads: known.reads + 1,
    });
  }
  return new Map(
    Array.from(spans)
      .filter(([, { from, to, reads }]) => reads > 1 && to - from <= ONE_READ_BYTES)
      .map(([key, { from, to }]) => [key, { offset: from, length: to - from }]),
  );
}

/** The objects, as they are read for these slices: each span once. */
export function sharedReads(objects: Reader, slices: readonly Slice<ByteStretch>[]): Reader {
  const spans = spansOf(slices);
  if (spans.size === 0) return objects;
  const reads = new Map<string, Promise<Uint8Array>>();
  return {
    async read(key, range, memory) {
      const span = spans.get(key);
      if (!span || !range) return objects.read(key, range, memory);
      const read = reads.get(key) ?? objects.read(key, span);
      reads.set(key, read);
      const from = range.offset - span.offset;
      // Copied: a directory is changed in place.
      return (await read).slice(from, from + range.length);
    },
  };
}
