/** Sheets with lists, joined to the rows of another. */
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../../shared/dataSources/dataSources.ts';
import { createProblemList } from '../../../../shared/dataSources/sourceFault.ts';
import { readLists, type ReadTable } from '../../../../shared/dataSources/xlsx/lists/readLists.ts';
import { readFaults } from '../../../../shared/dataSources/rowFaults.ts';
import { MAX_JOINED_SHEETS } from '../../../../shared/limits.ts';
import { DataSourceItemSchema } from '../../../../shared/schemas/items.ts';
import type { Cell } from '../../../../shared/workbooks/cells.ts';
import { craftRows, craftWorkbook } from '../../../support/workbooks.ts';
import { writeWorkbook } from '../../../support/writeWorkbook.ts';
import { readBytes } from './support.ts';

type Sheets = Record<string, readonly (readonly Cell[])[]>;

const read = async (sheets: Sheets, reading?: Parameters<typeof readBytes>[1]) =>
  readBytes(
    await writeWorkbook(Object.entries(sheets).map(([name, rows]) => ({ name, rows }))),
    reading,
  );

const PEOPLE = [
  ['#', 'name'],
  [1, 'Ada'],
  ['b', '李'],
  [null, 'Nobody'],
];

describe('lists of further sheets', () => {
  it('are told when they stand behind so many sheets that nobody looks', async () => {
    const others = Object.fromEntries(
      Array.from({ length: MAX_JOINED_SHEETS + 1 }, (_, i) => [
        `S${i + 1}`,
        i < MAX_JOINED_SHEETS
          ? [['x']]
          : [
              ['#items', 'item'],
              [1, 'chair'],
            ],
      ]),
    );
    const { rows, outcome } = await read({ People: PEOPLE, ...others });
    expect(rows[0]).toEqual({ '#': '1', name: 'Ada' });
    expect(outcome).toMatchObject({
      ok: true,
      warnings: [
        `Only the first ${MAX_JOINED_SHEETS} of the ${MAX_JOINED_SHEETS + 1} other sheets were looked at for lists: those from "S${MAX_JOINED_SHEETS + 1}" on are not read. Move the sheets with lists before them, or put all entries of a list on one sheet.`,
      ],
    });
    // Where no row has a key there is nothing to be joined.
    const plain = await read({ People: [['name'], ['Ada']], ...others });
    expect(plain.outcome).toMatchObject({ ok: true, warnings: [] });
  });

  it('are joined to the rows by their keys, in their order', async () => {
    const { rows, outcome } = await read({
      People: PEOPLE,
      Things: [
        ['#items', 'item', 'price'],
        ['b', 'lamp', 5],
        [1, 'chair', 1.5],
        [],
        ['b', 'desk', null],
      ],
    });
    expect(rows).toEqual([
      { name: 'Ada', items: [{ item: 'chair', price: '1.5' }] },
      {
        name: '李',
        items: [
          { item: 'lamp', price: '5' },
          { item: 'desk', price: null },
        ],
      },
      { name: 'Nobody', items: [] },
    ]);
    expect(outcome).toMatchObject({
      ok: true,
      rowCount: 3,
      columns: ['name', 'items'],
      nestedColumns: ['items[1].item', 'items[1].price'],
      found: { sheet: 'People', lists: [{ sheet: 'Things', list: '#items', entries: 3 }] },
      warnings: [],
    });
  });

  it('lie in each other, and in objects', async () => {
    const { rows, outcome } = await read({
      Rows: [
        ['#', 'order.no'],
        [1, 'A'],
        [2, 'B'],
      ],
      Parts: [
        ['#order.items#parts', 'part'],
        ['y', 'screw'],
        ['x', 'leg'],
        ['y', 'nut'],
      ],
      Items: [
        ['#order.items', '#', 'name', 'size.width'],
        [2, 'x', 'chair', 10],
        [2, 'y', 'desk', 20],
        [1, 'z', 'lamp', null],
      ],
    });
    expect(rows).toEqual([
      {
        order: {
          no: 'A',
          items: [{ name: 'lamp', size: null, parts: [] }],
        },
      },
      {
        order: {
          no: 'B',
          items: [
            { name: 'chair', size: { width: '10' }, parts: [{ part: 'leg' }] },
            { name: 'desk', size: { width: '20' }, parts: [{ part: 'screw' }, { part: 'nut' }] },
          ],
        },
      },
    ]);
    expect(outcome).toMatchObject({
      columns: ['order.no', 'order.items'],
      nestedColumns: [
        'order.items[1].name',
        'order.items[1].size.width',
        'order.items[1].parts[1].part',
      ],
    });
  });

  it('of one column named . are plain values', async () => {
    const { rows, typed, outcome } = await read({
      Rows: [
        ['name', '#'],
        ['Ada', 1],
      ],
      Tags: [
        ['#tags', '.'],
        [1, 'new'],
        [1, 2],
        [1, null],
      ],
    });
    expect(rows).toEqual([{ name: 'Ada', tags: ['new', '2', null] }]);
    expect(typed).toEqual([{ tags: [null, 2, null] }]);
    expect(outcome).toMatchObject({ columns: ['name', 'tags'], nestedColumns: [] });
  });

  it('have with them what is behind shown values, and the cells that cannot be read', async () => {
    const sheets = [
      {
        name: 'Rows',
        data: craftRows([
          ['#', 'n'],
          ['1', 'a'],
        ]),
      },
      {
        name: 'Items',
        data:
          craftRows([['#items', 'due']]) +
          '<row r="2"><c r="A2" t="str"><v>1</v></c><c r="B2" s="1"><v>46351</v></c></row>' +
          '<row r="3"><c r="A3" t="str"><v>1</v></c><c r="B3" t="e"><v>#N/A</v></c></row>',
      },
    ];
    const workbook = craftWorkbook({ sheets, formats: ['d mmm yyyy'] });
    const { rows, typed, text } = await readBytes(workbook);
    expect(rows).toEqual(
      [{ n: 'a', items: [{ due: '25 Nov 2026' }, {}] }].map((row) => ({
        ...row,
        items: [{ due: '25 Nov 2026' }, { due: null }],
      })),
    );
    expect(typed).toEqual([{ items: [{ due: '2026-11-25' }, null] }]);
    const [fault] = readFaults(text.split('\t')[2]);
    expect(fault).toMatchObject({ column: 'items[2].due', cell: 'B3', code: 'CELL_ERROR' });
    expect(fault?.detail).toMatch(/^Sheet "Items": Cell B3 /);
  });

  it('tell columns with their fields to tasks', () => {
    const item = DataSourceItemSchema.pick({ columns: true, nestedColumns: true }).parse({
      columns: ['name', 'items'],
      nestedColumns: ['items[1].price'],
    });
    const found = { lists: [{ sheet: 'Items', list: '#items', entries: 1 }] };
    const source = { ...item, fileName: 'people.xlsx', found };
    expect(columnsOf(source as Parameters<typeof columnsOf>[0])).toEqual({
      names: ['name', 'items[1].price'],
      areAll: true,
    });
  });

  it('do not make rows of nothing but keys', async () => {
    const { rows, outcome } = await read({
      Rows: [['#', 'n'], [1, 'a'], [2], [3, 'c'], [4], [5]],
      Items: [
        ['#items', 'i'],
        [1, 'x'],
      ],
    });
    expect(rows).toEqual([{ n: 'a', items: [{ i: 'x' }] }, {}, { n: 'c', items: [] }]);
    expect(outcome).toMatchObject({ rowCount: 3 });
    const empty = await read({ Rows: [['#', 'n'], [1]], Items: [['#items', 'i']] });
    expect(empty.outcome).toMatchObject({ ok: false, problems: [{ code: 'ROWS_MISSING' }] });
    const withEntry = await read({
      Rows: [['#', 'n'], [1]],
      Items: [
        ['#items', 'i'],
        [1, 'x'],
      ],
    });
    expect(withEntry.rows).toEqual([{ n: null, items: [{ i: 'x' }] }]);
  });

  it('are found with other header rows, blank rows above them, and merged cells', async () => {
    const sheets = [
      { name: 'Rows', data: craftRows([['Title'], [], ['#', 'n'], ['1', 'a'], ['2', 'b']]) },
      {
        name: 'Items',
        data: craftRows([[], ['#items', 'i'], ['1', 'x'], [null, 'y'], ['2', 'z']]),
        behind: '<mergeCells count="1"><mergeCell ref="A3:A4"/></mergeCells>',
      },
    ];
    const { rows } = await readBytes(craftWorkbook({ sheets }));
    expect(rows).toEqual([
      { n: 'a', items: [{ i: 'x' }, { i: 'y' }] },
      { n: 'b', items: [{ i: 'z' }] },
    ]);
  });

  it('are joined by whole numbers, however these are shown', async () => {
    const { rows, outcome } = await read({
      Rows: [
        ['#', 'n'],
        [202611250001, 'Ada'],
        [202711250001, 'Lin'],
        [1.000000000001, 'c'],
        [1.000000000002, 'd'],
        [202611250002, 'none'],
        [0.1 + 0.2, 'e'],
      ],
      Items: [
        ['#items', 'i'],
        [202611250001, 'x'],
        ['202711250001', 'y'],
        [1.000000000001, 'z'],
        [1.000000000002, 'w'],
        [0.3, 'v'],
      ],
    });
    expect(outcome).toMatchObject({ ok: true });
    expect(rows.map((row) => row['items'])).toEqual([
      [{ i: 'x' }],
      [{ i: 'y' }],
      [{ i: 'z' }],
      [{ i: 'w' }],
      [],
      [{ i: 'v' }],
    ]);
    const missed = await read({
      Rows: [
        ['#', 'n'],
        [202611250001, 'Ada'],
        [202711250001, 'Lin'],
      ],
      Items: [
        ['#items', 'i'],
        [202611250001, 'x'],
        [202611260002, 'y'],
        [202711250001, 'z'],
      ],
    });
    expect(missed.outcome).toMatchObject({
      ok: false,
      problems: [{ code: 'KEY_UNKNOWN', line: 3 }],
    });
  });

  it('have keys with zeros before them where these are shown', async () => {
    const cells = (key: string, style: number) =>
      `<row r="2"><c r="A2" s="${style}"><v>${key}</v></c><c r="B2" t="str"><v>a</v></c></row>`;
    const sheets = [
      { name: 'Rows', data: craftRows([['#', 'n']]) + cells('123', 1) },
      {
        name: 'Items',
        data: craftRows([
          ['#items', 'i'],
          ['00123', 'x'],
        ]),
      },
    ];
    const { rows } = await readBytes(craftWorkbook({ sheets, formats: ['00000'] }));
    expect(rows).toEqual([{ n: 'a', items: [{ i: 'x' }] }]);
  });
});

