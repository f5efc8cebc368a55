import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFormat } from '../../../../shared/formats/numberFormat.ts';
import { readCrafted } from './support.ts';

const FORMATS = [
  'General',
  '0',
  '#,##0.00',
  '$ #,##0.0 "kg  "',
  '0.00%',
  'yyyy-mm-dd',
  'h:mm',
  '[$€-407] 0.00',
  '"n "@',
];

/** Numbers as programs write them, and as none should. */
const numberText = fc.oneof(
  fc.integer({ min: -100_000, max: 3_000_000 }).map(String),
  fc.integer({ min: -10_000_000, max: 10_000_000 }).map((cents) => String(cents / 100)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: 0, max: 1 }).map(String),
  fc.integer({ min: 0, max: 99_999 }).map((digits) => `0.${digits}`),
  fc.constantFrom(
    '0',
    '-0',
    '00',
    '007',
    '1.',
    '.5',
    '-',
    '',
    '1.50',
    '-0.5',
    '-0.05',
    '1e3',
    ' 1',
  ),
  fc.stringMatching(/^-?[0-9]{1,20}(\.[0-9]{1,20})?$/),
);
const style = fc.integer({ min: 0, max: FORMATS.length });
const string = fc.oneof(
  fc.stringMatching(/^[ a-zé_x0-9&"\\\n-]{0,12}$/),
  fc.constantFrom('a_b', 'a_x0041_', '李_', 'end_'),
);
const escaped = (text: string) => text.replaceAll('&', '&amp;');

const cell = fc.oneof(
  fc.tuple(numberText, style).map(([text, s]) => `<c s="${s}"><v>${text}</v></c>`),
  fc.tuple(fc.nat({ max: 6 }), style).map(([i, s]) => `<c s="${s}" t="s"><v>${i}</v></c>`),
  fc.constantFrom('1', '0', 'true', '').map((v) => `<c t="b"><v>${v}</v></c>`),
  fc.tuple(string, style).map(([text, s]) => `<c s="${s}" t="str"><v>${escaped(text)}</v></c>`),
  string.map((text) => `<c t="inlineStr"><is><t>${escaped(text)}</t></is></c>`),
  numberText.map((text) => `<c><f>A1*2</f><v>${text}</v></c>`),
  numberText.map((text) => `<c><f t="shared" si="0"/><v>${text}</v></c>`),
  fc.constantFrom('<c s="1"/>', '<c/>', '<c t="e"><v>#N/A</v></c>', '<c><f>A1</f></c>'),
);

/** The same XML, spelt so that the scanner tells of each element. */
const unusual = (xml: string) => xml.replace(/<(v|t|si|f)(?=[ >])/g, '<$1 ');

describe('cells that are taken as a whole', () => {
  it('are what they are when they come part by part', async () => {
    const header = ['a', 'b', 'c', 'd'].map(
      (name) => `<c t="inlineStr"><is><t>${name}</t></is></c>`,
    );
    const rows = fc.array(fc.array(cell, { maxLength: 4 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.array(string, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('shown' as const, 'typed' as const),
        async (cells, texts, values) => {
          const data = [header, ...cells].map((row) => `<row>${row.join('')}</row>`).join('');
          const strings = texts.map((text) => `<t>${escaped(text)}</t>`);
          const read = (change: (xml: string) => string) =>
            readCrafted(
              { sheets: [{ data: change(data) }], strings: strings.map(change), formats: FORMATS },
              { values },
            );
          const quick = await read((xml) => xml);
          const slow = await read(unusual);
          expect(quick.text).toBe(slow.text);
          expect(quick.outcome).toEqual(slow.outcome);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are shown as their numbers are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          numberText.filter((text) => text.trim() !== '' && Number.isFinite(Number(text))),
          {
            minLength: 1,
            maxLength: 20,
          },
        ),
        fc.constantFrom(...FORMATS.slice(0, 5)),
        async (texts, code) => {
          const format = compileFormat(code, { locale: 'en-US', is1904: false });
          const data = texts.map((text) => `<row><c s="1"><v>${text}</v></c></row>`).join('');
          const { rows, typed } = await readCrafted({
            sheets: [{ data: `<row><c t="inlineStr"><is><t>a</t></is></c></row>${data}` }],
            formats: [code],
          });
          expect(rows.map(({ a }) => a)).toEqual(
            texts.map((text) => format.show(Number(text))?.trim()),
          );
          expect(typed.map((row) => row?.a)).toEqual(texts.map((text) => Number(text) + 0));
        },
      ),
      { numRuns: 150 },
    );
  });
});
