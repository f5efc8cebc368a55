import { describe, expect, it } from 'vitest';
import { readCase } from '../../../bench/rendering/givenCase.ts';
import { madeRows } from '../../../bench/rendering/madeRows.ts';
import type { Tag } from '../../../shared/schemas/common.ts';

const tag = (name: string, kind: Tag['kind'] = 'value', ...path: string[]): Tag => ({
  name,
  kind,
  path,
  part: 'word/document.xml',
});

describe('rows made for tags', () => {
  it('have what each section needs', () => {
    const rows = madeRows(
      [
        tag('name'),
        tag('items', 'section'),
        tag('item', 'value', 'items'),
        tag('lines', 'section', 'items'),
        tag('.', 'value', 'items', 'lines'),
        tag('bonus', 'section'),
        tag('bonus', 'inverted'),
      ],
      2,
    );
    const text: unknown = expect.any(String);
    const item = { item: text, lines: [text, text, text] };
    expect(rows).toEqual([
      { name: text, items: [item, item, item], bonus: true },
      { name: text, items: [item, item, item], bonus: false },
    ]);
    expect(rows[0]?.name).not.toBe(rows[1]?.name);
  });

  it('have paragraphs where a tag stands for some', () => {
    const [row] = madeRows([tag('note'), tag('name')], 1, new Set(['note']));
    expect(row?.note).toMatch(/^<w:p>/);
    expect(row?.name).not.toMatch(/</);
  });
});

describe('a template from a file', () => {
  it('has rows made for it, or those of a file', async () => {
    const made = await readCase('examples/offer-letter.docx', undefined);
    expect(made.name).toBe('offer-letter.docx (compiled)');
    expect(made.rows).toHaveLength(50);
    const given = await readCase('examples/offer-letter.docx', 'examples/people.csv');
    expect(given.rows).toHaveLength(1_000);
    expect(given.rows[0]).toMatchObject({ reference: 'MI-2026-0001', benefits: [{}, {}, {}] });
  });

  it.each([
    ['no-such-file.docx', undefined, 'no-such-file.docx: '],
    ['README.md', undefined, 'README.md: The file is not a Word document'],
    ['examples/offer-letter.docx', 'no-such-file.csv', 'no-such-file.csv: '],
    ['examples/offer-letter.docx', 'README.md', 'README.md: The name of a table file'],
  ])('is refused with advice: %s, %s', async (template, rows, advice) => {
    await expect(readCase(template, rows)).rejects.toThrow(advice);
    await expect(readCase(template, rows)).rejects.toMatchObject({ name: 'UsageError' });
  });
});
