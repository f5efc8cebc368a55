/** Bytes on their way, in the pieces in which they arrive. */

/**
 * The most bytes that are worked on at a time. What is made of one window stays small beside the
 * buffers of the rows' writer, however large the pieces are that a source delivers.
 */
export const WINDOW_BYTES = 64 * 1024;

/** The same bytes in windows of at most WINDOW_BYTES, none of them empty; nothing is copied. */
export function* windowsOf(piece: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < piece.length; at += WINDOW_BYTES) {
    yield piece.subarray(at, at + WINDOW_BYTES);
  }
}

/** A Buffer over the same memory. */
export const viewOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
