/** Data that somebody made to crash, to hang or to mislead: whatever comes of it is told, or harmless. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compileFormat } from '../../../shared/formats/numberFormat.ts';
import { gunzip } from '../../../shared/dataSources/gunzip.ts';
import { readSource } from '../../../shared/dataSources/readSource.ts';
import { withinTime } from '../../../shared/dataSources/timeLimit.ts';
import type { TextReading } from '../../../shared/dataSources/reading.ts';
import { MAX_COUNTED_PROBLEMS } from '../../../shared/limits.ts';
import { safeCharacters } from '../../../shared/rendering/safeNames.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { docx } from '../../support/docx.ts';
import { fillTable } from '../../support/fillTable.ts';
import { faultsOf, readCrafted } from './xlsx/support.ts';
import { problemsOf, readText } from './support.ts';

const MEBIBYTE = 1024 * 1024;
const CSV = { format: 'csv' } as const;
const JSON_LINES = { format: 'jsonl' } as const;
const FORMATS: readonly TextReading['format'][] = ['csv', 'json', 'jsonl'];
const codesOf = async (text: string, reading: TextReading) =>
  (await problemsOf(readText(text, reading))).map(({ code }) => code);

/** Reads what never ends; answers with the problems, and how much of it was taken. */
async function readEndless(head: string, rest: string, reading: TextReading, mostBytes: number) {
  let taken = 0;
  const piece = Buffer.from(rest.repeat(Math.ceil(MEBIBYTE / rest.length)));
  async function* source() {
    yield Buffer.from(head);
    while (taken < mostBytes) {
      taken += piece.length;
      yield piece;
    }
  }
  const outcome = await readSource({ objects: createMemoryObjectStore() }, source, reading, {
    rowsKey: 'rows',
    indexKey: 'index',
  });
  if (outcome.ok) throw new Error('It was read.');
  return { problems: outcome.problems, taken };
}

describe('a value beyond all measure', () => {
  const long = 'x'.repeat(10 * MEBIBYTE);

  it.each([
    [`a,b\n1,2\n3,${long}\n`, CSV, 3],
    [`a,b\n1,2\n3,"${long}"\n`, CSV, 3],
    [`${long}\n1\n`, CSV, 1],
    [`[{"a":1},\n{"a":"${long}"}]`, { format: 'json' } as const, 2],
    [`{"a":1}\n{"${long}":1}\n`, JSON_LINES, 2],
  ])('is a problem with its line (%#)', async (text, reading, line) => {
    expect(await problemsOf(readText(text, reading))).toMatchObject([
      { code: 'ROW_TOO_LARGE', line },
    ]);
  });

  it('of digits alone is no number, and stays as it is', async () => {
    const digits = '9'.repeat(MEBIBYTE);
    const { rows } = await readText(`{"a":${digits}}\n`, JSON_LINES);
    expect(rows).toEqual([{ a: digits }]);
  });

  it.each([
    ['a quote that is never closed', 'a,b\n1,"', 'x', CSV],
    ['a quote of lines', 'a,b\n1,"', 'x\n', CSV],
    ['a header that never ends', 'a', 'x', CSV],
    ['an array that is never opened', '[', ' {"a":[', { format: 'json' } as const],
    ['a line without an end', '{"a":"', 'x', JSON_LINES],
  ])('ends soon: %s', async (_what, head, rest, reading) => {
    const { problems, taken } = await readEndless(head, rest, reading, 4096 * MEBIBYTE);
    expect(problems).toMatchObject([{ code: 'ROW_TOO_LARGE' }]);
    expect(taken).toBeLessThan(16 * MEBIBYTE);
  });
});

