/**
 * An object store for objects of many gigabytes: stretches of zeros are only counted, copies only
 * recorded. It also counts the bytes that its caller has under way, to hold memory to a bound.
 */
import { S3_MAX_PARTS, S3_MIN_PART_BYTES } from '../../shared/limits.ts';
import { type ByteRange, ObjectMissing, type ObjectStore } from '../../shared/ports.ts';

/** Bytes, or that many zeros. */
export type Piece = Uint8Array | number;

interface SparseObject {
  readonly pieces: readonly Piece[];
  readonly bytes: number;
}

export interface SparseObjectStore extends Pick<ObjectStore, 'put' | 'read' | 'startUpload'> {
  define(key: string, pieces: readonly Piece[]): void;
  size(key: string): number;
  /** Parts of the last completed upload, by how they came. */
  readonly parts: { copied: number; uploaded: number };
  /** The most bytes that reads and uploads had under way at once. */
  peakBytes(): number;
}

const lengthOf = (piece: Piece) => (typeof piece === 'number' ? piece : piece.length);
const sizeOf = (pieces: readonly Piece[]) => pieces.reduce<number>((n, p) => n + lengthOf(p), 0);

function cut({ pieces }: SparseObject, { offset, length }: ByteRange): Piece[] {
  const found: Piece[] = [];
  let start = 0;
  for (const piece of pieces) {
    const from = Math.max(offset - start, 0);
    const to = Math.min(offset + length - start, lengthOf(piece));
    if (from < to) found.push(typeof piece === 'number' ? to - from : piece.subarray(from, to));
    start += lengthOf(piece);
  }
  return found;
}

/** @param options.keepBytes false: what is uploaded is forgotten, only its size is kept */
export function createSparseObjectStore(options: { keepBytes: boolean }): SparseObjectStore {
  const objects = new Map<string, SparseObject>();
  const parts = { copied: 0, uploaded: 0 };
  let held = 0;
  let peak = 0;

  async function hold<T>(bytes: number, work: () => T): Promise<T> {
    held += bytes;
    peak = Math.max(peak, held);
    await new Promise(setImmediate);
    held -= bytes;
    return work();
  }

  function find(key: string): SparseObject {
    const found = objects.get(key);
    if (!found) throw new ObjectMissing(key);
    return found;
  }

  const kept = (body: Uint8Array): Piece =>
    options.keepBytes ? Uint8Array.from(body) : body.length;

  const store = (key: string, pieces: readonly Piece[]) => {
    objects.set(key, { pieces, bytes: sizeOf(pieces) });
  };

  return {
    define: store,
    size: (key) => find(key).bytes,
    parts,
    peakBytes: () => peak,
    put: (key, body) =>
      hold(body.length, () => {
        store(key, [kept(body)]);
        return true;
      }),
    read: (key, range) => {
      const object = find(key);
      const asked = range ?? { offset: 0, length: object.bytes };
      return hold(asked.length, () => {
        const filled = cut(object, asked).map((p) => (typeof p === 'number' ? Buffer.alloc(p) : p));
        return Uint8Array.from(Buffer.concat(filled));
      });
    },
    async startUpload(key) {
      const made = new Map<number, Piece[]>();
      parts.copied = 0;
      parts.uploaded = 0;
      return {
        uploadPart: (partNumber, body) =>
          hold(body.length, () => {
            made.set(partNumber, [kept(body)]);
            parts.uploaded++;
          }),
        copyPart: (partNumber, sourceKey, range) =>
          hold(0, () => {
            const source = find(sourceKey);
            if (!range || source.bytes <= S3_MIN_PART_BYTES) throw new Error('No such copy in S3.');
            made.set(partNumber, cut(source, range));
            parts.copied++;
          }),
        async complete() {
          const ordered = [...made].sort(([a], [b]) => a - b).map(([, pieces]) => pieces);
          const tooSmall = ordered.slice(0, -1).some((p) => sizeOf(p) < S3_MIN_PART_BYTES);
          if (tooSmall || ordered.length > S3_MAX_PARTS) throw new Error('No such parts in S3.');
          store(key, ordered.flat());
          return true;
        },
        abort: async () => made.clear(),
      };
    },
  };
}
