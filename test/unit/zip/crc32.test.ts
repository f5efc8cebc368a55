import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineCrc32 } from '../../../shared/zip/crc32.ts';

const anyCrc = fc.integer({ min: 0, max: 0xffffffff });
const anyLength = fc.oneof(fc.nat(100), fc.integer({ min: 0, max: 2 ** 50 }));

describe('combineCrc32', () => {
  it('gives what zlib gives for the joined bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5_000 }),
        fc.uint8Array({ maxLength: 5_000 }),
        (a, b) => {
          const joined = crc32(Buffer.concat([a, b]));
          expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(joined);
        },
      ),
    );
  });

  it('gives what zlib gives when the second piece has many megabytes', () => {
    const zeros = Buffer.alloc(40_000_003);
    const head = Buffer.from('row,template,document');
    expect(combineCrc32(crc32(head), crc32(zeros), zeros.length)).toBe(crc32(zeros, crc32(head)));
  });

  it('does not depend on where the pieces are cut, at any length', () => {
    fc.assert(
      fc.property(anyCrc, anyCrc, anyCrc, anyLength, anyLength, (a, b, c, lengthB, lengthC) => {
        const left = combineCrc32(combineCrc32(a, b, lengthB), c, lengthC);
        const right = combineCrc32(a, combineCrc32(b, c, lengthC), lengthB + lengthC);
        expect(left).toBe(right);
      }),
    );
  });
});
