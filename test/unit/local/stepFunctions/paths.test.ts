import fc from 'fast-check';
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
    ["$.a['b c'][1].d", null],
    ['$.list[1].n', 2],
    ['$$.Execution.Name', 'x'],
    ['$.nothing', undefined],
    ['$.list.n', undefined],
    ['$.a[0]', undefined],
    ['$.list[7]', undefined],
    ['$.a.toString', undefined],
    ['$.__proto__', undefined],
  ])('%s', (path, expected) => {
    expect(read(path)).toEqual(expected);
  });

  it.each([
    ...['a', '$.', '$.a[', '$.a.b()', '$[a]', '$.a b'],
    // JSONPath that no definition here needs.
    ...['$.a[*]', '$.*', '$..a', '$...a', '$.a[?(@.b)]', '$.a[0:2]', '$.a[0,1]', "$['a','b']"],
    '$.a[-1]',
  ])('refuses %s when the definition is loaded', (path) => {
    const load = () => parsePath(path, 'The workflow T, S');
    expect(load).toThrow(DefinitionFault);
    expect(load).toThrow(/^The workflow T, S: the local workflow engine does not read the path/);
    expect(load).toThrow(path);
  });

  it('finds what stands at the end of any path', () => {
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
        expect(readPath(parsePath(text, 'test'), { data, context: {} })).toEqual(leaf);
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

  it('refuses a place in the context object', () => {
    expect(() => parseReferencePath('$$.Execution', 'test')).toThrow(/must be a path within/);
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
