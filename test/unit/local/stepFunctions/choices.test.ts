import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../local/stepFunctions/json.ts';
import { compileCondition } from '../../../../local/stepFunctions/language/choices.ts';

const DATA = {
  s: 'beta',
  n: 10,
  b: true,
  none: null,
  t: '2024-03-14T01:59:00Z',
  same: '2024-03-14T02:59:00+01:00',
  star: 'a*b',
  file: 'log-2024.txt',
  other: 9,
};
const holds = (rule: Json) =>
  compileCondition(rule, 'T')({ data: DATA, context: { State: { Name: 'x' } } });
const on = (Variable: string, comparison: { [operator: string]: Json }) =>
  holds({ Variable, ...comparison });

describe('choice rules', () => {
  it.each<[string, string, Json, boolean]>([
    ['$.s', 'StringEquals', 'beta', true],
    ['$.n', 'StringEquals', '10', false],
    ['$.s', 'StringLessThan', 'gamma', true],
    ['$.s', 'StringGreaterThanEquals', 'beta', true],
    ['$.s', 'StringGreaterThan', 'beta', false],
    ['$.n', 'NumericEquals', 10, true],
    ['$.s', 'NumericEquals', 10, false],
    ['$.n', 'NumericLessThanEquals', 9.5, false],
    ['$.n', 'NumericGreaterThanPath', '$.other', true],
    ['$.n', 'NumericLessThanPath', '$.other', false],
    ['$.b', 'BooleanEquals', true, true],
    ['$.none', 'BooleanEquals', false, false],
    ['$.t', 'TimestampEqualsPath', '$.same', true],
    ['$.t', 'TimestampLessThan', '2024-03-14T01:59:00.001Z', true],
    ['$.s', 'TimestampLessThan', '2024-03-14T01:59:00Z', false],
    ['$.file', 'StringMatches', 'log-*.txt', true],
    ['$.file', 'StringMatches', 'log-*', true],
    ['$.file', 'StringMatches', 'log-????.txt', false],
    ['$.star', 'StringMatches', 'a\\*b', true],
    ['$.file', 'StringMatches', 'log-2024\\*', false],
    ['$.n', 'StringMatches', '*', false],
    ['$.none', 'IsNull', true, true],
    ['$.n', 'IsNull', false, true],
    ['$.missing', 'IsPresent', false, true],
    ['$.none', 'IsPresent', true, true],
    ['$.s', 'IsString', true, true],
    ['$.n', 'IsNumeric', true, true],
    ['$.b', 'IsBoolean', false, false],
    ['$.t', 'IsTimestamp', true, true],
    ['$.s', 'IsTimestamp', true, false],
    ['$$.State.Name', 'StringEquals', 'x', true],
  ])('%s %s %j is %s', (variable, operator, operand, expected) => {
    expect(on(variable, { [operator]: operand })).toBe(expected);
  });

  it('are joined by And, Or and Not', () => {
    const yes = { Variable: '$.b', BooleanEquals: true };
    const no = { Not: yes };
    expect(holds({ And: [yes, yes], Next: 'S' })).toBe(true);
    expect(holds({ And: [yes, no] })).toBe(false);
    expect(holds({ Or: [no, yes] })).toBe(true);
    expect(holds({ Or: [no, no] })).toBe(false);
  });

  it('may guard a path by IsPresent', () => {
    const guarded: Json = {
      And: [
        { Variable: '$.missing', IsPresent: true },
        { Variable: '$.missing', NumericEquals: 1 },
      ],
    };
    expect(holds(guarded)).toBe(false);
  });

  it('fail on a path that leads nowhere', () => {
    expect(() => on('$.missing', { NumericEquals: 1 })).toThrow(
      "Invalid path '$.missing': The choice state's condition path references an invalid value.",
    );
    expect(() => on('$.n', { NumericEqualsPath: '$.missing' })).toThrow(
      /Invalid path '\$\.missing'/,
    );
  });

  it.each<[string, Json]>([
    ['an unknown comparison', { Variable: '$.n', NumericNear: 3 }],
    ['an ordering of booleans', { Variable: '$.b', BooleanLessThan: true }],
    ['two comparisons', { Variable: '$.n', NumericEquals: 1, StringEquals: 'a' }],
    ['no comparison', { Variable: '$.n' }],
    ['no variable', { NumericEquals: 1 }],
    ['a constant of another type', { Variable: '$.n', NumericEquals: '1' }],
    ['a JSONata condition', { Condition: '{% true %}' }],
  ])('are refused with %s', (_, rule) => {
    expect(() => compileCondition(rule, 'The workflow T, Choose')).toThrow(
      /The workflow T, Choose/,
    );
  });
});
