import { describe, expect, it } from 'vitest';
import {
  conditionExpression,
  createPlaceholders,
} from '../../../functions/adapters/expressions.ts';
import type { Condition } from '../../../shared/ports.ts';

const free: Condition = { absent: 'a' };
const held: Condition = { present: 'b' };
const same: Condition = { attribute: 'c', is: '=', value: 1 };

describe('conditionExpression', () => {
  // DynamoDB refuses parentheses around parentheses, and dynalite takes ms for each pair of them.
  it.each<[string, Condition, string]>([
    ['a comparison', same, '#n0 = :v0'],
    ['one of all', { all: [same] }, '#n0 = :v0'],
    [
      'one of any in all',
      { all: [free, { any: [same] }] },
      'attribute_not_exists(#n0) AND #n1 = :v0',
    ],
    [
      'all in all',
      { all: [{ all: [free, held] }, same] },
      'attribute_not_exists(#n0) AND attribute_exists(#n1) AND #n2 = :v0',
    ],
    [
      'any in any',
      { any: [{ any: [free, held] }, same] },
      'attribute_not_exists(#n0) OR attribute_exists(#n1) OR #n2 = :v0',
    ],
    [
      'all in any',
      { any: [{ all: [free, held] }, same] },
      'attribute_not_exists(#n0) AND attribute_exists(#n1) OR #n2 = :v0',
    ],
    [
      'any in all, the only thing that needs them',
      { all: [{ any: [free, held] }, same] },
      '(attribute_not_exists(#n0) OR attribute_exists(#n1)) AND #n2 = :v0',
    ],
    [
      'all of nothing in all',
      { all: [{ all: [] }, same] },
      '(attribute_exists(#n0) OR attribute_not_exists(#n0)) AND #n1 = :v0',
    ],
    ['any of nothing', { any: [] }, 'attribute_exists(#n0) AND attribute_not_exists(#n0)'],
  ])('writes %s without parentheses that say nothing', (_, condition, text) => {
    expect(conditionExpression(condition, createPlaceholders())).toBe(text);
  });
});
