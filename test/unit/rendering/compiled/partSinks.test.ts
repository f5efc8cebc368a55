/** Both ways of compressing a part give a stream that zlib inflates to what was written. */
import { crc32, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCodingSink } from '../../../../shared/rendering/deflate/codingSink.ts';
import { preparePieces } from '../../../../shared/rendering/deflate/pieces.ts';
import { createPlainSink } from '../../../../shared/rendering/deflate/plainSink.ts';
import { escapeXml } from '../../../../shared/office/xmlText.ts';
import { hasIllegalCharacters } from '../../../../shared/rendering/escaping.ts';
import { Unwritable, type PartSink } from '../../../../shared/rendering/sink.ts';

const UNKNOWN_USE = { usual: new Set<number>(), repeats: new Map(), valueCharacters: 0 };

type SinkMaker = (pieces: readonly Uint8Array[]) => PartSink;
const SINKS: Record<string, SinkMaker> = {
  'prepared pieces': (pieces) => createCodingSink(preparePieces(pieces, UNKNOWN_USE)),
  'prepared pieces that lean on each other': (pieces) =>
    createCodingSink(
      preparePieces(pieces, {
        usual: new Set(pieces.keys()),
        repeats: new Map([...pieces.keys()].map((n) => [n, { times: 5, distance: 500 }])),
        valueCharacters: 1_000,
      }),
    ),
  'zlib, level 6': (pieces) => createPlainSink(pieces, 6),
};

type Write = { readonly piece: number } | { readonly text: string } | { readonly markup: string };

function expectContent(sink: PartSink, pieces: readonly Uint8Array[], writes: readonly Write[]) {
  sink.begin();
  const expected: Uint8Array[] = [];
  for (const write of writes) {
    if ('piece' in write) {
      sink.piece(write.piece);
      expected.push(pieces[write.piece] ?? new Uint8Array());
    } else if ('text' in write) {
      sink.text(write.text);
      expected.push(Buffer.from(escapeXml(write.text)));
    } else {
      sink.markup(write.markup);
      expected.push(Buffer.from(write.markup));
    }
  }
  const { compressed, size, crc32: sum } = sink.end();
  const whole = Buffer.concat(expected);
  expect(inflateRawSync(compressed).equals(whole)).toBe(true);
  expect({ size, sum }).toEqual({ size: whole.length, sum: crc32(whole) });
  return compressed;
}

const xmlText = fc.oneof(
  fc.constantFrom('', '<w:p>', '</w:t>', '<w:r><w:rPr><w:b/></w:rPr><w:t>', '王', '\u{1f600}é'),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(fc.constantFrom('<w:p w:rsidR="00A1">', '</w:p>', 'text ', 'more', '漢字'), {
      maxLength: 400,
    })
    .map((words) => words.join('')),
);
/** What XML does not allow is not written. */
const legal = (text: string) => (hasIllegalCharacters(text) ? '' : text);
const valueText = fc.oneof(
  fc.constantFrom(
    '',
    'Ana',
    `& < > " '`,
    'tab\t cr\r lf\n',
    '\u007f\u0080\u07ff\u0800\ud7ff\ue000',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }).map(legal),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map(legal),
);
const scripts = fc.array(xmlText, { minLength: 1, maxLength: 8 }).chain((texts) =>
  fc.record({
    pieces: fc.constant(texts.map((text) => Buffer.from(text))),
    writes: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.record({ piece: fc.nat(texts.length - 1) }) },
        { weight: 4, arbitrary: fc.record({ text: valueText }) },
        { weight: 1, arbitrary: fc.record({ markup: xmlText }) },
      ),
      { maxLength: 40 },
    ),
  }),
);

describe.each(Object.entries(SINKS))('%s', (_name, create) => {
  it('inflate to what was written, document after document', () => {
    fc.assert(
      fc.property(scripts, ({ pieces, writes }) => {
        const sink = create(pieces);
        expectContent(sink, pieces, writes);
        expectContent(sink, pieces, []);
        expectContent(sink, pieces, writes.toReversed());
      }),
      { numRuns: 150 },
    );
  });

  it('reach over the window, and behind it', () => {
    const filling = Buffer.from(Array.from({ length: 9_000 }, (_, i) => `${i * 7919} `).join(''));
    const pieces = [
      Buffer.from('<w:p>A sentence of some length.</w:p>'),
      filling,
      Buffer.from('.'),
    ];
    const sink = create(pieces);
    const dots = Array.from({ length: 40_000 }, () => ({ piece: 2 }));
    expectContent(sink, pieces, [{ piece: 0 }, { piece: 0 }, { piece: 1 }, { piece: 0 }]);
    expectContent(sink, pieces, [{ piece: 0 }, ...dots, { piece: 0 }, { piece: 1 }, { piece: 1 }]);
  });

  it('take pieces and values of any size', () => {
    const pieces = [4, 257, 258, 259, 260, 261, 517, 32_768, 65_536, 200_000].map((length) =>
      Buffer.alloc(length, 'abcdefgh<w:t>'),
    );
    const sink = create(pieces);
    const all = pieces.map((_, piece) => ({ piece }));
    const long = ['x'.repeat(999), '&'.repeat(999), '王'.repeat(999), '\u{1f600}'.repeat(700)];
    const texts = [...long, 'é'.repeat(100_000)].map((text) => ({ text }));
    expectContent(sink, pieces, [...all, ...texts, ...all]);
    expectContent(sink, pieces, [{ text: 'small again' }]);
  });

  it.each([
    '\u0000',
    'a\u001fb',
    '\ud800',
    '\udc00x',
    'x\ud83d',
    '\uffff',
    '\ufffe',
    '\ud800'.repeat(2_000),
  ])('refuse what XML does not allow, and go on: %j', (text) => {
    const pieces = [Buffer.from('<a>')];
    const sink = create(pieces);
    sink.begin();
    sink.piece(0);
    expect(() => sink.text(text)).toThrow(Unwritable);
    expectContent(sink, pieces, [{ piece: 0 }, { text: 'fine' }]);
  });

  it('give the same bytes each time', () => {
    const pieces = [Buffer.from('<w:p>'), Buffer.from('</w:p>')];
    const writes = [{ piece: 0 }, { text: 'Ana' }, { piece: 1 }, { piece: 0 }, { piece: 1 }];
    const first = Buffer.from(expectContent(create(pieces), pieces, writes));
    const sink = create(pieces);
    expectContent(sink, pieces, [{ text: 'something else' }]);
    expect(first.equals(expectContent(sink, pieces, writes))).toBe(true);
  });
});
