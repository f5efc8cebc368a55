import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createCsvTokenizer, type BrokenQuote } from '../../../shared/dataSources/csvTokens.ts';
import { MAX_COLUMNS, MAX_ROW_BYTES } from '../../../shared/limits.ts';
import { cutsArbitrary, pieces, textArbitrary } from './support.ts';

interface Tokens {
  rows: { line: number; cells: (string | null)[] }[];
  emptyLines: number;
  broken: BrokenQuote[];
  line: number;
}

/** @param options.refusals how often the sink is not ready before each row */
function tokenize(
  parts: Iterable<Uint8Array>,
  { delimiter = ',', skippedLines = 0, refusals = 0 } = {},
): Tokens {
  const found: Tokens = { rows: [], emptyLines: 0, broken: [], line: 0 };
  let refused = 0;
  const tokenizer = createCsvTokenizer(
    { delimiter: delimiter.charCodeAt(0), skippedLines },
    {
      ready() {
        if (refused++ < refusals) return false;
        refused = 0;
        return true;
      },
      row({ bytes, ends, cellCount, line }) {
        const cells = Array.from({ length: cellCount }, (_, i) => {
          const json = Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])).toString();
          return json === '' ? null : String(JSON.parse(json));
        });
        found.rows.push({ line, cells });
      },
      emptyLine: () => found.emptyLines++,
      brokenQuote: (fault) => found.broken.push(fault),
    },
  );
  for (const part of parts) {
    let at = 0;
    while (at < part.length) at = tokenizer.push(part, at);
  }
  tokenizer.end();
  return { ...found, line: tokenizer.line };
}

const cellsOf = (text: string, options = {}) =>
  tokenize([Buffer.from(text)], options).rows.map(({ cells }) => cells);

const CellsSchema = z.array(z.array(z.string().nullable()));

/** What csv-parse makes of it, with absent cells as null; undefined when it refuses. */
function referenceCells(text: string, delimiter: string): (string | null)[][] | undefined {
  try {
    const cells: unknown = parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    });
    return CellsSchema.parse(cells);
  } catch {
    return undefined;
  }
}

const isEmptyLine = (cells: readonly (string | null)[]) => cells.length === 1 && cells[0] === null;

