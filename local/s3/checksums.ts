/** Checksums that a client sends along with a body (S3 User Guide, "Checking object integrity"). */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { crc32c, crc64nvme } from './crc.ts';
import { S3Error } from './errors.ts';

/** A checksum in the making. */
interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

const ALGORITHMS: Record<string, () => Checksum> = {
  'x-amz-checksum-crc32': () => crcChecksum((bytes, before) => crc32(bytes, before)),
  'x-amz-checksum-crc32c': () => crcChecksum(crc32c),
  'x-amz-checksum-crc64nvme': () => crc64Checksum(),
  'x-amz-checksum-sha1': () => createHash('sha1'),
  'x-amz-checksum-sha256': () => createHash('sha256'),
  'content-md5': () => createHash('md5'),
};

export interface BodyChecks {
  update(bytes: Uint8Array): void;
  /**
   * Compares what came with what was promised, by header or by trailer.
   * @param trailers those that followed the body, names in lower case
   * @throws S3Error BadDigest, XAmzContentSHA256Mismatch
   */
  finish(trailers: ReadonlyMap<string, string>): void;
  /** The checksum headers that the answer repeats. */
  answered(): Record<string, string>;
}

/**
 * Checks of one body.
 * @throws S3Error NotImplemented for a checksum of an algorithm that is not known here
 */
export function createBodyChecks(headers: IncomingHttpHeaders): BodyChecks {
  const inTrailer = String(headers['x-amz-trailer'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const names = [...Object.keys(headers), ...inTrailer].filter(isChecksum);
  const checksums = new Map(names.map((name) => [name, start(name)]));
  const sent = headers['x-amz-content-sha256'];
  const payload =
    typeof sent === 'string' && /^[0-9a-f]{64}$/.test(sent) ? createHash('sha256') : undefined;
  const found = new Map<string, string>();

  return {
    update(bytes) {
      payload?.update(bytes);
      for (const checksum of checksums.values()) checksum.update(bytes);
    },
    finish(trailers) {
      if (payload && payload.digest('hex') !== sent) {
        throw new S3Error(
          'XAmzContentSHA256Mismatch',
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
      }
      for (const [name, checksum] of checksums) {
        const digest = checksum.digest().toString('base64');
        if ((trailers.get(name) ?? headers[name]) !== digest) {
          throw new S3Error('BadDigest', `The ${name} you specified did not match the body.`);
        }
        found.set(name, digest);
      }
    },
    answered: () => Object.fromEntries([...found].filter(([name]) => name !== 'content-md5')),
  };
}

function isChecksum(name: string): boolean {
  if (name === 'content-md5') return true;
  return name.startsWith('x-amz-checksum-') && !/-(?:algorithm|mode|type)$/.test(name);
}

function start(name: string): Checksum {
  const algorithm = ALGORITHMS[name];
  if (!algorithm) throw new S3Error('NotImplemented', `${name} is not known here.`);
  return algorithm();
}

function crcChecksum(next: (bytes: Uint8Array, before: number) => number): Checksum {
  let crc = 0;
  return {
    update: (bytes) => void (crc = next(bytes, crc)),
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(crc);
      return digest;
    },
  };
}

function crc64Checksum(): Checksum {
  let crc = { low: 0, high: 0 };
  return {
    update: (bytes) => void (crc = crc64nvme(bytes, crc)),
    digest() {
      const digest = Buffer.alloc(8);
      digest.writeUInt32BE(crc.high, 0);
      digest.writeUInt32BE(crc.low, 4);
      return digest;
    },
  };
}