describe('columns without number', () => {
  const many = Array.from({ length: 1_000_000 }, (_, i) => i.toString(36));
  const short = many.map(() => 'x');

  it('are a problem in a header, beside a table, and in objects', async () => {
    expect(await codesOf(`${short.join(',')}\n1\n`, CSV)).toEqual(['COLUMNS_TOO_MANY']);
    expect(await codesOf(`a,b\n${short.join(',')}\n`, CSV)).toEqual(['CELL_COUNT']);
    const fields = many.slice(0, 300_000).map((name) => `"${name}":1`);
    expect(await codesOf(`{${fields.join(',')}}\n`, JSON_LINES)).toEqual(['COLUMNS_TOO_MANY']);
    const rows = many.slice(0, 20_000).map((name) => `{"${name}":1}`);
    expect(await codesOf(rows.join('\n'), JSON_LINES)).toEqual(['COLUMNS_TOO_MANY']);
  });

  it('may be merged over: an area as large as a sheet costs what its table costs', async () => {
    const data = Array.from(
      { length: 20_000 },
      (_, i) =>
        `<row><c t="inlineStr"><is><t>a${i}</t></is></c>${i === 0 ? '<c t="inlineStr"><is><t>b</t></is></c>' : ''}</row>`,
    ).join('');
    const { rows, outcome } = await readCrafted({
      sheets: [{ data, behind: '<mergeCells><mergeCell ref="B2:XFD1048576"/></mergeCells>' }],
    });
    expect(outcome).toMatchObject({ ok: true, rowCount: 19_999 });
    expect(rows[0]).toEqual({ a0: 'a1', b: null });
  });
});

