/** The object store port over its implementations; the local S3's own rules are in s3Rules.test.ts. */
import { S3Client } from '@aws-sdk/client-s3';
import { createS3ObjectStore } from '../../functions/adapters/s3ObjectStore.ts';
import { clientConfig } from '../support/localAws.ts';
import { BUCKET, openLocalS3 } from '../support/localS3.ts';
import { createMemoryObjectStore } from '../support/memoryObjectStore.ts';
import { objectStoreSuite } from './suites/objectStoreSuite.ts';

objectStoreSuite('in memory', async () => ({
  objects: createMemoryObjectStore(),
  close: async () => undefined,
}));

objectStoreSuite('over the adapter and the local S3', async () => {
  const s3 = await openLocalS3();
  const client = new S3Client({
    ...clientConfig(s3.url),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    objects: createS3ObjectStore({ bucketName: BUCKET, client }),
    async close() {
      client.destroy();
      await s3.close();
    },
  };
});
