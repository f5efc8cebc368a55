import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  edited,
  type PartEdit,
} from '../../../../shared/checks/report/ownWorkbook/changedPackage.ts';

async function* piecesOf(bytes: Buffer, sizes: readonly number[]) {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('a part that is edited as it arrives', () => {
  it('is what it would be as a whole, however it is cut', async () => {
    const edits = fc.uniqueArray(fc.nat(60), { maxLength: 8 }).map((places) => {
      const ends = [...places].sort((a, b) => a - b);
      const found: PartEdit[] = [];
      for (let i = 0; i + 1 < ends.length; i += 2)
        found.push({ start: ends[i] as number, end: ends[i + 1] as number, text: `<${i}>` });
      return found;
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(edits, sizes, async (some, cuts) => {
        const text = Array.from({ length: 61 }, (_, i) => String.fromCharCode(65 + (i % 26))).join(
          '',
        );
        let wanted = '';
        let at = 0;
        for (const { start, end, text: own } of some) {
          wanted += text.slice(at, start) + own;
          at = end;
        }
        const pieces: Uint8Array[] = [];
        for await (const piece of edited(piecesOf(Buffer.from(text), cuts), some))
          pieces.push(Buffer.from(piece));
        expect(Buffer.concat(pieces).toString()).toBe(wanted + text.slice(at));
      }),
    );
  });
});
