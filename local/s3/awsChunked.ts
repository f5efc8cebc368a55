/**
 * Bodies in `aws-chunked` framing: signed chunk by chunk, or unsigned, with or without trailers
 * (S3 API Reference, "Signature calculations: multiple chunks" and "Trailing headers").
 */
import { createHash, type Hash } from 'node:crypto';
import { hmac, sha256Hex } from '../iam/canonicalRequest.ts';
import type { ChunkSeed } from '../iam/signing.ts';
import { S3Error } from './errors.ts';

const LINE_BYTES_MAX = 16 * 1024;
const EMPTY_SHA256 = sha256Hex('');

/** What x-amz-content-sha256 says of a framed body; undefined when the body is not framed. */
export interface Framing {
  readonly signed: boolean;
  readonly trailers: boolean;
}

const FRAMINGS: Record<string, Framing> = {
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailers: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailers: true },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailers: true },
};

/** @throws S3Error NotImplemented for a framing that is not known here */
export function framingOf(contentSha256: string | undefined): Framing | undefined {
  if (!contentSha256?.startsWith('STREAMING-')) return undefined;
  const framing = FRAMINGS[contentSha256];
  if (framing) return framing;
  throw new S3Error('NotImplemented', `Bodies of ${contentSha256} are not known here.`);
}

/**
 * The data of a framed body as it arrives. What the generator returns are the trailers, by name in
 * lower case.
 * @param seed of the request's own signature, which the chunks' signatures build on
 * @throws S3Error IncompleteBody for broken framing, SignatureDoesNotMatch
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  framing: Framing,
  seed: ChunkSeed,
): AsyncGenerator<Buffer, Map<string, string>> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    return yield* decode(createReader(pieces), framing, seed);
  } finally {
    // Lets go of the source, so that what is left of a broken body can be read away.
    await pieces.return?.();
  }
}

async function* decode(
  reader: Reader,
  { signed, trailers }: Framing,
  seed: ChunkSeed,
): AsyncGenerator<Buffer, Map<string, string>> {
  const chain = signed ? createSignatureChain(seed) : undefined;
  for (;;) {
    const { bytes, signature } = parseChunkHeader(await reader.line());
    const hash = chain && createHash('sha256');
    for await (const piece of reader.take(bytes)) {
      hash?.update(piece);
      yield piece;
    }
    if (hash) chain.checkChunk(hash, signature);
    if (bytes === 0) break;
    if ((await reader.line()) !== '') throw brokenFraming();
  }
  const found = new Map<string, string>();
  let text = '';
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const [name = '', ...value] = line.split(':');
    if (!trailers || value.length === 0) throw brokenFraming();
    found.set(name.trim().toLowerCase(), value.join(':').trim());
    if (name !== 'x-amz-trailer-signature') text += `${line}\n`;
  }
  if (trailers) chain?.checkTrailers(text, found.get('x-amz-trailer-signature'));
  return found;
}

function parseChunkHeader(line: string): { bytes: number; signature: string | undefined } {
  const found = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (!found) throw brokenFraming();
  return { bytes: parseInt(found[1] ?? '', 16), signature: found[2] };
}

/** Each signature covers the one before it, so no chunk can be left out, moved or changed. */
function createSignatureChain({ signature, signingKey, date, scope }: ChunkSeed) {
  let previous = signature;

  function check(kind: string, hashes: readonly string[], given: string | undefined) {
    const text = [`AWS4-HMAC-SHA256-${kind}`, date, scope, previous, ...hashes].join('\n');
    previous = hmac(signingKey, text).toString('hex');
    if (given !== previous) {
      throw new S3Error('SignatureDoesNotMatch', 'The signature of a chunk does not match.');
    }
  }

  return {
    checkChunk: (data: Hash, given: string | undefined) => {
      check('PAYLOAD', [EMPTY_SHA256, data.digest('hex')], given);
    },
    checkTrailers: (text: string, given: string | undefined) => {
      check('TRAILER', [sha256Hex(text)], given);
    },
  };
}

const brokenFraming = () =>
  new S3Error('IncompleteBody', 'The body does not follow the aws-chunked framing.');

type Reader = ReturnType<typeof createReader>;

/** Reads lines and counted bytes from pieces of any size. */
function createReader(pieces: AsyncIterator<Buffer>) {
  let rest: Buffer = Buffer.alloc(0);

  async function more(): Promise<Buffer> {
    const next = await pieces.next();
    if (next.done) throw brokenFraming();
    return next.value;
  }

  return {
    /** The bytes up to the next CRLF, as text. */
    async line(): Promise<string> {
      for (;;) {
        const end = rest.indexOf('\r\n');
        if (end >= 0) {
          const line = rest.toString('latin1', 0, end);
          rest = rest.subarray(end + 2);
          return line;
        }
        if (rest.length > LINE_BYTES_MAX) throw brokenFraming();
        rest = Buffer.concat([rest, await more()]);
      }
    },

    /** Exactly this many bytes, in pieces. */
    async *take(bytes: number): AsyncGenerator<Buffer> {
      for (let left = bytes; left > 0;) {
        if (rest.length === 0) rest = await more();
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
  };
}
