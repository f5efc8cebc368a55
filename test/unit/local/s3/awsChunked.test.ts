import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAwsChunked, type Framing, framingOf } from '../../../../local/s3/awsChunked.ts';
import { hmac } from '../../../../local/iam/canonicalRequest.ts';
import type { ChunkSeed } from '../../../../local/iam/signing.ts';

const UNSIGNED: Framing = { signed: false, trailers: true };

/** The example of the S3 API Reference, "Signature calculations for the Authorization header". */
const scope = '20130524/us-east-1/s3/aws4_request';
const seedOf = (signature: string): ChunkSeed => ({
  signature,
  signingKey: scope
    .split('/')
    .reduce(
      (key, part) => hmac(key, part),
      Buffer.from('AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
    ),
  date: '20130524T000000Z',
  scope,
});
const noSeed = seedOf('');

const signedBody = ([first, second, last]: [string, string, string], end = '\r\n') =>
  Buffer.from(
    `10000;chunk-signature=${first}\r\n${'a'.repeat(65_536)}\r\n` +
      `400;chunk-signature=${second}\r\n${'a'.repeat(1024)}\r\n` +
      `0;chunk-signature=${last}\r\n${end}`,
  );
const plainSigned = signedBody([
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
]);
const plainSeed = seedOf('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');

async function* pieces(body: Buffer, sizes: readonly number[] = []): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    if (at < body.length) yield body.subarray(at, at + size);
    at += size;
  }
  if (at < body.length) yield body.subarray(at);
}

async function decode(source: AsyncIterable<Buffer>, framing: Framing, seed = noSeed) {
  const decoder = decodeAwsChunked(source, framing, seed);
  const data: Buffer[] = [];
  for (;;) {
    const next = await decoder.next();
    if (next.done) return { data: Buffer.concat(data), trailers: Object.fromEntries(next.value) };
    data.push(next.value);
  }
}

describe('decodeAwsChunked', () => {
  it('takes the framing off, however the body is cut on its way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 60 }),
        async (chunks, cuts) => {
          const framed = Buffer.concat([
            ...chunks.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)}\r\n`),
              chunk,
              Buffer.from('\r\n'),
            ]),
            Buffer.from('0\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\nother:a:b\r\n\r\n'),
          ]);
          const { data, trailers } = await decode(pieces(framed, cuts), UNSIGNED);
          expect(data.equals(Buffer.concat(chunks))).toBe(true);
          expect(trailers).toEqual({ 'x-amz-checksum-crc32': 'AAAAAA==', other: 'a:b' });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("checks the signatures of AWS's own example", async () => {
    const framing = { signed: true, trailers: false };
    const { data } = await decode(pieces(plainSigned, [1, 100, 65_000]), framing, plainSeed);
    expect(data.toString()).toBe('a'.repeat(66_560));
    const changed = Buffer.from(plainSigned);
    changed[70_000 - 4_000] = 98;
    await expect(decode(pieces(changed), framing, plainSeed)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    await expect(decode(pieces(plainSigned), framing, seedOf('0'))).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  it("checks the signed trailers of AWS's own example", async () => {
    const framing = { signed: true, trailers: true };
    const seed = seedOf('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e');
    const body = (checksum: string) =>
      signedBody(
        [
          'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
          '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
          '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
        ],
        `x-amz-checksum-crc32c:${checksum}\r\n` +
          'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
      );
    const { trailers } = await decode(pieces(body('sOO8/Q==')), framing, seed);
    expect(trailers).toMatchObject({ 'x-amz-checksum-crc32c': 'sOO8/Q==' });
    await expect(decode(pieces(body('AOO8/Q==')), framing, seed)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  it.each([
    ['ends early', '5\r\nab'],
    ['ends without its last chunk', '2\r\nab\r\n'],
    ['has more than a chunk promised', '2\r\nabc\r\n0\r\n\r\n'],
    ['has a size that is none', 'x\r\nab\r\n0\r\n\r\n'],
    ['has a trailer that is none', '0\r\nnothing\r\n\r\n'],
    ['has an endless line', '1'.repeat(20_000)],
  ])('refuses a body that %s', async (_what, body) => {
    await expect(decode(pieces(Buffer.from(body)), UNSIGNED)).rejects.toMatchObject({
      code: 'IncompleteBody',
    });
  });

  it('refuses an unsigned chunk where signatures are due', async () => {
    const body = Buffer.from('2\r\nab\r\n0\r\n\r\n');
    await expect(
      decode(pieces(body), { signed: true, trailers: false }, plainSeed),
    ).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});

describe('framingOf', () => {
  it('knows framed bodies from others', () => {
    expect(framingOf(undefined)).toBeUndefined();
    expect(framingOf('UNSIGNED-PAYLOAD')).toBeUndefined();
    expect(framingOf('STREAMING-UNSIGNED-PAYLOAD-TRAILER')).toEqual(UNSIGNED);
    expect(() => framingOf('STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD')).toThrow('not known');
  });
});
