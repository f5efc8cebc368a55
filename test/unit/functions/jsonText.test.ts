import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault, jsonDepth } from '../../../functions/api/jsonText.ts';

describe('findJsonFault', () => {
  it.each([
    ['', 1, 1, 'should be a value'],
    ['{"a": x}', 1, 7, 'should be a value'],
    ['{"a": 1,}', 1, 9, 'should be a name in double quotes'],
    ["{'a': 1}", 1, 2, 'should be a name in double quotes or }'],
    ['{"a" 1}', 1, 6, 'should be a colon'],
    ['[1 2]', 1, 4, 'should be a comma or the closing bracket'],
    ['[1,\n 2,\n ]', 3, 2, 'should be a value'],
    ['[', 1, 2, 'should be a value or ]'],
    ['{"a": [1}', 1, 9, 'should be a comma or the closing bracket'],
    ['1 1', 1, 3, 'should be the end'],
    ['[01]', 1, 2, 'should be a value or ]'],
    ['[nul]', 1, 2, 'should be a value or ]'],
    ['["a', 1, 2, 'begins a string that has no end'],
    ['["a\nb"]', 1, 4, 'has a line break or another raw control character in a string'],
    ['["\\x"]', 1, 3, 'has a backslash that escapes nothing'],
  ])('finds the place in %j', (text, line, column, fault) => {
    expect(() => void JSON.parse(text)).toThrow();
    expect(findJsonFault(text)).toEqual({ line, column, fault });
  });

  it('takes a string of any length and any depth', () => {
    const text = `${'['.repeat(100_000)}"${'a'.repeat(1_000_000)}"x`;
    expect(findJsonFault(text)).toMatchObject({ column: 1_100_003 });
  });

  it('finds a fault exactly in what JSON.parse refuses', () => {
    const mutated = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', ':', 'x', '\\', '\n'))
      .map(([json, at, insert]) => {
        const place = at % (json.length + 1);
        return json.slice(0, place) + insert + json.slice(place + 1);
      });
    const END = 'should be the end';
    fc.assert(
      fc.property(mutated, (text) => {
        const { fault, line, column } = findJsonFault(text);
        const position = text
          .split('\n')
          .slice(0, line - 1)
          .join('\n').length;
        const offset = (line === 1 ? position : position + 1) + column - 1;
        // Of valid JSON, all that is missing after its last character is more of it.
        const none = fault === END && offset === text.length;
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(none).toBe(valid);
      }),
      { numRuns: 300 },
    );
  });
});

describe('jsonDepth', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
      : 0;

  it('is that of the parsed value', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonDepth(text)).toBe(depthOf(JSON.parse(text)));
      }),
      { numRuns: 200 },
    );
  });

  it('does not count brackets in strings', () => {
    expect(jsonDepth('["[[[\\"[["]')).toBe(1);
  });
});
