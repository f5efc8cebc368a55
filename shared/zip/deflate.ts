/** Compresses a part (RFC 1951) so that a time limit can stop it. */
import { constants, deflateRawSync } from 'node:zlib';

/** Zlib's default: on a page of text, level 9 gains less than 1 % for a third more time. */
const LEVEL = 6;
/**
 * Bytes that are compressed in one call, which nothing can stop: some 0.1 s. All but the longest lists of
 * a document are shorter.
 */
const STRETCH_BYTES = 4 * 1024 * 1024;
/** How far DEFLATE looks back (RFC 1951, 2). */
const WINDOW_BYTES = 32 * 1024;

/** The content as one DEFLATE stream; the same content gives the same bytes. */
export function deflate(content: Uint8Array): Buffer {
  if (content.length <= STRETCH_BYTES) return deflateRawSync(content, { level: LEVEL });
  const stretches: Buffer[] = [];
  for (let start = 0; start < content.length; start += STRETCH_BYTES) {
    const end = start + STRETCH_BYTES;
    stretches.push(
      deflateRawSync(content.subarray(start, end), {
        level: LEVEL,
        // What is not the end is filled up to a whole byte, so that the next stretch can follow.
        finishFlush: end < content.length ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
        ...(start > 0 && { dictionary: content.subarray(start - WINDOW_BYTES, start) }),
      }),
    );
  }
  return Buffer.concat(stretches);
}
