/**
 * The object store port in memory, with the rules of S3 that a design can break on: the contract
 * suite holds it to the adapter. Copies share their bytes, so copied gigabytes cost nothing.
 */
import { createHash } from 'node:crypto';
import { S3_MAX_PART_BYTES, S3_MAX_PARTS, S3_MIN_PART_BYTES } from '../../shared/limits.ts';
import {
  type ByteRange,
  type MultipartUpload,
  ObjectMissing,
  type ObjectStore,
} from '../../shared/ports.ts';

type Call =
  | 'put'
  | 'head'
  | 'read'
  | 'stream'
  | 'list'
  | 'delete'
  | 'startUpload'
  | 'uploadPart'
  | 'copyPart'
  | 'complete'
  | 'abort'
  | 'presignPut'
  | 'presignGet';

/** Bytes in pieces that nobody changes any more. */
type Pieces = readonly Uint8Array[];

interface StoredObject {
  readonly pieces: Pieces;
  readonly bytes: number;
  readonly contentType: string | undefined;
}

export interface MemoryObjectStore extends ObjectStore {
  /** How often each method was called. */
  readonly calls: Record<Call, number>;
  /** Keys that hold an object, sorted. */
  keys(): string[];
  contentType(key: string): string | undefined;
  remove(key: string): void;
  /** Multipart uploads that are neither completed nor aborted. */
  openUploads(): number;
}

const STREAM_BYTES = 64 * 1024;

