import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DefinitionFault, WorkflowFailure } from '../../../../local/stepFunctions/failures.ts';
import type { Json } from '../../../../local/stepFunctions/json.ts';
import { compileTemplate } from '../../../../local/stepFunctions/language/templates.ts';

const random = { bytes: (count: number) => randomBytes(count) };
const make = (template: Json, data: Json = {}) =>
  compileTemplate(template, 'T')({ data, context: { Execution: { Name: 'run-1' } }, random });
const call = (expression: string, data: Json = {}) =>
  (make({ 'x.$': expression }, data) as { x: Json }).x;

describe('payload templates', () => {
  it('compute the fields that end in .$ and leave the others', () => {
    const template = {
      plain: '$.a',
      'a.$': '$.a',
      list: [1, { 'name.$': '$$.Execution.Name' }],
    };
    expect(make(template, { a: [1, 2] })).toEqual({
      plain: '$.a',
      a: [1, 2],
      list: [1, { name: 'run-1' }],
    });
  });

  it('fail as Step Functions does when a path leads nowhere', () => {
    expect(() => make({ 'address.$': '$.application.address' }, { flagged: false })).toThrow(
      `States.Runtime: The JSONPath '$.application.address' specified for the field 'address.$' could not be found in the input '{"flagged":false}'`,
    );
  });

  it.each<[string, Json]>([
    ['no path', { 'x.$': 'a' }],
    ['a number', { 'x.$': 3 }],
    ['an unknown function', { 'x.$': 'States.Shout($.a)' }],
    ['a function of all objects', { 'x.$': 'States.constructor()' }],
    ['too many arguments', { 'x.$': "States.UUID('a')" }],
    ['an open bracket', { 'x.$': 'States.Array($.a' }],
    ['something behind the call', { 'x.$': 'States.UUID() + 1' }],
    ['a seeded random number, which is Java’s', { 'x.$': 'States.MathRandom(1, 5, 3)' }],
  ])('refuse %s when the definition is loaded', (_, template) => {
    expect(() => compileTemplate(template, 'T')).toThrow(DefinitionFault);
  });
});

describe('intrinsic functions', () => {
  it.each<[string, Json, Json]>([
    [
      "States.Format('{}: {} {}', $.s, $.n, $.o)",
      { s: 'a', n: 1.1, o: { p: null } },
      'a: 1.1 {"p":null}',
    ],
    ["States.Format('no args')", {}, 'no args'],
    ["States.Format('\\{\\} it\\'s {}', null)", {}, "{} it's null"],
    ['States.Format($.pattern, $.a)', { pattern: '<{}>', a: '' }, '<>'],
    ['States.StringToJson(\'[1,"a"]\')', {}, [1, 'a']],
    ['States.JsonToString($.o)', { o: { a: [true] } }, '{"a":[true]}'],
    ['States.JsonMerge($.a, $.b, false)', { a: { x: 1, y: 1 }, b: { y: 2 } }, { x: 1, y: 2 }],
    ["States.Array('a', 1, $.list, null, true)", { list: [2] }, ['a', 1, [2], null, true]],
    ['States.Array()', {}, []],
    ['States.ArrayPartition($.a, 2)', { a: [1, 2, 3] }, [[1, 2], [3]]],
    ['States.ArrayContains($.a, $.x)', { a: [{ p: 1, q: 2 }], x: { q: 2, p: 1 } }, true],
    ['States.ArrayContains($.a, 3)', { a: [1] }, false],
    ['States.ArrayRange(1, 9, 2)', {}, [1, 3, 5, 7, 9]],
    ['States.ArrayRange(3, 1, -1)', {}, [3, 2, 1]],
    ['States.ArrayRange(3, 1, 1)', {}, []],
    ['States.ArrayGetItem($.a, 1)', { a: ['x', 'y'] }, 'y'],
    ['States.ArrayLength($.a)', { a: [1, 2] }, 2],
    ['States.ArrayUnique($.a)', { a: [1, '1', 1, { b: 1 }, { b: 1 }] }, [1, '1', { b: 1 }]],
    ["States.Base64Encode('Data ü')", {}, 'RGF0YSDDvA=='],
    ["States.Base64Decode('RGF0YSDDvA==')", {}, 'Data ü'],
    ["States.Hash('input', 'SHA-1')", {}, '140f86aae51ab9e1cda9b4254fe98a74eb54c1a1'],
    ['States.MathAdd($.n, -1)', { n: 111.5 }, 111],
    [
      "States.StringSplit('This.is+a,test=string', '.+,=')",
      {},
      ['This', 'is', 'a', 'test', 'string'],
    ],
    ["States.StringSplit(', , ,', ',')", {}, [' ', ' ']],
    ["States.StringSplit(',,,,', ',')", {}, []],
    [
      "States.Format('{}', States.JsonToString(States.Array($.a[0], 'b,)')))",
      { a: [1] },
      '[1,"b,)"]',
    ],
    ["States.Array($['odd, name)'], $.list[*])", { 'odd, name)': 1, list: [2] }, [1, [2]]],
  ])('%s', (expression, data, expected) => {
    expect(call(expression, data)).toEqual(expected);
  });

  it('States.UUID makes a version 4 UUID', () => {
    expect(call('States.UUID()')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('States.MathRandom stays within its bounds', () => {
    const drawn = Array.from({ length: 200 }, () => call('States.MathRandom(3, 6)'));
    expect(new Set(drawn)).toEqual(new Set([3, 4, 5]));
  });

  it.each<[string, Json, RegExp]>([
    ["States.Format('{}')", {}, /number of \{\} does not equal/],
    ['States.StringToJson($.s)', { s: '{' }, /not valid JSON/],
    ['States.JsonMerge($.a, $.a, true)', { a: {} }, /Only shallow/],
    ['States.ArrayPartition($.a, 0)', { a: [] }, /must be positive/],
    ['States.ArrayRange(1, 2000, 1)', {}, /more than 1000/],
    ['States.ArrayRange(1, 2, 0)', {}, /must not be 0/],
    ['States.ArrayGetItem($.a, 5)', { a: [1] }, /out of range/],
    ['States.ArrayLength($.a)', { a: 'text' }, /array was expected/],
    ["States.Hash('a', 'CRC')", {}, /CRC is not a hash/],
    ['States.Base64Encode($.s)', { s: 'x'.repeat(10_001) }, /longer than 10000/],
    ["States.MathAdd('1', 2)", {}, /number was expected/],
    ['States.Array($.nothing)', {}, /could not be found in the input/],
  ])('%s fails the state', (expression, data, cause) => {
    expect(() => call(expression, data)).toThrow(WorkflowFailure);
    expect(() => call(expression, data)).toThrow(cause);
  });
});
