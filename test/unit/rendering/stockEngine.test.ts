import mammoth from 'mammoth';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../shared/rendering/compileTemplate.ts';
import type { RenderOptions, RenderResult } from '../../../shared/rendering/renderer.ts';
import { createStockEngine } from '../../../shared/rendering/stockEngine.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { openWordPackage } from '../../../shared/office/wordPackage.ts';
import { readTags } from '../../../shared/rendering/tags/readTags.ts';
import { header, paragraphs, runs, table, wordFile } from '../../support/wordFile.ts';

const EMPTY: RenderOptions = { missingValue: 'empty', timeoutMs: 30_000 };
const ERROR: RenderOptions = { missingValue: 'error', timeoutMs: 30_000 };

const render = (body: string, row: Row, options = EMPTY): RenderResult =>
  compileTemplate(wordFile(body)).render(row, options);

/** The plain text of the document, as mammoth reads it. */
async function textOf(result: RenderResult): Promise<string> {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.detail}`);
  const { value } = await mammoth.extractRawText({ buffer: Buffer.from(result.document) });
  return value.trim().replace(/\n+/g, '\n');
}

function failureOf(result: RenderResult) {
  if (result.ok) throw new Error('The row did not fail.');
  return result.failure;
}

describe('filling tags', () => {
  it('prints values as text, whatever is in them', async () => {
    const row = {
      name: '王 & "Ana" <b>\'x\'</b>',
      n: 1.5,
      yes: false,
      list: ['a', 2],
    };
    const result = render(paragraphs('{name}|{n}|{yes}|{list}|{ name }'), row);
    expect(await textOf(result)).toBe(`${row.name}|1.5|false|a,2|${row.name}`);
  });

  it('breaks lines where values do', async () => {
    const result = render(paragraphs('{lines}'), { lines: 'one\ntwo' });
    if (!result.ok) throw new Error(result.failure.detail);
    const { value } = await mammoth.convertToHtml({ buffer: Buffer.from(result.document) });
    expect(value).toBe('<p>one<br />two</p>');
  });

  it('joins tags that Word has split into runs', async () => {
    expect(
      await textOf(
        render(runs('Dear {na', 'me', '} of {comp', 'any}'), { name: 'Ana', company: 'X' }),
      ),
    ).toBe('Dear Ana of X');
  });

  it('leads through objects, and from sections to what is around them', async () => {
    const body = paragraphs('{a.b.c} {x.y} {#items}{name} {total.sum};{/items}');
    const row: Row = {
      a: { b: { c: 'deep' } },
      'x.y': 'key',
      x: { y: 'path' },
      items: [{ name: 'A' }, {}],
      name: 'outer',
      total: { sum: 3 },
    };
    expect(await textOf(render(body, row))).toBe('deep key A 3;outer 3;');
  });

  it('repeats rows of a table and shows what conditions say', async () => {
    const body =
      table(['{#items}{name}', '{price}{/items}']) +
      paragraphs('{#vip}VIP{/vip}{^vip}normal{/vip}', '{#none}x{/none}{^none}nothing{/none}');
    const row = {
      items: [
        { name: 'A', price: 1 },
        { name: 'B', price: 2 },
      ],
      vip: 'yes',
      none: [],
    };
    expect(await textOf(render(body, row))).toBe('A\n1\nB\n2\nVIP\nnothing');
  });

  it('fills headers and footers', () => {
    const template = wordFile(paragraphs('Text'), {
      parts: {
        'word/header1.xml': header(paragraphs('{company}')),
        'word/footer1.xml': header(paragraphs('{page.note}'), 'ftr'),
      },
    });
    const { tags } = compileTemplate(template);
    expect(tags).toEqual([
      { name: 'page.note', kind: 'value', path: [], part: 'word/footer1.xml' },
      { name: 'company', kind: 'value', path: [], part: 'word/header1.xml' },
    ]);
  });

  it('never prints an item without a value as the row around it', async () => {
    expect(
      await textOf(render(paragraphs('{#list}[{.}]{/list}'), { list: ['a', null, 'b'] })),
    ).toBe('[a][][b]');
  });

  it('reaches own properties only', async () => {
    const body = paragraphs(
      '[{constructor}{__proto__}{toString}{a.constructor.name}{list.map}{text.length}]',
    );
    const row = { a: {}, list: [1], text: 'abc' };
    expect(await textOf(render(body, row))).toBe('[]');
  });

  it('gives the same bytes for the same row', () => {
    const template = wordFile(paragraphs('Dear {name}'));
    const documents = [1, 2].map(() => compileTemplate(template).render({ name: 'Ana' }, EMPTY));
    expect(documents[0]).toEqual(documents[1]);
  });

  it('is not disturbed by the rows before', async () => {
    const compiled = compileTemplate(wordFile(paragraphs('{a}{#l}{x}{/l}')));
    expect(failureOf(compiled.render({ a: { b: 1 } }, EMPTY)).code).toBe('RENDER_FAILED');
    expect(failureOf(compiled.render({}, ERROR)).code).toBe('MISSING_VALUE');
    expect(await textOf(compiled.render({ a: 'A', l: [{ x: 1 }] }, ERROR))).toBe('A1');
    expect(await textOf(compiled.render({ a: 'B' }, EMPTY))).toBe('B');
  });

  it('names its tier and why no other took the template', () => {
    const template = openWordPackage(wordFile(paragraphs('{a}')));
    const { engine } = createStockEngine(template, readTags(template), ['Too odd.']);
    expect(engine).toEqual({ tier: 'stock', reasons: ['Too odd.'] });
  });
});

describe('missing values', () => {
  it('are nothing, never the word undefined', async () => {
    expect(await textOf(render(paragraphs('[{a}{b.c}{#d}x{/d}{^e}{f}{/e}]'), { a: null }))).toBe(
      '[]',
    );
  });

  it('fail the row when asked, with the tag and its column', () => {
    const body = paragraphs('{name} {salary} {address.city} {salary}');
    const failure = failureOf(render(body, { name: 'Ana', salary: null, address: {} }, ERROR));
    expect(failure).toMatchObject({ code: 'MISSING_VALUE', tag: 'salary', column: 'salary' });
    expect(failure.detail).toContain('{salary}');
    expect(failure.detail).toContain('{address.city}');
    expect(failure.detail).not.toContain('Ana');
  });

  it('are only those that were reached, and only of tags that print', () => {
    const body = paragraphs('{#vip}{gift}{/vip}{^vip}{name}{/vip}{#items}{price}{/items}');
    expect(render(body, { name: 'Ana' }, ERROR).ok).toBe(true);
    expect(failureOf(render(body, { name: 'Ana', vip: true }, ERROR)).tag).toBe('gift');
    expect(
      failureOf(render(body, { name: 'Ana', items: [{ price: 1 }, {}] }, ERROR)),
    ).toMatchObject({
      tag: 'price',
      column: 'items[2].price',
    });
  });

  it('are not those that are empty, zero or false', () => {
    expect(render(paragraphs('{a}{b}{c}'), { a: '', b: 0, c: false }, ERROR).ok).toBe(true);
  });

  it('count the names that a failure does not list', () => {
    const names = Array.from('abcdefghij', (letter) => `{${letter}}`).join('');
    expect(failureOf(render(paragraphs(names), {}, ERROR)).detail).toMatch(
      /\{b\}, .*\{f\} and 4 more/,
    );
  });
});

describe('values that a document cannot hold', () => {
  it.each([
    ['a control character', 'a\u0000b'],
    ['half a character', 'a\ud83d'],
    ['the other half', '\ude00a'],
    ['no character', 'a\uffff'],
    ['one in a list', ['fine', 'a\u001b']],
  ])('fail the row for %s, with tag and column', (_name, value) => {
    const failure = failureOf(
      render(paragraphs('{#items}{name}{/items}'), { items: [{ name: 'x' }, { name: value }] }),
    );
    expect(failure).toMatchObject({ code: 'RENDER_FAILED', tag: 'name', column: 'items[2].name' });
    expect(JSON.stringify(failure)).not.toMatch(/\\u0000|fine/);
  });

  it('pass where no tag prints them', () => {
    expect(render(paragraphs('{a}'), { a: 'x', b: '\u0000' }).ok).toBe(true);
  });

  it.each([
    ['an object', { a: { city: 'Lyon' } }, 'a'],
    ['a list of objects', { a: [{ city: 'Lyon' }] }, 'a'],
    ['an object whose toString is data', { a: { toString: 'Lyon' } }, 'a'],
  ])('fail the row for %s', (_name, row, column) => {
    const failure = failureOf(render(paragraphs('{a}'), row));
    expect(failure).toMatchObject({ code: 'RENDER_FAILED', tag: 'a', column });
    expect(failure.detail).not.toContain('Lyon');
  });

  it.each([
    'plain text',
    '<w:p>',
    '<w:p></w:r>',
    '</w:p><w:p>',
    '<w:r><w:t>no block</w:t></w:r>',
    '<w:p/>text',
    '<w:p>a & b</w:p>',
    '<w:p><q:x/></w:p>',
    '<!DOCTYPE a><w:p/>',
    '<w:p w:a=b/>',
  ])('fail the row for raw XML that would break the document: %s', (xml) => {
    expect(failureOf(render(paragraphs('{@xml}'), { xml }))).toMatchObject({
      code: 'RENDER_FAILED',
      tag: 'xml',
      column: 'xml',
    });
  });
});

describe('limits', () => {
  const LOOP = paragraphs('{#items}', '{name} {name} {name}', '{/items}');

  it('stop a row that takes too long', () => {
    const row = { items: Array.from({ length: 100_000 }, () => ({ name: 'x' })) };
    const compiled = compileTemplate(wordFile(LOOP));
    expect(failureOf(compiled.render(row, { missingValue: 'empty', timeoutMs: 20 }))).toMatchObject(
      {
        code: 'TIMEOUT',
        detail: expect.stringContaining('0.02 s') as string,
      },
    );
    expect(compiled.render({ items: [{ name: 'x' }] }, EMPTY).ok).toBe(true);
  });

  const engine = (limits: { documentBytes: number; textUnits: number }) => {
    const template = openWordPackage(wordFile(LOOP));
    return createStockEngine(template, readTags(template), [], limits);
  };

  it('refuse a document that is too large', () => {
    const compiled = engine({ documentBytes: 1_200, textUnits: 1e6 });
    expect(compiled.render({ items: [] }, EMPTY).ok).toBe(true);
    const random = Array.from({ length: 200 }, (_, i) => ({ name: String(Math.sin(i)) }));
    expect(failureOf(compiled.render({ items: random }, EMPTY))).toMatchObject({
      code: 'TOO_LARGE',
      detail: expect.stringContaining('1200 bytes') as string,
    });
  });

  it('stop a text that grows without end, before it fills the memory', () => {
    const compiled = engine({ documentBytes: 1e6, textUnits: 10_000 });
    expect(compiled.render({ items: [{ name: 'x' }] }, EMPTY).ok).toBe(true);
    expect(
      failureOf(
        compiled.render({ items: Array.from({ length: 1_000 }, () => ({ name: 'x' })) }, EMPTY),
      ).code,
    ).toBe('TOO_LARGE');
    expect(failureOf(compiled.render({ items: [{ name: 'x'.repeat(4_000) }] }, EMPTY)).code).toBe(
      'TOO_LARGE',
    );
  });
});