/** @param hooks `before` runs ahead of each call and may throw, to stand for a broken world. */
export function createMemoryObjectStore(
  hooks: { before?: (call: Call, key: string) => void | Promise<void> } = {},
): MemoryObjectStore {
  const objects = new Map<string, StoredObject>();
  const uploads = new Set<object>();
  const calls: Record<Call, number> = {
    put: 0,
    head: 0,
    read: 0,
    stream: 0,
    list: 0,
    delete: 0,
    startUpload: 0,
    uploadPart: 0,
    copyPart: 0,
    complete: 0,
    abort: 0,
    presignPut: 0,
    presignGet: 0,
  };

  async function enter(call: Call, key: string) {
    calls[call]++;
    await hooks.before?.(call, key);
  }

  function require(key: string): StoredObject {
    const found = objects.get(key);
    if (!found) throw new ObjectMissing(key);
    return found;
  }

  function store(key: string, object: StoredObject, ifAbsent: boolean | undefined): boolean {
    if (ifAbsent && objects.has(key)) return false;
    objects.set(key, object);
    return true;
  }

  function startUpload(key: string, contentType: string | undefined): MultipartUpload {
    const upload = {};
    const parts = new Map<number, Pieces>();
    uploads.add(upload);

    function addPart(partNumber: number, pieces: Pieces) {
      requireOpen(uploads.has(upload));
      checkPart(partNumber, sizeOf(pieces));
      parts.set(partNumber, pieces);
    }

    return {
      async uploadPart(partNumber, body) {
        await enter('uploadPart', key);
        // Not slice(): that of a Buffer copies nothing.
        addPart(partNumber, [new Uint8Array(body)]);
      },

      async copyPart(partNumber, sourceKey, range) {
        await enter('copyPart', key);
        const source = require(sourceKey);
        if (!range) return addPart(partNumber, source.pieces);
        if (source.bytes <= S3_MIN_PART_BYTES) {
          throw s3Error('InvalidRequest', 'A range is copied only from a source above 5 MiB.');
        }
        if (range.length < 1 || range.offset + range.length > source.bytes) {
          throw s3Error('InvalidArgument', `No such range in a source of ${source.bytes} bytes.`);
        }
        addPart(partNumber, cut(source, range));
      },

      async complete(options) {
        await enter('complete', key);
        requireOpen(uploads.has(upload));
        const ordered = [...parts].sort(([a], [b]) => a - b).map(([, pieces]) => pieces);
        if (ordered.length === 0) throw s3Error('MalformedXML', 'An upload has at least one part.');
        if (ordered.slice(0, -1).some((pieces) => sizeOf(pieces) < S3_MIN_PART_BYTES)) {
          throw s3Error('EntityTooSmall', 'Every part but the last has at least 5 MiB.');
        }
        uploads.delete(upload);
        return store(key, storedObject(ordered.flat(), contentType), options?.ifAbsent);
      },

      async abort() {
        await enter('abort', key);
        uploads.delete(upload);
      },
    };
  }

  return {
    calls,
    keys: () => [...objects.keys()].sort(),
    contentType: (key) => require(key).contentType,
    remove: (key) => void objects.delete(key),
    openUploads: () => uploads.size,

    async put(key, body, options) {
      await enter('put', key);
      return store(
        key,
        storedObject([new Uint8Array(body)], options?.contentType),
        options?.ifAbsent,
      );
    },

    async head(key) {
      await enter('head', key);
      const found = objects.get(key);
      return found && { bytes: found.bytes, etag: etagOf(found.pieces) };
    },

    async read(key, range) {
      await enter('read', key);
      return new Uint8Array(Buffer.concat(cut(require(key), range)));
    },

    async *stream(key, range) {
      await enter('stream', key);
      for (const piece of cut(require(key), range)) {
        for (let at = 0; at < piece.length; at += STREAM_BYTES) {
          yield piece.slice(at, at + STREAM_BYTES);
        }
      }
    },

    async list(prefix, limit) {
      await enter('list', prefix);
      const found = [...objects.keys()]
        .filter((key) => key.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return { keys: found.slice(0, limit), isAll: found.length <= limit };
    },

    async delete(key) {
      await enter('delete', key);
      objects.delete(key);
    },

    async startUpload(key, options) {
      await enter('startUpload', key);
      return startUpload(key, options?.contentType);
    },

    async presignPut(key, { expiresInSeconds, contentType }) {
      await enter('presignPut', key);
      const url = `https://objects.invalid/${encodeURI(key)}?expires=${expiresInSeconds}`;
      return { url, headers: { 'content-type': contentType } };
    },

    async presignGet(key, { expiresInSeconds, fileName, contentType }) {
      await enter('presignGet', key);
      const query = new URLSearchParams({
        expires: String(expiresInSeconds),
        fileName,
        contentType,
      });
      return `https://objects.invalid/${encodeURI(key)}?${query.toString()}`;
    },
  };
}

function storedObject(pieces: Pieces, contentType: string | undefined): StoredObject {
  return { pieces, bytes: sizeOf(pieces), contentType };
}

/** Reckoned only when asked for: completing an upload of copied gigabytes stays cheap. */
function etagOf(pieces: Pieces): string {
  const hash = createHash('md5');
  for (const piece of pieces) hash.update(piece);
  return `"${hash.digest('hex')}"`;
}

const sizeOf = (pieces: Pieces) => pieces.reduce((sum, piece) => sum + piece.length, 0);

/** The pieces of a range; one that ends behind the object is cut, one that begins there fails. */
function cut(object: StoredObject, range?: ByteRange): Uint8Array[] {
  if (!range) return [...object.pieces];
  if (range.length === 0) return [];
  if (range.offset >= object.bytes) {
    throw new RangeError(`The object has ${object.bytes} bytes, none from ${range.offset} on.`);
  }
  const end = range.offset + range.length;
  const found: Uint8Array[] = [];
  let start = 0;
  for (const piece of object.pieces) {
    const from = Math.max(range.offset - start, 0);
    const to = Math.min(end - start, piece.length);
    if (from < to) found.push(piece.subarray(from, to));
    start += piece.length;
  }
  return found;
}

function requireOpen(open: boolean) {
  if (!open) throw s3Error('NoSuchUpload', 'The upload was completed or aborted.');
}

function checkPart(partNumber: number, bytes: number) {
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > S3_MAX_PARTS) {
    throw s3Error('InvalidArgument', `Part numbers go from 1 to ${S3_MAX_PARTS}.`);
  }
  if (bytes > S3_MAX_PART_BYTES) throw s3Error('EntityTooLarge', 'A part has at most 5 GiB.');
}

/** An error by the name that S3 gives it. */
function s3Error(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
