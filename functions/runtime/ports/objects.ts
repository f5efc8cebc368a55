/** The bucket. */
import type { ObjectStore } from '../../../shared/ports.ts';
import { createS3ObjectStore } from '../../adapters/s3ObjectStore.ts';
import { readEnvironment } from '../environment.ts';

/** Needs BUCKET_NAME. */
export function openObjects(): ObjectStore {
  const { bucket } = readEnvironment(['bucket']);
  return createS3ObjectStore({ bucketName: bucket });
}