describe('sheets that cannot be joined', () => {
  const codesOf = async (sheets: Sheets, reading?: Parameters<typeof readBytes>[1]) => {
    const { outcome } = await read(sheets, reading);
    return outcome.ok ? [] : outcome.problems.map(({ code, line, row }) => [code, line ?? row]);
  };
  const ROWS = [
    ['#', 'n'],
    [1, 'a'],
    [2, 'b'],
  ];

  it('have keys of no row, of two rows, or none', async () => {
    expect(
      await codesOf({
        ROWS,
        Items: [
          ['#items', 'i'],
          [1, 'x'],
          [9, 'y'],
          [9, 'z'],
          [null, 'w'],
        ],
      }),
    ).toEqual([['KEY_MISSING', 5]]);
    expect(
      await codesOf({
        ROWS,
        Items: [
          ['#items', 'i'],
          [1, 'x'],
          [9, 'y'],
          [9, 'z'],
        ],
      }),
    ).toEqual([['KEY_UNKNOWN', 3]]);
    expect(
      await codesOf({
        Rows: [
          ['#', 'n'],
          [1, 'a'],
          [2, 'b'],
          [1, 'c'],
          [2, 'd'],
        ],
        Items: [
          ['#items', 'i'],
          [1, 'x'],
        ],
      }),
    ).toEqual([['KEY_DUPLICATE', 3]]);
    expect(
      await codesOf({
        ROWS,
        Items: [
          ['#items', '#', 'i'],
          [1, 'p', 'x'],
          [2, 'p', 'y'],
        ],
        Parts: [
          ['#items#parts', 'part'],
          ['p', 'leg'],
        ],
      }),
    ).toEqual([['KEY_DUPLICATE', 3]]);
    expect(
      await codesOf({
        ROWS,
        Items: [
          ['#items', '#', 'i'],
          [1, 'p', 'x'],
        ],
        Parts: [
          ['#items#parts', 'part'],
          ['p', 'leg'],
          ['q', 'top'],
        ],
      }),
    ).toEqual([['KEY_UNKNOWN', 3]]);
  });

  it('have no place in the rows', async () => {
    const items = [
      ['#items', 'i'],
      [1, 'x'],
    ];
    expect(await codesOf({ ROWS, Items: items, More: items })).toEqual([
      ['LIST_MISPLACED', undefined],
    ]);
    expect(
      await codesOf({
        ROWS,
        Parts: [
          ['#items#parts', 'p'],
          [1, 'x'],
        ],
      }),
    ).toEqual([['LIST_MISPLACED', undefined]]);
    for (const column of ['items', 'items.total', 'items[1].i']) {
      expect(
        await codesOf({
          Rows: [
            ['#', column],
            [1, 'a'],
          ],
          Items: items,
        }),
        column,
      ).toEqual([['LIST_MISPLACED', undefined]]);
    }
    const named = (name: string) => [
      [name, 'i'],
      [1, 'x'],
    ];
    expect(await codesOf({ ROWS, P: named('#__proto__') })).toEqual([
      ['LIST_MISPLACED', undefined],
    ]);
    expect(await codesOf({ ROWS, P: named('#a[1]') })).toEqual([['LIST_MISPLACED', undefined]]);
    expect(await codesOf({ ROWS, P: named('#n') })).toEqual([['LIST_MISPLACED', undefined]]);
    expect(await codesOf({ ROWS, A: named('#a'), B: named('#a.b') })).toEqual([
      ['LIST_MISPLACED', undefined],
    ]);
    expect(await codesOf({ ROWS, P: named(`#${'a#'.repeat(8)}a`) })).toEqual([
      ['LIST_MISPLACED', undefined],
    ]);
  });

  it('are told and left alone where no column has keys', async () => {
    const { rows, outcome } = await read({
      Rows: [
        ['no', 'n'],
        [1, 'a'],
      ],
      'Other #1': [
        ['#Items', 'i'],
        [1, 'x'],
      ],
    });
    expect(rows).toEqual([{ no: '1', n: 'a' }]);
    expect(outcome).toMatchObject({
      ok: true,
      nestedColumns: undefined,
      warnings: [expect.stringContaining('has no column # with keys of rows: it is not read')],
    });
  });

  it('are those of a workbook as it was where nothing begins like a list', async () => {
    const { rows, outcome } = await read({
      Rows: [
        ['#', 'n'],
        [1, 'a'],
      ],
      Other: [
        ['# of items', 'i'],
        [1, 'x'],
      ].slice(1),
    });
    expect(rows).toEqual([{ '#': '1', n: 'a' }]);
    expect(outcome).toMatchObject({ ok: true, columns: ['#', 'n'], warnings: [] });
  });

  it.each(['#1 priority: call Ada', '# of staff', '#items# parts'])(
    'are none that begin with the text %s',
    async (text) => {
      const { rows, outcome } = await read({
        ROWS,
        Notes: [
          [text, 'i'],
          [1, 'x'],
        ],
      });
      expect(rows).toEqual([
        { '#': '1', n: 'a' },
        { '#': '2', n: 'b' },
      ]);
      expect(outcome).toMatchObject({ ok: true, columns: ['#', 'n'], warnings: [] });
    },
  );

  it('are left alone where a cell that names no column is #', async () => {
    const items = [
      ['#items', 'i'],
      [1, 'x'],
    ];
    const below = await read({
      Rows: [
        ['no', 'n'],
        [1, '#'],
        [2, 'b'],
      ],
      Items: items,
    });
    expect(below.rows).toEqual([
      { no: '1', n: '#' },
      { no: '2', n: 'b' },
    ]);
    const above = {
      Rows: [
        ['#', 'n'],
        ['no', 'n'],
        [1, 'b'],
      ],
      Items: items,
    };
    const given = await read(above, { headerRow: 2 });
    expect(given.rows).toEqual([{ no: '1', n: 'b' }]);
    for (const { outcome } of [below, given])
      expect(outcome).toMatchObject({
        ok: true,
        warnings: [expect.stringContaining('has no column # with keys of rows: it is not read')],
      });
  });

  it('are told and left alone where no row has any of their keys', async () => {
    const Teams = [
      ['#team', '#', 'lead'],
      ['red', 7, 'Ada'],
    ];
    const Members = [
      ['#team#members', 'm'],
      [7, 'Lin'],
    ];
    const alone = await read({ ROWS, Teams, Members });
    expect(alone.rows).toEqual([
      { '#': '1', n: 'a' },
      { '#': '2', n: 'b' },
    ]);
    const warning =
      'The sheet "Teams" begins like one with entries of a list, but none of its keys stands in the column # of the rows: it is not read.';
    expect(alone.outcome).toMatchObject({
      ok: true,
      columns: ['#', 'n'],
      nestedColumns: undefined,
      warnings: [warning],
    });
    expect(alone.outcome.ok && alone.outcome.found).not.toHaveProperty('lists');
    const Items = [
      ['#items', 'i'],
      [1, 'x'],
    ];
    const beside = await read({ ROWS, Teams, Members, Items });
    expect(beside.rows).toEqual([
      { n: 'a', items: [{ i: 'x' }] },
      { n: 'b', items: [] },
    ]);
    expect(beside.outcome).toMatchObject({
      columns: ['n', 'items'],
      nestedColumns: ['items[1].i'],
      warnings: [warning],
      found: { lists: [{ sheet: 'Items', list: '#items', entries: 1 }] },
    });
  });

  it('are not taken for those of nobody behind a problem of the list around them', async () => {
    expect(
      await codesOf({
        ROWS,
        Items: [
          ['#items', '#', 'i'],
          [1, 'p', 'x'],
          [null, 'q', 'y'],
          [2, 'r', 'z'],
        ],
        Parts: [
          ['#items#parts', 'part'],
          ['p', 'leg'],
          ['r', 'top'],
        ],
      }),
    ).toEqual([['KEY_MISSING', 3]]);
  });

  it('are looked for at the beginning of a sheet only', async () => {
    const blank = Array.from({ length: 400_000 }, (_, i) => `<row r="${i + 1}"/>`).join('');
    const sheets = [
      {
        name: 'Rows',
        data: craftRows([
          ['#', 'n'],
          ['1', 'a'],
        ]),
      },
      { name: 'Blank', data: `${blank}${craftRows([['#items']], 400_001)}` },
    ];
    const { rows, outcome } = await readBytes(craftWorkbook({ sheets }));
    expect(rows).toEqual([{ '#': '1', n: 'a' }]);
    expect(outcome).toMatchObject({ ok: true, warnings: [] });
  });

  it('are left out when they are hidden and that was asked for', async () => {
    const workbook = await writeWorkbook([
      {
        rows: [
          ['#', 'n'],
          [1, 'a'],
        ],
      },
      {
        rows: [
          ['#items', 'i'],
          [1, 'x'],
        ],
        isHidden: true,
      },
    ]);
    expect((await readBytes(workbook)).rows).toEqual([{ n: 'a', items: [{ i: 'x' }] }]);
    expect((await readBytes(workbook, { hidden: 'skip' })).rows).toEqual([{ '#': '1', n: 'a' }]);
  });

  it('say which sheet a problem is of', async () => {
    const { outcome } = await read({
      ROWS,
      Items: [
        ['#items', null],
        [1, 'x'],
      ],
    });
    expect(outcome).toMatchObject({
      ok: false,
      problems: [{ code: 'COLUMN_UNNAMED' }],
    });
    expect(!outcome.ok && outcome.problems[0]?.detail).toMatch(/^Sheet "Items": /);
  });

  it('have more entries than there is memory for', async () => {
    const sheet = { name: 'Items', isHidden: false, part: 'items' };
    const list = { sheet, keyColumn: '#items', headerRow: 1, name: 'items', inner: [] };
    const table = { columns: ['#items', 'i'], line: 2, warnings: [], columnOf: () => undefined };
    let taken = 0;
    const endless: ReadTable = (_sheet, _row, problems, begin) => {
      const take = begin(() => table, problems);
      for (; taken < 100_000; taken++) take(`{"#items":"${taken}","i":"x"}`);
      return Promise.resolve(table);
    };
    const reading = readLists([list], endless, createProblemList(), 1_000_000);
    await expect(reading).rejects.toThrow('more entries than can be joined');
    expect(taken).toBeLessThan(1_000_000 / 160);
  });
});
