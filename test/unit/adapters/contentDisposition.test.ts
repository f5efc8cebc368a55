import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachment } from '../../../functions/adapters/contentDisposition.ts';

describe('attachment', () => {
  it('keeps a plain name', () => {
    expect(attachment('offer letters.zip')).toBe(
      'attachment; filename="offer letters.zip"; filename*=UTF-8\'\'offer%20letters.zip',
    );
  });

  it('encodes what headers cannot hold', () => {
    expect(attachment('Zoë\'s "王" (1).zip')).toBe(
      'attachment; filename="Zo_\'s ___ (1).zip"; ' +
        "filename*=UTF-8''Zo%C3%AB%27s%20%22%E7%8E%8B%22%20%281%29.zip",
    );
  });

  it('is one safe header line for any name, which can be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const header = attachment(name);
        expect(header).toMatch(
          /^attachment; filename="[ !#$&-.0-[\]-~]*"; filename\*=UTF-8''[\w.~!%-]*$/,
        );
        const encoded = header.split("UTF-8''")[1] ?? '';
        expect(decodeURIComponent(encoded)).toBe(Buffer.from(name).toString());
      }),
    );
  });
});
