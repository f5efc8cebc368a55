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

/**
 * The range of the source object that is read for a slice: of a directory the whole, since a slice may
 * begin within a record.
 */
export const sourceRange = ({
  stretch,
  offset,
  length,
}: Slice<ObjectStretch | DirectoryStretch>): ByteRange =>
  stretch.kind === 'directory'
    ? { offset: stretch.at, length: stretch.length }
    : { offset: stretch.at + offset, length };

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
      const whole = length === stretch.length ? target : new Uint8Array(stretch.length);
      const range = sourceRange({ stretch, offset, length });
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