describe('the CSV tokenizer', () => {
  const tableArbitrary = fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    endsWithLineEnd: fc.boolean(),
    rows: fc.array(
      fc.array(fc.tuple(fc.option(textArbitrary), fc.boolean()), { minLength: 1, maxLength: 5 }),
      { minLength: 1, maxLength: 8 },
    ),
  });

  function write({ delimiter, lineEnd, endsWithLineEnd, rows }: Table): string {
    const cell = ([value, isQuoted]: [string | null, boolean]) => {
      if (value === null) return '';
      const mustBeQuoted = value === '' || /["\r\n]/.test(value) || value.includes(delimiter);
      return isQuoted || mustBeQuoted ? `"${value.replaceAll('"', '""')}"` : value;
    };
    const lines = rows.map((row) => row.map(cell).join(delimiter));
    return lines.join(lineEnd) + (endsWithLineEnd ? lineEnd : '');
  }
  type Table = typeof tableArbitrary extends fc.Arbitrary<infer T> ? T : never;

  it('gives the cells that were written, and those that csv-parse finds', () => {
    fc.assert(
      fc.property(tableArbitrary, cutsArbitrary, fc.nat(2), (table, cuts, refusals) => {
        const text = write(table);
        const { delimiter } = table;
        const tokens = tokenize(pieces(Buffer.from(text), cuts), { delimiter, refusals });
        const written = table.rows.map((row) => row.map(([value]) => value));
        const found = tokens.rows.map(({ cells }) => cells);
        expect(found).toEqual(written.filter((cells) => !isEmptyLine(cells)));
        const reference = referenceCells(text, delimiter);
        expect(found).toEqual(reference?.filter((cells) => !isEmptyLine(cells)));
        expect(tokens.broken).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('agrees with csv-parse on whatever that takes for CSV', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'ab",\r\n'), maxLength: 24 });
    fc.assert(
      fc.property(soup, (text) => {
        const reference = referenceCells(text, ',');
        fc.pre(reference !== undefined);
        expect(cellsOf(text)).toEqual(reference.filter((cells) => !isEmptyLine(cells)));
      }),
      { numRuns: 500 },
    );
  });

  it('finds the same in any bytes, however they are cut', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'ab",\r\n张'), maxLength: 40 });
    const attempt = (parts: Uint8Array[], skippedLines: number, refusals = 0) => {
      try {
        return tokenize(parts, { skippedLines, refusals });
      } catch (error) {
        return error instanceof Error ? error.message : error;
      }
    };
    fc.assert(
      fc.property(soup, cutsArbitrary, fc.nat(3), (text, cuts, skipped) => {
        const bytes = Buffer.from(text);
        expect(attempt(pieces(bytes, cuts), skipped, 1)).toEqual(attempt([bytes], skipped));
      }),
      { numRuns: 500 },
    );
  });

  it('takes a quote inside of an unquoted cell as it is', () => {
    expect(cellsOf('5" pipe,a"b"c,""""\n')).toEqual([['5" pipe', 'a"b"c', '"']]);
  });

  it('tells an absent cell from an empty text', () => {
    expect(cellsOf('a,,""\n,\n')).toEqual([
      ['a', null, ''],
      [null, null],
    ]);
  });

  it('counts lines of every kind, within cells too', () => {
    const { rows, line, emptyLines } = tokenize([Buffer.from('a\r\n"b\nb\r\nb\rb"\rc\n\n\r\n\rd')]);
    expect(rows.map((row) => row.line)).toEqual([1, 2, 6, 10]);
    expect(emptyLines).toBe(3);
    expect(line).toBe(10);
  });

  it('leaves out the first lines, whatever quotes they hold', () => {
    const text = 'Report "1"\r\n"\r\r\na,b\n';
    expect(cellsOf(text, { skippedLines: 3 })).toEqual([['a', 'b']]);
  });

  it('reports text behind a closing quote with the lines of both quotes, and reads on', () => {
    const { rows, broken } = tokenize([Buffer.from('a,b\n1,"x\ny"z,3\n4,5\n')]);
    expect(broken).toEqual([{ cell: 2, openedIn: 2, closedIn: 3 }]);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['a', 'b'],
      ['4', '5'],
    ]);
  });

  it('refuses a quote that is never closed, with its line', () => {
    expect(() => cellsOf('a,b\n1,"x\ny\n')).toThrow(
      'The quote that is opened in line 2 is never closed. Close it, or double it if it belongs to the text.',
    );
  });

  it('refuses a row above the limit before it ends', () => {
    const part = Buffer.alloc(64 * 1024, 'x');
    const tooMany = Math.ceil(MAX_ROW_BYTES / part.length) + 1;
    let pushed = 0;
    const parts = (function* () {
      yield Buffer.from('a\nb,"');
      for (;;) {
        pushed++;
        yield part;
      }
    })();
    expect(() => tokenize(parts)).toThrow(
      'Line 2: the row is larger than 4194304 bytes. Make it smaller. The quote that is opened in line 2 may not be closed.',
    );
    expect(pushed).toBeLessThanOrEqual(tooMany);
  });

  it('counts cells beyond the limit without keeping them', () => {
    const counts: number[] = [];
    const tokenizer = createCsvTokenizer(
      { delimiter: 0x2c, skippedLines: 0 },
      {
        ready: () => true,
        row: ({ cellCount, ends }) => counts.push(cellCount, ends.length),
        emptyLine: () => undefined,
        brokenQuote: () => undefined,
      },
    );
    tokenizer.push(Buffer.from(`${','.repeat(20_000)}\n`), 0);
    expect(counts).toEqual([20_001, MAX_COLUMNS]);
  });
});
