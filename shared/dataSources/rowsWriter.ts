/**
 * Writes rows.jsonl and rows.idx: one JSON object a line, in the order of the rows.
 *
 * Two buffers take turns: while one is on its way to the bucket, the other is filled. Memory is
 * those two buffers, whatever the number of rows.
 */
import { createSideWork } from '../boundedWork.ts';
import { MAX_ROW_BYTES, PART_BYTES, S3_MAX_PARTS } from '../limits.ts';
import type { MultipartUpload, Ports } from '../ports.ts';
import type { Row } from '../schemas/common.ts';
import { SourceFault } from './sourceFault.ts';
import { createIndexBuilder, encodeIndex } from './rowsIndex.ts';

/** Where the rows of one table are. */
export interface RowsKeys {
  readonly rowsKey: string;
  readonly indexKey: string;
}

/** Takes rows one by one; nothing is published before finish(). */
export interface RowsWriter {
  /** A part is full: await flush() before the next row. */
  readonly full: boolean;
  /** The buffer, with room for a line of this many bytes from `position` on. */
  reserve(bytes: number): Buffer;
  /** Where in the buffer the next line begins. */
  readonly position: number;
  /** Ends the line that was written to the buffer from `position` up to `end`. */
  endLine(end: number): void;
  /** Writes a row that fits; false when it is larger than MAX_ROW_BYTES. */
  writeRow(row: Row): boolean;
  /** Writes a line of any length. */
  writeLine(line: string): void;
  /**
   * Sends the full part off.
   * @throws SourceFault when there are more parts than S3 takes
   */
  flush(): Promise<void>;
  /**
   * Publishes both objects; sizes in bytes of rows.jsonl.
   * @param options `ifAbsent`: what is there already stays
   */
  finish(options?: { ifAbsent?: boolean }): Promise<{ rowCount: number; bytes: number }>;
  /** Forgets everything; safe to repeat. */
  abort(): Promise<void>;
}

const CONTENT_TYPE = 'application/jsonl';
/** A small table needs no more; a larger one soon grows to the size of a part and its last row. */
const FIRST_BUFFER_BYTES = 64 * 1024;
const BUFFER_BYTES = PART_BYTES + MAX_ROW_BYTES + 1;
const LINE_BREAK = 0x0a;

/** A writer of no rows yet. Whoever makes it calls finish() or abort(). */
export function createRowsWriter(
  { objects }: Pick<Ports, 'objects'>,
  { rowsKey, indexKey }: RowsKeys,
): RowsWriter {
  const index = createIndexBuilder();
  let buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  let position = 0;
  let sentBytes = 0;
  /** The other buffer, once a second one was needed. */
  let spare: Buffer | undefined;
  let upload: MultipartUpload | undefined;
  let parts = 0;
  /** One part on its way: the other buffer is its memory. */
  const sending = createSideWork(1);

  function reserve(bytes: number): Buffer {
    const needed = position + bytes + 1;
    if (needed > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(4 * needed, BUFFER_BYTES)));
      buffer.copy(larger, 0, 0, position);
      buffer = larger;
    }
    return buffer;
  }

  function endLine(end: number) {
    buffer[end] = LINE_BREAK;
    index.add(sentBytes + position);
    position = end + 1;
  }

  async function sendPart() {
    await sending.settle();
    if (parts === S3_MAX_PARTS) {
      throw new SourceFault({
        code: 'ROWS_TOO_MANY',
        detail: `The rows take more than ${sentBytes} bytes. Split the table.`,
      });
    }
    const begun = (upload ??= await objects.startUpload(rowsKey, { contentType: CONTENT_TYPE }));
    const part = buffer.subarray(0, position);
    await sending.begin(() => begun.uploadPart(++parts, part));
    sentBytes += position;
    position = 0;
    [buffer, spare] = [spare ?? Buffer.allocUnsafeSlow(BUFFER_BYTES), buffer];
  }

  const putIndex = (bytes: number, ifAbsent: boolean) =>
    objects.put(indexKey, encodeIndex(index.finish(bytes)), { ifAbsent });

  return {
    get full() {
      return position >= PART_BYTES;
    },
    reserve,
    get position() {
      return position;
    },
    endLine,

    writeRow(row) {
      const line = JSON.stringify(row);
      // One UTF-16 unit takes at most 3 bytes: only long lines need their exact size.
      const most = line.length * 3;
      const bytes = most > MAX_ROW_BYTES ? Buffer.byteLength(line) : most;
      if (bytes > MAX_ROW_BYTES) return false;
      endLine(position + reserve(bytes).write(line, position, 'utf8'));
      return true;
    },

    writeLine(line) {
      endLine(position + reserve(Buffer.byteLength(line)).write(line, position, 'utf8'));
    },

    async flush() {
      if (position >= PART_BYTES) await sendPart();
    },

    async finish({ ifAbsent = false } = {}) {
      const bytes = sentBytes + position;
      if (upload) {
        if (position > 0) await sendPart();
        await sending.settle();
        await upload.complete({ ifAbsent });
        upload = undefined;
      } else {
        // What fits into one part needs no multipart upload: one call instead of three.
        const options = { contentType: CONTENT_TYPE, ifAbsent };
        await objects.put(rowsKey, buffer.subarray(0, position), options);
      }
      // Whoever finds the index takes it that the rows are there.
      await putIndex(bytes, ifAbsent);
      return { rowCount: index.rowCount, bytes };
    },

    async abort() {
      await sending.settle().catch(() => undefined);
      await upload?.abort();
    },
  };
}
