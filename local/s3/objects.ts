/** What S3 does to objects, and its rules; HTTP is in the modules around. */
import { createHash } from 'node:crypto';
import { S3_MAX_PART_BYTES, S3_MIN_PART_BYTES } from '../../shared/limits.ts';
import type { ByteRange } from '../../shared/ports.ts';
import type { Catalogue, StoredObject } from './catalogue.ts';
import { type Content, type ContentStore, cut } from './contents.ts';
import { S3Error } from './errors.ts';

/** A body that has arrived. Whoever is given it takes over its hold on the content. */
export interface Received {
  readonly content: Content;
  readonly bytes: number;
}

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** Conditions of a write (If-Match, If-None-Match), as sent. */
export interface WriteConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** What the operations on objects, and those on uploads, work with. */
export interface Storage {
  /** The names of the buckets, and when they were made. */
  readonly buckets: ReadonlyMap<string, number>;
  /** Where, and whose, they are. */
  readonly region: string;
  readonly accountId: string;
  readonly catalogue: Catalogue;
  readonly contents: ContentStore;
  /** Milliseconds since 1970. */
  now(): number;
}

/** @throws S3Error NoSuchKey */
export function getObject({ catalogue }: Storage, { bucket, key }: ObjectPlace): StoredObject {
  const object = catalogue.object(bucket, key);
  if (!object) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  return object;
}

/**
 * Stores a body under a key, in the place of what was there.
 * @param received with its MD5 in hex, which is the entity tag of what is uploaded in one piece
 */
export async function putObject(
  storage: Storage,
  place: ObjectPlace,
  { content, bytes, md5 }: Received & { readonly md5: string },
  headers: Record<string, string>,
  conditions: WriteConditions = {},
): Promise<StoredObject> {
  const object = { content, bytes, etag: md5, headers, modified: storage.now() };
  await replaceObject(storage, place, conditions, content, () => {
    storage.catalogue.apply({ do: 'put', bucket: place.bucket, key: place.key, object });
  });
  return object;
}

/** Copies an object without moving a byte. @param headers those of the copy; default: the source's */
export async function copyObject(
  storage: Storage,
  source: ObjectPlace,
  place: ObjectPlace,
  headers: Record<string, string> | undefined,
  conditions: WriteConditions,
): Promise<StoredObject> {
  const original = getObject(storage, source);
  const object = {
    ...original,
    headers: headers ?? original.headers,
    modified: storage.now(),
  };
  storage.contents.hold(object.content);
  await replaceObject(storage, place, conditions, object.content, () => {
    storage.catalogue.apply({ do: 'put', bucket: place.bucket, key: place.key, object });
  });
  return object;
}

/** Removes an object; one that is not there is no error. */
export async function deleteObject(storage: Storage, { bucket, key }: ObjectPlace): Promise<void> {
  const object = storage.catalogue.object(bucket, key);
  if (!object) return;
  storage.catalogue.apply({ do: 'delete', bucket, key });
  await storage.contents.release(object.content);
}

/**
 * Checks the conditions and makes the change in one step, then lets go of what was replaced.
 * @param content of the new object, already held; let go of when the conditions do not hold
 */
export async function replaceObject(
  { catalogue, contents }: Storage,
  { bucket, key }: ObjectPlace,
  conditions: WriteConditions,
  content: Content,
  change: () => void,
): Promise<void> {
  const before = catalogue.object(bucket, key);
  try {
    checkConditions(conditions, before);
    change();
  } catch (error) {
    await contents.release(content);
    throw error;
  }
  if (before) await contents.release(before.content);
}

function checkConditions({ ifMatch, ifNoneMatch }: WriteConditions, before?: StoredObject) {
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', 'If-None-Match of a write takes * alone.');
  }
  if (ifNoneMatch !== undefined && before) throw preconditionFailed('If-None-Match');
  if (ifMatch === undefined) return;
  if (!before) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  if (!matchesTag(ifMatch, before.etag)) throw preconditionFailed('If-Match');
}

export const preconditionFailed = (header: string) =>
  new S3Error(
    'PreconditionFailed',
    `At least one of the pre-conditions you specified did not hold (${header}).`,
  );

/** Whether an entity tag is one of a header's, which may be *. */
export const matchesTag = (header: string, etag: string) =>
  header.split(',').some((tag) => ['*', etag, `"${etag}"`].includes(tag.trim()));

/**
 * The part of a source that a range copy takes.
 * @throws S3Error by the rules of UploadPartCopy
 */
export function cutSource(source: StoredObject, range: ByteRange | undefined): Content {
  const bytes = range?.length ?? source.bytes;
  if (bytes > S3_MAX_PART_BYTES) {
    throw new S3Error('InvalidRequest', 'A copied part has at most 5 GiB.');
  }
  if (!range) return source.content;
  if (source.bytes <= S3_MIN_PART_BYTES) {
    throw new S3Error(
      'InvalidRequest',
      'The specified copy source is not supported as a byte-range copy source.',
    );
  }
  if (range.offset + range.length > source.bytes) {
    throw new S3Error(
      'InvalidArgument',
      `Range specified is not valid for source object of size: ${source.bytes}`,
    );
  }
  return cut(source.content, range);
}

/**
 * The entity tag of a part: unique to these bytes, though not their MD5. Reading gigabytes for a hash
 * would undo what copying by reference wins, and hashing what is uploaded takes longer than making it.
 * (S3 does not promise an MD5 either: under KMS encryption its tags are none.)
 */
export const partTag = (content: Content) =>
  createHash('md5').update(JSON.stringify(content)).digest('hex');
