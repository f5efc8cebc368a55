/** The console's bucket, and the copies that CloudFront keeps of it. */
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Site, SiteFile } from '../../shared/console/publish.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS } from './callLimits.ts';
import { createTransport } from './clients/httpTransport.ts';
import type { ServicePlace } from './clients/jsonService.ts';
import { createS3Client } from './clients/s3.ts';
import { createSigner } from './requestSignature.ts';

/** CloudFront is one service for the whole world, whose requests are signed for this region. */
const CLOUDFRONT = { service: 'cloudfront', region: 'us-east-1' } as const;
const CLOUDFRONT_URL = 'https://cloudfront.amazonaws.com';

export interface ConsoleSiteProps {
  readonly bucketName: string;
  readonly distributionId: string;
  readonly place: () => ServicePlace;
  readonly client?: S3Client;
}

export function createConsoleSite({
  bucketName: Bucket,
  distributionId,
  place,
  client = createS3Client(),
}: ConsoleSiteProps): Site {
  const sign = createSigner(CLOUDFRONT);

  return {
    async put(Key, Body, { contentType, cacheControl }) {
      const command = new PutObjectCommand({
        Bucket,
        Key,
        Body,
        ContentType: contentType,
        CacheControl: cacheControl,
      });
      await calling('S3', CALL_LIMITS.send, (options) => client.send(command, options));
    },

    async list() {
      const found: SiteFile[] = [];
      let from: string | undefined;
      do {
        const command = new ListObjectsV2Command({ Bucket, ContinuationToken: from });
        const page = await calling('S3', CALL_LIMITS.object, (options) =>
          client.send(command, options),
        );
        for (const { Key, LastModified } of page.Contents ?? []) {
          if (Key !== undefined) found.push({ path: Key, putAt: LastModified?.getTime() ?? 0 });
        }
        from = page.NextContinuationToken;
      } while (from !== undefined);
      return found;
    },

    async delete(Key) {
      await calling('S3', CALL_LIMITS.object, (options) =>
        client.send(new DeleteObjectCommand({ Bucket, Key }), options),
      );
    },

    // CloudFront API Reference, "CreateInvalidation".
    async forgetCopies(paths) {
      const { credentials, endpoint = CLOUDFRONT_URL } = place();
      const url = new URL(endpoint);
      const body =
        '<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">' +
        `<Paths><Quantity>${paths.length}</Quantity><Items>` +
        paths.map((path) => `<Path>${path}</Path>`).join('') +
        `</Items></Paths><CallerReference>${Date.now()}</CallerReference></InvalidationBatch>`;
      const request = {
        method: 'POST',
        path: `/2020-05-31/distribution/${distributionId}/invalidation`,
        body,
      } as const;
      const headers = { 'content-type': 'application/xml' };
      const signed = sign({ ...request, host: url.host, headers }, credentials, Date.now());
      const answer = await calling('CloudFront', CALL_LIMITS.object, ({ abortSignal }) =>
        createTransport(url, 1)({ ...request, headers: signed }, abortSignal),
      );
      if (answer.status !== 201) {
        const code = /<Code>(\w+)<\/Code>/.exec(answer.body)?.[1] ?? '';
        throw new Error(`CloudFront answered ${answer.status} ${code} to an invalidation.`);
      }
    },
  };
}
