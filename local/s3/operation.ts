/** What an operation of S3 over HTTP is: what it needs leave for, what it does, what it answers. */
import type { VerifiedRequest } from '../iam/signing.ts';
import type { Content } from './contents.ts';
import type { Storage } from './objects.ts';
import { copySource, type S3Request } from './request.ts';
import { type XmlContent, xmlDocument } from './xml.ts';

export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** Text, or bytes of the store, held for whoever sends them. */
  readonly body?: string | Content;
}

/** Something that a caller must be allowed to do, with the bucket or object it is about, if any. */
export interface Need {
  readonly action: string;
  readonly place?: { readonly bucket: string; readonly key?: string };
}

export interface Operation {
  /** As the API calls it, such as PutObject. */
  readonly name: string;
  /** Parameters of the query that it knows. */
  readonly parameters: readonly string[];
  needs(request: S3Request): Need[];
  run(storage: Storage, request: S3Request, verified: VerifiedRequest): Promise<Reply> | Reply;
}

/** Leave for one action on the object of the request. */
export const needs =
  (action: string) =>
  ({ bucket, key }: S3Request): Need[] => [{ action, place: { bucket, key } }];

/** Leave to read the source of a copy, and to write the object of the request. */
export const needsOfCopy = (request: S3Request): Need[] => [
  { action: 's3:GetObject', place: copySource(request.headers) },
  ...needs('s3:PutObject')(request),
];

/** The body that answers a copy. */
export const tagAndTime = ({ etag, modified }: { etag: string; modified: number }) => ({
  ETag: `"${etag}"`,
  LastModified: new Date(modified).toISOString(),
});

/** An answer in XML, with this root element. */
export const xmlReply = (root: string, content: XmlContent): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: xmlDocument(root, content),
});
