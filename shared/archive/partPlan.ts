/**
 * Cuts a large object, made of stretches of other objects and of bytes of ours, into the parts of a
 * multipart upload. Large stretches are copied on the server's side and never travel; the others are
 * joined in memory. What shapes the plan (S3 User Guide, "Multipart upload limits"; API Reference,
 * UploadPartCopy): every part but the last has 5 MiB to 5 GiB, there are at most 10,000, and a range
 * is copied only from an object above 5 MiB.
 */
import { PART_BYTES, S3_MAX_PART_BYTES, S3_MAX_PARTS, S3_MIN_PART_BYTES } from '../limits.ts';

/** Consecutive bytes of the object to be made. */
export interface Stretch {
  /** Bytes. */
  readonly length: number;
  /** It lies in an object of more than 5 MiB, as it is. */
  readonly copyable: boolean;
}

/** `length` bytes of a stretch, from its byte `offset` on. */
export interface Slice<S extends Stretch> {
  readonly stretch: S;
  readonly offset: number;
  readonly length: number;
}

/** A part of the upload: one slice copied by the server, or slices joined in memory. */
export type Part<S extends Stretch> =
  | { readonly kind: 'copy'; readonly slice: Slice<S> }
  | { readonly kind: 'join'; readonly slices: readonly Slice<S>[]; readonly length: number };

/** What all joined parts grow by in a step. A step is one more plan: some 20 ms for 9,000 shards. */
const SCALE_STEP = 1.25;

/**
 * The parts, in order: together all bytes of all stretches, each once.
 * Joined parts have up to 2 × PART_BYTES; only when that would make more than 10,000 parts (the
 * most shards, of some fifty million documents or more) are they made larger until it does not. By small
 * steps: the larger joined parts are, the fewer of them are in memory and under way at a time.
 * @throws RangeError when no size of parts will do
 */
export function planParts<S extends Stretch>(stretches: readonly S[]): Part<S>[] {
  for (let scale = 1; 2 * scale * PART_BYTES <= S3_MAX_PART_BYTES; scale *= SCALE_STEP) {
    const parts = cutParts(stretches, scale);
    if (parts.length <= S3_MAX_PARTS) return parts;
  }
  throw new RangeError(`The object does not fit into ${S3_MAX_PARTS} parts of an upload.`);
}

/** @param scale by how much the smallest copy and the joined parts are larger than they need be */
function cutParts<S extends Stretch>(stretches: readonly S[], scale: number): Part<S>[] {
  const smallestCopy = scale * S3_MIN_PART_BYTES;
  const enough = Math.ceil(scale * PART_BYTES);
  const parts: Part<S>[] = [];
  let joined: Slice<S>[] = [];
  let joinedBytes = 0;

  function closeJoined() {
    if (joinedBytes === 0) return;
    parts.push({ kind: 'join', slices: joined, length: joinedBytes });
    joined = [];
    joinedBytes = 0;
  }

  /** Adds to the joined part; closes it once it is large enough. Stretches are kept whole if they fit. */
  function join(stretch: S, from: number, to: number) {
    for (let offset = from; offset < to;) {
      const length = Math.min(to - offset, 2 * enough - joinedBytes);
      joined.push({ stretch, offset, length });
      joinedBytes += length;
      offset += length;
      if (joinedBytes >= enough) closeJoined();
    }
  }

  /** Cuts evenly, so that no remainder is smaller than a part may be. */
  function copy(stretch: S, from: number) {
    const pieces = Math.ceil((stretch.length - from) / S3_MAX_PART_BYTES);
    const even = Math.ceil((stretch.length - from) / pieces);
    for (let offset = from; offset < stretch.length; offset += even) {
      const length = Math.min(even, stretch.length - offset);
      parts.push({ kind: 'copy', slice: { stretch, offset, length } });
    }
  }

  for (const stretch of stretches) {
    // What is joined so far may be too small for a part: then it borrows from its neighbour.
    const borrowed = joinedBytes === 0 ? 0 : Math.max(0, S3_MIN_PART_BYTES - joinedBytes);
    if (stretch.copyable && stretch.length - borrowed >= smallestCopy) {
      join(stretch, 0, borrowed);
      closeJoined();
      copy(stretch, borrowed);
    } else {
      join(stretch, 0, stretch.length);
    }
  }
  closeJoined();
  return parts;
}