describe('names of what every object has', () => {
  it('are columns like others, and reach the document', async () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then'];
    const template = docx(names.map((name) => `{${name}}`).join(' '));
    const { texts } = await fillTable(template, `${names.join(',')}\n1,2,3,4,5\n`);
    expect(texts).toEqual(['1 2 3 4 5']);
    const missing = await fillTable(template, 'a\n1\n', CSV, 'error');
    expect(missing.texts).toEqual(['MISSING_VALUE']);
  });

  it('change no object: __proto__ is refused, wherever it stands', async () => {
    expect(await codesOf('__proto__\n1\n', CSV)).toEqual(['COLUMN_NAME_INVALID']);
    expect(await codesOf('a.__proto__.polluted\n1\n', CSV)).toEqual(['COLUMN_NAME_INVALID']);
    for (const row of [
      '{"__proto__":{"polluted":1}}',
      '{"a":[{"\\u005f_proto__":{"polluted":1}}]}',
      '{"a":12345678901234567890,"__proto__":{"polluted":1}}',
    ]) {
      expect(await codesOf(row, JSON_LINES)).toEqual(['NAME_RESERVED']);
    }
    const { rows } = await readText('{"constructor":{"prototype":{"polluted":1}}}', JSON_LINES);
    expect(rows).toEqual([{ constructor: { prototype: { polluted: 1 } } }]);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('what grows when it is opened', () => {
  it('is refused before it has grown', async () => {
    const objects = createMemoryObjectStore();
    const bomb = gzipSync(Buffer.alloc(80 * MEBIBYTE, `${'a'.repeat(999)}\n`));
    const open = () =>
      gunzip(
        (async function* () {
          yield bomb;
        })(),
      );
    for (const format of FORMATS) {
      const keys = { rowsKey: 'rows', indexKey: 'index' };
      const outcome = await readSource({ objects }, open, { format }, keys);
      expect(outcome).toMatchObject({ ok: false });
    }
    expect(objects.keys()).toEqual([]);
  });

  it('may be nested without end', async () => {
    for (const depth of [33, 10_000, MEBIBYTE]) {
      const nested = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
      expect(await codesOf(`[${nested}]`, { format: 'json' })).toEqual(['ROW_TOO_DEEP']);
      expect(await codesOf(nested, JSON_LINES)).toEqual(['ROW_TOO_DEEP']);
    }
    expect(await codesOf(`{"a":${'{"a":'.repeat(100_000)}`, JSON_LINES)).toEqual(['JSON_INVALID']);
  });

  it('ends where there is no time left', async () => {
    let left = 100_000;
    async function* source() {
      for (;;) yield Buffer.from('a\n'.repeat(1_000));
    }
    const outcome = await readSource(
      { objects: createMemoryObjectStore() },
      () => withinTime(source(), () => (left -= 1_000)),
      CSV,
      { rowsKey: 'rows', indexKey: 'index' },
    );
    expect(outcome).toMatchObject({ ok: false, problems: [{ code: 'FILE_TOO_LARGE' }] });
  });
});

describe('characters that nobody sees', () => {
  it('stay in values, are told of in names of columns, and are none of a file name', async () => {
    const value = 'annexe\u202egpj.exe';
    const { outcome, rows } = await readText(`na\u202eme,name\n${value},x\n`, CSV);
    expect(rows).toEqual([{ 'na\u202eme': value, name: 'x' }]);
    if (!outcome.ok) throw new Error('It was read.');
    expect(outcome.warnings.join()).toMatch(/name/);
    expect(safeCharacters(value)).toBe('annexegpj.exe');
  });

  it('of NUL are told in names, and never reach a document', async () => {
    expect(await codesOf('a\0b,c\n1,2\n', CSV)).toEqual(['COLUMN_NAME_INVALID']);
    const { texts } = await fillTable(docx('{a}|'), 'a,b\nx\0y\u0001,zz\n');
    expect(texts).toEqual(['RENDER_FAILED']);
  });

  it('that are half of one fail their document', async () => {
    const { texts } = await fillTable(docx('{a}|'), '{"a":"x\\ud800y"}\n', JSON_LINES);
    expect(texts).toEqual(['RENDER_FAILED']);
  });
});

describe('problems without number', () => {
  it('are counted so far, and the file is read no further', async () => {
    let lines = 0;
    async function* source() {
      for (; lines < 10_000_000; lines += 10_000) yield Buffer.from('a\n'.repeat(10_000));
    }
    const outcome = await readSource({ objects: createMemoryObjectStore() }, source, JSON_LINES, {
      rowsKey: 'rows',
      indexKey: 'index',
    });
    expect(outcome).toMatchObject({ ok: false, problemCount: MAX_COUNTED_PROBLEMS + 1 });
    expect(lines).toBeLessThan(2 * MAX_COUNTED_PROBLEMS);
  });
});

describe('texts that make patterns explode', () => {
  const evil = [
    `${'a'.repeat(50_000)}!`,
    `${' '.repeat(50_000)}x`,
    `${'['.repeat(400)}${'1]'.repeat(400)}`,
    'a.'.repeat(450),
    `a${'[1]'.repeat(300)}`,
    `${'0'.repeat(50_000)}.`,
    `"${'\\'.repeat(50_000)}`,
    `=${'"'.repeat(999)}`,
    `${'1'.repeat(300)}e${'1'.repeat(300)}`,
  ];

  it('are read as what they are', async () => {
    const lines = evil.map((value) => JSON.stringify({ a: value }));
    expect((await readText(lines.join('\n'), JSON_LINES)).rows).toEqual(
      evil.map((value) => ({ a: value })),
    );
    const table = ['a', ...evil.map((value) => `"${value.replaceAll('"', '""')}"`)].join('\n');
    expect((await readText(table, CSV)).rows).toHaveLength(evil.length);
  });

  it('may be names', async () => {
    for (const name of evil.filter(({ length }) => length <= 1_000)) {
      const { outcome } = await readText(`"${name.replaceAll('"', '""')}",b\n1,2\n`, CSV);
      expect(outcome.ok || outcome.problems.length > 0).toBe(true);
    }
  });

  it('may be formats of numbers', () => {
    const codes = ['#,##0.', '[', '[h', '0;', 'yyyy', '_', '"', '\\', '??/', 'E+', '[$-', 'a/p'];
    for (const part of codes) {
      const code = part.repeat(Math.floor(1_024 / part.length));
      const format = compileFormat(code, { locale: 'en-US', is1904: false });
      for (const value of [0, 1234.5, -1e15, 46_351.5]) format.show(value);
      format.showText('x');
    }
  });

  it('may be cells that say they are numbers', async () => {
    const cell = (value: string) => `<row><c><v>${value}</v></c></row>`;
    const values = [
      '9'.repeat(100_000),
      `${'1'.repeat(50_000)}.${'1'.repeat(50_000)}`,
      '-'.repeat(9),
    ];
    const header = '<row><c t="inlineStr"><is><t>a</t></is></c></row>';
    const { outcome } = await readCrafted({
      sheets: [{ data: header + values.map(cell).join('') }],
    });
    expect(outcome).toMatchObject({ ok: true, rowCount: 3 });
    const bomb = `${header}<row r="2"><c r="${'A'.repeat(100_000)}2"><v>1</v></c></row>`;
    expect(await faultsOf(readCrafted({ sheets: [{ data: bomb }] }))).toMatchObject([
      { code: 'COLUMNS_TOO_MANY' },
    ]);
  });
});
