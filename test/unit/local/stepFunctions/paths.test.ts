import fc from 'fast-check';
import { JSONPath } from 'jsonpath-plus';
import { describe, expect, it } from 'vitest';
import { DefinitionFault } from '../../../../local/stepFunctions/failures.ts';
import type { Json, JsonObject } from '../../../../local/stepFunctions/json.ts';
import {
  parsePath,
  parseReferencePath,
  readPath,
  writePath,
} from '../../../../local/stepFunctions/language/paths.ts';

const DATA: Json = {
  a: { 'b c': [10, { d: null }] },
  list: [{ n: 1 }, { n: 2 }, { m: 3 }],
  'dotted.name': true,
};
const read = (text: string, context: JsonObject = { Execution: { Name: 'x' } }) =>
  readPath(parsePath(text, 'test'), { data: DATA, context });

describe('readPath', () => {
  it.each<[string, Json | undefined]>([
    ['$', DATA],
    ['$.a', { 'b c': [10, { d: null }] }],
    ["$.a['b c'][0]", 10],
    ['$["dotted.name"]', true],
    ["$.a['b c'][-1].d", null],
    ['$.list[1].n', 2],
    ['$$.Execution.Name', 'x'],
    ['$.nothing', undefined],
    ['$.list.n', undefined],
    ['$.a[0]', undefined],
    ['$.list[7]', undefined],
    ['$.a.toString', undefined],
    ['$.__proto__', undefined],
    // Any path that may have several matches gives a list.
    ['$.list[*].n', [1, 2]],
    ['$.list[0:2].n', [1, 2]],
    ['$.list[0,2]', [{ n: 1 }, { m: 3 }]],
    ['$..n', [1, 2]],
    ['$.list[*].nothing', []],
  ])('%s', (path, expected) => {
    expect(read(path)).toEqual(expected);
  });

  it.each(['a', '$.', '$.a[', '$.a[?(@.b)]', '$.a.b()', '$[a]', '$.a b', '$...a'])(
    'refuses %s when the definition is loaded',
    (path) => {
      expect(() => parsePath(path, 'The workflow T, S')).toThrow(DefinitionFault);
      expect(() => parsePath(path, 'The workflow T, S')).toThrow(/The workflow T, S: .*is not one/);
    },
  );

  it('gives an empty list for an indefinite path through what holds nothing', () => {
    for (const data of [null, false, 0, '', 'text', {}, []]) {
      expect(readPath(parsePath('$.a[*]', 'test'), { data, context: {} })).toEqual([]);
    }
  });

  it('finds what jsonpath-plus finds, at the end of any definite path', () => {
    const step = fc.oneof(fc.stringMatching(/^[a-z]{1,3}$/), fc.nat(2));
    const steps = fc.array(step, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(steps, fc.jsonValue(), (path, leaf) => {
        const data = path.reduceRight<Json>(
          (inner, name) =>
            typeof name === 'number'
              ? [...new Array<Json>(name).fill(0), inner]
              : { [name]: inner },
          leaf as Json,
        );
        const text = `$${path.map((name) => (typeof name === 'number' ? `[${name}]` : `.${name}`)).join('')}`;
        const found = readPath(parsePath(text, 'test'), { data, context: {} });
        expect(found).toEqual(leaf);
        expect([found]).toEqual(JSONPath({ path: text, json: data as object }));
      }),
      { numRuns: 100 },
    );
  });
});

describe('writePath', () => {
  const write = (text: string, target: Json, value: Json) =>
    writePath(parseReferencePath(text, 'test'), target, value);

  it.each<[string, Json, Json]>([
    ['$', { a: 1 }, 'new'],
    ['$.a', { a: 'new', b: 2 }, { a: 1, b: 2 }],
    ['$.x.y', { a: 1, x: { y: 'new' } }, { a: 1 }],
    ["$['x y'][1]", { 'x y': [1, 'new'] }, { 'x y': [1, 2] }],
  ])('puts a value at %s', (path, expected, target) => {
    expect(write(path, target, 'new')).toEqual(path === '$' ? 'new' : expected);
  });

  it('leaves what it was given as it was', () => {
    const target = { a: { b: [1] } };
    write('$.a.b[0]', target, 2);
    expect(target).toEqual({ a: { b: [1] } });
  });

  it('makes __proto__ an ordinary field', () => {
    const made = write('$.__proto__.polluted', {}, true) as JsonObject;
    expect(Object.hasOwn(made, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each(['$.a.b', '$.list[3]', '$.none.b'])(
    'cannot pass through what is no object: %s',
    (path) => {
      expect(() => write(path, { a: 1, list: [], none: null }, 2)).toThrow(/Unable to apply/);
    },
  );

  it.each(['$$.Execution', '$.a[*]', '$.a[-1]'])('refuses %s', (path) => {
    expect(() => parseReferencePath(path, 'test')).toThrow(/must be a reference path/);
  });

  it('is read back by the same path, whatever the names', () => {
    const steps = fc.array(fc.string(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(steps, fc.jsonValue(), (names, value) => {
        const text = `$${names.map((name) => `['${name.replace(/[\\']/g, '\\$&')}']`).join('')}`;
        const made = write(text, {}, value as Json);
        expect(readPath(parsePath(text, 'test'), { data: made, context: {} })).toEqual(value);
      }),
      { numRuns: 100 },
    );
  });
});
