/**
 * The bytes of objects, in data files that never change once they are written. An object's content is a
 * list of extents of such files, so copying, and joining the parts of an upload, moves no byte; a file
 * is deleted when nothing refers to it any more.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ByteRange } from '../../shared/ports.ts';

/** `length` bytes of a data file, from `offset`. */
const ExtentSchema = z.object({ file: z.string(), offset: z.int(), length: z.int() });
export const ContentSchema = z.array(ExtentSchema);
export type Content = z.infer<typeof ContentSchema>;

export interface ContentStore {
  /**
   * Writes bytes as they arrive, no faster than the disk takes them. The content is held once, for the
   * caller; nothing stays behind when the source fails.
   */
  write(source: AsyncIterable<Uint8Array>): Promise<Content>;
  /** The bytes of a content, which must be held until they are read. */
  read(content: Content): AsyncGenerator<Buffer>;
  /** Holds a content once more. */
  hold(content: Content): void;
  /** Ends one hold; the last one deletes the files. */
  release(content: Content): Promise<void>;
  /** Deletes what a killed process left: files that nothing holds. For the start alone. */
  deleteUnheld(): Promise<void>;
}

const READ_BYTES = 256 * 1024;
/** What arrives comes in pieces of 64 KiB: one trip to the disk for several of them. */
const WRITE_BYTES = 512 * 1024;

/** @param dir the folder of the data files; made if it is not there */
export async function openContents(dir: string): Promise<ContentStore> {
  await mkdir(dir, { recursive: true });
  const holds = new Map<string, number>();
  const pathOf = (file: string) => join(dir, file);

  function hold(content: Content) {
    for (const { file } of content) holds.set(file, (holds.get(file) ?? 0) + 1);
  }

  async function release(content: Content) {
    for (const { file } of content) {
      const left = (holds.get(file) ?? 0) - 1;
      if (left > 0) {
        holds.set(file, left);
      } else {
        holds.delete(file);
        await rm(pathOf(file), { force: true });
      }
    }
  }

  return {
    hold,
    release,

    async write(source) {
      const file = randomUUID();
      const length = await writeFile(pathOf(file), source);
      if (length === 0) {
        await rm(pathOf(file));
        return [];
      }
      const content = [{ file, offset: 0, length }];
      hold(content);
      return content;
    },

    async *read(content) {
      for (const { file, offset, length } of content) {
        yield* readExtent(pathOf(file), offset, length);
      }
    },

    async deleteUnheld() {
      for (const file of await readdir(dir)) {
        if (!holds.has(file)) await rm(pathOf(file));
      }
    },
  };
}

/** The part of a content that lies in a range. */
export function cut(content: Content, { offset, length }: ByteRange): Content {
  const found: Content = [];
  let start = 0;
  for (const extent of content) {
    const from = Math.max(offset - start, 0);
    const to = Math.min(offset + length - start, extent.length);
    if (from < to) {
      found.push({ file: extent.file, offset: extent.offset + from, length: to - from });
    }
    start += extent.length;
  }
  return found;
}

/** Contents one after the other; neighbours in one file become one extent. */
export function concatenate(contents: readonly Content[]): Content {
  const joined: Content = [];
  for (const extent of contents.flat()) {
    const last = joined.at(-1);
    if (last && last.file === extent.file && last.offset + last.length === extent.offset) {
      joined[joined.length - 1] = { ...last, length: last.length + extent.length };
    } else {
      joined.push(extent);
    }
  }
  return joined;
}

async function writeFile(path: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  // 'wx': a data file is never written twice.
  const handle = await open(path, 'wx');
  let length = 0;
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  const write = async () => {
    await writeAll(handle, pieces, bytes);
    length += bytes;
    pieces = [];
    bytes = 0;
  };
  try {
    for await (const piece of source) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= WRITE_BYTES) await write();
    }
    await write();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return length;
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[], bytes: number) {
  if (bytes === 0) return;
  const { bytesWritten } = await handle.writev(pieces);
  // A disk that is nearly full takes a part; what is left is written, or fails, by itself.
  if (bytesWritten < bytes) await handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

async function* readExtent(path: string, offset: number, length: number): AsyncGenerator<Buffer> {
  const handle = await open(path);
  try {
    for (let done = 0; done < length;) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, length - done));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset + done);
      if (bytesRead === 0) throw new Error(`The data file ${path} is shorter than it was written.`);
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
