import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCsv } from '../../../../local/stepFunctions/map/csv.ts';

it.each<[string, string, string[][]]>([
  [
    'line ends of all kinds',
    'a,b\r\n1,2\n3,4',
    [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  ['a byte order mark', '\uFEFFa,b', [['a', 'b']]],
  ['quotes around delimiters, line ends and quotes', '"a,b\n""c""",d', [['a,b\n"c"', 'd']]],
  ['empty lines', '\n\na\n\r\n', [['a']]],
  ['a line of blanks and delimiters', '   ,,', [['   ', '', '']]],
  ['an empty quoted field', '""\n', [['']]],
  ['escapes', 'a\\,b,c\\"d,e\\\\f,\\g', [['a,b', 'c"d', 'e\\f', 'g']]],
])('reads %s', (_, text, expected) => {
  expect([...parseCsv(text, ',')]).toEqual(expected);
});

it('reads what another reader reads, for any table without backslashes', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ü', ' ', ',', ';', '"', '\n', '\r\n') });
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 });
  fc.assert(
    fc.property(table, fc.constantFrom(',', ';', '\t', '|'), (rows, delimiter) => {
      const text = rows
        .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(delimiter))
        .join('\r\n');
      expect([...parseCsv(text, delimiter)]).toEqual(
        parse(text, { delimiter, relax_column_count: true }),
      );
    }),
    { numRuns: 100 },
  );
});
