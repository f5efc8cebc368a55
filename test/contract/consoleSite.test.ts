/** The bucket of the console over the local S3, and invalidations as CloudFront's API Reference has them. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConsoleSite } from '../../functions/adapters/consoleSite.ts';
import { clientConfig, credentialsOf, serve, type LoopbackServer } from '../support/localAws.ts';
import { BUCKET, openLocalS3, type LocalS3 } from '../support/localS3.ts';

let s3: LocalS3;
let client: S3Client;
let cloudFront: LoopbackServer;
const asked: { line: string; type: unknown; authorization: string; body: string }[] = [];
let answer: { status: number; body: string };

beforeEach(async () => {
  asked.splice(0);
  answer = { status: 201, body: '<Invalidation/>' };
  s3 = await openLocalS3();
  client = new S3Client({ ...clientConfig(s3.url), requestChecksumCalculation: 'WHEN_REQUIRED' });
  cloudFront = await serve(async (request, response) => {
    const { method, url, headers } = request;
    asked.push({
      line: `${method} ${url}`,
      type: headers['content-type'],
      authorization: headers.authorization ?? '',
      body: await text(request),
    });
    response.writeHead(answer.status).end(answer.body);
  });
});
afterEach(async () => {
  client.destroy();
  await s3.close();
  await cloudFront.close();
});

const site = () =>
  createConsoleSite({
    bucketName: BUCKET,
    distributionId: 'E1ABC',
    place: () => ({
      endpoint: cloudFront.url,
      region: 'eu-west-1',
      credentials: credentialsOf('K'),
    }),
    client,
  });
const headers = { contentType: 'text/html; charset=utf-8', cacheControl: 'no-cache' };

describe('the files', () => {
  it('are put with what browsers are to know, listed over pages, and deleted', async () => {
    for (let i = 0; i < 3; i++) {
      await site().put(`assets/${i}.js`, Buffer.from(`${i}`), headers);
    }
    const object = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'assets/1.js' }));
    expect(object.ContentType).toBe('text/html; charset=utf-8');
    expect(object.CacheControl).toBe('no-cache');
    await object.Body?.transformToString();
    const files = await site().list();
    expect(files.map(({ path }) => path)).toEqual(['assets/0.js', 'assets/1.js', 'assets/2.js']);
    for (const { putAt } of files) expect(Math.abs(Date.now() - putAt)).toBeLessThan(60_000);
    await site().delete('assets/1.js');
    expect((await site().list()).map(({ path }) => path)).toEqual(['assets/0.js', 'assets/2.js']);
  });
});

describe('copies that CloudFront keeps', () => {
  it('are given up by one signed request', async () => {
    await site().forgetCopies(['/', '/index.html']);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      line: 'POST /2020-05-31/distribution/E1ABC/invalidation',
      type: 'application/xml',
    });
    // One service for the whole world, signed for this region whatever the stack's.
    expect(asked[0]?.authorization).toMatch(
      /Credential=K\/\d{8}\/us-east-1\/cloudfront\/aws4_request/,
    );
    expect(asked[0]?.body).toMatch(
      /<Paths><Quantity>2<\/Quantity><Items><Path>\/<\/Path><Path>\/index\.html<\/Path><\/Items><\/Paths><CallerReference>\d+<\/CallerReference>/,
    );
  });

  it('stay where it refuses, which is said with its code', async () => {
    answer = {
      status: 403,
      body: '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>',
    };
    await expect(site().forgetCopies(['/'])).rejects.toThrow('403 AccessDenied');
  });
});
