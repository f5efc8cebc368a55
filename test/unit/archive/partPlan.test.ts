import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Part, planParts, type Stretch } from '../../../shared/archive/partPlan.ts';
import {
  PART_BYTES,
  S3_MAX_PART_BYTES,
  S3_MAX_PARTS,
  S3_MIN_PART_BYTES,
} from '../../../shared/limits.ts';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const copyable = (length: number): Stretch => ({ length, copyable: true });
const joined = (length: number): Stretch => ({ length, copyable: false });

const slicesOf = (part: Part<Stretch>) => (part.kind === 'copy' ? [part.slice] : part.slices);
const bytesOf = (part: Part<Stretch>) =>
  slicesOf(part).reduce((sum, { length }) => sum + length, 0);
/** The plan in short: C or J and the bytes, in MiB. */
const outline = (parts: Part<Stretch>[]) =>
  parts.map((part) => `${part.kind === 'copy' ? 'C' : 'J'}${bytesOf(part) / MiB}`);

/** All that S3 and the archive ask of a plan. */
function expectSound(stretches: readonly Stretch[], parts: Part<Stretch>[]) {
  // All bytes in order, none twice: the slices of each stretch follow one another to its end.
  const given = stretches.filter(({ length }) => length > 0);
  let index = 0;
  let offset = 0;
  for (const part of parts) {
    for (const slice of slicesOf(part)) {
      if (slice.stretch !== given[index] || slice.offset !== offset || slice.length < 1) {
        throw new Error(`Slice at ${slice.offset} of ${slice.stretch.length} is out of order.`);
      }
      offset += slice.length;
      if (offset === slice.stretch.length) {
        index++;
        offset = 0;
      }
    }
  }
  expect(index).toBe(given.length);

  expect(parts.length).toBeLessThanOrEqual(S3_MAX_PARTS);
  const unsound = parts.filter((part, number) => {
    const bytes = bytesOf(part);
    const smallest = number === parts.length - 1 ? 1 : S3_MIN_PART_BYTES;
    if (bytes < smallest || bytes > S3_MAX_PART_BYTES) return true;
    return part.kind === 'join'
      ? part.length !== bytes
      : !part.slice.stretch.copyable || bytes < S3_MIN_PART_BYTES;
  });
  expect(unsound).toEqual([]);
}

const anyStretch = fc.record({
  length: fc.oneof(
    fc.nat(2_000),
    fc.nat(20 * MiB),
    fc.integer({ min: S3_MIN_PART_BYTES - 2, max: S3_MIN_PART_BYTES + 2 }),
    fc.integer({ min: 2 * S3_MIN_PART_BYTES - 2, max: 2 * S3_MIN_PART_BYTES + 2 }),
    fc.integer({ min: PART_BYTES - 2, max: PART_BYTES + 2 }),
    fc.nat(300 * MiB),
    fc.nat(30 * GiB),
  ),
  copyable: fc.boolean(),
});

describe('planParts', () => {
  it('makes parts that S3 takes, of all bytes, in order, none twice', () => {
    fc.assert(
      fc.property(fc.array(anyStretch, { maxLength: 60 }), (stretches) => {
        expectSound(stretches, planParts(stretches));
      }),
      { numRuns: 200 },
    );
  });

  it('copies what can be copied and joins what lies between', () => {
    const plan = planParts([
      copyable(36 * MiB),
      copyable(36 * MiB),
      joined(6 * MiB),
      copyable(9 * MiB),
    ]);
    expect(outline(plan)).toEqual(['C36', 'C36', 'J6', 'C9']);
  });

  it('joins many small stretches into parts of PART_BYTES and a little', () => {
    const plan = planParts(Array.from({ length: 10 }, () => joined(3 * MiB)));
    expect(outline(plan)).toEqual(['J9', 'J9', 'J9', 'J3']);
  });

  it('lets a small stretch borrow from its large neighbour', () => {
    expect(outline(planParts([joined(2 * MiB), copyable(10 * MiB)]))).toEqual(['J5', 'C7']);
    expect(outline(planParts([joined(2 * MiB), copyable(8 * MiB)]))).toEqual(['J5', 'C5']);
  });

  it('joins the neighbour when it is too small to lend', () => {
    expect(outline(planParts([joined(2 * MiB), copyable(7 * MiB)]))).toEqual(['J9']);
  });

  it('copies evenly what is larger than a part may be', () => {
    const plan = planParts([copyable(10 * GiB + 2 * MiB)]);
    expect(outline(plan)).toEqual(['C3414', 'C3414', 'C3414']);
  });

  it('never copies from a small object, however large the stretches are together', () => {
    const plan = planParts([joined(5 * MiB), joined(5 * MiB), joined(5 * MiB)]);
    expect(outline(plan)).toEqual(['J10', 'J5']);
  });

  it('makes nothing of nothing', () => {
    expect(planParts([])).toEqual([]);
    expect(planParts([joined(0), copyable(0)])).toEqual([]);
  });

  it.each([
    ['9,000 segments', 9_000, [36 * MiB], [240_000, 360_000], 2 * PART_BYTES],
    ['27,000 stretches that could each be copied', 27_000, [5.5 * MiB], [], 64 * MiB],
    ['segments and small leftovers by turns', 9_000, [30 * MiB, 1_000], [], 128 * MiB],
    ['100,000,000 rows', 9_000, [130 * MiB], [900_000, 1_400_000], 64 * MiB],
  ])('stays within 10,000 parts: %s', (_, count, large, small, mostJoined) => {
    const repeat = (lengths: number[], of: (length: number) => Stretch) =>
      Array.from({ length: count }, () => lengths.map((length) => of(length))).flat();
    const stretches = [...repeat(large, copyable), ...repeat(small, joined)];
    const parts = planParts(stretches);
    expectSound(stretches, parts);
    const largestJoin = Math.max(...parts.map((p) => (p.kind === 'join' ? p.length : 0)));
    expect(largestJoin).toBeLessThanOrEqual(mostJoined);
  });

  it('makes joined parts hardly larger than the number of parts asks for', () => {
    const cases = fc.record({
      count: fc.integer({ min: 7_000, max: 9_000 }),
      copied: fc.integer({ min: 64 * MiB, max: GiB }),
      small: fc.integer({ min: 100_000, max: 4 * MiB }),
    });
    fc.assert(
      fc.property(cases, ({ count, copied, small }) => {
        const stretches = [
          ...Array.from({ length: count }, () => copyable(copied)),
          ...Array.from({ length: count }, () => joined(small)),
        ];
        const parts = planParts(stretches);
        expectSound(stretches, parts);
        const needed = Math.max(PART_BYTES, (count * small) / (S3_MAX_PARTS - count));
        const largest = Math.max(...parts.map((p) => (p.kind === 'join' ? p.length : 0)));
        // A step too many, and the stretch that fills the part.
        expect(largest).toBeLessThanOrEqual(1.25 * needed + small);
      }),
      { numRuns: 25 },
    );
  });

  it('says so when no size of parts will do', () => {
    const tooMuch = Array.from({ length: 11_000 }, () => copyable(5 * GiB));
    expect(() => planParts(tooMuch)).toThrow(RangeError);
  });
});
