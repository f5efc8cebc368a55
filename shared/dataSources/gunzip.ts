/** From the bytes of a gzip file (RFC 1952) to what was compressed in it, as they arrive. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MAX_SOURCE_INFLATED_BYTES, MAX_SOURCE_RATIO, RATIO_FREE_BYTES } from '../limits.ts';
import { WINDOW_BYTES } from './pieces.ts';
import { SourceFault } from './sourceFault.ts';

/** How every gzip file begins. */
export const GZIP_SIGNATURE: readonly number[] = [0x1f, 0x8b];

const NOT_GZIP =
  'The name ends in .gz, but gzip has not compressed the file. Give it its true ending, or compress it.';
const CUT_OFF =
  'The gzip file breaks off before its end, or has other bytes behind it. Compress the table anew and upload that.';
const DAMAGED =
  'The gzip file is damaged, or has other bytes behind its end. Compress the table anew and upload that.';

const broken = (detail: string) => new SourceFault({ code: 'GZIP_BROKEN', detail });
const tooLarge = (detail: string) => new SourceFault({ code: 'FILE_TOO_LARGE', detail });

/** What zlib found wrong, for whoever uploaded the file; other errors as they are. */
function faultOf(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return broken(CUT_OFF);
  return code === 'Z_DATA_ERROR' ? broken(DAMAGED) : error;
}

/** Refuses what would grow beyond all measure. */
function checkGrowth(compressed: number, inflated: number): void {
  if (inflated > MAX_SOURCE_INFLATED_BYTES) {
    throw tooLarge(
      `The table has more than ${MAX_SOURCE_INFLATED_BYTES} bytes when it is not compressed. Split it.`,
    );
  }
  if (inflated > RATIO_FREE_BYTES && inflated > compressed * MAX_SOURCE_RATIO) {
    throw tooLarge(
      `The file grows to more than ${MAX_SOURCE_RATIO} times its size. Upload the table without compressing it.`,
    );
  }
}

/**
 * The bytes that were compressed: of all members, one after the other, as gzip itself gives them. Zeros
 * behind the last are padding.
 * @throws SourceFault for what is no whole gzip file, and for one that becomes too large, behind
 *   everything that was given before; what the source throws
 */
export async function* gunzip(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = createGunzip({ chunkSize: WINDOW_BYTES });
  let taken = 0;
  /** How many bytes there are up to the last that is not zero. */
  let filled = 0;

  async function* noted() {
    for await (const piece of source) {
      const signature = GZIP_SIGNATURE.slice(taken, taken + piece.length);
      if (!signature.every((byte, i) => piece[i] === byte)) throw broken(NOT_GZIP);
      const last = piece.findLastIndex((byte) => byte !== 0);
      if (last >= 0) filled = taken + last + 1;
      taken += piece.length;
      yield piece;
    }
  }

  // Its errors come to whoever reads `inflate`.
  pipeline(Readable.from(noted(), { objectMode: false }), inflate, () => undefined);
  let inflated = 0;
  try {
    for await (const piece of inflate as AsyncIterable<Uint8Array>) {
      inflated += piece.length;
      checkGrowth(taken, inflated);
      yield piece;
    }
  } catch (error) {
    throw faultOf(error);
  }
  // zlib passes over everything behind the first zero after a member.
  if (inflate.bytesWritten < filled) throw broken(DAMAGED);
}
