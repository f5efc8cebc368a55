import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../functions/adapters/cursor.ts';
import { Problem } from '../../../shared/problems.ts';

it('brings back what it was made of', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }), (parts) => {
      expect(decodeCursor(encodeCursor(parts), parts.length)).toEqual(parts);
    }),
  );
});

it('refuses any other text with a problem, and never anything else', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 3 }), (text, parts) => {
      expect(() => decodeCursor(text, parts)).toThrow(Problem);
    }),
  );
});

it('refuses a position outside of the list', () => {
  expect(() => decodeCursor(encodeCursor(['SHARD#1']), 1, 'SUB#')).toThrow(Problem);
  expect(() => decodeCursor(encodeCursor(['a', 'b']), 1)).toThrow(Problem);
});
