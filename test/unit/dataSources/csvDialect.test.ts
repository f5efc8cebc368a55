import { describe, expect, it } from 'vitest';
import { readText } from './support.ts';

const read = async (text: string, options: { delimiter?: string; quote?: '"' | "'" } = {}) => {
  const { outcome, rows } = await readText(text, { format: 'csv', ...options });
  if (!outcome.ok) throw new Error(outcome.problems[0]?.detail);
  return { rows, found: outcome.found, warnings: outcome.warnings };
};

describe('the delimiter of a CSV', () => {
  it('is the one by which the lines are alike', async () => {
    const { rows, found } = await read('name;street, town\nAda;Elm 1\nBob;Oak 2\n');
    expect(found).toMatchObject({ delimiter: ';' });
    expect(rows?.[0]).toEqual({ name: 'Ada', 'street, town': 'Elm 1' });
    expect((await read('name;amount\nAda;1,50\nBob;2,75\n')).found?.delimiter).toBe(';');
    expect((await read('a,b,c\n1\n2\n')).found?.delimiter).toBe(',');
    expect((await read('a\tb|c\n1\t2|3\n')).found?.delimiter).toBe('\t');
  });

  it('is not looked for within quotes', async () => {
    const { rows } = await read('"a;b;c";d\n"1,2,3";4\n');
    expect(rows).toEqual([{ 'a;b;c': '1,2,3', d: '4' }]);
  });
});

describe('the quote of a CSV', () => {
  it('is found where all cells that begin with it end with it', async () => {
    const { rows, found, warnings } = await read(
      "'name','motto'\r\n'O''Hara','said \"yes, no\"'\r\n'a\nb',''\r\nplain,x\r\n",
    );
    expect(rows).toEqual([
      { name: "O'Hara", motto: 'said "yes, no"' },
      { name: 'a\nb', motto: '' },
      { name: 'plain', motto: 'x' },
    ]);
    expect(found).toEqual({ encoding: 'utf-8', delimiter: ',', quote: "'", headerRow: 1 });
    expect(warnings).toEqual([expect.stringContaining('single quotes')]);
  });

  it.each([
    ["name,city\n'Tis,London\n'Twas,Paris\n", { name: "'Tis", city: 'London' }],
    ["name,city\n'Ada',London\n", { name: "'Ada'", city: 'London' }],
    ["'a',\"b\"\n'1',2\n'3',4\n", { "'a'": "'1'", b: '2' }],
  ])('is the usual one where that is not so: %j', async (text, row) => {
    const { rows, found, warnings } = await read(text);
    expect(rows?.[0]).toEqual(row);
    expect(found).toMatchObject({ quote: '"' });
    expect(warnings).toEqual([]);
  });

  it('is what it is told to be', async () => {
    expect((await read("name\n'Ada'\n'Bob'\n", { quote: '"' })).rows?.[0]).toEqual({
      name: "'Ada'",
    });
    expect((await read('name,b\n\'A,da\',"x"\n', { quote: "'" })).rows?.[0]).toEqual({
      name: 'A,da',
      b: '"x"',
    });
    expect((await read("a'b\n1'2\n", { delimiter: "'" })).rows).toEqual([{ a: '1', b: '2' }]);
  });

  it('is told in which line it is opened when it is never closed', async () => {
    const { outcome } = await readText("'a','b'\n'1','2'\n'3,4\n", { format: 'csv', quote: "'" });
    expect(outcome).toMatchObject({ problems: [{ code: 'QUOTE_UNCLOSED', line: 3 }] });
  });
});
