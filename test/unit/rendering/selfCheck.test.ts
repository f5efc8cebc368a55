import { parseTag } from '../../../shared/tags/tagExpression.ts';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../shared/rendering/compileTemplate.ts';
import { noteRuns, NOTHING_RECORDED } from '../../../shared/rendering/compiled/recordedRuns.ts';
import type { Node } from '../../../shared/rendering/compiled/nodes.ts';
import { syntheticRows, trialItems, trialRows } from '../../../shared/rendering/selfCheck.ts';
import type { Row, Tag } from '../../../shared/schemas/common.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`);

/** Sections in each other, with a value in the innermost. */
const nestedTags = (depth: number): Tag[] => [
  ...names(depth).map((name, i) => ({
    name,
    kind: 'section' as const,
    path: names(i),
    part: 'word/document.xml',
  })),
  { name: 'x', kind: 'value', path: names(depth), part: 'word/document.xml' },
];

const itemsOf = (value: Row[string]): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + 1 + itemsOf(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, inner) => sum + itemsOf(inner), 0);
};

const NESTED = paragraphs(
  ...names(24).map((name) => `{#${name}}`),
  '{x}',
  ...names(24)
    .reverse()
    .map((name) => `{/${name}}`),
);

/** "Else if" over so many states: each in the section of what the one before is not. */
const ELSE_IF = paragraphs(
  ...names(22).flatMap((name) => [`{#${name}}`, `Rules of {x}`, `{/${name}}`, `{^${name}}`]),
  'none',
  ...names(22)
    .reverse()
    .map((name) => `{/${name}}`),
);

describe('the rows that a template is tried with', () => {
  it('have as many items as the depth of its sections asks for, not two to its power', () => {
    for (const [, row] of syntheticRows(nestedTags(80))) {
      expect(itemsOf(row)).toBeLessThan(80 * 120);
    }
    const most = (depth: number) =>
      Math.max(...syntheticRows(nestedTags(depth)).map(([, row]) => itemsOf(row)));
    expect(most(40) - most(20)).toBeLessThanOrEqual(40 * 40);
  });

  it('have a list of two and more at every depth', () => {
    const [, row] = syntheticRows(nestedTags(30))[1] ?? [];
    let scope: Row | undefined = row;
    const lengths = names(30).map((name) => {
      const items = scope?.[name];
      if (!Array.isArray(items)) return 0;
      scope = items[0] as Row;
      return items.length;
    });
    expect(lengths).toEqual([5, ...names(29).map(() => 2)]);
  });

  it('have fewer items for a template that is large by itself', () => {
    const level = (pieces: number) => ({ pieces, valueTags: 1 });
    const most = { counts: [5, 2, 2], inFirst: true };
    expect(trialItems([level(100), level(100), level(100), level(100)])).toEqual(most);
    expect(trialItems([level(100), level(100_000)])).toEqual({ counts: [3, 2], inFirst: false });
    expect(trialItems([level(1), level(1), level(1), level(1_000_000)])).toEqual({
      counts: [3],
      inFirst: false,
    });
  });

  it('are fewer for a template that is large by itself, and never less than two', () => {
    const level = (pieces: number) => ({ pieces, valueTags: 1 });
    const all = syntheticRows([]).length;
    expect(trialRows([level(30_000)])).toBeGreaterThanOrEqual(all);
    expect(trialRows([level(30_000), level(30_000)])).toBe(4);
    expect(trialRows([level(1_000_000)])).toBe(2);
  });

  it.each([
    ['sections in sections', NESTED],
    ['alternatives in alternatives', ELSE_IF],
  ])('let a template with %s be compiled', (_kind, body) => {
    expect(compileTemplate(wordFile(body)).engine).toEqual({ tier: 'compiled', reasons: [] });
  });
});

describe('what is recorded of runs', () => {
  it('is found by going through each section a few times, however deep it is', () => {
    let visits = 0;
    const text = (): Node => ({
      kind: 'text',
      xml: '<w:b/>',
      units: 6,
      get tag() {
        visits++;
        return undefined;
      },
    });
    const nested = (depth: number): Node[] =>
      depth === 0
        ? [text()]
        : [
            text(),
            {
              kind: 'section',
              tag: parseTag(`s${depth}`),
              inverted: false,
              body: nested(depth - 1),
              otherwise: [],
            },
          ];
    const refusals: string[] = [];
    noteRuns(nested(40), NOTHING_RECORDED, (reason) => refusals.push(reason));
    expect(visits).toBeLessThan(40 * 8);
    expect(refusals).toEqual([]);
  });
});

describe('sections that end with a page break', () => {
  it('are compiled within each other, as far as their content is not copied too often', () => {
    const nested = (depth: number) =>
      wordFile(
        names(depth)
          .map((name) => paragraphs(`{#${name}}`, 'x'))
          .join('') +
          names(depth)
            .reverse()
            .map(
              (name) =>
                `<w:p><w:r><w:br w:type="page"/></w:r><w:r><w:t>{/${name}}</w:t></w:r></w:p>`,
            )
            .join(''),
      );
    expect(compileTemplate(nested(1)).engine.tier).toBe('compiled');
    expect(compileTemplate(nested(18)).engine).toMatchObject({
      tier: 'reused-parse',
      reasons: expect.arrayContaining([
        expect.stringContaining('has a page break, as have 3 around it'),
      ]) as unknown,
    });
  });
});
