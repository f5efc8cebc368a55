/**
 * An object written from front to back with little memory: one put when it is small, otherwise a
 * multipart upload of parts of PART_BYTES or a little more each. Appending is synchronous, for it runs
 * once a document; the caller flushes when told so. Parts are on their way while the next is filled.
 */
import { createSideWork, runLanes } from '../boundedWork.ts';
import { PART_BYTES, S3_MIN_PART_BYTES } from '../limits.ts';
import type { ByteRange, MultipartUpload, Ports } from '../ports.ts';

export interface ObjectWriter {
  /** Adds the bytes; copies them unless they lie in the room for them already. */
  append(bytes: Uint8Array): void;
  /**
   * Memory for `bytes` bytes to be appended behind `before` others: what is made there needs no copy.
   * Undefined when they would not lie in one part. Nothing is promised beyond the next append.
   */
  room(before: number, bytes: number): Buffer | undefined;
  /** Bytes appended so far. */
  readonly bytes: number;
  /**
   * Bytes that must be appended before others can be copied behind them: of its parts only the last may be
   * smaller than S3_MIN_PART_BYTES.
   */
  readonly beforeCopy: number;
  /**
   * Adds bytes of another object, which the store copies by itself: S3_MIN_PART_BYTES or more, out of an
   * object of more, where `beforeCopy` is 0.
   * @throws what copying throws: then the object is to be given up
   */
  copy(sourceKey: string, range: ByteRange): Promise<void>;
  /** At least one part is complete and waits for `flush`. */
  readonly full: boolean;
  /** Begins to upload the complete parts; waits only while too many are on their way. */
  flush(): Promise<void>;
  /** Uploads the rest and publishes the object. */
  finish(): Promise<void>;
  /** Forgets what was uploaded; safe to repeat. */
  abort(): Promise<void>;
}

/**
 * Parts on their way: one connection to S3 takes some 80 MB/s, less than documents are made. Together
 * with the one that is filled and one that waits they are 45 MiB.
 */
const PARTS_AT_ONCE = 3;
/** A document that begins within PART_BYTES of a part may reach this far beyond, to lie in one part. */
const BEYOND_BYTES = 1024 * 1024;
const CAPACITY_BYTES = PART_BYTES + BEYOND_BYTES;

/**
 * What is copied is cut into pieces of so many bytes and up to twice as many, of which some are on their way
 * at a time: S3 copies some 100 MB/s each.
 */
const COPIED_BYTES = 16 * 1024 * 1024;
const COPIED_AT_ONCE = 8;

/** Opens an object for writing; nothing is sent before the first `flush` of a complete part. */
export function createObjectWriter({ objects }: Pick<Ports, 'objects'>, key: string): ObjectWriter {
  /** Complete parts that wait. */
  const complete: Buffer[] = [];
  let part = takeMemory();
  /** Bytes of `part` that are filled. */
  let filled = 0;
  let bytes = 0;
  let upload: MultipartUpload | undefined;
  let parts = 0;
  const sending = createSideWork(PARTS_AT_ONCE);

  async function flush() {
    for (let next = complete.shift(); next; next = complete.shift()) {
      const body = next;
      const partNumber = ++parts;
      const begun = (upload ??= await objects.startUpload(key));
      await sending.begin(async () => {
        await begun.uploadPart(partNumber, body);
        returnMemory(body);
      });
    }
  }

  /** Copies as much as the part takes. */
  function fill(added: Uint8Array): Uint8Array {
    const fitting = added.subarray(0, CAPACITY_BYTES - filled);
    const inPlace = added.buffer === part.buffer && added.byteOffset === part.byteOffset + filled;
    if (!inPlace) part.set(fitting, filled);
    filled += fitting.length;
    return added.subarray(fitting.length);
  }

  return {
    append(added) {
      bytes += added.length;
      for (let rest = added; rest.length > 0;) {
        rest = fill(rest);
        if (filled < PART_BYTES) continue;
        complete.push(part.subarray(0, filled));
        part = takeMemory();
        filled = 0;
      }
    },
    room(before, wanted) {
      const at = filled + before;
      return at + wanted <= CAPACITY_BYTES ? part.subarray(at, at + wanted) : undefined;
    },
    get bytes() {
      return bytes;
    },
    get beforeCopy() {
      return filled === 0 ? 0 : Math.max(0, S3_MIN_PART_BYTES - filled);
    },
    async copy(sourceKey, { offset, length }) {
      if (filled > 0) {
        complete.push(part.subarray(0, filled));
        part = takeMemory();
        filled = 0;
      }
      await flush();
      const begun = (upload ??= await objects.startUpload(key));
      const pieces = Math.max(1, Math.floor(length / COPIED_BYTES));
      const each = Math.ceil(length / pieces);
      const work = Array.from({ length: pieces }, (_, i) => {
        const partNumber = ++parts;
        const range = { offset: offset + i * each, length: Math.min(each, length - i * each) };
        return () => begun.copyPart(partNumber, sourceKey, range);
      });
      bytes += length;
      await runLanes([{ atOnce: COPIED_AT_ONCE, work }]);
    },
    get full() {
      return complete.length > 0;
    },
    flush,
    async finish() {
      if (!upload && complete.length === 0) {
        await objects.put(key, part.subarray(0, filled));
        returnMemory(part);
        return;
      }
      if (filled > 0) complete.push(part.subarray(0, filled));
      await flush();
      await sending.settle();
      await upload?.complete();
    },
    async abort() {
      await sending.settle().catch(() => undefined);
      await upload?.abort();
    },
  };
}

/**
 * Memory of parts that were sent, for those to come, of other objects too: on fresh pages filling a part
 * takes twice as long. As many as one writer uses.
 */
const spare: Buffer[] = [];
const SPARE_PARTS = PARTS_AT_ONCE + 2;

// Not from Node's shared pool: a part's memory is its own.
const takeMemory = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(CAPACITY_BYTES);

/** Nobody may look at the part any more. */
function returnMemory(part: Buffer) {
  if (spare.length < SPARE_PARTS) spare.push(Buffer.from(part.buffer));
}
