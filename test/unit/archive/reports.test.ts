import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  documentLine,
  failureLine,
  type FailureLine,
  FAILURES_HEADER,
  MANIFEST_HEADER,
  type ManifestLine,
  missingDocumentLine,
  parseFailureLines,
  parseManifestLines,
} from '../../../shared/archive/reports.ts';

const sha256 = 'ab'.repeat(32);
/** Text in which everything that CSV and formula safety turn on is likely. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', ',', '\n', '\r', "'", '=', '+', '-', '@', '\t', '陳', '😀'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
});
const someText = text.filter((t) => t !== '');
const bytesOf = (...lines: string[]) => Buffer.from(lines.join(''));

const manifestLine = (line: ManifestLine) =>
  line.status === 'succeeded'
    ? documentLine(line.row, line.template, line.document, line.bytes, line.sha256)
    : missingDocumentLine(line.row, line.template, line.status);

const anyManifestLine: fc.Arbitrary<ManifestLine> = fc.oneof(
  fc.record({
    row: fc.integer({ min: 1, max: 1e8 }),
    template: text,
    status: fc.constant('succeeded' as const),
    document: text,
    bytes: fc.nat(),
    sha256: fc.constant(sha256),
  }),
  fc.record({
    row: fc.integer({ min: 1, max: 1e8 }),
    template: text,
    status: fc.constantFrom('failed' as const, 'skipped' as const),
  }),
);

const anyFailureLine: fc.Arbitrary<FailureLine> = fc.record(
  {
    row: fc.integer({ min: 1, max: 1e8 }),
    template: text,
    code: fc.constantFrom('MISSING_VALUE' as const, 'TIMEOUT' as const),
    tag: someText,
    column: someText,
    detail: text,
  },
  { requiredKeys: ['row', 'template', 'code', 'detail'] },
);

const linesOf = <L>(placed: readonly { line: L }[]) => placed.map(({ line }) => line);

describe('manifest lines', () => {
  it('are read up to the last whole one, wherever the bytes are cut', () => {
    const texts = [
      documentLine(1, 'offer, "final"', 'Zoë 陳.docx', 12_000, sha256),
      missingDocumentLine(2, 'two\nlines', 'failed'),
      missingDocumentLine(3, 'letter', 'skipped'),
    ];
    const whole = bytesOf(...texts);
    const ends = texts.map((_, i) => Buffer.byteLength(texts.slice(0, i + 1).join('')));
    expect(parseManifestLines(whole).map(({ endsAt }) => endsAt)).toEqual(ends);
    for (let length = 0; length < whole.length; length++) {
      const found = parseManifestLines(whole.subarray(0, length));
      expect(found).toHaveLength(ends.filter((end) => end <= length).length);
    }
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(anyManifestLine, { maxLength: 5 }), (lines) => {
        expect(linesOf(parseManifestLines(bytesOf(...lines.map(manifestLine))))).toEqual(lines);
      }),
    );
  });

  it('begin with a byte-order mark, by which Excel knows UTF-8', () => {
    for (const header of [MANIFEST_HEADER, FAILURES_HEADER]) {
      expect([...bytesOf(header).subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    }
  });

  it('are plain CSV under the header', () => {
    const csv = bytesOf(
      MANIFEST_HEADER,
      documentLine(1, 'offer, "final"', 'Zoë 陳.docx', 12_000, sha256),
      missingDocumentLine(2, 'letter', 'failed'),
      missingDocumentLine(3, 'letter', 'skipped'),
    );
    expect(parse(csv, { columns: true, bom: true })).toEqual([
      {
        row: '1',
        template: 'offer, "final"',
        document: 'Zoë 陳.docx',
        status: 'succeeded',
        bytes: '12000',
        sha256,
      },
      { row: '2', template: 'letter', document: '', status: 'failed', bytes: '', sha256: '' },
      { row: '3', template: 'letter', document: '', status: 'skipped', bytes: '', sha256: '' },
    ]);
  });

  it.each([
    ['too few cells', '1,letter,failed\n'],
    ['too many cells', '1,letter,,failed,,,\n'],
    ['text behind a quote', '1,"letter"s,,failed,,\n'],
    ['an unknown status', '1,letter,,lost,,\n'],
    ['a row that is no number', 'one,letter,,failed,,\n'],
  ])('are refused when damaged: %s', (_, line) => {
    expect(() => parseManifestLines(bytesOf(line))).toThrow();
  });
});

describe('failure lines', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(anyFailureLine, { maxLength: 5 }), (lines) => {
        expect(linesOf(parseFailureLines(bytesOf(...lines.map(failureLine))))).toEqual(lines);
      }),
    );
  });

  it('never begin a cell with what a spreadsheet would run', () => {
    fc.assert(
      fc.property(anyFailureLine, (line) => {
        const [cells] = parse(bytesOf(failureLine(line)), { columns: false });
        for (const cell of cells ?? []) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });

  it('mark a formula with an apostrophe, which reading takes away', () => {
    const line: FailureLine = {
      row: 4,
      template: 'letter',
      code: 'MISSING_VALUE',
      tag: '=cmd',
      column: "'-kept",
      detail: '@home, "quoted"',
    };
    const csv = bytesOf(FAILURES_HEADER, failureLine(line));
    expect(csv.toString()).toBe(
      `\ufeffrow,template,code,tag,column,detail\n4,letter,MISSING_VALUE,'=cmd,''-kept,"'@home, ""quoted"""\n`,
    );
    const lines = parseFailureLines(csv.subarray(Buffer.byteLength(FAILURES_HEADER)));
    expect(linesOf(lines)).toEqual([line]);
  });

  it('reads a very long cell', () => {
    const detail = '"a,\n'.repeat(200_000);
    const line: FailureLine = { row: 1, template: 'letter', code: 'RENDER_FAILED', detail };
    expect(linesOf(parseFailureLines(bytesOf(failureLine(line))))).toEqual([line]);
  });
});
