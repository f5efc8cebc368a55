import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeToUtf8 } from '../../../shared/dataSources/decode.ts';
import { SourceFault } from '../../../shared/dataSources/sourceFault.ts';
import { cutsArbitrary, pieces, problemsOf, readPieces } from './support.ts';

/** The text before the end or the fault, and the fault's message. */
async function decode(parts: readonly Uint8Array[], label?: string) {
  const source = (async function* () {
    yield* parts;
  })();
  const decoded: Uint8Array[] = [];
  let fault: string | undefined;
  try {
    for await (const piece of decodeToUtf8(source, label)) decoded.push(Buffer.from(piece));
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    fault = error.message;
  }
  return { text: Buffer.concat(decoded).toString('utf8'), fault };
}

const UTF8_ADVICE =
  'Save the file as UTF-8, or name its encoding when you complete the data source, such as "windows-1252".';

describe('decoding', () => {
  it('passes UTF-8 on, without its mark, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        // Zero bytes without a mark are what tells UTF-16.
        fc.string({ unit: 'binary' }).map((written) => written.replaceAll('\0', ' ')),
        fc.boolean(),
        cutsArbitrary,
        async (text, hasMark, cuts) => {
          const bytes = Buffer.from((hasMark ? '\ufeff' : '') + text);
          const expected = text.startsWith('\ufeff') && !hasMark ? text.slice(1) : text;
          expect(await decode(pieces(bytes, cuts))).toEqual({ text: expected, fault: undefined });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('finds the first byte that is not UTF-8, as the platform does, however it is cut', async () => {
    const soup = fc.uint8Array({ maxLength: 12 });
    const mixed = fc
      .tuple(fc.string({ unit: 'binary', maxLength: 5 }), soup, fc.string({ maxLength: 5 }))
      .map(([before, bytes, after]) =>
        Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]),
      );
    const cutAfter = (bytes: Uint8Array, length: number) =>
      new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes.subarray(0, length));
    await fc.assert(
      fc.asyncProperty(mixed, cutsArbitrary, async (bytes, cuts) => {
        // Marks, and zero bytes, say that it is something else.
        fc.pre(![0xef, 0xfe, 0xff].includes(bytes[0] ?? 0) && !bytes.includes(0));
        const { text, fault } = await decode(pieces(bytes, cuts));
        // Valid before the fault, and with any more of the bytes no longer.
        const valid = Buffer.byteLength(text);
        expect(cutAfter(bytes, valid)).toBe(text);
        expect(fault).toBe(
          valid === bytes.length
            ? undefined
            : `Byte ${valid + 1} of the file is not valid utf-8. ${UTF8_ADVICE}`,
        );
        for (let more = valid + 1; more <= Math.min(valid + 4, bytes.length); more++) {
          expect(() => cutAfter(bytes, more)).toThrow();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('says in which line and byte a file is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('\ufeffname\r\nZoë\r\n'), Buffer.from([0x5a, 0xeb])]);
    for (const cuts of [[], [3], [15], [16, 17]]) {
      const table = readPieces([...pieces(bytes, cuts), Buffer.from('secret\n')], {
        format: 'csv',
      });
      expect(await problemsOf(table)).toEqual([
        {
          code: 'ENCODING_WRONG',
          line: 3,
          detail: `Byte 17 of the file is not valid utf-8. ${UTF8_ADVICE}`,
        },
      ]);
    }
  });

  it('reads UTF-16 by its mark or by its label, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        fc.boolean(),
        cutsArbitrary,
        async (text, isBigEndian, hasMark, cuts) => {
          fc.pre(hasMark || !/^[\ufeff\ufffe\ubbef\u4b50]/.test(text));
          const bytes = Buffer.from((hasMark ? '\ufeff' : '') + text, 'utf16le');
          if (isBigEndian) bytes.swap16();
          const label = hasMark ? undefined : isBigEndian ? 'utf-16be' : 'utf-16';
          expect(await decode(pieces(bytes, cuts), label)).toEqual({ text, fault: undefined });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('finds half a character in UTF-16', async () => {
    const lone = Buffer.from('\ufeffab\ud83dx', 'utf16le');
    const advice = 'Name the encoding that the file was saved in, or save it as UTF-8.';
    for (const cuts of [[], [7], [8]]) {
      expect(await decode(pieces(lone, cuts))).toEqual({
        text: 'ab',
        fault: `Byte 7 of the file is not valid utf-16le. ${advice}`,
      });
    }
    expect(await decode([lone.subarray(0, 5)])).toEqual({
      text: 'a',
      fault: `Byte 5 of the file is not valid utf-16le. ${advice}`,
    });
    expect((await decode([lone.subarray(0, 8)])).fault).toContain('Byte 7');
  });

  it('reads windows-1252 as browsers do', async () => {
    const none = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
    const bytes = Uint8Array.from(
      Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !none.includes(byte)),
    );
    const { text } = await decode([bytes.subarray(0, 100), bytes.subarray(100)], 'iso-8859-1');
    expect(text.slice(0, 128)).toBe(Buffer.from(bytes.subarray(0, 128)).toString('latin1'));
    // https://encoding.spec.whatwg.org/index-windows-1252.txt
    expect(text.slice(128, 155)).toBe(
      '\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d' +
        '\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178',
    );
    expect(text.slice(155)).toBe(Buffer.from(bytes.subarray(155)).toString('latin1'));
  });

  it('takes no byte of windows-1252 for a control character', async () => {
    for (const byte of [0x81, 0x8d, 0x8f, 0x90, 0x9d]) {
      const parts = [Buffer.from('na'), Uint8Array.of(0xe9, byte, 0x61)];
      expect(await decode(parts, 'windows-1252')).toEqual({
        text: 'naé',
        fault:
          'Byte 4 of the file is not valid windows-1252. Name the encoding that the file was saved in, or save it as UTF-8.',
      });
    }
  });

  it.each([
    ['shift_jis', [0x93, 0xfa, 0x96, 0x7b, 0x0a, 0x83, 0x5c], '日本\nソ'],
    ['gb18030', [0xd6, 0xd0, 0xce, 0xc4, 0x81, 0x30, 0x81, 0x30], '中文\u0080'],
    ['windows-1251', [0xcf, 0xf0, 0xe8], 'При'],
    ['iso-2022-jp', [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42, 0x61], '日a'],
  ])('reads %s, however it is cut', async (label, bytes, text) => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parts = pieces(Uint8Array.from(bytes), [cut]);
      expect(await decode(parts, label)).toEqual({ text, fault: undefined });
    }
  });

  it('says in which line bytes are none of the encoding', async () => {
    const bytes = Buffer.concat([
      Buffer.from('name\nAda\n'),
      Buffer.from([0x83]),
      Buffer.from('\n'),
    ]);
    const table = readPieces([bytes], { format: 'csv', encoding: 'shift_jis' });
    expect(await problemsOf(table)).toEqual([
      {
        code: 'ENCODING_WRONG',
        line: 3,
        detail:
          'A byte here is not valid shift_jis. Name the encoding that the file was saved in, or save it as UTF-8.',
      },
    ]);
  });
});
