/** Rows that are kept while all go by: no more than there are things to show. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCandidates, type ShownByRow } from '../../../shared/samples/candidates.ts';
import { coverFeatures } from '../../../shared/samples/cover.ts';

const shown = (row: number, features: number[], measures: [number, number][] = []): ShownByRow => ({
  row,
  features: new Set(features),
  measures: new Map(measures),
});

describe('candidates', () => {
  it('forget a row that is overtaken everywhere', () => {
    const candidates = createCandidates();
    for (let row = 1; row <= 1000; row++) candidates.add(shown(row, [1], [[2, row]]));
    expect(candidates.rows().map(({ row }) => row)).toEqual([1, 1000]);
    expect(candidates.rowOfMost(2)).toBe(1000);
    expect(candidates.rowOfMost(1)).toBeUndefined();
  });

  it('keep the first of equal ones, and rows that are wanted in any case', () => {
    const candidates = createCandidates();
    candidates.add(shown(1, [1], [[2, 5]]));
    candidates.add(shown(2, [1], [[2, 5]]));
    candidates.add(shown(3, [1], [[2, 5]]), true);
    expect(candidates.rows().map(({ row }) => row)).toEqual([1, 3]);
  });

  it('tell when there was more than they tell apart', () => {
    const candidates = createCandidates(2);
    candidates.add(shown(1, [1, 2]));
    expect(candidates.isPartial).toBe(false);
    candidates.add(shown(2, [3]));
    expect(candidates.isPartial).toBe(true);
    expect(candidates.features()).toEqual([1, 2]);
  });
});

describe('a cover', () => {
  const rows = fc.array(
    fc.record({
      features: fc.uniqueArray(fc.integer({ min: 0, max: 25 }), { maxLength: 8 }),
      measures: fc.uniqueArray(
        fc.tuple(fc.integer({ min: 100, max: 105 }), fc.integer({ min: 0, max: 9 })),
        { selector: ([feature]) => feature, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 60 },
  );

  it('shows everything that some row shows, unless there are as many rows as may be', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (all, most) => {
        const candidates = createCandidates();
        for (const [i, { features, measures }] of all.entries()) {
          candidates.add(shown(i + 1, features, measures));
        }
        const tierOf = (feature: number) => (feature < 100 ? feature % 3 : 2);
        const cover = coverFeatures({ candidates, tierOf, pinned: [], most });
        const chosen = cover.rows.map(({ row }) => all[row - 1]);
        const covered = new Set(chosen.flatMap((row) => row?.features ?? []));
        const missing = all.flatMap(({ features }) => features).filter((f) => !covered.has(f));
        const mostOf = (feature: number) =>
          Math.max(
            ...all
              .flatMap((row) => row.measures.filter(([f]) => f === feature))
              .map(([, size]) => size),
          );
        const isOvertaken = ([feature]: [number, number]) =>
          !chosen.some((row) =>
            row?.measures.some(([f, size]) => f === feature && size === mostOf(f)),
          );
        const overtaken = all.flatMap(({ measures }) => measures).filter(isOvertaken);
        if (cover.rows.length < most) expect([missing, overtaken]).toEqual([[], []]);
        // One that ties with the first of the most may be shown although it is not counted.
        if (missing.length + overtaken.length > 0) expect(cover.left).not.toEqual([]);
        expect(cover.left.filter((feature) => covered.has(feature))).toEqual([]);
        expect(cover.rows.length).toBeLessThanOrEqual(most);
        // What matters most is not crowded out: nothing of a later tier is new while the first is open.
        const open = cover.left.some((feature) => tierOf(feature) === 0);
        if (open) {
          for (const { features } of cover.rows)
            expect(features.some((f) => tierOf(f) === 0)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
