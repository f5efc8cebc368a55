/**
 * Append-only files of one JSON record a line. A record is in the file when append returns, so a
 * process that is killed loses at most the line it was writing; what follows the last whole line is
 * cut off when the file is opened again. (A loss of power may lose more: nothing is synced to disk.)
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import type { z } from 'zod';
import { parseJson } from '../stepFunctions/json.ts';

/** Where a record stands in its file, in bytes. */
export interface RecordPlace {
  readonly offset: number;
  readonly length: number;
}

export interface Journal {
  /**
   * Writes a record, after those that were gathered.
   * @throws Error when the disk does not take them; the file is then as it was before
   */
  append(record: unknown): RecordPlace;
  /** Takes a record on which nobody acts yet; the next append, flush or close writes it. */
  gather(record: unknown): void;
  /** Writes what was gathered, at once. @throws Error as append does; it is still gathered then */
  flush(): void;
  /** The text of a record that was written or read earlier. */
  readAt(place: RecordPlace): string;
  /** Safe to repeat. */
  close(): void;
}

/** How much is read at once. */
const READ_BYTES = 64 * 1024;
const NEWLINE = 10;

/** Opens a journal for appending after `validBytes`, which is what scanJournal returned. */
export function openJournal(file: string, validBytes: number): Journal {
  if (existsSync(file) && statSync(file).size > validBytes) truncateSync(file, validBytes);
  const descriptor = openSync(file, 'a+');
  let size = validBytes;
  let open = true;
  let gathered: Buffer[] = [];
  const write = (bytes: Buffer) => {
    try {
      for (let written = 0; written < bytes.length;) {
        written += writeSync(descriptor, bytes, written);
      }
    } catch (error) {
      // A full disk takes a part of a line, which would spoil those that come once there is room.
      ftruncateSync(descriptor, size);
      throw error;
    }
    size += bytes.length;
    gathered = [];
  };
  const flush = () => {
    if (gathered.length > 0) write(Buffer.concat(gathered));
  };
  return {
    append(record) {
      const line = lineOf(record);
      write(gathered.length > 0 ? Buffer.concat([...gathered, line]) : line);
      return { offset: size - line.length, length: line.length };
    },
    gather: (record) => void gathered.push(lineOf(record)),
    flush,
    readAt: ({ offset, length }) => readBytes(descriptor, offset, length).toString('utf8'),
    close() {
      if (!open) return;
      open = false;
      try {
        flush();
      } catch {
        // As if the process had been killed before: nobody has acted on what was gathered.
      }
      closeSync(descriptor);
    },
  };
}

const lineOf = (record: unknown) => Buffer.from(`${JSON.stringify(record)}\n`, 'utf8');

/**
 * Reads the records of a journal in their order, a piece of the file at a time, until `visit`
 * returns false. A line that is torn or is not of the schema ends the reading.
 * @returns the bytes up to the end of the last record that was whole; 0 for a missing file
 */
export function scanJournal<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  visit: (record: z.infer<Schema>, place: RecordPlace) => boolean | void,
): number {
  let valid = 0;
  forEachLine(file, (line, offset) => {
    const record = readRecord(line, schema);
    if (record === undefined) return false;
    const place = { offset, length: line.length + 1 };
    valid = offset + place.length;
    return visit(record, place) !== false;
  });
  return valid;
}

/**
 * The last record of a journal that is whole; undefined where there is none. Reads no more of the file
 * than the records at its end take.
 */
export function lastRecord<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.infer<Schema> | undefined {
  if (!existsSync(file)) return undefined;
  const descriptor = openSync(file, 'r');
  try {
    let start = statSync(file).size;
    let tail: Buffer = Buffer.alloc(0);
    for (;;) {
      // Up to the last line end: what stands behind it is torn.
      const end = tail.lastIndexOf(NEWLINE);
      const begin = end <= 0 ? -1 : tail.lastIndexOf(NEWLINE, end - 1);
      if (end !== -1 && (begin !== -1 || start === 0)) {
        return readRecord(tail.subarray(begin + 1, end), schema);
      }
      if (start === 0) return undefined;
      const length = Math.min(start, Math.max(READ_BYTES, tail.length));
      start -= length;
      tail = Buffer.concat([readBytes(descriptor, start, length), tail]);
    }
  } finally {
    closeSync(descriptor);
  }
}

function readRecord<Schema extends z.ZodType>(
  line: Buffer,
  schema: Schema,
): z.infer<Schema> | undefined {
  try {
    return schema.safeParse(parseJson(line.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Calls `visit` with each whole line, without its end; stops when it returns false. */
function forEachLine(file: string, visit: (line: Buffer, offset: number) => boolean): void {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let offset = 0;
    for (;;) {
      const piece = readBytes(descriptor, offset + rest.length, READ_BYTES);
      if (piece.length === 0) return;
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        if (!visit(bytes.subarray(start, end), offset + start)) return;
        start = end + 1;
      }
      rest = bytes.subarray(start);
      offset += start;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Up to `length` bytes from `offset`; fewer at the end of the file. */
function readBytes(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
