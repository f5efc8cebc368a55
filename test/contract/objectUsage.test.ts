/** What the local S3 counts for the bill, as its clients cause it. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMeters, type Meters } from '../../local/billing/meter.ts';
import { clientConfig, createTestAccess } from '../support/localAws.ts';
import { BUCKET, type LocalS3, openLocalS3 } from '../support/localS3.ts';

const Key = 'key';
const place = { Bucket: BUCKET, Key };
const BYTES = 100;

describe('the local S3 counts', () => {
  let meters: Meters;
  let s3: LocalS3;
  let client: S3Client;

  beforeEach(async () => {
    meters = createMeters(() => 0);
    const access = createTestAccess({ policies: { Nobody: [] } });
    s3 = await openLocalS3({ access, meter: meters.objects });
    client = new S3Client(clientConfig(s3.url));
  });
  afterEach(async () => {
    client.destroy();
    await s3.close();
  });

  const put = () => client.send(new PutObjectCommand({ ...place, Body: 'x'.repeat(BYTES) }));
  const counted = () => meters.read().s3;

  it('each operation by the name that it has in the API', async () => {
    const CopySource = `${BUCKET}/${Key}`;
    await put();
    await client.send(new HeadObjectCommand(place));
    await client.send(new CopyObjectCommand({ ...place, Key: 'copy', CopySource }));
    await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    const begin = () => client.send(new CreateMultipartUploadCommand(place));
    const { UploadId } = await begin();
    const upload = { ...place, UploadId };
    const { ETag } = await client.send(
      new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'part' }),
    );
    await client.send(new ListPartsCommand(upload));
    await client.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    const given = { ...place, UploadId: (await begin()).UploadId };
    await client.send(new UploadPartCopyCommand({ ...given, PartNumber: 1, CopySource }));
    await client.send(new AbortMultipartUploadCommand(given));
    await client.send(new DeleteObjectCommand(place));
    expect(counted()).toEqual({
      requests: {
        PutObject: 1,
        HeadObject: 1,
        CopyObject: 1,
        ListObjectsV2: 1,
        CreateMultipartUpload: 2,
        UploadPart: 1,
        ListParts: 1,
        CompleteMultipartUpload: 1,
        UploadPartCopy: 1,
        AbortMultipartUpload: 1,
        DeleteObject: 1,
      },
      sentBytes: 0,
      sentByLinkBytes: 0,
    });
  });

  it('what it sends, by links and otherwise, and of a range no more than that', async () => {
    await put();
    await (await client.send(new GetObjectCommand(place))).Body?.transformToByteArray();
    const range = new GetObjectCommand({ ...place, Range: 'bytes=10-19' });
    await (await client.send(range)).Body?.transformToByteArray();
    const link = await getSignedUrl(client, new GetObjectCommand(place));
    expect((await (await fetch(link)).text()).length).toBe(BYTES);
    expect(counted()).toEqual({
      requests: { PutObject: 1, GetObject: 3 },
      sentBytes: BYTES + 10,
      sentByLinkBytes: BYTES,
    });
  });

  it('what failed, but nothing of those who may not', async () => {
    await expect(client.send(new GetObjectCommand(place))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    const nobody = new S3Client(clientConfig(s3.url, 'Nobody'));
    await expect(nobody.send(new GetObjectCommand(place))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    nobody.destroy();
    expect(counted().requests).toEqual({ GetObject: 1 });
  });

  it('what a workflow reads and writes, but not what the local cloud does for itself', async () => {
    await s3.engine.write({ bucket: BUCKET, key: Key }, Buffer.from('abc'), 'text/plain', 'ADMIN');
    await s3.engine.read({ bucket: BUCKET, key: Key }, 'ADMIN');
    await s3.engine.read({ bucket: BUCKET, key: Key });
    expect(counted()).toEqual({
      requests: { PutObject: 1, GetObject: 1 },
      sentBytes: 3,
      sentByLinkBytes: 0,
    });
  });

  it('what it holds, with the parts of unfinished uploads', async () => {
    expect(s3.engine.storedBytes()).toBe(0);
    await put();
    await put();
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
    await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: 'part' }));
    expect(s3.engine.storedBytes()).toBe(BYTES + 4);
  });
});
