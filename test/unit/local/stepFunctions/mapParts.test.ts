import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseJson } from '../../../../local/stepFunctions/json.ts';
import type { Json } from '../../../../local/stepFunctions/json.ts';
import { compileDefinition } from '../../../../local/stepFunctions/language/definition.ts';
import type { DistributedMapState } from '../../../../local/stepFunctions/language/program.ts';
import { limitedText } from '../../../../local/stepFunctions/limits.ts';
import { cutChildren } from '../../../../local/stepFunctions/map/mapChildren.ts';
import {
  countEnded,
  countStarted,
  exceedsTolerance,
  newCounts,
} from '../../../../local/stepFunctions/map/mapCounts.ts';
import type { ChildStatus } from '../../../../local/stepFunctions/map/mapCounts.ts';

function mapState(extra: object): DistributedMapState {
  const definition = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'W',
          States: { W: { Type: 'Pass', End: true } },
        },
        End: true,
        ...extra,
      },
    },
  };
  const state = compileDefinition('Task', definition).flow.states.get('Each');
  if (state?.kind !== 'DistributedMap') throw new Error('The definition is no distributed map.');
  return state;
}

const BatchSchema = z.object({ BatchInput: z.json(), Items: z.array(z.json()) });

const cut = (extra: object, items: Json[], data: Json = {}) =>
  cutChildren(
    mapState(extra),
    { count: items.length, at: (i) => items[i] ?? null, source: 'STATE_DATA', digest: '' },
    { data, context: {}, random: { bytes: (count) => new Uint8Array(count) } },
  );

describe('cutChildren', () => {
  it('keeps every item once and in order, within both limits of a batch', () => {
    const limits = fc.record({
      MaxItemsPerBatch: fc.integer({ min: 1, max: 5 }),
      MaxInputBytesPerBatch: fc.integer({ min: 200, max: 400 }),
    });
    const items = fc.array(fc.string({ maxLength: 60, unit: 'grapheme' }), { maxLength: 30 });
    fc.assert(
      fc.property(limits, items, (ItemBatcher, all) => {
        const children = cut({ ItemBatcher: { ...ItemBatcher, BatchInput: { a: 1 } } }, all);
        const found: Json[] = [];
        for (let i = 0; i < children.count; i++) {
          const text = children.inputOf(i);
          const { BatchInput, Items } = BatchSchema.parse(parseJson(text));
          expect(BatchInput).toEqual({ a: 1 });
          expect(children.itemsOf(i)).toBe(Items.length);
          expect(Items.length).toBeLessThanOrEqual(ItemBatcher.MaxItemsPerBatch);
          const bytes = Buffer.byteLength(text);
          if (Items.length > 1) {
            expect(bytes).toBeLessThanOrEqual(ItemBatcher.MaxInputBytesPerBatch);
          }
          found.push(...Items);
        }
        expect(found).toEqual(all);
      }),
      { numRuns: 60 },
    );
  });

  it('fills batches as far as the limit in bytes allows', () => {
    const children = cut({ ItemBatcher: { MaxInputBytesPerBatch: 21 } }, ['aaaa', 'bb', 'c']);
    // {"Items":["aaaa","bb"]} would have 23 bytes, {"Items":["bb","c"]} has 20.
    expect([0, 1].map((i) => children.inputOf(i))).toEqual([
      '{"Items":["aaaa"]}',
      '{"Items":["bb","c"]}',
    ]);
  });

  it('cuts as Step Functions documents it', () => {
    const children = cut({ ItemBatcher: { MaxItemsPerBatch: 100 } }, new Array<Json>(1130).fill(0));
    expect(children.count).toBe(12);
    expect(children.itemsOf(11)).toBe(30);
  });
});

it('the limit is 262,144 bytes of UTF-8', () => {
  const text = (characters: string) => limitedText(characters, 'S');
  expect(text('x'.repeat(262_142))).toHaveLength(262_144);
  expect(() => text('x'.repeat(262_143))).toThrow(/States.DataLimitExceeded/);
  expect(() => text('ü'.repeat(131_072))).toThrow(/The state\/task 'S' returned/);
});

describe('exceedsTolerance', () => {
  const counted = (failed: number, total: number, status: ChildStatus = 'FAILED') => {
    const counts = newCounts(total);
    countStarted(counts, failed);
    countEnded(counts, status, failed);
    return counts;
  };

  it.each<[number, number, number | undefined, number | undefined, boolean]>([
    [0, 10, undefined, undefined, false],
    [1, 10, undefined, undefined, true],
    [2, 10, 2, undefined, false],
    [3, 10, 2, undefined, true],
    [2, 10, undefined, 20, false],
    [3, 10, undefined, 20, true],
    [1, 91, undefined, 1.1, false],
    [1, 90, undefined, 1.1, true],
    [10, 10, undefined, 100, false],
    [1, 10, 0, 100, true],
    [3, 10, 5, 20, true],
  ])('%i of %i, at most %s or %s %%: %s', (failed, total, count, percentage, expected) => {
    expect(exceedsTolerance(counted(failed, total), { count, percentage })).toBe(expected);
    const timedOut = counted(failed, total, 'TIMED_OUT');
    expect(exceedsTolerance(timedOut, { count, percentage })).toBe(expected);
  });
});
