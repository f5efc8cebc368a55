/** Connections of the S3 client: requests that are meant to be under way together are. */
import type { ServerResponse } from 'node:http';
import { afterEach, expect, it, vi } from 'vitest';
import { createS3ObjectStore } from '../../functions/adapters/s3ObjectStore.ts';
import { COPIES_AT_ONCE, JOINS_AT_ONCE, READS_AT_ONCE } from '../../shared/limits.ts';
import { serve } from '../support/localAws.ts';

afterEach(() => void vi.unstubAllEnvs());

it('has a connection for each request that assembling has under way', async () => {
  const requests = COPIES_AT_ONCE + JOINS_AT_ONCE * READS_AT_ONCE;
  const waiting: ServerResponse[] = [];
  const server = await serve(async (_, response: ServerResponse) => {
    waiting.push(response);
    // Nobody is answered before all have asked.
    if (waiting.length < requests) return;
    for (const asked of waiting) asked.writeHead(200, { 'content-length': '2' }).end('ok');
  });
  vi.stubEnv('AWS_ENDPOINT_URL', server.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  const objects = createS3ObjectStore({ bucketName: 'bucket' });
  const read = await Promise.all(Array.from({ length: requests }, (_, i) => objects.read(`${i}`)));
  expect(read).toHaveLength(requests);
  await server.close();
});
