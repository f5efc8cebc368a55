import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ROW_BYTES } from '../../../shared/limits.ts';
import {
  cutsArbitrary,
  pieces,
  problemsOf,
  readPieces,
  readText,
  textArbitrary,
} from './support.ts';

const json = { format: 'json' } as const;
const jsonl = { format: 'jsonl' } as const;

const valueArbitrary = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    textArbitrary,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false, '[{"', '}]\\"', '\ud800'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      textArbitrary.filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value;
const rowArbitrary = fc.dictionary(
  fc.constantFrom('name', 'city', 'constructor', '名', ''),
  valueArbitrary,
  { maxKeys: 4 },
);
/** What JSON makes of a value: -0 becomes 0. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const columnsOf = (rows: readonly object[]) => [
  ...new Set(rows.flatMap((row) => Object.keys(row))),
];

const MAX_ADVICE = 'Make it smaller, or close a quote or bracket that is open in it.';

describe('reading a JSON array', () => {
  it('gives the objects in order, however they are written and cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowArbitrary, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('', ' ', '\t', '\n  ', '\r\n', '\r'),
        cutsArbitrary,
        async (objects, blank, cuts) => {
          const elements = objects.map((row) => JSON.stringify(row, null, blank.trim() || blank));
          const text = `${blank}[${blank}${elements.join(`${blank},${blank}`)}${blank}]${blank}`;
          const { outcome, rows } = await readPieces(pieces(Buffer.from(text), cuts), json);
          expect(rows).toEqual(asJson(objects));
          expect(outcome).toMatchObject({
            ok: true,
            rowCount: objects.length,
            columns: columnsOf(objects),
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('writes one object a line', async () => {
    const { outcome } = await readText('[\n{ "a" :\n1.0 }\n]', json);
    expect(outcome).toMatchObject({
      ok: true,
      columns: ['a'],
      rowCount: 1,
      bytes: '{"a":1}\n'.length,
    });
  });

  it.each([
    [
      '{"a":1}',
      1,
      'The file does not hold an array. A JSON file is one array of objects: [{…}, {…}]. For one object a line use JSON Lines (.jsonl).',
    ],
    [
      '\n "a"',
      2,
      'The file does not hold an array. A JSON file is one array of objects: [{…}, {…}]. For one object a line use JSON Lines (.jsonl).',
    ],
    [
      ' \n',
      2,
      'The file does not hold an array. A JSON file is one array of objects: [{…}, {…}]. For one object a line use JSON Lines (.jsonl).',
    ],
    ['[ ]', 1, 'The array is empty. Add at least one object.'],
    [
      '[',
      1,
      'The file ends behind element 0, before its array is closed with "]". It may have been cut off.',
    ],
    [
      '[{},\n{}',
      2,
      'The file ends behind element 2, before its array is closed with "]". It may have been cut off.',
    ],
    [
      '[{},\n',
      2,
      'The file ends behind element 1, before its array is closed with "]". It may have been cut off.',
    ],
    [
      '[{},\n{"a":\n"x',
      3,
      'The file ends within element 2, which begins in line 2. It may have been cut off.',
    ],
    ['[{}\n{}]', 2, 'There is no comma between elements 1 and 2.'],
    ['[{},\n]', 2, 'Element 2 is missing beside a comma. Remove the comma.'],
    ['[,{}]', 1, 'Element 1 is missing beside a comma. Remove the comma.'],
    ['[{}]\n x', 2, 'Something follows the end of the array. Remove it.'],
    [
      '[{},\r\n[1]]',
      2,
      'Element 2 is a list, not an object. Every row is an object, such as {"name": "…"}.',
    ],
    [
      '[{},"s}]\\"",{}]',
      1,
      'Element 2 is a text, not an object. Every row is an object, such as {"name": "…"}.',
    ],
    [
      '[{},-1.5e3 ]',
      1,
      'Element 2 is a number, not an object. Every row is an object, such as {"name": "…"}.',
    ],
    [
      '[null]',
      1,
      'Element 1 is null, not an object. Every row is an object, such as {"name": "…"}.',
    ],
    [
      '[{},true,{}]',
      1,
      'Element 2 is a truth value, not an object. Every row is an object, such as {"name": "…"}.',
    ],
    ['[{},secret]', 1, 'Element 2 is not valid JSON.'],
    ['[{},\n{"a": secret}]', 2, 'Element 2 is not valid JSON.'],
    ['[{"a":[}]}]', 1, 'Element 1 is not valid JSON.'],
    ['[{"a":"\n"}]', 1, 'Element 1 is not valid JSON.'],
    [
      '[{"a":{"__proto__":1}}]',
      1,
      'Element 1 has a field named __proto__, which is reserved. Rename the field.',
    ],
    [
      `[{"a":${'['.repeat(32)}${']'.repeat(32)}}]`,
      1,
      'Element 1 is nested more than 32 levels deep. Make it flatter.',
    ],
  ])('says of %j what is wrong, and where', async (text, line, detail) => {
    expect((await problemsOf(readText(text, json)))[0]).toMatchObject({ line, detail });
  });

  it('keeps the digits of numbers that would change, and of no others', async () => {
    const text =
      '[{"a":12345678901234567890,"b":{"c":[-9007199254740993,1]},"d":0.1234567890123456789},{"a":1.00000000000000000001}]';
    const rows = [
      { a: '12345678901234567890', b: { c: ['-9007199254740993', 1] }, d: '0.1234567890123456789' },
      { a: '1.00000000000000000001' },
    ];
    for (const read of [
      await readText(text, json),
      await readText(text.slice(1, -1).replace('},{', '}\n{'), jsonl),
    ]) {
      expect(read.rows).toEqual(rows);
      expect(read.outcome).toMatchObject({
        warnings: [expect.stringContaining('2 rows have numbers with more digits') as string],
      });
    }
    const kept =
      '[{"a":9007199254740992,"b":"9007199254740993","c":0.30000000000000004,"\\"1":1e16,"d":49098352721432010}]';
    const read = await readText(kept, json);
    expect(read.rows).toEqual(JSON.parse(kept));
    expect(read.outcome).toMatchObject({ warnings: [] });
  });

  it.each(['1E400', '-1e400', '1e-400', '123456789012345678e0'])(
    'refuses %s, which would come out as another number',
    async (number) => {
      const detail =
        'has a number that would come out as another one. Write it in quotes, as a text, or without an exponent.';
      const text = `[{"a":{"b":[${number}]}}]`;
      expect(await problemsOf(readText(text, json))).toMatchObject([
        { code: 'NUMBER_CHANGED', detail: `Element 1 ${detail}` },
      ]);
      expect(await problemsOf(readText(`{"a":${number}}\n`, jsonl))).toMatchObject([
        { line: 1, detail: `Line 1 ${detail}` },
      ]);
    },
  );

  it('takes every number that prints as its value, however it is spelt', async () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n.toExponential()),
      fc.tuple(fc.integer(), fc.nat({ max: 99_999 })).map(([a, b]) => `${a}.${b}000`),
      fc.constantFrom('1e3', '0e5', '-0.0', '100000000000000000000', '1.50E+2', '5e-324'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(numbers, { minLength: 1 }), async (list) => {
        const text = `[{"a":[${list.join(' , ')}],"b\\"1e400":"\\"9007199254740993,0.12345678901234567890"}]`;
        const { rows } = await readText(text, json);
        expect(rows).toEqual(asJson(JSON.parse(text)));
      }),
      { numRuns: 100 },
    );
  });

  it('goes on behind an element that is no row', async () => {
    const problems = await problemsOf(readText('[1,{},\n"x",{"a":}]', json));
    expect(problems.map(({ row, line }) => [row, line])).toEqual([
      [1, 1],
      [3, 2],
      [4, 2],
    ]);
  });

  it('refuses an element above the limit before it ends', async () => {
    const big = `[{},\n{"a":"${'x'.repeat(MAX_ROW_BYTES)}`;
    expect(await problemsOf(readText(big, json))).toMatchObject([
      {
        line: 2,
        detail: `Element 2: the row is larger than ${MAX_ROW_BYTES} bytes. ${MAX_ADVICE}`,
      },
    ]);
  });

  it('refuses a row that grows above the limit when its numbers are written out', async () => {
    const numbers = Array.from({ length: MAX_ROW_BYTES / 8 }, () => '1e20').join(',');
    expect(await problemsOf(readText(`[{"a":[${numbers}]}]`, json))).toMatchObject([
      {
        line: 1,
        detail: `Element 1: the row is larger than ${MAX_ROW_BYTES} bytes. ${MAX_ADVICE}`,
      },
    ]);
  });

  it('finds the same faults however the bytes are cut', async () => {
    const soup = fc.string({ unit: fc.constantFrom(...'{}[],:"\\a1 \n\r'), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(soup, cutsArbitrary, async (text, cuts) => {
        const bytes = Buffer.from(`[{"a":1},${text}`);
        const whole = await readPieces([bytes], json);
        expect(await readPieces(pieces(bytes, cuts), json)).toEqual(whole);
        // The platform's parser agrees on what is an array of objects.
        let value: unknown;
        try {
          value = JSON.parse(bytes.toString());
        } catch {
          value = undefined;
        }
        const isTable =
          Array.isArray(value) &&
          value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));
        expect(whole.outcome.ok).toBe(isTable);
      }),
      { numRuns: 200 },
    );
  });
});

describe('reading JSON Lines', () => {
  it('gives the objects in order, with any line end and cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowArbitrary, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        cutsArbitrary,
        async (objects, lineEnd, endsWithLineEnd, cuts) => {
          const lines = objects.map((row) => JSON.stringify(row));
          const text = lines.join(lineEnd) + (endsWithLineEnd ? lineEnd : '');
          const { outcome, rows } = await readPieces(pieces(Buffer.from(text), cuts), jsonl);
          expect(rows).toEqual(asJson(objects));
          expect(outcome).toMatchObject({
            ok: true,
            rowCount: objects.length,
            columns: columnsOf(objects),
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('counts empty lines between objects as blank rows, and none at the end', async () => {
    const { rows } = await readText('\n{"a":1}\r\n\r\n \t\n{"a":2}\n\n \n', jsonl);
    expect(rows).toEqual([{}, { a: 1 }, {}, {}, { a: 2 }]);
  });

  it.each([
    ['\n\r\n', 3, 'The file has no rows. Give one JSON object a line.'],
    [
      '{"a":1}\r\n[1]\r\n',
      2,
      'Line 2 is a list, not an object. Every row is an object, such as {"name": "…"}.',
    ],
    ['{"a":1}\n{"a": secret', 2, 'Line 2 is not valid JSON.'],
    ['{}\n{"a":1}{"a":2}\n', 2, 'Line 2 is not valid JSON.'],
    ['[{"a":1},\n{"a":2}]\n', 1, 'Line 1 is not valid JSON.'],
    [
      '{"__proto__":{}}',
      1,
      'Line 1 has a field named __proto__, which is reserved. Rename the field.',
    ],
    ['{"\\ud800":1}', 1, 'The name of column 1 is not valid Unicode. Rename it.'],
  ])('says of %j what is wrong, and where', async (text, line, detail) => {
    expect((await problemsOf(readText(text, jsonl)))[0]).toMatchObject({ line, detail });
  });

  it('numbers rows as they are counted elsewhere, and lists every bad line', async () => {
    const problems = await problemsOf(readText('{}\n\n1\n{}\n\n\nx\n', jsonl));
    expect(problems.map(({ row, line }) => [row, line])).toEqual([
      [3, 3],
      [7, 7],
    ]);
  });

  it('refuses more fields than there can be columns', async () => {
    const lines = Array.from({ length: 17 }, (_, i) =>
      JSON.stringify(
        Object.fromEntries(Array.from({ length: 1_000 }, (_, k) => [`f${i}_${k}`, 1])),
      ),
    );
    expect(await problemsOf(readText(lines.join('\n'), jsonl))).toMatchObject([
      { line: 17, detail: 'There are more than 16384 columns. Split the table.' },
    ]);
  });

  it('refuses a line above the limit before it ends', async () => {
    const text = `{}\n{"a":"${'x'.repeat(MAX_ROW_BYTES)}`;
    expect(await problemsOf(readText(text, jsonl))).toMatchObject([
      { line: 2, detail: `Line 2: the row is larger than ${MAX_ROW_BYTES} bytes. ${MAX_ADVICE}` },
    ]);
  });
});
