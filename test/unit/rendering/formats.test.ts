/** Formats of tags: what they make of values, the same in every engine, wherever a tag stands. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../shared/rendering/compileTemplate.ts';
import { Problem } from '../../../shared/problems.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { withTyped } from '../../../shared/tags/shown.ts';
import { escapeXml } from '../../../shared/office/xmlText.ts';
import { failInEveryTier, fillInEveryTier, sameInEveryTier } from '../../support/tiers.ts';
import { header, paragraphs, wordFile } from '../../support/wordFile.ts';

const template = (text: string) => wordFile(paragraphs(escapeXml(text)));
const textIn = (parts: ReadonlyMap<string, string>, part = 'word/document.xml') =>
  (parts.get(part) ?? '').replace(/<[^>]*>/g, '').trim();
const filled = async (text: string, row: Row) => textIn(await fillInEveryTier(template(text), row));

describe('a format', () => {
  it.each<[string, unknown, string]>([
    ['date:"yyyy年M月d日"', '2026-11-05', '2026年11月5日'],
    ['date:"d. MMMM yyyy":"de"', '5.3.2026', '5. März 2026'],
    ['date:"H:mm"', '2026-11-05 09:07', '9:07'],
    ['date:"H:mm"', '9:07', '9:07'],
    ['date:"short":"de"', '2026-11-05', '05.11.26'],
    ['date', '2026-11-05', 'November 5, 2026'],
    ['date:"d/M":"en":"dmy"', '3/4/2026', '3/4'],
    ['number:"#,##0.00"', '1234.5', '1,234.50'],
    ['number:"#,##0.00":"de"', 1234.5, '1.234,50'],
    ['number:"0.00"', 1.005, '1.01'],
    ['number:"0.00;[Red](0.00)"', -3, '(3.00)'],
    ['number:"0.000":"en":","', '1,234', '1.234'],
    ['number', 1234.5678, '1,234.568'],
    ['currency:"EUR":"de"', '1234.5', '1.234,50\u00a0€'],
    ['currency:"JPY":"ja"', 1234, '￥1,234'],
    ['percent', 0.125, '12.5%'],
    ['percent:1:"de"', '12.5%', '12,5\u00a0%'],
    ['words:"en"', 1234, 'one thousand two hundred thirty-four'],
    ['words:"de":"money"', '12,50', 'zwölf Euro und fünfzig Cent'],
    ['words:"zh":"money"', '10234.5', '壹万零贰佰叁拾肆圆伍角整'],
    ['words:"en":"ordinal"', 21, 'twenty-first'],
    ['upper', 'straße', 'STRASSE'],
    ['upper:"tr"', 'i', 'İ'],
    ['lower', 'ÄB', 'äb'],
    ['title', 'ANA-MARÍA de souza', 'Ana-María De Souza'],
    ['capitalize', 'élan vital', 'Élan vital'],
    ['trim', ' a b ', 'a b'],
    ['default:"–"', '', '–'],
    ['default:"–"', null, '–'],
    ['default:"–"', ' ', '–'],
    ['default:"–"', 0, '0'],
    ['count', [1, 2], '2'],
    ['count', null, '0'],
    ['count | number:"000"', [1, 2], '002'],
    ['sum:"price"', [{ price: 0.1 }, { price: '0.2' }, { price: '' }, {}], '0.3'],
    ['sum', ['1,000.5', 2], '1002.5'],
    ['sum:"price" | currency:"USD"', [{ price: 1 }, { price: 2 }], '$3.00'],
    ['join:" / ":"n"', [{ n: 'a' }, { n: '' }, { n: 'b' }], 'a / b'],
    ['join', ['a', 'b'], 'a, b'],
    ['date:"yyyy" | default:"open"', 'n/a', 'open'],
    ['trim | upper | default:"none"', '  ', 'none'],
  ])('%s of %j', async (formats, value, expected) => {
    expect(await filled(`[{x | ${formats}}]`, { x: value } as Row)).toBe(
      `[${escapeXml(expected)}]`,
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['date:"yyyy"', '3/4/2026', /no date that can be read in one way only/],
    ['date:"yyyy"', 46351, /no date/],
    ['date:"yyyy"', '9:07', /a time without a day/],
    ['number:"0"', 'many', /no number/],
    ['number:"0"', '1,234', /no number that can be read in one way only/],
    ['upper', ['a'], /a list or a group/],
    ['upper', { a: 1 }, /a list or a group/],
    ['join', [{ a: 1 }], /a group of values/],
    ['words:"en":"ordinal"', -1, /no number/],
  ])('%s fails the row of %j', (formats, value, detail) => {
    const failure = failInEveryTier(template(`{x | ${formats}}`), { x: value } as Row);
    expect(failure).toMatchObject({ code: 'RENDER_FAILED', tag: `x | ${formats}` });
    expect(failure.detail).toMatch(detail);
    expect(failure.detail).not.toMatch(/46351|many|3\/4/);
  });

  it('leaves nothing where there is nothing, which misses a value', () => {
    const engine = compileTemplate(template('{x | upper}{y | default:"–"}{z | sum}'));
    const options = { missingValue: 'error', timeoutMs: 30_000 } as const;
    expect(engine.render({}, options)).toMatchObject({
      ok: false,
      failure: { code: 'MISSING_VALUE', tag: 'x', column: 'x' },
    });
    expect(engine.render({ x: 'a' }, options).ok).toBe(true);
  });

  it('names the column of a failure in lists', () => {
    const row = { list: [{ x: 1 }, { x: 'a' }], items: [{ price: 1 }, { price: 'b' }] };
    expect(failInEveryTier(template('{#list}{x | number}{/list}'), row).column).toBe('list[2].x');
    expect(failInEveryTier(template('{items | sum:"price"}'), row).column).toBe('items[2].price');
    const within = '{#list | count}{#list}{x | number}{/list}{/list}';
    expect(failInEveryTier(template(within), row).column).toBe('list[2].x');
  });
});

describe('a section with formats', () => {
  it('is a condition and enters nothing', async () => {
    const text = '{#items | count}{title}: {#items}{n};{/items}{/items}{^items | count}none{/}';
    const row: Row = { title: 'T', items: [{ n: 1, title: 'inner' }, { n: 2 }] };
    expect(await filled(text, row)).toBe('T: 1;2;');
    expect(await filled(text, { title: 'T', items: [] })).toBe('none');
    expect(await filled('{#name | trim}yes{/name | trim}', { name: '  ' })).toBe('');
  });

  it('fails the row whose value it cannot read', () => {
    const text = '{#x | number}yes{/x}';
    expect(failInEveryTier(template(text), { x: 'a' })).toMatchObject({ column: 'x' });
  });
});

describe('what is behind a shown value', () => {
  const shown = { d: '11/25/26', n: '12%', s: 'x', list: ['3/4/26', 'b'], o: { d: '1/2/26' } };
  const typed = { d: '2026-11-25', n: 0.1234, list: ['2026-03-04', null], o: { d: '2026-01-02' } };
  const row = withTyped(shown, typed);

  it('is what formats read, and nothing else does', async () => {
    expect(await filled('{d} {d | date:"yyyy-MM-dd"} {n} {n | percent}', row)).toBe(
      '11/25/26 2026-11-25 12% 12.34%',
    );
    expect(await filled('{o.d | date:"d.M."} {#o}{d} {d | date:"d.M."}{/o}', row)).toBe(
      '2.1. 1/2/26 2.1.',
    );
    expect(await filled('{list} {#list}{.};{/list}{#s}{s | upper}{/s}', row)).toBe(
      '3/4/26,b 3/4/26;b;X',
    );
    expect(await filled('{#list}{#.}{. | date:"d.M." | default:"–"};{/.}{/list}', row)).toBe(
      '4.3.;–;',
    );
    expect(await filled('{#d}{n | number:"0.0000"}{/d}{list | join}', row)).toBe('0.12343/4/26, b');
  });
});

describe('a template', () => {
  it('tells which formats each of its tags has', () => {
    const { tags } = compileTemplate(
      template('{d|date:“yyyy”|upper} {#items | count}{n}{/items}{"a | b"}'),
    );
    expect(tags.map(({ name, kind, path, formats }) => [name, kind, path, formats])).toEqual([
      ['d', 'value', [], ['date:"yyyy"', 'upper']],
      ['items', 'section', [], ['count']],
      ['n', 'value', [], undefined],
      ['a | b', 'value', [], undefined],
    ]);
  });

  it('with faults in formats is refused with all of them', () => {
    const compile = () =>
      compileTemplate(template('{a | dat} {#b | foo}{/b} {c | upper x | date:"mm yyyy"}'));
    expect(compile).toThrow(Problem);
    try {
      compile();
    } catch (error) {
      const { errors } = error as Problem;
      expect(errors.map(({ code }) => code)).toEqual([
        'FORMAT_UNKNOWN',
        'FORMAT_UNKNOWN',
        'FORMAT_ARGUMENT',
      ]);
      expect(errors[0]).toMatchObject({ pointer: 'word/document.xml, paragraph 1' });
    }
  });

  it('has formats wherever tags are filled', async () => {
    const d = 'd | date:“yyyy”';
    const file = wordFile(
      `<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{${d}}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>` +
        `<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:docPr id="1" name="n" descr="Of {d | date:&quot;yyyy&quot;:&quot;de&quot;}"/></wp:inline></w:drawing></w:r></w:p>` +
        `<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> QUOTE "{d | date:\\"yyyy\\"}" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>` +
        paragraphs('x'),
      {
        parts: {
          'word/header1.xml': header(paragraphs(`{${d}}`)),
        },
        relationships:
          '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="https://example.com/%7Bd%20%7C%20date:&quot;yyyy&quot;%7D" TargetMode="External"/>',
      },
    );
    const parts = await fillInEveryTier(file, { d: '2026-11-25' });
    const document = parts.get('word/document.xml') ?? '';
    expect(document).toContain('<w:t xml:space="preserve">2026</w:t>');
    expect(document).toContain('descr="Of 2026"');
    expect(document).toContain('QUOTE "2026"');
    expect(textIn(parts, 'word/header1.xml')).toBe('2026');
    expect(parts.get('word/_rels/document.xml.rels')).toContain('https://example.com/2026"');
  });
});

describe('engines', () => {
  const FORMATS = [
    'upper',
    'title',
    'trim',
    'default:"– & <"',
    'date:"d. MMMM yyyy":"de"',
    'date:"yyyy" | default:"?"',
    'number:"#,##0.00"',
    'currency:"EUR":"fr" | default:"0"',
    'percent',
    'words:"zh":"money"',
    'count',
    'sum:"n"',
    'join:"\n":"n"',
  ];
  const format = fc.constantFrom(...FORMATS);
  const tag = fc
    .tuple(
      fc.constantFrom('a', 'b', 'list', '.', 'o.a'),
      fc.array(format, { minLength: 1, maxLength: 2 }),
    )
    .map(([name, formats]) => `{${[name, ...formats].join(' | ')}}`);
  const text = fc
    .array(
      fc.oneof(
        tag,
        fc.constant('{a}'),
        fc.constant(' x '),
        tag.map((inner) => `{#list}${inner}{b | trim}{/list}`),
        fc.tuple(format, tag).map(([its, inner]) => `{#list | ${its}}${inner}{/list}`),
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((pieces) => pieces.join(''));
  const scalar = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '2026-11-25',
      '25.11.2026',
      '3/4/2026',
      '1,234.5',
      '12.5%',
      'ana maría',
    ),
    fc.constantFrom<unknown>(null, true, 0, 1234.5, -2, 'two\nlines', '& < >'),
  );
  const item = fc.record({ a: scalar, b: scalar, n: scalar }, { requiredKeys: [] });
  const row = fc.record(
    {
      a: scalar,
      b: scalar,
      o: fc.record({ a: scalar }),
      list: fc.oneof(fc.array(fc.oneof(item, scalar), { maxLength: 3 }), scalar),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  const typed = fc.record(
    {
      a: fc.constantFrom<unknown>('2026-11-25', 0.125, 12),
      list: fc.array(fc.oneof(fc.constant(null), fc.record({ n: fc.constant(1.5) })), {
        maxLength: 3,
      }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );

  it('make the same of every format and value, and fail alike', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.array(fc.tuple(row, typed), { minLength: 4, maxLength: 4 }),
        async (its, rows) => {
          let fill: ReturnType<typeof sameInEveryTier>;
          try {
            fill = sameInEveryTier(template(its));
          } catch (error) {
            // `{.}` outside of a list.
            expect(error).toBeInstanceOf(Problem);
            return;
          }
          for (const [shown, behind] of rows) await fill(withTyped(shown as Row, behind as Row));
        },
      ),
      { numRuns: Number(process.env.SHEAF_FORMAT_RUNS ?? 40), seed: 11 },
    );
  }, 300_000);
});
