/**
 * What is in the buckets: objects, and uploads under way. It lives in memory and in a journal: a change
 * is made by writing one line, so a killed process leaves it either made or not.
 */
import { readFileSync, renameSync, statSync } from 'node:fs';
import { z } from 'zod';
import { openJournal, scanJournal } from '../disk/journal.ts';
import { type Content, ContentSchema } from './contents.ts';

/** Headers that a client stores with an object and gets back with it, names in lower case. */
const HeadersSchema = z.record(z.string(), z.string());

const StoredObjectSchema = z.object({
  content: ContentSchema,
  bytes: z.int(),
  /** Without its quotes. */
  etag: z.string(),
  headers: HeadersSchema,
  /** Milliseconds since 1970. */
  modified: z.number(),
});
export type StoredObject = z.infer<typeof StoredObjectSchema>;

const PartSchema = StoredObjectSchema.omit({ headers: true });
export type Part = z.infer<typeof PartSchema>;

const place = { bucket: z.string(), key: z.string() };

/** The lines of the journal. */
const ChangeSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('put'), ...place, object: StoredObjectSchema }),
  z.object({ do: z.literal('delete'), ...place }),
  z.object({
    do: z.literal('begin'),
    uploadId: z.string(),
    ...place,
    headers: HeadersSchema,
    begun: z.number(),
  }),
  z.object({
    do: z.literal('part'),
    uploadId: z.string(),
    partNumber: z.int(),
    part: PartSchema,
  }),
  z.object({ do: z.literal('complete'), uploadId: z.string(), object: StoredObjectSchema }),
  z.object({ do: z.literal('abort'), uploadId: z.string() }),
]);
export type Change = z.infer<typeof ChangeSchema>;

/** A multipart upload that is neither completed nor aborted. */
export interface Upload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** When it began, in milliseconds since 1970. */
  readonly begun: number;
  readonly parts: Map<number, Part>;
}

export interface Catalogue {
  object(bucket: string, key: string): StoredObject | undefined;
  /** All objects of a bucket, in no order. */
  objects(bucket: string): Iterable<StoredObject>;
  /** Keys of a bucket in the order of their UTF-8 bytes. */
  keys(bucket: string): string[];
  upload(uploadId: string): Upload | undefined;
  uploads(): Iterable<Upload>;
  /** Every content that something refers to; one that two refer to is given twice. */
  contents(): Iterable<Content>;
  /**
   * Makes a change, in the journal and in memory, before it returns: a check and the change that
   * depends on it are one step when nothing is awaited in between.
   */
  apply(change: Change): void;
  close(): void;
}

/** Objects by key, by bucket. */
type Buckets = Map<string, Map<string, StoredObject>>;

interface State {
  readonly buckets: Buckets;
  readonly uploads: Map<string, Upload>;
}

/** A journal is rewritten at the start when it has more than this many lines for each that counts. */
const LINES_PER_ENTRY = 2;
/** Below this a journal is not worth rewriting. */
const LINES_MIN = 1000;

/**
 * Reads the journal, or begins one.
 * @throws Error when lines of it cannot be read: nothing is lost in silence
 */
export function openCatalogue(file: string): Catalogue {
  const state: State = { buckets: new Map(), uploads: new Map() };
  let lines = 0;
  const validBytes = scanJournal(file, ChangeSchema, (change) => {
    lines++;
    perform(state, change);
  });
  requireReadable(file, validBytes);
  const entries = entriesOf(state);
  const journal =
    lines > LINES_MIN && lines > entries.length * LINES_PER_ENTRY
      ? rewriteJournal(file, entries)
      : openJournal(file, validBytes);
  return {
    object: (bucket, key) => state.buckets.get(bucket)?.get(key),
    objects: (bucket) => state.buckets.get(bucket)?.values() ?? [],
    keys: (bucket) => [...(state.buckets.get(bucket)?.keys() ?? [])].sort(compareUtf8),
    upload: (uploadId) => state.uploads.get(uploadId),
    uploads: () => state.uploads.values(),
    *contents() {
      for (const objects of state.buckets.values()) {
        for (const { content } of objects.values()) yield content;
      }
      for (const { parts } of state.uploads.values()) {
        for (const { content } of parts.values()) yield content;
      }
    },
    apply(change) {
      journal.append(change);
      perform(state, change);
    },
    close: () => {
      journal.close();
    },
  };
}

/** A torn last line is what a killed process leaves; whole lines that say nothing are a fault. */
function requireReadable(file: string, validBytes: number) {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === validBytes) return;
  if (!readFileSync(file).subarray(validBytes).includes('\n')) return;
  throw new Error(
    `The catalogue ${file} cannot be read from byte ${validBytes} on. It may come from another ` +
      'version: remove the data folder to begin anew.',
  );
}

function perform({ buckets, uploads }: State, change: Change) {
  switch (change.do) {
    case 'put':
      objectsOf(buckets, change.bucket).set(change.key, change.object);
      break;
    case 'delete':
      objectsOf(buckets, change.bucket).delete(change.key);
      break;
    case 'begin':
      uploads.set(change.uploadId, { ...change, parts: new Map() });
      break;
    case 'part':
      uploads.get(change.uploadId)?.parts.set(change.partNumber, change.part);
      break;
    case 'complete': {
      const upload = uploads.get(change.uploadId);
      if (upload) objectsOf(buckets, upload.bucket).set(upload.key, change.object);
      uploads.delete(change.uploadId);
      break;
    }
    case 'abort':
      uploads.delete(change.uploadId);
      break;
  }
}

function objectsOf(buckets: Buckets, bucket: string): Map<string, StoredObject> {
  const objects = buckets.get(bucket) ?? new Map<string, StoredObject>();
  buckets.set(bucket, objects);
  return objects;
}

/** The fewest changes that lead to a state. */
function entriesOf({ buckets, uploads }: State): Change[] {
  const entries: Change[] = [];
  for (const [bucket, objects] of buckets) {
    for (const [key, object] of objects) entries.push({ do: 'put', bucket, key, object });
  }
  for (const { uploadId, bucket, key, headers, begun, parts } of uploads.values()) {
    entries.push({ do: 'begin', uploadId, bucket, key, headers, begun });
    for (const [partNumber, part] of parts) {
      entries.push({ do: 'part', uploadId, partNumber, part });
    }
  }
  return entries;
}

/** Writes a journal of these entries alone, and puts it in the place of the old one in one step. */
function rewriteJournal(file: string, entries: readonly Change[]) {
  const fresh = openJournal(`${file}.new`, 0);
  for (const entry of entries) fresh.append(entry);
  fresh.close();
  renameSync(`${file}.new`, file);
  return openJournal(file, statSync(file).size);
}

/** S3 lists keys by their UTF-8 bytes; JavaScript compares UTF-16 units. */
const compareUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
