/**
 * Payload lengths of the WebSocket frames in a stream of bytes (RFC 6455, section 5.2). The ws package
 * limits whole messages; API Gateway limits single frames too.
 */

/** @returns takes the bytes as they arrive; true as soon as a frame has more than `maxBytes` */
export function createFrameScanner(maxBytes: number): (bytes: Uint8Array) => boolean {
  /** Bytes of the present frame's head that are here, and how many it has as far as is known. */
  let head: number[] = [];
  let headLength = 2;
  /** Bytes of payload that are still to come. */
  let payload = 0;

  /** Takes one byte of a head; the payload's length once the head is whole. */
  const takeHeadByte = (byte: number): number | undefined => {
    head.push(byte);
    if (head.length === 2) {
      const masked = (byte & 0x80) !== 0;
      const length = byte & 0x7f;
      const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
      headLength = 2 + extended + (masked ? 4 : 0);
    }
    if (head.length < headLength) return undefined;
    const short = (head[1] ?? 0) & 0x7f;
    const extended = head.slice(2, short === 126 ? 4 : short === 127 ? 10 : 2);
    head = [];
    headLength = 2;
    return extended.length === 0 ? short : extended.reduce((sum, b) => sum * 256 + b, 0);
  };

  return (bytes) => {
    let at = 0;
    while (at < bytes.length) {
      if (payload > 0) {
        const skipped = Math.min(payload, bytes.length - at);
        payload -= skipped;
        at += skipped;
        continue;
      }
      payload = takeHeadByte(bytes[at] ?? 0) ?? 0;
      at++;
      if (payload > maxBytes) return true;
    }
    return false;
  };
}
