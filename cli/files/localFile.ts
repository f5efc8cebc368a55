/** A file of this machine, read in stretches. */
import { open } from 'node:fs/promises';
import type { RangedFile } from '../../shared/zip/rangedZip.ts';

const CHUNK_BYTES = 256 * 1024;

/** @throws what the file system says */
export async function openLocalFile(
  path: string,
): Promise<RangedFile & { close(): Promise<void> }> {
  const file = await open(path);
  const { size } = await file.stat();
  const readAt = async (offset: number, length: number) => {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  /** What was read last: entries lie one behind the other, and most are small. */
  let held: { offset: number; bytes: Uint8Array } | undefined;
  async function* stream({ offset, length }: { offset: number; length: number }) {
    for (let at = offset; at < offset + length;) {
      if (!held || at < held.offset || at >= held.offset + held.bytes.length) {
        held = { offset: at, bytes: await readAt(at, CHUNK_BYTES) };
        if (held.bytes.length === 0) return;
      }
      const from = at - held.offset;
      const piece = held.bytes.subarray(from, from + offset + length - at);
      at += piece.length;
      yield piece;
    }
  }
  return {
    bytes: size,
    stream,
    read: ({ offset, length }) => readAt(offset, length),
    close: () => file.close(),
  };
}
