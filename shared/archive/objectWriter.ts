/**
 * An object written from front to back with little memory: one put when it is small, otherwise a
 * multipart upload of parts of PART_BYTES or a little more each. Appending is synchronous, for it runs
 * once a document; the caller flushes when told so. A part is on its way while the next one is filled.
 */
import { PART_BYTES } from '../limits.ts';
import type { MultipartUpload, Ports } from '../ports.ts';

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
  /** At least one part is complete and waits for `flush`. */
  readonly full: boolean;
  /** Begins to upload the complete parts, one at a time: waits only for those before the last. */
  flush(): Promise<void>;
  /** Uploads the rest and publishes the object. */
  finish(): Promise<void>;
  /** Forgets what was uploaded; safe to repeat. */
  abort(): Promise<void>;
}

/** A document that begins within PART_BYTES of a part may reach this far beyond, to lie in one part. */
const BEYOND_BYTES = 1024 * 1024;
const CAPACITY_BYTES = PART_BYTES + BEYOND_BYTES;

/** Opens an object for writing; nothing is sent before the first `flush` of a complete part. */
export function createObjectWriter({ objects }: Pick<Ports, 'objects'>, key: string): ObjectWriter {
  /** Complete parts that wait. */
  const complete: Buffer[] = [];
  let part = allocatePart();
  /** Bytes of `part` that are filled. */
  let filled = 0;
  /** Memory of parts that were uploaded: fresh pages cost as much as filling them. */
  const spare: Buffer[] = [];
  let bytes = 0;
  let upload: MultipartUpload | undefined;
  /** Parts that were sent, the one on its way included. */
  let parts = 0;
  /** Whoever sends the next part waits for the one on its way, and so learns of its failure. */
  let sending: Promise<void> = Promise.resolve();

  function send(next: Buffer) {
    const partNumber = ++parts;
    sending = (async () => {
      upload ??= await objects.startUpload(key);
      await upload.uploadPart(partNumber, next);
      spare.push(Buffer.from(next.buffer));
    })();
    // Not unhandled when it fails while the caller is at work: the next wait throws it all the same.
    sending.catch(() => undefined);
  }

  async function flush() {
    for (let next = complete.shift(); next; next = complete.shift()) {
      await sending;
      send(next);
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
        part = spare.pop() ?? allocatePart();
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
    get full() {
      return complete.length > 0;
    },
    flush,
    async finish() {
      if (parts === 0 && complete.length === 0) {
        await objects.put(key, part.subarray(0, filled));
        return;
      }
      if (filled > 0) complete.push(part.subarray(0, filled));
      await flush();
      await sending;
      await upload?.complete();
    },
    async abort() {
      await sending.catch(() => undefined);
      await upload?.abort();
    },
  };
}

/** Not from Node's shared pool: a part's memory is its own. */
const allocatePart = (): Buffer => Buffer.allocUnsafeSlow(CAPACITY_BYTES);
