import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../../shared/rendering/chooseEngine.ts';
import type { RenderOptions } from '../../../../shared/rendering/renderer.ts';
import { findDifference, syntheticRows } from '../../../../shared/rendering/selfCheck.ts';
import { createStockEngine } from '../../../../shared/rendering/stockEngine.ts';
import type { Row, Tag } from '../../../../shared/schemas/common.ts';
import { openWordPackage } from '../../../../shared/office/wordPackage.ts';
import { readTags } from '../../../../shared/rendering/tags/readTags.ts';
import { readParts } from '../../../support/readParts.ts';
import { header, paragraphs, runs, table, wordFile } from '../../../support/wordFile.ts';

const EMPTY: RenderOptions = { missingValue: 'empty', timeoutMs: 30_000 };
const ERROR: RenderOptions = { missingValue: 'error', timeoutMs: 30_000 };

function engines(body: string, limits?: { documentBytes: number; textUnits: number }) {
  const template = openWordPackage(wordFile(body));
  const tags = readTags(template);
  return {
    chosen: chooseEngine(template, tags, limits && { limits }),
    stock: createStockEngine(template, tags, [], limits),
  };
}

async function expectEqual(body: string, ...rows: Row[]) {
  const { chosen, stock } = engines(body);
  for (const row of rows) {
    const ours = chosen.render(row, EMPTY);
    const theirs = stock.render(row, EMPTY);
    if (!ours.ok || !theirs.ok) throw new Error('The row should be fine.');
    expect(await readParts(ours.document)).toEqual(await readParts(theirs.document));
  }
  return chosen.engine;
}

const tableLoop = table(['{#items}{name}', '{value}{/items}']);
const cellWith = (content: string) =>
  `<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:tcPr/>${content}</w:tc></w:tr></w:tbl>`;
const pageBreak = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>';

const ITEMS: Row[] = [
  {},
  { items: [] },
  { items: [{ name: 'a\nb', value: '' }], list: [{}] },
  { items: [{ name: '\n' }, { value: 'x\n' }, {}], list: true, name: 'N\nM' },
  { items: { name: 'one' }, list: 'yes' },
];

/** Constructs that compile. */
const COMPILED: Record<string, string> = {
  'value tags in runs': runs('{na', 'me} and {', 'value', '}'),
  'a loop over rows of a table that stays': table(
    ['Name', 'Value'],
    ['{#items}{name}', '{value}{/items}'],
  ),
  'a table that may lose all its rows': paragraphs('Before') + tableLoop + paragraphs('After'),
  'such a table at the end of a section': `${paragraphs('{#list}', 'x')}${tableLoop}${paragraphs('{/list}')}`,
  'a cell that may lose its paragraphs': cellWith(paragraphs('{#items}', '{name}', '{/items}')),
  'a section across runs with line breaks': `${runs('{#items}{name', '} of ', '{value}{/items}')}`,
  'a section across paragraphs': runs('x {#items}', 'y') + runs('{name}', 'z{/items} end'),
  'inverted sections': paragraphs('{^items}none {name}{/items}', '{^list}', '{name}', '{/list}'),
  'page breaks in sections': paragraphs('{#items}', '{name}') + pageBreak + paragraphs('{/items}'),
  'a page break beside the section\u2019s end': `${paragraphs('{#items}', '{name}')}<w:p><w:r><w:br w:type="page"/></w:r><w:r><w:t>{/items}</w:t></w:r></w:p>`,
  'a content control that may be empty': `<w:sdt><w:sdtPr/><w:sdtContent>${paragraphs('{#items}', '{name}', '{/items}')}</w:sdtContent></w:sdt>`,
  'a text box': `<w:p><w:r><w:rPr><w:b/></w:rPr><w:pict><w:txbxContent>${paragraphs('{name}')}</w:txbxContent></w:pict></w:r><w:r><w:t>{name}</w:t></w:r></w:p>`,
};

