import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameScanner } from '../../../../local/apiGateway/webSocket/frameSizes.ts';

/** A masked text frame with `length` bytes of payload, as clients send them. */
function frame(length: number): Buffer {
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8);
  if (extended.length === 2) extended.writeUInt16BE(length);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length));
  const short = length < 126 ? length : length < 65_536 ? 126 : 127;
  return Buffer.concat([
    Buffer.from([0x81, 0x80 | short]),
    extended,
    Buffer.alloc(4 + length, 0xff),
  ]);
}

/** Feeds `bytes` in pieces of these sizes, over and over. */
function scan(maxBytes: number, bytes: Buffer, sizes: number[]): boolean {
  const isTooLarge = createFrameScanner(maxBytes);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    if (isTooLarge(bytes.subarray(at, at + size))) return true;
    at += size;
  }
  return false;
}

describe('createFrameScanner', () => {
  it('finds a frame over the limit, however the bytes arrive', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 70_000 }), { minLength: 1, maxLength: 4 });
    const sizes = fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lengths, sizes, fc.integer({ min: 0, max: 70_000 }), (lengths, sizes, limit) => {
        const found = scan(limit, Buffer.concat(lengths.map(frame)), sizes);
        expect(found).toBe(lengths.some((length) => length > limit));
      }),
      { numRuns: 60 },
    );
  });

  it.each([125, 126, 65_535, 65_536])('reads a length of %d bytes', (length) => {
    expect(scan(length, frame(length), [1])).toBe(false);
    expect(scan(length - 1, frame(length), [1])).toBe(true);
  });

  it('reads unmasked frames too', () => {
    expect(scan(1, Buffer.from([0x81, 0x01, 0x61, 0x81, 0x02]), [1])).toBe(true);
  });
});
