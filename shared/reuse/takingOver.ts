/**
 * Documents of an earlier task on their way into a segment. They are told of at once, and their bytes follow
 * together, before a document is made behind them or the segment ends: where many of them lie one behind the
 * other, under the names that they had, the store copies them by itself; otherwise they are read, and their
 * checksums compared.
 */
import { crc32 } from 'node:zlib';
import type { SegmentWriter } from '../archive/segmentWriter.ts';
import { S3_MIN_PART_BYTES } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { FoundDocument } from './baseDocuments.ts';
import { createWindows, type OpenSegment } from './windows.ts';

/** S3 copies them in a quarter of a second, and one connection reads them in one. */
const PENDING_BYTES = 64 * 1024 * 1024;

/** A document of the new task. */
interface Taken {
  readonly row: number;
  readonly template: string;
  readonly name: string;
  readonly fingerprint: string;
}

export interface TakingOver {
  add(document: Taken, found: FoundDocument): void;
  /** Whether bytes are to follow. */
  readonly isPending: boolean;
  /** So many are that they better do so now. */
  readonly full: boolean;
  /** Writes the bytes of what was added. @throws what reading throws, or Error where they are not what they were */
  settle(): Promise<void>;
}

/** Documents whose entries lie one behind the other. */
interface Run {
  readonly segment: OpenSegment;
  readonly first: number;
  readonly names: string[];
  /** Whether each has the name that it had. */
  areNamesSame: boolean;
}

export function createTakingOver(ports: Pick<Ports, 'objects'>, writer: SegmentWriter): TakingOver {
  const windows = createWindows(ports);
  let runs: Run[] = [];
  let pendingBytes = 0;

  async function read(run: Run, from: number, until: (next: number) => boolean): Promise<number> {
    const { segment, first, names } = run;
    let next = from;
    for (; next < names.length && !until(next); next++) {
      const entry = first + next;
      const bytes = await windows.read(segment, entry);
      const crc = crc32(bytes);
      if (crc !== segment.entries[entry]?.crc) throw new Error('A document is not what it was.');
      writer.takenEntry(names[next] ?? '', bytes, crc);
      if (writer.full) await writer.flush();
    }
    return next;
  }

  async function write(run: Run): Promise<void> {
    const { segment, first, names, areNamesSame } = run;
    const last = segment.entries[first + names.length - 1];
    const end = last ? last.offset + last.size : 0;
    const bytesFrom = (next: number) => end - (segment.entries[first + next]?.headerOffset ?? end);
    const canCopy = (next: number) =>
      areNamesSame &&
      segment.bytes > S3_MIN_PART_BYTES &&
      bytesFrom(next) >= S3_MIN_PART_BYTES + writer.beforeCopy;
    if (!canCopy(0)) {
      await read(run, 0, () => false);
      return;
    }
    // What comes before is filled up to the size of a part.
    const next = await read(run, 0, (at) => writer.beforeCopy === 0 && canCopy(at));
    const copied = segment.entries.slice(first + next, first + names.length);
    if (copied.length > 0) await writer.copyEntries(segment.key, copied);
  }

  return {
    add(document, { segment, entry, sha256 }) {
      const { name: itsName = '', size = 0 } = segment.entries[entry] ?? {};
      const { name } = document;
      writer.taken({ ...document, bytes: size, sha256 });
      pendingBytes += size;
      const run = runs.at(-1);
      if (run?.segment === segment && run.first + run.names.length === entry) {
        // Only what may be copied as a whole is one run; what has other names is read.
        if ((name === itsName) === run.areNamesSame) {
          run.names.push(name);
          return;
        }
      }
      runs.push({ segment, first: entry, names: [name], areNamesSame: name === itsName });
    },
    get isPending() {
      return runs.length > 0;
    },
    get full() {
      return pendingBytes >= PENDING_BYTES;
    },
    async settle() {
      const written = runs;
      runs = [];
      pendingBytes = 0;
      for (const run of written) await write(run);
    },
  };
}
