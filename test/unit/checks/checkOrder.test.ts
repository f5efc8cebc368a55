/** Checks of rows: what is wrong with them, before a document is made, in the words that people read. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../shared/schemas/common.ts';
import { checked, only, people } from '../../support/checkedOrders.ts';
import { field, richWordFile } from '../../support/richWordFile.ts';

describe('a check of rows that are right', () => {
  it('finds nothing, and says what the documents will take', async () => {
    const { summary, findings } = await checked({ template: '{name}', data: people(20) });
    expect(findings).toEqual([]);
    expect(summary).toMatchObject({ rows: 20, documents: 20, errors: 0, warnings: 0 });
    expect(summary?.estimate.bytes).toBeGreaterThan(20 * 1000);
    expect(summary?.estimate.seconds).toBeGreaterThan(0);
    expect(summary?.estimate.costUsd).toBeGreaterThan(0);
  });
});

describe('tags and columns', () => {
  it('tells tags without a column with the column that may be meant, and columns without a tag', async () => {
    const check = await checked({
      template: '{name} {adress}',
      data: people(3, () => ({ address: 'x', other: 1 })),
    });
    expect(only(check, 'TAG_UNFILLED')).toEqual({
      code: 'TAG_UNFILLED',
      severity: 'warning',
      tag: 'adress',
      count: 0,
      firstRows: [],
      detail: 'No column fills the tag {adress}: it stays blank.',
      suggestion: 'Did you mean the column "address"?',
    });
    const unused = check.findings.filter(({ code }) => code === 'COLUMN_UNUSED');
    expect(unused.map(({ column }) => column)).toEqual(['address', 'other']);
  });

  it('shows columns that were taken although they are spelt otherwise', async () => {
    const check = await checked({ template: '{first name}', data: [{ First_Name: 'Ada' }] });
    expect(only(check, 'TAG_MATCHED')).toMatchObject({ tag: 'first name', column: 'First_Name' });
  });

  it('is an error where documents fail without a value', async () => {
    const check = await checked({
      template: '{name} {town}',
      data: people(2),
      options: { missingValue: 'error' },
    });
    expect(only(check, 'TAG_UNFILLED').severity).toBe('error');
    expect(check.summary?.errors).toBe(1);
  });
});

describe('a name that no column has', () => {
  const failing = { missingValue: 'error' };

  it('may be filled in a list, where its values are looked at all the same', async () => {
    const check = await checked({
      template: '{#items}{price | number:"0.00"}{/items} {price}',
      data: [{ items: [{ price: 'tbd' }] }, { items: [{ price: '1' }] }],
    });
    expect(only(check, 'TAG_UNFILLED').severity).toBe('warning');
    expect(only(check, 'VALUE_UNREADABLE')).toMatchObject({ severity: 'error', firstRows: [1] });
  });

  it('may have a value that stands in for it, which a format cannot read', async () => {
    const template = '{name}{#items}{nick | default:"–" | date:"d.M.yyyy"}{/items}';
    const data = people(2, (i) => ({ items: i === 2 ? [{ x: 1 }] : [] }));
    const check = await checked({ template, data });
    expect(only(check, 'VALUE_UNREADABLE')).toMatchObject({ severity: 'error', firstRows: [2] });
  });

  const merged = richWordFile(
    `<w:p>${field([' IF ']).replace(
      '<w:r><w:fldChar w:fldCharType="separate"/>',
      `${field(' MERGEFIELD name ')}<w:r><w:instrText xml:space="preserve"> = &quot;P1&quot; &quot;</w:instrText></w:r>${field(' MERGEFIELD nick ')}<w:r><w:instrText xml:space="preserve">&quot; &quot;else&quot; </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>`,
    )}</w:p><w:p><w:r><w:t>by name: </w:t></w:r>${field(' MERGEFIELD nick ')}</w:p>`,
  );
  it.each([
    ['behind a condition that a format makes', '{#flag | upper}{nick}{/flag}{nick}'],
    ['behind a field of Word that decides', merged],
    ['behind a list', '{#items}{nick}{/items}{nick}'],
    ['behind its own condition', '{#nick}x{/nick}{nick}'],
  ])('fails every row where it is printed %s', async (_, template) => {
    const data = people(3, (i): Row => (i === 2 ? { items: [{ x: 1 }] } : {}));
    const check = await checked({ template, data, options: failing });
    const errors = check.findings.filter(({ severity }) => severity === 'error');
    expect(errors).toMatchObject([
      { code: 'TAG_UNFILLED', tag: 'nick', count: 3, firstRows: [1, 2, 3] },
    ]);
    expect(errors[0]?.detail).toContain('rows fail for it');
  });

  it('fails those rows alone whose condition is met', async () => {
    const template = '{#vip | upper}{nick}{/vip}{name}';
    const data = people(3, (i) => ({ vip: i === 2 ? 'yes' : '' }));
    expect(only(await checked({ template, data, options: failing }), 'TAG_UNFILLED')).toMatchObject(
      {
        severity: 'error',
        firstRows: [2],
      },
    );
  });

  it('fails none where it is never printed', async () => {
    const template = '{name}{#vip}{nick}{/vip}';
    const data = people(2, () => ({ vip: '' }));
    const found = only(await checked({ template, data, options: failing }), 'TAG_UNFILLED');
    expect(found).toMatchObject({ severity: 'warning', count: 0 });
    expect(found.detail).not.toContain('rows fail');
  });
});

describe('tags as documents read them', () => {
  it.each(['empty', 'error'])(
    'are not those that a sum reads in a list: it skips blanks (%s)',
    async (missingValue) => {
      const check = await checked({
        template: '{#items}{q}{/items}{items | sum:"p"}',
        data: [{ items: [{ q: 'x', p: '1' }, { q: 'y' }] }],
        options: { missingValue },
      });
      expect(check.findings).toEqual([]);
    },
  );

  it('are not the columns that a field of Word compares', async () => {
    const template = richWordFile(
      `<w:p>${field([' IF ']).replace(
        '<w:r><w:fldChar w:fldCharType="separate"/>',
        `${field(' MERGEFIELD sex ')}<w:r><w:instrText xml:space="preserve"> = &quot;f&quot; &quot;Ms&quot; &quot;Mr&quot; </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>`,
      )}</w:p>`,
    );
    const data: Row[] = [{ sex: 'f' }, { sex: '', x: 1 }];
    const check = await checked({ template, data, options: { missingValue: 'error' } });
    expect(check.findings.map(({ code }) => code)).toEqual(['COLUMN_UNUSED']);
  });

  it('are in a condition or in its opposite', async () => {
    const template = '{#vip}{a | number:"0"}{/vip}{^vip}{b | number:"0"}{/vip}';
    const data: Row[] = [
      { vip: 'y', a: '1', b: 'x' },
      { vip: '', a: 'x', b: '1' },
      { vip: '', a: '1', b: 'x' },
    ];
    const check = await checked({ template, data });
    expect(check.findings.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'VALUE_UNREADABLE', tag: 'b | number:"0"', firstRows: [3] },
    ]);
  });

  it('hold characters that no document can, though they look like white space', async () => {
    const data = people(2, (i) => ({ city: i === 2 ? '\f' : 'Bonn' }));
    expect(
      only(await checked({ template: '{city}{name}', data }), 'CHARACTERS_ILLEGAL'),
    ).toMatchObject({
      severity: 'error',
      firstRows: [2],
    });
  });
});

describe('values', () => {
  it('counts empty and missing ones by tag, with the first rows', async () => {
    const data = people(30, (i): Row =>
      i % 3 === 0 ? { city: '' } : i % 3 === 1 ? {} : { city: 'Bonn' },
    );
    const found = only(await checked({ template: '{name} {city}', data }), 'VALUE_EMPTY');
    expect(found).toMatchObject({
      severity: 'warning',
      tag: 'city',
      column: 'city',
      count: 20,
      firstRows: [1, 3, 4, 6, 7, 9, 10, 12, 13, 15],
    });
    expect(found.detail).toContain('in 20 rows');
  });

  it('does not miss what stands in a condition that is not met', async () => {
    const { findings } = await checked({
      template: '{name}{#spouse} and {spouse}{/spouse}',
      data: people(4, (i) => ({ spouse: i === 1 ? 'Bob' : '' })),
    });
    expect(findings).toEqual([]);
  });

  it('looks into lists, and names the column by its path', async () => {
    const data = people(3, (i) => ({ items: [{ price: '1' }, { price: i === 2 ? '' : '2' }] }));
    const check = await checked({ template: '{name}{#items}{price}{/items}', data });
    expect(only(check, 'VALUE_EMPTY')).toMatchObject({
      count: 1,
      firstRows: [2],
      column: 'items[2].price',
    });
  });

  it('finds what a format cannot read', async () => {
    const data = people(5, (i) => ({ born: i === 4 ? '3/4/2026' : '2026-11-25' }));
    const check = await checked({ template: '{name} {born | date:"d MMMM yyyy"}', data });
    const found = only(check, 'VALUE_UNREADABLE');
    expect(found).toMatchObject({ severity: 'error', count: 1, firstRows: [4], column: 'born' });
    expect(found.detail).not.toContain('3/4/2026');
  });

  it('finds groups where a text is wanted', async () => {
    const data = people(2, (i) => ({ city: i === 2 ? { name: 'Bonn' } : 'Bonn' }));
    expect(only(await checked({ template: '{name} {city}', data }), 'VALUE_GROUP')).toMatchObject({
      severity: 'error',
      firstRows: [2],
    });
  });

  it('warns of conditions that are met by a no', async () => {
    const data = people(3, (i) => ({ vip: i === 3 ? 'nein' : i === 2 ? '' : 'ja' }));
    expect(
      only(await checked({ template: '{name}{#vip}!{/vip}', data }), 'CONDITION_MET_BY_NO'),
    ).toMatchObject({
      tag: '#vip',
      firstRows: [3],
    });
  });

  it.each([
    ['CHARACTERS_ILLEGAL', 'a\u0001b', 'error'],
    ['CHARACTERS_GARBLED', 'K\u00c3\u00b6ln', 'warning'],
    ['CHARACTERS_GARBLED', 'K\ufffdln', 'warning'],
    ['CHARACTERS_BIDI', 'a\u202eb', 'warning'],
    ['BLANKS_AROUND', ' Bonn', 'info'],
    ['VALUE_HIDDEN', '########', 'warning'],
    ['NUMBER_SHORTENED', '1.23457E+11', 'warning'],
    ['DIGITS_LOST', '1234567890123450', 'warning'],
    ['VALUE_CUT', 'x'.repeat(32_767), 'warning'],
  ] as const)('finds %s', async (code, text, severity) => {
    const data = people(3, (i) => ({ city: i === 2 ? text : 'Bonn' }));
    expect(only(await checked({ template: '{name} {city}', data }), code)).toMatchObject({
      severity,
      column: 'city',
      count: 1,
      firstRows: [2],
    });
  });

  it('finds zeros that were lost in front of numbers', async () => {
    const data = people(10, (i) => ({
      zip: i === 7 ? '1067' : i === 3 ? '04109' : String(50_000 + i),
    }));
    expect(only(await checked({ template: '{name} {zip}', data }), 'ZEROS_LOST')).toMatchObject({
      column: 'zip',
      firstRows: [7],
    });
  });

  it('finds lost zeros where most numbers begin with one', async () => {
    const data = people(20, (i) => ({ zip: i > 17 ? `10${60 + i}` : `010${60 + i}` }));
    expect(only(await checked({ template: '{name} {zip}', data }), 'ZEROS_LOST')).toMatchObject({
      firstRows: [18, 19, 20],
    });
  });

  it('takes no amounts for dates, and no long numbers for rounded ones', async () => {
    const data = people(12, (i) => ({
      'Amount due': i === 3 ? '25000' : String(i * 10),
      card: `411111111111${1110 + i}`,
    }));
    const { findings } = await checked({ template: '{name} {Amount due} {card}', data });
    expect(findings).toEqual([]);
  });

  it('says of an inverted condition that it is not met by a no', async () => {
    const data = people(2, (i) => ({ paid: i === 2 ? 'no' : '' }));
    const check = await checked({ template: '{name}{^paid}!{/paid}', data });
    expect(only(check, 'CONDITION_MET_BY_NO').detail).toContain('{^paid} is not met in 1 row');
  });

  it('counts a row once, however many entries of its list are empty', async () => {
    const data = people(3, () => ({ items: [{ n: null }, { n: '' }] }));
    const check = await checked({ template: '{name}{#items}{n}{/items}', data });
    expect(only(check, 'VALUE_EMPTY')).toMatchObject({ count: 3, firstRows: [1, 2, 3] });
  });

  it('looks at long lists to their end', async () => {
    const items = Array.from({ length: 10_500 }, (_, k) => ({ a: 1, b: k === 10_499 ? '' : 2 }));
    const data = people(2, (i) => ({ items: i === 2 ? items : [] }));
    const check = await checked({ template: '{name}{#items}{a}{b}{/items}', data });
    expect(only(check, 'VALUE_EMPTY')).toMatchObject({ firstRows: [2], column: 'items[10500].b' });
    expect(check.findings.map(({ code }) => code)).not.toContain('CHECK_PARTIAL');
  });

  it('has a report of rows that are wider than a sheet', async () => {
    const fields = Array.from({ length: 16_382 }, (_, i) => [`f${i}`, 1] as const);
    const data: Row[] = [{ name: 'Ada', ...Object.fromEntries(fields), o: { p: 1, q: 2 } }];
    await checked({ template: '{name}', data });
  });

  it('does not take amounts for numbers whose zeros were lost', async () => {
    const data = people(10, (i) => ({ amount: String(i * 137) }));
    expect((await checked({ template: '{name} {amount}', data })).findings).toEqual([]);
  });

  it('finds dates that became numbers', async () => {
    const data = people(6, (i) => ({ birthday: i === 5 ? '45678' : '1990-01-02' }));
    expect(
      only(await checked({ template: '{name} {birthday}', data }), 'DATE_AS_NUMBER'),
    ).toMatchObject({
      column: 'birthday',
      firstRows: [5],
    });
  });

  it('finds a few values of another kind', async () => {
    const data = people(20, (i) => ({ amount: i === 9 ? 'tbd' : String(i * 10) }));
    expect(only(await checked({ template: '{name} {amount}', data }), 'KINDS_MIXED')).toMatchObject(
      {
        column: 'amount',
        firstRows: [9],
      },
    );
  });

  it('finds a text that is far longer than the others', async () => {
    const data = people(9, (i) => ({ city: i === 8 ? 'x'.repeat(3_000) : 'Bonn' }));
    expect(only(await checked({ template: '{name} {city}', data }), 'VALUE_LONG')).toMatchObject({
      firstRows: [8],
    });
  });

  it('worries nobody about columns that no tag reads', async () => {
    const data = people(3, (i) => ({ note: i === 2 ? 'a\u0001b' : 'x' }));
    const check = await checked({ template: '{name}', data });
    expect(only(check, 'CHARACTERS_ILLEGAL').severity).toBe('info');
    expect(check.summary).toMatchObject({ errors: 0, warnings: 0 });
  });

  it('never tells a value', async () => {
    const secret = 'Hush-hush 4711';
    const data = people(12, (i) => ({
      a: i < 3 ? `${secret}\u0001` : `${secret} `,
      b: i === 2 ? secret : '2026-01-02',
      c: i === 3 ? secret : String(i),
    }));
    const check = await checked({
      template: '{name} {a} {b | date:"d.M.yyyy"} {c | number:"0.00"}',
      fileName: '{a}',
      data: [...data, data[0] ?? {}],
    });
    expect(check.findings.length).toBeGreaterThan(4);
    expect(JSON.stringify(check)).not.toContain('Hush');
  });
});

describe('rows', () => {
  it('finds those that come again, are blank, or are left out', async () => {
    const data = [{ name: 'A' }, { name: '' }, { name: 'B' }, { name: 'A' }, { name: 'C' }];
    const check = await checked({ template: '{name}', data, options: { filter: 'name != "C"' } });
    expect(only(check, 'ROW_DUPLICATE')).toMatchObject({ severity: 'warning', firstRows: [4] });
    expect(only(check, 'ROW_BLANK')).toMatchObject({ severity: 'info', firstRows: [2] });
    expect(only(check, 'ROW_LEFT_OUT')).toMatchObject({ firstRows: [5] });
    expect(check.summary).toMatchObject({ rows: 5, documents: 3 });
  });

  it('says nothing against rows that are left out', async () => {
    const data = [...people(2), { name: 'a\u0001b' }, { name: 'P1' }];
    const options = { rows: '1-2' };
    const { findings, summary } = await checked({ template: '{name}', data, options });
    expect(findings.map(({ code }) => code)).toEqual(['ROW_LEFT_OUT']);
    expect(summary).toMatchObject({ rows: 4, documents: 2, errors: 0 });
  });

  it('finds those that a filter cannot decide', async () => {
    const data = people(3, (i) => ({ price: i === 2 ? 'x' : '5' }));
    const check = await checked({
      template: '{name} {price}',
      data,
      options: { filter: 'number(price) > 1.0' },
    });
    expect(only(check, 'FILTER_UNDECIDED')).toMatchObject({ severity: 'error', firstRows: [2] });
  });

  it('reads groups as their documents do', async () => {
    const data = people(6, (i) => ({
      customer: i % 2 === 0 ? 'x' : 'y',
      price: i === 4 ? '' : '1',
    }));
    const check = await checked({
      template: '{customer}{#rows}{price}{/rows}',
      data,
      options: { groupBy: 'customer' },
    });
    expect(only(check, 'VALUE_EMPTY')).toMatchObject({ firstRows: [2], count: 1 });
    expect(check.summary).toMatchObject({ rows: 6, documents: 2 });
  });
});

describe('names of documents', () => {
  it('finds those that are alike, not safe, too long, or none', async () => {
    const data: Row[] = [
      { name: 'Ada' },
      { name: 'ada' },
      { name: 'a/b' },
      { name: 'x'.repeat(300) },
      { name: '...', city: 'x' },
    ];
    const check = await checked({ template: '{name}{city}', data, fileName: '{name}' });
    expect(only(check, 'NAMES_ALIKE')).toMatchObject({ firstRows: [2] });
    expect(only(check, 'NAME_CHANGED')).toMatchObject({ firstRows: [3] });
    expect(only(check, 'NAME_CUT')).toMatchObject({ firstRows: [4] });
    expect(only(check, 'NAME_INVALID')).toMatchObject({ severity: 'error', firstRows: [5] });
  });

  it('never finds names alike that have the number of their row', async () => {
    const data: Row[] = [{ name: 'Ada' }, { name: 'Ada', x: 1 }];
    const { findings } = await checked({ template: '{name}', data, fileName: '{name}-{row}' });
    expect(findings.map(({ code }) => code)).toEqual(['COLUMN_UNUSED']);
  });
});
