import { describe, expect, it } from 'vitest';
import { DefinitionFault, WorkflowFailure } from '../../../../local/stepFunctions/failures.ts';
import type { Json } from '../../../../local/stepFunctions/json.ts';
import { compileTemplate } from '../../../../local/stepFunctions/language/templates.ts';

const make = (template: Json, data: Json = {}) =>
  compileTemplate(template, 'T')({ data, context: { Execution: { Name: 'run-1' } } });
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
    ['a function that is not run here', { 'x.$': 'States.UUID()' }],
    ['a function of all objects', { 'x.$': 'States.constructor()' }],
    ['too many arguments', { 'x.$': "States.JsonToString('a', 1)" }],
    ['too few arguments', { 'x.$': 'States.Format()' }],
    ['an open bracket', { 'x.$': 'States.JsonToString($.a' }],
    ['something behind the call', { 'x.$': 'States.JsonToString($.a) + 1' }],
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
    [
      "States.Format('{}', States.JsonToString(States.StringToJson($['odd, name)'])))",
      { 'odd, name)': '[1, "b,)"]' },
      '[1,"b,)"]',
    ],
  ])('%s', (expression, data, expected) => {
    expect(call(expression, data)).toEqual(expected);
  });

  it.each<[string, Json, RegExp]>([
    ["States.Format('{}')", {}, /number of \{\} does not equal/],
    ['States.StringToJson($.s)', { s: '{' }, /not valid JSON/],
    ['States.StringToJson($.n)', { n: 1 }, /string was expected/],
    ['States.JsonToString($.nothing)', {}, /could not be found in the input/],
  ])('%s fails the state', (expression, data, cause) => {
    expect(() => call(expression, data)).toThrow(WorkflowFailure);
    expect(() => call(expression, data)).toThrow(cause);
  });
});
