/** Where the bytes of an object to be assembled come from, and how a slice of them is had. */
import type { ByteRange, Ports } from '../ports.ts';
import type { Slice, Stretch } from './partPlan.ts';
import { shiftDirectory } from '../zip/archiveRecords.ts';

/** Bytes of another object, as they are. */
export interface ObjectStretch extends Stretch {
  readonly kind: 'object';
  readonly key: string;
  /** Where it begins in that object. */
  readonly at: number;
}

/** Directory records of a segment, each moved by `shiftBy` bytes; read to be changed, never copied. */
export interface DirectoryStretch extends Stretch {
  readonly kind: 'directory';
  readonly key: string;
  readonly at: number;
  readonly shiftBy: number;
}

/** Bytes of ours, made anew each time. */
export interface MadeStretch extends Stretch {
  readonly kind: 'made';
  make(): Uint8Array;
}

export type ByteStretch = ObjectStretch | DirectoryStretch | MadeStretch;

/** Bytes that are there already. */
export const madeStretch = (bytes: Uint8Array): MadeStretch => ({
  kind: 'made',
  length: bytes.length,
  copyable: false,
  make: () => bytes,
});

/** The range of the source object that a slice of a stretch is. */
export const sourceRange = ({ stretch, offset, length }: Slice<ObjectStretch>): ByteRange => ({
  offset: stretch.at + offset,
  length,
});

/** Fills `target`, of the slice's length, with the slice's bytes. */
export async function fillSlice(
  { objects }: { readonly objects: Pick<Ports['objects'], 'read'> },
  slice: Slice<ByteStretch>,
  target: Uint8Array,
): Promise<void> {
  const { stretch, offset, length } = slice;
  switch (stretch.kind) {
    case 'object':
      return fill(
        target,
        await objects.read(stretch.key, sourceRange({ stretch, offset, length }), target),
      );
    case 'made':
      return fill(target, stretch.make().subarray(offset, offset + length));
    case 'directory': {
      // A slice may begin within a record: only the whole directory can be read record by record.
      const whole = length === stretch.length ? target : new Uint8Array(stretch.length);
      const range = { offset: stretch.at, length: stretch.length };
      fill(whole, await objects.read(stretch.key, range, whole));
      shiftDirectory(whole, stretch.shiftBy);
      if (whole !== target) fill(target, whole.subarray(offset, offset + length));
    }
  }
}

function fill(target: Uint8Array, bytes: Uint8Array) {
  if (bytes.length !== target.length) {
    throw new Error(`Expected ${target.length} bytes of the object, got ${bytes.length}.`);
  }
  if (bytes !== target) target.set(bytes);
}
