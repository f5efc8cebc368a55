/**
 * An object written from front to back with little memory: one put when it is small, otherwise a
 * multipart upload of parts of PART_BYTES each. Appending is synchronous, for it runs once a
 * document; the caller flushes when told so.
 */
import { PART_BYTES } from '../limits.ts';
import type { MultipartUpload, Ports } from '../ports.ts';

export interface ObjectWriter {
  /** Copies the bytes. */
  append(bytes: Uint8Array): void;
  /** Bytes appended so far. */
  readonly bytes: number;
  /** At least one part is complete and waits for `flush`. */
  readonly full: boolean;
  /** Uploads the complete parts. */
  flush(): Promise<void>;
  /** Uploads the rest and publishes the object. */
  finish(): Promise<void>;
  /** Forgets what was uploaded; safe to repeat. */
  abort(): Promise<void>;
}

/** Opens an object for writing; nothing is sent before the first `flush` of a complete part. */
export function createObjectWriter({ objects }: Pick<Ports, 'objects'>, key: string): ObjectWriter {
  /** Complete parts that wait. */
  const complete: Uint8Array<ArrayBuffer>[] = [];
  let part = new Uint8Array(PART_BYTES);
  /** Bytes of `part` that are filled. */
  let filled = 0;
  /** An uploaded part's memory: fresh pages cost as much as the copying itself. */
  let spare: Uint8Array<ArrayBuffer> | undefined;
  let bytes = 0;
  let upload: MultipartUpload | undefined;
  let parts = 0;

  async function uploadPart(body: Uint8Array) {
    upload ??= await objects.startUpload(key);
    await upload.uploadPart(++parts, body);
  }

  async function flush() {
    for (let next = complete[0]; next; next = complete[0]) {
      await uploadPart(next);
      complete.shift();
      spare = next;
    }
  }

  return {
    append(added) {
      bytes += added.length;
      for (let rest = added; ;) {
        const room = PART_BYTES - filled;
        if (rest.length < room) {
          part.set(rest, filled);
          filled += rest.length;
          return;
        }
        part.set(rest.subarray(0, room), filled);
        rest = rest.subarray(room);
        complete.push(part);
        part = spare ?? new Uint8Array(PART_BYTES);
        spare = undefined;
        filled = 0;
      }
    },
    get bytes() {
      return bytes;
    },
    get full() {
      return complete.length > 0;
    },
    flush,
    async finish() {
      if (!upload && complete.length === 0) {
        await objects.put(key, part.subarray(0, filled));
        return;
      }
      await flush();
      if (filled > 0) await uploadPart(part.subarray(0, filled));
      await upload?.complete();
    },
    async abort() {
      await upload?.abort();
    },
  };
}
