import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8Bytes } from '../../../shared/rendering/safeNames.ts';

it('counts the bytes of a text as Node does, halves of characters among them', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  const units = fc
    .array(fc.integer({ min: 0xd700, max: 0xe0ff }))
    .map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(fc.oneof(texts, units), (text) => {
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
    }),
  );
});
