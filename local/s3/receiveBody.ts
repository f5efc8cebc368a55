/** Takes in the body of a request. */
import { S3_MAX_PART_BYTES } from '../../shared/limits.ts';
import type { ChunkSeed } from '../iam/signing.ts';
import { decodeAwsChunked, framingOf } from './awsChunked.ts';
import { createBodyChecks } from './checksums.ts';
import type { ContentStore } from './contents.ts';
import type { Received } from './objects.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** A list of 10,000 parts with all their checksums takes about 3 MB. */
const TEXT_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Writes a body to the disk as it arrives, without its framing, and checks it against what its headers
 * and trailers promise. Nothing stays behind when it does not fit.
 * @param inspect is shown the bytes as they pass
 * @throws S3Error
 */
export async function receiveBody(
  request: S3Request,
  seed: ChunkSeed,
  contents: ContentStore,
  inspect?: (piece: Buffer) => void,
): Promise<Received & { checksums: Record<string, string> }> {
  const body = openBody(request, seed, inspect);
  const content = await contents.write(body.pieces);
  return { content, ...body.result() };
}

/** A small body as text, checked in the same way. */
export async function receiveText(request: S3Request, seed: ChunkSeed): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of openBody(request, seed).pieces) {
    bytes += piece.length;
    if (bytes > TEXT_BYTES_MAX) throw new S3Error('MalformedXML', 'The body is too large.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function openBody(
  { message, headers }: S3Request,
  seed: ChunkSeed,
  inspect?: (piece: Buffer) => void,
) {
  const framing = framingOf(one(headers['x-amz-content-sha256']));
  const expected = lengthOf(
    framing ? one(headers['x-amz-decoded-content-length']) : headers['content-length'],
  );
  const checks = createBodyChecks(headers);
  let trailers: ReadonlyMap<string, string> = new Map();
  let bytes = 0;

  // The connection must outlive a body that is refused, for the answer to be sent.
  const source = message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  async function* unframed(): AsyncGenerator<Buffer> {
    if (framing) trailers = yield* decodeAwsChunked(source, framing, seed);
    else yield* source;
  }

  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const piece of unframed()) {
      bytes += piece.length;
      inspect?.(piece);
      checks.update(piece);
      yield piece;
    }
    if (bytes !== expected) {
      throw new S3Error('IncompleteBody', `The body has ${bytes} bytes instead of ${expected}.`);
    }
    checks.finish(trailers);
  }

  return {
    pieces: pieces(),
    /** What is known once all pieces were read. */
    result: () => ({ bytes, checksums: checks.answered() }),
  };
}

function lengthOf(header: string | undefined): number {
  if (header === undefined || !/^\d+$/.test(header)) {
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  const bytes = Number(header);
  if (bytes > S3_MAX_PART_BYTES) {
    throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  }
  return bytes;
}

const one = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);