/** Constructs that are left to docxtemplater, and what is said of them. */
const REFUSED: Record<string, [body: string, reason: RegExp]> = {
  'raw XML': [paragraphs('{@xml}'), /\{@xml\} writes XML of the data/],
  'a section break in a section': [
    `${paragraphs('{#items}')}<w:p><w:pPr><w:sectPr><w:headerReference r:id="rId1"/></w:sectPr></w:pPr></w:p>${paragraphs('{/items}')}`,
    /section break/,
  ],
  'a row that may lose its cells': [
    '<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:p><w:r><w:t>{-w:tc list}x{/list}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>',
    /row holds nothing but \{#list\}/,
  ],
  'a table behind a table that may go': [
    paragraphs('{#list}', 'x') + table(['y']) + tableLoop + paragraphs('{/list}'),
    /directly behind another one/,
  ],
};

describe('what compiles', () => {
  it.each(Object.entries(COMPILED))('%s', async (_name, body) => {
    expect(await expectEqual(body, ...ITEMS)).toEqual({ tier: 'compiled', reasons: [] });
  });

  it('remembers the properties of a run from part to part', async () => {
    const body = `${runs('{#items}{name}', 'bold{/items}')}`;
    const file = wordFile(body, {
      parts: {
        'word/header1.xml': header('<w:p><m:oMath><m:r><m:t>{name}</m:t></m:r></m:oMath></w:p>'),
      },
    });
    const template = openWordPackage(file);
    const chosen = chooseEngine(template, readTags(template));
    const stock = createStockEngine(template, readTags(template), []);
    expect(chosen.engine.tier).toBe('compiled');
    for (const row of ITEMS) {
      const [ours, theirs] = [chosen.render(row, EMPTY), stock.render(row, EMPTY)];
      if (!ours.ok || !theirs.ok) throw new Error('The row should be fine.');
      expect(await readParts(ours.document)).toEqual(await readParts(theirs.document));
    }
  });
});

describe('what does not compile', () => {
  it.each(Object.entries(REFUSED))('%s', async (_name, [body, reason]) => {
    const engine = await expectEqual(body, ...ITEMS);
    expect(engine.tier).toBe('reused-parse');
    expect(engine.reasons.join(' ')).toMatch(reason);
    expect(engine.reasons[0]).toMatch(/^word\/document\.xml: /);
  });

  it('a template with very much text, which would take long to compile', () => {
    const { chosen } = engines(paragraphs('{a}', 'x'.repeat(1_100_000)));
    expect(chosen.engine.tier).toBe('reused-parse');
    expect(chosen.engine.reasons).toEqual([
      expect.stringContaining('more than 1048576 characters'),
    ]);
    expect(chosen.render({ a: 'A' }, EMPTY).ok).toBe(true);
  });

  it('is not disturbed by rows that failed', async () => {
    const { chosen } = engines(paragraphs('{@xml}', '{a}'));
    expect(chosen.render({ a: '\u0000' }, EMPTY)).toMatchObject({ ok: false });
    expect(chosen.render({ xml: 'no block' }, EMPTY)).toMatchObject({ ok: false });
    const result = chosen.render({ a: 'fine' }, ERROR);
    expect(result).toMatchObject({ ok: false, failure: { code: 'MISSING_VALUE', tag: 'xml' } });
    expect(chosen.render({ a: 'fine' }, EMPTY).ok).toBe(true);
  });
});

describe('rows that a program cannot write', () => {
  const body = paragraphs('{a} {#list}{x}{/list}');

  it.each([
    ['a lone surrogate', { a: '\ud800' }],
    ['a control character in a list', { a: ['b', '\u0001'] }],
    ['an object', { a: { b: 1 } }],
    ['a list of objects', { a: [{ b: 1 }] }],
    ['a function-like key', { a: { toString: 'x' } }],
  ])('fail as in stock for %s, and leave nothing behind', async (_name, row) => {
    const { chosen, stock } = engines(body);
    expect(chosen.engine.tier).toBe('compiled');
    expect(chosen.render(row, EMPTY)).toEqual(stock.render(row, EMPTY));
    await expectEqual(body, { a: 'A', list: [{ x: 1 }, { x: [1, [2, null], 'z'] }] });
  });

  it('fail as in stock for a missing value', () => {
    const { chosen, stock } = engines(body);
    expect(chosen.render({ a: null }, ERROR)).toEqual(stock.render({ a: null }, ERROR));
    expect(chosen.render({ a: '', list: [] }, ERROR).ok).toBe(true);
  });

  it('fail as in stock when they are too large', () => {
    const limits = { documentBytes: 1_500, textUnits: 5_000 };
    const { chosen, stock } = engines(body, limits);
    const long = { a: 'x'.repeat(6_000) };
    const noise = { a: Array.from({ length: 900 }, (_, i) => (i * 7919) % 9973).join('') };
    for (const row of [long, noise]) {
      expect(chosen.render(row, EMPTY)).toMatchObject({ failure: { code: 'TOO_LARGE' } });
    }
    expect(chosen.render(long, EMPTY)).toEqual(stock.render(long, EMPTY));
  });

  it('are stopped when they take too long', () => {
    const { chosen } = engines(paragraphs('{#a}{#a}{#a}{#a}{x}{/a}{/a}{/a}{/a}'));
    const row = { a: Array.from({ length: 300 }, () => ({ x: 'x' })) };
    expect(chosen.engine.tier).toBe('compiled');
    expect(chosen.render(row, { missingValue: 'empty', timeoutMs: 50 })).toMatchObject({
      ok: false,
      failure: { code: 'TIMEOUT' },
    });
    expect(chosen.render({}, EMPTY).ok).toBe(true);
  });
});

describe('the self-check', () => {
  const tag = (name: string, kind: Tag['kind'] = 'value', ...path: string[]): Tag => ({
    name,
    kind,
    path,
    part: 'word/document.xml',
  });
  const tags = [tag('a'), tag('list', 'section'), tag('b', 'value', 'list')];
  const write = (row: Row) => new Map([['word/document.xml', Buffer.from(JSON.stringify(row))]]);

  it('tries none, one, two and many items, empty texts, special characters and line breaks', () => {
    const rows = syntheticRows(tags).map(([, row]) => row);
    const lengths = rows.map(({ list }) => (Array.isArray(list) ? list.length : -1));
    expect(lengths).toEqual(expect.arrayContaining([0, 1, 2, 5]));
    const text = JSON.stringify(rows);
    for (const needed of ['<&>', '\\n', '\u{1f600}', '"a":""', '"a":null'])
      expect(text).toContain(needed);
  });

  it('passes what is equal, and names the rows and the part where something is not', () => {
    expect(findDifference(tags, write, write)).toBeUndefined();
    const wrong = (row: Row) =>
      JSON.stringify(row).includes('\\n')
        ? new Map([['word/document.xml', Buffer.from('wrong')]])
        : write(row);
    expect(findDifference(tags, write, wrong)).toMatch(/line breaks .* word\/document\.xml/);
  });

  it('does not let pass what fails where stock does not', () => {
    const failing = () => {
      throw new Error('no');
    };
    expect(findDifference(tags, write, failing)).toMatch(/an empty row failed/);
    expect(findDifference(tags, failing, write)).toBeUndefined();
  });
});
