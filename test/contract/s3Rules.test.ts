/** What the local S3 does beyond the port: the rules of S3 as its own clients, and browsers, see them. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  type ListBucketsCommandInput,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createS3ObjectStore } from '../../functions/adapters/s3ObjectStore.ts';
import { clientConfig, createTestAccess } from '../support/localAws.ts';
import { BUCKET, type LocalS3, openLocalS3 } from '../support/localS3.ts';

const MiB = 1024 * 1024;
const DAY_MS = 24 * 3600 * 1000;
const arn = (key: string) => `arn:aws:s3:::${BUCKET}/${key}`;
const allow = (Action: string | string[], Resource: string) => ({
  Statement: [{ Effect: 'Allow', Action, Resource }],
});

const properties = {
  CorsConfiguration: {
    CorsRules: [
      {
        AllowedOrigins: ['https://*.example.com'],
        AllowedMethods: ['GET', 'PUT'],
        AllowedHeaders: ['content-*'],
        ExposedHeaders: ['ETag'],
        MaxAge: 3000,
      },
    ],
  },
  LifecycleConfiguration: {
    Rules: [
      { Status: 'Enabled', Prefix: 'tasks/', ExpirationInDays: 7 },
      { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      { Status: 'Disabled', Prefix: '', ExpirationInDays: 1 },
    ],
  },
  BucketEncryption: { any: 'thing' },
};

describe('the local S3', () => {
  let now: number;
  let s3: LocalS3;
  let client: S3Client;
  let keys = 0;
  let Key: string;

  beforeAll(async () => {
    const access = createTestAccess({
      now: () => now,
      policies: {
        Reader: [allow('s3:GetObject*', arn('*')), allow('s3:List*', `arn:aws:s3:::${BUCKET}`)],
        BlindReader: [allow('s3:GetObject', arn('*'))],
        Writer: [
          allow(['s3:PutObject', 's3:GetObject'], arn('own/*')),
          { Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: arn('own/sealed') }] },
        ],
        Nobody: [],
      },
    });
    s3 = await openLocalS3({ access, properties });
    client = clientOf();
  });
  afterAll(async () => {
    client.destroy();
    await s3.close();
  });
  beforeEach(() => {
    now = Date.now();
    Key = `test/${++keys}`;
  });

  const clientOf = (accessKeyId = 'ADMIN', more: S3ClientConfig = {}) =>
    new S3Client({ ...clientConfig(s3.url, accessKeyId), maxAttempts: 1, ...more });

  const put = (Body: PutObjectCommandInput['Body'], more: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...more }));
  const get = (more: object = {}) =>
    client.send(new GetObjectCommand({ Bucket: BUCKET, Key, ...more }));
  const textOf = async () => (await get()).Body?.transformToString();

  async function begin(of = Key) {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: of, ContentType: 'text/plain' }),
    );
    return { Bucket: BUCKET, Key: of, UploadId };
  }
  async function uploadPart(
    upload: { UploadId?: string | undefined },
    PartNumber: number,
    Body: Uint8Array,
  ) {
    const { ETag } = await client.send(
      new UploadPartCommand({ Bucket: BUCKET, Key, UploadId: upload.UploadId, PartNumber, Body }),
    );
    return { PartNumber, ETag };
  }

  describe('bodies', () => {
    it('in every framing that the SDK sends are stored without it', async () => {
      const body = randomBytes(200_000);
      const configs: S3ClientConfig[] = [
        { requestChecksumCalculation: 'WHEN_REQUIRED' },
        { requestChecksumCalculation: 'WHEN_SUPPORTED' },
      ];
      for (const config of configs) {
        const sender = clientOf('ADMIN', config);
        for (const Body of [body, Readable.from([body.subarray(0, 7), body.subarray(7)])]) {
          await sender.send(
            new PutObjectCommand({ Bucket: BUCKET, Key, Body, ContentLength: body.length }),
          );
          const read = await get();
          expect(body.equals((await read.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(
            true,
          );
          expect(read.ContentEncoding).toBeUndefined();
        }
      }
    });

    it.each(['CRC32', 'SHA1', 'SHA256'] as const)('are checked by %s', async (algorithm) => {
      const sent = await put('checked', { ChecksumAlgorithm: algorithm });
      expect(sent[`Checksum${algorithm}`]).toBeTruthy();
      await expect(
        put('changed', { [`Checksum${algorithm}`]: sent[`Checksum${algorithm}`] }),
      ).rejects.toMatchObject({ name: 'BadDigest' });
      expect(await textOf()).toBe('checked');
    });

    // Published check values for the text 123456789.
    it.each([
      ['ChecksumCRC32C', 'e3069283'],
      ['ChecksumCRC64NVME', 'ae8b14860a799888'],
    ])('are checked by %s', async (name, hex) => {
      const checksum = Buffer.from(hex, 'hex').toString('base64');
      await put('123456789', { [name]: checksum });
      await expect(put('123456780', { [name]: checksum })).rejects.toMatchObject({
        name: 'BadDigest',
      });
    });

    it('are checked by their MD5', async () => {
      const ContentMD5 = createHash('md5').update('right').digest('base64');
      await put('right', { ContentMD5 });
      await expect(put('wrong', { ContentMD5 })).rejects.toMatchObject({ name: 'BadDigest' });
    });

    it('leave no file behind when they are refused or break off', async () => {
      const files = async () => (await readdir(join(s3.dir, 'data'))).length;
      const before = await files();
      const ContentMD5 = createHash('md5').update('right').digest('base64');
      await put('wrong', { ContentMD5 }).catch(() => undefined);
      const url = new URL(
        await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key })),
      );
      await new Promise<void>((resolve) => {
        const broken = httpRequest(url, { method: 'PUT', headers: { 'content-length': 1000 } });
        broken.on('error', () => {
          resolve();
        });
        broken.write('only a part', () => broken.destroy(new Error('breaks off')));
      });
      await expect.poll(files).toBe(before);
      await expect(get()).rejects.toMatchObject({ name: 'NoSuchKey' });
    });

    it('need a length', async () => {
      const url = await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key }));
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(Buffer.from('x'));
          controller.close();
        },
      });
      const init = { method: 'PUT', body, duplex: 'half' } as RequestInit;
      expect((await fetch(url, init)).status).toBe(411);
    });
  });

  describe('objects', () => {
    it('carry the headers that were stored with them', async () => {
      await put('x', {
        ContentType: 'text/csv',
        CacheControl: 'no-store',
        ContentDisposition: 'inline',
        Metadata: { colour: 'red' },
      });
      expect(await get()).toMatchObject({
        ContentType: 'text/csv',
        CacheControl: 'no-store',
        ContentDisposition: 'inline',
        Metadata: { colour: 'red' },
        ContentLength: 1,
        AcceptRanges: 'bytes',
        ETag: `"${createHash('md5').update('x').digest('hex')}"`,
      });
      const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
      expect(head).toMatchObject({ ContentType: 'text/csv', ContentLength: 1 });
    });

    it.each([
      ['bytes=2-4', 'cde', 'bytes 2-4/10'],
      ['bytes=7-', 'hij', 'bytes 7-9/10'],
      ['bytes=-2', 'ij', 'bytes 8-9/10'],
      ['bytes=-99', 'abcdefghij', 'bytes 0-9/10'],
      ['bytes=8-99', 'ij', 'bytes 8-9/10'],
    ])('answer the range %s', async (Range, expected, contentRange) => {
      await put('abcdefghij');
      const part = await get({ Range });
      expect(part.$metadata.httpStatusCode).toBe(206);
      expect(part.ContentRange).toBe(contentRange);
      expect(await part.Body?.transformToString()).toBe(expected);
    });

    it.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])('refuse the range %s', async (Range) => {
      await put('abcdefghij');
      await expect(get({ Range })).rejects.toMatchObject({
        name: 'InvalidRange',
        $metadata: { httpStatusCode: 416 },
      });
    });

    it.each(['bytes=4-2', 'lines=1-2', 'bytes=1-2,4-5'])(
      'come whole for the range %s, which says nothing',
      async (Range) => {
        await put('abcdefghij');
        const whole = await get({ Range });
        expect(whole.$metadata.httpStatusCode).toBe(200);
        expect(whole.ContentLength).toBe(10);
      },
    );

    it('are read under a condition', async () => {
      const { ETag } = await put('x');
      await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({
        name: 'PreconditionFailed',
      });
      expect(await get({ IfMatch: ETag })).toMatchObject({ ETag });
      await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({
        $metadata: { httpStatusCode: 304 },
      });
    });

    it('are written under a condition', async () => {
      const { ETag } = await put('one', { IfNoneMatch: '*' });
      await expect(put('two', { IfNoneMatch: '*' })).rejects.toMatchObject({
        name: 'PreconditionFailed',
      });
      await expect(put('two', { IfMatch: '"other"' })).rejects.toMatchObject({
        name: 'PreconditionFailed',
      });
      await put('two', { IfMatch: ETag });
      expect(await textOf()).toBe('two');
      const missing = put('x', { Key: `${Key}/no`, IfMatch: ETag });
      await expect(missing).rejects.toMatchObject({ name: 'NoSuchKey' });
    });

    it('are deleted, repeatedly', async () => {
      await put('x');
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
      await expect(get()).rejects.toMatchObject({ name: 'NoSuchKey' });
    });

    it('outlive their deletion while they are read', async () => {
      const body = randomBytes(3 * MiB);
      await put(body);
      const { Body } = await get();
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
      expect(body.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    });

    it('are copied with their headers, or with new ones', async () => {
      await put('x', { ContentType: 'text/csv' });
      const CopySource = `${BUCKET}/${Key}`;
      const copy = { Bucket: BUCKET, Key: `${Key}/copy`, CopySource };
      const { CopyObjectResult } = await client.send(new CopyObjectCommand(copy));
      expect(CopyObjectResult?.ETag).toBe((await get()).ETag);
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
      expect(await get({ Key: copy.Key })).toMatchObject({ ContentType: 'text/csv' });
      await client.send(
        new CopyObjectCommand({
          ...copy,
          CopySource: `${BUCKET}/${copy.Key}`,
          MetadataDirective: 'REPLACE',
          ContentType: 'text/plain',
        }),
      );
      expect(await get({ Key: copy.Key })).toMatchObject({ ContentType: 'text/plain' });
    });

    it('have keys of at most 1,024 bytes', async () => {
      await put('x', { Key: 'é'.repeat(512) });
      await expect(put('x', { Key: 'é'.repeat(513) })).rejects.toMatchObject({
        name: 'KeyTooLongError',
      });
    });
  });

  describe('listings', () => {
    const list = (more: object = {}) =>
      client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${Key}/`, ...more }));

    beforeEach(async () => {
      for (const name of ['b', 'a/2', 'a/1', 'c/&<é>', 'B'])
        await put(name, { Key: `${Key}/${name}` });
    });
    const names = (page: { Contents?: { Key?: string | undefined }[] | undefined }) =>
      page.Contents?.map((one) => one.Key?.slice(Key.length + 1));

    it('give keys in the order of their bytes', async () => {
      const page = await list();
      expect(names(page)).toEqual(['B', 'a/1', 'a/2', 'b', 'c/&<é>']);
      expect(page).toMatchObject({ KeyCount: 5, IsTruncated: false });
      expect(page.Contents?.[1]).toMatchObject({ Size: 3, StorageClass: 'STANDARD' });
    });

    it('gather common prefixes', async () => {
      const page = await list({ Delimiter: '/' });
      expect(names(page)).toEqual(['B', 'b']);
      expect(page.CommonPrefixes?.map((one) => one.Prefix?.slice(Key.length + 1))).toEqual([
        'a/',
        'c/',
      ]);
    });

    it.each([undefined, '/'])(
      'come in pages without gap or overlap (delimiter %s)',
      async (Delimiter) => {
        const whole = await list({ Delimiter });
        const found: unknown[] = [];
        let ContinuationToken: string | undefined;
        do {
          const page = await list({ Delimiter, MaxKeys: 1, ContinuationToken });
          found.push(...(page.Contents ?? []), ...(page.CommonPrefixes ?? []));
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken);
        expect(found).toHaveLength(
          (whole.Contents?.length ?? 0) + (whole.CommonPrefixes?.length ?? 0),
        );
        expect(found).toEqual(
          expect.arrayContaining([...(whole.Contents ?? []), ...(whole.CommonPrefixes ?? [])]),
        );
      },
    );
  });

  describe('multipart uploads', () => {
    it('have the MD5 of their parts’ tags as their tag, and the headers they began with', async () => {
      const upload = await begin();
      const Parts = [
        await uploadPart(upload, 3, randomBytes(5 * MiB)),
        await uploadPart(upload, 7, Buffer.from('end')),
      ];
      const tags = Parts.map(({ ETag = '' }) => ETag.replaceAll('"', ''));
      expect(new Set(tags).size).toBe(2);
      const { ETag } = await client.send(
        new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
      );
      const expected = createHash('md5').update(tags.join(''), 'hex').digest('hex');
      expect(ETag).toBe(`"${expected}-2"`);
      expect(await get()).toMatchObject({ ETag, ContentType: 'text/plain' });
    });

    it('list their parts', async () => {
      const upload = await begin();
      for (const n of [3, 1, 2]) await uploadPart(upload, n, Buffer.alloc(n));
      const first = await client.send(new ListPartsCommand({ ...upload, MaxParts: 2 }));
      expect(first.Parts?.map((part) => [part.PartNumber, part.Size])).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect(first.IsTruncated).toBe(true);
      const PartNumberMarker = first.NextPartNumberMarker;
      const rest = await client.send(new ListPartsCommand({ ...upload, PartNumberMarker }));
      expect(rest.Parts?.map((part) => part.PartNumber)).toEqual([3]);
    });

    it('drop parts that are not named, and their bytes', async () => {
      const upload = await begin();
      const kept = await uploadPart(upload, 1, Buffer.from('kept'));
      await uploadPart(upload, 2, Buffer.from('dropped'));
      await client.send(
        new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [kept] } }),
      );
      expect(await textOf()).toBe('kept');
    });

    it.each([
      ['InvalidPartOrder', (a: object, b: object) => [b, a]],
      ['InvalidPartOrder', (a: object) => [a, a]],
      ['InvalidPart', (a: object, b: object) => [a, { ...b, ETag: '"0123"' }]],
      ['InvalidPart', (a: object, b: object) => [a, b, { PartNumber: 9, ETag: '"x"' }]],
      ['EntityTooSmall', (a: object, b: object) => [a, b]],
      ['MalformedXML', () => []],
    ])('refuse with %s, and stay as they were', async (name, choose) => {
      const upload = await begin();
      const a = await uploadPart(upload, 1, Buffer.from('a'));
      const b = await uploadPart(upload, 2, Buffer.from('b'));
      const completion = (Parts: object[]) =>
        client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
      await expect(completion(choose(a, b))).rejects.toMatchObject({ name });
      await completion([a]);
      expect(await textOf()).toBe('a');
    });

    it('belong to one key', async () => {
      const upload = await begin();
      await expect(
        client.send(
          new UploadPartCommand({ ...upload, Key: `${Key}/x`, PartNumber: 1, Body: 'x' }),
        ),
      ).rejects.toMatchObject({ name: 'NoSuchUpload' });
    });

    it('complete under a condition', async () => {
      const upload = await begin();
      const MultipartUpload = { Parts: [await uploadPart(upload, 1, Buffer.from('late'))] };
      await put('early');
      await expect(
        client.send(
          new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, IfNoneMatch: '*' }),
        ),
      ).rejects.toMatchObject({ name: 'PreconditionFailed' });
      const { ETag } = await get();
      await client.send(
        new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, IfMatch: ETag }),
      );
      expect(await textOf()).toBe('late');
    });

    it('free their bytes when they are aborted', async () => {
      const files = async () => (await readdir(join(s3.dir, 'data'))).length;
      const before = await files();
      const upload = await begin();
      await uploadPart(upload, 1, randomBytes(10));
      expect(await files()).toBe(before + 1);
      await client.send(new AbortMultipartUploadCommand(upload));
      expect(await files()).toBe(before);
      await expect(client.send(new AbortMultipartUploadCommand(upload))).rejects.toMatchObject({
        name: 'NoSuchUpload',
      });
    });

    it.each(['bytes=0-', 'bytes=5-2', 'lines=1-2', 'bytes=0-99999999'])(
      'refuse to copy the range %s',
      async (CopySourceRange) => {
        await put(Buffer.alloc(5 * MiB + 1));
        const upload = await begin(`${Key}/copy`);
        await expect(
          client.send(
            new UploadPartCopyCommand({
              ...upload,
              PartNumber: 1,
              CopySource: `${BUCKET}/${Key}`,
              CopySourceRange,
            }),
          ),
        ).rejects.toMatchObject({ name: 'InvalidArgument' });
      },
    );

    it('join copies without a byte on the disk', async () => {
      const files = async () => (await readdir(join(s3.dir, 'data'))).length;
      const body = randomBytes(6 * MiB);
      await put(body);
      const before = await files();
      const upload = await begin(`${Key}/joined`);
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const PartNumber of [1, 2, 3]) {
        const { CopyPartResult } = await client.send(
          new UploadPartCopyCommand({
            ...upload,
            PartNumber,
            CopySource: `${BUCKET}/${Key}`,
            CopySourceRange: `bytes=${PartNumber}-${5 * MiB + PartNumber - 1}`,
          }),
        );
        Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
      }
      await client.send(
        new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
      );
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
      expect(await files()).toBe(before);
      const read = await (await get({ Key: upload.Key })).Body?.transformToByteArray();
      const expected = [1, 2, 3].map((n) => body.subarray(n, 5 * MiB + n));
      expect(Buffer.concat(expected).equals(read ?? Buffer.alloc(0))).toBe(true);
    });
  });

  describe('presigned links', () => {
    const objects = () =>
      createS3ObjectStore({
        bucketName: BUCKET,
        client: clientOf('ADMIN', {
          requestChecksumCalculation: 'WHEN_REQUIRED',
          responseChecksumValidation: 'WHEN_REQUIRED',
        }),
      });

    it('take an upload with the headers that they name, and no other', async () => {
      const { url, headers } = await objects().presignPut(Key, {
        expiresInSeconds: 60,
        contentType: 'text/csv',
      });
      const body = 'a,b\n1,2\n';
      const wrongType = { method: 'PUT', headers: { 'content-type': 'text/html' }, body };
      expect((await fetch(url, wrongType)).status).toBe(403);
      const added = { method: 'PUT', headers: { ...headers, 'x-amz-meta-more': '1' }, body };
      expect((await fetch(url, added)).status).toBe(403);
      expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(200);
      expect(await get()).toMatchObject({ ContentType: 'text/csv', ContentLength: body.length });
    });

    it('signed by an SDK client with its default checksums refuse every body, as on AWS', async () => {
      const url = await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key }));
      const answer = await fetch(url, { method: 'PUT', body: 'x' });
      expect(await answer.text()).toContain('BadDigest');
    });

    it('give a download its name and type', async () => {
      await put('zip');
      const url = await objects().presignGet(Key, {
        expiresInSeconds: 60,
        fileName: 'Zoë "王".zip',
        contentType: 'application/zip',
      });
      const answer = await fetch(url);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/zip');
      expect(answer.headers.get('content-disposition')).toBe(
        'attachment; filename="Zo_ ___.zip"; filename*=UTF-8\'\'Zo%C3%AB%20%22%E7%8E%8B%22.zip',
      );
      expect(await answer.text()).toBe('zip');
      const range = await fetch(url, { headers: { range: 'bytes=1-1' } });
      expect([range.status, await range.text()]).toEqual([206, 'i']);
    });

    it('are refused together with a second way to sign, whatever it says', async () => {
      await put('text');
      const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key }));
      expect((await fetch(url)).status).toBe(200);
      for (const authorization of ['Bearer a-key', 'Basic eDp5', 'AWS4-HMAC-SHA256 x']) {
        const refused = await fetch(url, { headers: { authorization } });
        expect(refused.status).toBe(400);
        expect(await refused.text()).toMatch(
          /<Code>InvalidArgument<\/Code><Message>Only one auth mechanism allowed/,
        );
      }
    });

    it('expire', async () => {
      await put('x');
      const options = { expiresInSeconds: 60, fileName: 'x', contentType: 'text/plain' };
      const url = await objects().presignGet(Key, options);
      now += 59_000;
      expect((await fetch(url)).status).toBe(200);
      now += 3_000;
      const late = await fetch(url);
      expect(late.status).toBe(403);
      expect(await late.text()).toContain('Request has expired');
    });

    it('are for one method, one key and the parameters that they hold', async () => {
      await put('x');
      const options = { expiresInSeconds: 60, fileName: 'x', contentType: 'text/plain' };
      const url = await objects().presignGet(Key, options);
      const other = url.replace(Key, `${Key}0`);
      const changed = url.replace('text%2Fplain', 'text%2Fhtml');
      const longer = url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600');
      for (const forged of [other, changed, longer, `${url}&partNumber=1`]) {
        const answer = await fetch(forged);
        expect(answer.status).toBe(403);
        expect(await answer.text()).toContain('SignatureDoesNotMatch');
      }
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    });

    it('carry no more rights than whoever signed them', async () => {
      await put('x');
      const signer = clientOf('Nobody');
      const command = new GetObjectCommand({ Bucket: BUCKET, Key });
      expect((await fetch(await getSignedUrl(signer, command))).status).toBe(403);
    });
  });

  describe('access', () => {
    const forbidden = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

    it('needs a signature', async () => {
      const answer = await fetch(`${s3.url}/${BUCKET}/${Key}`);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('content-type')).toBe('application/xml');
      expect(await answer.text()).toContain('<Code>AccessDenied</Code>');
    });

    it('needs a known key, the right secret, and the right time', async () => {
      const command = new GetObjectCommand({ Bucket: BUCKET, Key });
      await expect(clientOf('Stranger').send(command)).rejects.toMatchObject({
        name: 'InvalidAccessKeyId',
      });
      const credentials = { accessKeyId: 'ADMIN', secretAccessKey: 'guessed' };
      await expect(clientOf('ADMIN', { credentials }).send(command)).rejects.toMatchObject({
        name: 'SignatureDoesNotMatch',
      });
      now += 16 * 60_000;
      await expect(client.send(command)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
    });

    it('is what the role was given', async () => {
      await put('x');
      const reader = clientOf('Reader');
      expect(await reader.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).toBeDefined();
      await reader.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      const write = new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'y' });
      await expect(reader.send(write)).rejects.toMatchObject(forbidden);
      const remove = new DeleteObjectCommand({ Bucket: BUCKET, Key });
      await expect(reader.send(remove)).rejects.toMatchObject(forbidden);
      expect(await textOf()).toBe('x');
    });

    it('of the list of buckets is for those who may list all', async () => {
      const { Buckets = [], Owner } = await client.send(new ListBucketsCommand({}));
      expect(Buckets).toMatchObject([{ Name: BUCKET, BucketRegion: 'eu-central-1' }]);
      expect(Buckets[0]?.CreationDate?.getTime()).toBeGreaterThan(0);
      expect(Owner?.ID).toBe('000000000000');
      const list = async (input: ListBucketsCommandInput) =>
        (await client.send(new ListBucketsCommand(input))).Buckets ?? [];
      expect(await list({ Prefix: 'other', MaxBuckets: 10 })).toEqual([]);
      expect(await list({ Prefix: BUCKET, BucketRegion: 'eu-central-1' })).toHaveLength(1);
      expect(await list({ BucketRegion: 'us-west-2' })).toEqual([]);
      // Leave to list one bucket is not enough.
      await expect(clientOf('Reader').send(new ListBucketsCommand({}))).rejects.toMatchObject(
        forbidden,
      );
      expect((await fetch(s3.url)).status).toBe(403);
    });

    it('follows the resource, and Deny', async () => {
      const writer = clientOf('Writer');
      const write = (key: string) =>
        writer.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'x' }));
      await write('own/a');
      await expect(write('other')).rejects.toMatchObject(forbidden);
      await expect(write('own/sealed')).rejects.toMatchObject(forbidden);
    });

    it('of a copy covers its source', async () => {
      await put('x');
      const copy = (from: string) =>
        new CopyObjectCommand({ Bucket: BUCKET, Key: 'own/copy', CopySource: `${BUCKET}/${from}` });
      await expect(clientOf('Writer').send(copy(Key))).rejects.toMatchObject(forbidden);
      await put('x', { Key: 'own/source' });
      await clientOf('Writer').send(copy('own/source'));
    });

    it('does not tell a missing key to who may not list', async () => {
      const command = new GetObjectCommand({ Bucket: BUCKET, Key: 'missing' });
      await expect(clientOf('Reader').send(command)).rejects.toMatchObject({ name: 'NoSuchKey' });
      await expect(clientOf('BlindReader').send(command)).rejects.toMatchObject(forbidden);
    });

    it('names what is not emulated', async () => {
      await put('x');
      const TagSet = [{ Key: 'a', Value: 'b' }];
      await expect(
        client.send(new PutObjectTaggingCommand({ Bucket: BUCKET, Key, Tagging: { TagSet } })),
      ).rejects.toMatchObject({ name: 'NotImplemented' });
      await expect(put('x', { Tagging: 'a=b' })).rejects.toMatchObject({
        name: 'NotImplemented',
        message: 'x-amz-tagging is not emulated.',
      });
      await expect(
        client.send(new GetObjectCommand({ Bucket: 'elsewhere', Key })),
      ).rejects.toMatchObject({ name: 'NoSuchBucket' });
    });
  });

  describe('cross-origin access', () => {
    const ask = (headers: Record<string, string>) =>
      fetch(`${s3.url}/${BUCKET}/${Key}`, { method: 'OPTIONS', headers });
    const preflight = {
      origin: 'https://app.example.com',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'Content-Type',
    };

    it('answers a preflight by the template', async () => {
      const answer = await ask(preflight);
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'access-control-allow-origin': preflight.origin,
        'access-control-allow-methods': 'GET, PUT',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '3000',
      });
    });

    it.each([
      { ...preflight, origin: 'https://example.org' },
      { ...preflight, 'access-control-request-method': 'DELETE' },
      { ...preflight, 'access-control-request-headers': 'Content-Type, X-Other' },
    ])('refuses %o', async (headers) => {
      expect((await ask(headers)).status).toBe(403);
    });

    it('lets the page read the answer, an error too', async () => {
      await put('x');
      const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key }));
      for (const link of [url, `${url}x`]) {
        const { headers } = await fetch(link, { headers: { origin: preflight.origin } });
        expect(headers.get('access-control-allow-origin')).toBe(preflight.origin);
        expect(headers.get('access-control-expose-headers')).toBe('ETag');
      }
      const foreign = await fetch(url, { headers: { origin: 'https://example.org' } });
      expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    });
  });

  describe('a restart', () => {
    it('keeps objects, copies and uploads under way', async () => {
      await put('kept', { ContentType: 'text/csv' });
      const upload = await begin(`${Key}/upload`);
      const copied = await client.send(
        new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource: `${BUCKET}/${Key}` }),
      );
      const before = await get();
      await s3.reopen();
      expect(await get()).toMatchObject({ ETag: before.ETag, ContentType: 'text/csv' });
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
      await s3.reopen();
      await client.send(
        new CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }] },
        }),
      );
      expect(await (await get({ Key: upload.Key })).Body?.transformToString()).toBe('kept');
    });
  });

  describe('lifecycle rules', () => {
    it('remove what has had its days, and what was left unfinished', async () => {
      const day = Math.floor(now / DAY_MS) * DAY_MS + DAY_MS / 2;
      now = day;
      const place = { bucket: BUCKET, key: `tasks/${Key}` };
      await s3.engine.write(place, Buffer.from('x'), 'text/plain');
      await s3.engine.write({ ...place, key: `templates/${Key}` }, Buffer.from('x'), 'text/plain');
      // Rounded up to the next midnight.
      now = day + 7 * DAY_MS;
      await s3.engine.sweepExpired();
      expect((await s3.engine.read(place)).toString()).toBe('x');
      now = day + 7.6 * DAY_MS;
      expect(await s3.engine.sweepExpired()).toBeGreaterThan(0);
      await expect(s3.engine.read(place)).rejects.toMatchObject({ code: 'NoSuchKey' });
      expect((await s3.engine.read({ ...place, key: `templates/${Key}` })).toString()).toBe('x');
    });
  });

  describe('the cloud itself', () => {
    it('reads and writes on behalf of a role', async () => {
      const place = { bucket: BUCKET, key: 'own/by-role' };
      await s3.engine.write(place, Buffer.from('x'), 'text/plain', 'Writer');
      expect((await s3.engine.read(place, 'Writer')).toString()).toBe('x');
      await expect(s3.engine.read(place, 'Nobody')).rejects.toMatchObject({ code: 'AccessDenied' });
      const elsewhere = { bucket: BUCKET, key: 'other' };
      await expect(
        s3.engine.write(elsewhere, Buffer.from('x'), 'text/plain', 'Writer'),
      ).rejects.toMatchObject({ code: 'AccessDenied' });
    });
  });

  describe('a disk that refuses', () => {
    it('is named in the answer and told of once, until it takes something again', async () => {
      const told: string[] = [];
      const own = await openLocalS3({ onDiskFault: (fault) => told.push(fault) });
      const mine = new S3Client({ ...clientConfig(own.url), maxAttempts: 1 });
      const data = join(own.dir, 'data');
      const write = () => mine.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'text' }));
      const refused = async () => {
        // Stands for a full disk: no file can be made.
        await rename(data, `${data}.aside`);
        await writeFile(data, '');
        for (let i = 0; i < 2; i++) {
          await expect(write()).rejects.toMatchObject({
            name: 'InternalError',
            message: expect.stringMatching(
              /cannot store or read this: a file is .* \(ENOTDIR\)/,
            ) as unknown,
            $metadata: { httpStatusCode: 500 },
          });
        }
        await rm(data);
        await rename(`${data}.aside`, data);
      };
      await refused();
      expect(told).toEqual([expect.stringContaining('ENOTDIR')]);
      await write();
      await refused();
      expect(told).toHaveLength(2);
      mine.destroy();
      await own.close();
    });
  });

  it('refuses a bucket that it cannot run as the template says', async () => {
    await expect(
      openLocalS3({ properties: { VersioningConfiguration: { Status: 'Enabled' } } }),
    ).rejects.toThrow('VersioningConfiguration');
  });
});
