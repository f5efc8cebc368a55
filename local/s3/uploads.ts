/** Multipart uploads, and S3's rules for them (S3 User Guide, "Multipart upload limits"). */
import { createHash, randomUUID } from 'node:crypto';
import { S3_MAX_PARTS, S3_MIN_PART_BYTES } from '../../shared/limits.ts';
import type { ByteRange } from '../../shared/ports.ts';
import type { Part, StoredObject, Upload } from './catalogue.ts';
import { concatenate, type Content } from './contents.ts';
import {
  partTag,
  cutSource,
  getObject,
  type ObjectPlace,
  type Received,
  replaceObject,
  type Storage,
  type WriteConditions,
} from './objects.ts';
import { S3Error } from './errors.ts';

/** A part as CompleteMultipartUpload names it. */
export interface NamedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** Begins an upload; returns its id. */
export function beginUpload(
  storage: Storage,
  { bucket, key }: ObjectPlace,
  headers: Record<string, string>,
): string {
  const uploadId = randomUUID();
  const begun = storage.now();
  storage.catalogue.apply({ do: 'begin', uploadId, bucket, key, headers, begun });
  return uploadId;
}

/** @throws S3Error NoSuchUpload for an id that is not of an upload to this key */
export function getUpload(
  { catalogue }: Storage,
  { bucket, key }: ObjectPlace,
  uploadId: string,
): Upload {
  const upload = catalogue.upload(uploadId);
  if (upload?.bucket === bucket && upload.key === key) return upload;
  throw new S3Error(
    'NoSuchUpload',
    'The specified upload does not exist. It may have been aborted or completed.',
  );
}

/** @throws S3Error InvalidArgument */
export function checkPartNumber(partNumber: number) {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= S3_MAX_PARTS) return;
  throw new S3Error(
    'InvalidArgument',
    `Part number must be an integer between 1 and ${S3_MAX_PARTS}, inclusive`,
  );
}

/** Adds an uploaded part, in the place of an earlier one of that number. */
export async function addPart(
  storage: Storage,
  place: ObjectPlace,
  uploadId: string,
  partNumber: number,
  { content, bytes }: Received,
): Promise<Part> {
  const part = { content, bytes, etag: partTag(content), modified: storage.now() };
  return replacePart(storage, place, uploadId, partNumber, part);
}

/** Adds a part that is copied, without moving a byte, from an object or a range of it. */
export async function addCopiedPart(
  storage: Storage,
  place: ObjectPlace,
  uploadId: string,
  partNumber: number,
  source: ObjectPlace,
  range: ByteRange | undefined,
): Promise<Part> {
  const original = getObject(storage, source);
  const content = cutSource(original, range);
  const part = {
    content,
    bytes: range?.length ?? original.bytes,
    etag: partTag(content),
    modified: storage.now(),
  };
  storage.contents.hold(content);
  return replacePart(storage, place, uploadId, partNumber, part);
}

/** @param part its content already held; let go of when there is no such upload */
async function replacePart(
  storage: Storage,
  place: ObjectPlace,
  uploadId: string,
  partNumber: number,
  part: Part,
): Promise<Part> {
  const { catalogue, contents } = storage;
  let before: Part | undefined;
  try {
    before = getUpload(storage, place, uploadId).parts.get(partNumber);
    catalogue.apply({ do: 'part', uploadId, partNumber, part });
  } catch (error) {
    await contents.release(part.content);
    throw error;
  }
  if (before) await contents.release(before.content);
  return part;
}

/**
 * Joins the named parts into the object, without moving a byte; parts that are not named are dropped.
 * @throws S3Error by S3's rules, with the upload left as it was
 */
export async function completeUpload(
  storage: Storage,
  place: ObjectPlace,
  uploadId: string,
  named: readonly NamedPart[],
  conditions: WriteConditions,
): Promise<StoredObject> {
  const { catalogue, contents } = storage;
  const upload = getUpload(storage, place, uploadId);
  const parts = chooseParts(upload, named);
  const object = {
    content: concatenate(parts.map((part) => part.content)),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    etag: joinedTag(parts),
    headers: upload.headers,
    modified: storage.now(),
  };
  contents.hold(object.content);
  await replaceObject(storage, place, conditions, object.content, () => {
    catalogue.apply({ do: 'complete', uploadId, object });
  });
  await releaseParts(storage, upload);
  return object;
}

/** Forgets an upload and its parts. @throws S3Error NoSuchUpload */
export async function abortUpload(storage: Storage, place: ObjectPlace, uploadId: string) {
  const upload = getUpload(storage, place, uploadId);
  storage.catalogue.apply({ do: 'abort', uploadId });
  await releaseParts(storage, upload);
}

async function releaseParts({ contents }: Storage, { parts }: Upload) {
  const held: Content[] = [...parts.values()].map((part) => part.content);
  for (const content of held) await contents.release(content);
}

function chooseParts({ parts }: Upload, named: readonly NamedPart[]): Part[] {
  if (named.length === 0) {
    throw new S3Error('MalformedXML', 'You must specify at least one part');
  }
  if (named.some(({ partNumber }, i) => partNumber <= (named[i - 1]?.partNumber ?? 0))) {
    throw new S3Error(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    );
  }
  const chosen = named.map(({ partNumber, etag }) => {
    const part = parts.get(partNumber);
    if (part && part.etag === etag) return part;
    throw new S3Error(
      'InvalidPart',
      'One or more of the specified parts could not be found. The part may not have been uploaded, ' +
        "or the specified entity tag may not match the part's entity tag.",
    );
  });
  if (chosen.slice(0, -1).some(({ bytes }) => bytes < S3_MIN_PART_BYTES)) {
    throw new S3Error(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
    );
  }
  return chosen;
}

/** The entity tag of what was uploaded in parts: the MD5 of the parts' tags, and their number. */
function joinedTag(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}
