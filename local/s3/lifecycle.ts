/** What a bucket's lifecycle rules remove (S3 User Guide, "Managing the lifecycle of objects"). */
import type { LifecycleRule } from './bucketProperties.ts';
import { deleteObject, type Storage } from './objects.ts';
import { abortUpload } from './uploads.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Removes expired objects and abandoned uploads of a bucket; returns how many of both. */
export async function applyLifecycle(
  storage: Storage,
  bucket: string,
  rules: readonly LifecycleRule[],
): Promise<number> {
  const now = storage.now();
  let removed = 0;
  for (const { Prefix, ExpirationInDays, AbortIncompleteMultipartUpload } of rules) {
    if (ExpirationInDays !== undefined) {
      for (const key of storage.catalogue.keys(bucket)) {
        const object = storage.catalogue.object(bucket, key);
        if (!object || !key.startsWith(Prefix)) continue;
        if (now < dueAt(object.modified, ExpirationInDays)) continue;
        await deleteObject(storage, { bucket, key });
        removed++;
      }
    }
    if (AbortIncompleteMultipartUpload) {
      for (const upload of [...storage.catalogue.uploads()]) {
        if (upload.bucket !== bucket || !upload.key.startsWith(Prefix)) continue;
        if (now < dueAt(upload.begun, AbortIncompleteMultipartUpload.DaysAfterInitiation)) continue;
        await abortUpload(storage, upload, upload.uploadId);
        removed++;
      }
    }
  }
  return removed;
}

/** Days are counted in full and rounded up to the next midnight, UTC. */
const dueAt = (since: number, days: number) => Math.ceil((since + days * DAY_MS) / DAY_MS) * DAY_MS;
