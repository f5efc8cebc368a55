import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBlankRow } from '../../../shared/dataSources/rows.ts';
import { readPath } from '../../../shared/tags/readPath.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { readText } from './support.ts';

/** A cell, null when it is absent; an object by field names; a list. */
type Shape = string | null | { [field: string]: Shape } | Shape[];

const fieldArbitrary = fc.constantFrom('name', 'city', 'É', 'a b', 'constructor', '1');
const shapeArbitrary = fc.letrec<{ shape: Shape; object: { [field: string]: Shape } }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3 },
    fc.option(fc.constantFrom('', 'x', '"', '张')),
    tie('object'),
    fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
  ),
  object: fc.dictionary(fieldArbitrary, tie('shape'), { minKeys: 1, maxKeys: 3 }),
})).object;

/** The cells of a shape, by their paths. */
function flatten(shape: Shape, path: string): [string, string | null][] {
  if (shape === null || typeof shape === 'string') return [[path, shape]];
  if (Array.isArray(shape)) {
    return shape.flatMap((entry, i) => flatten(entry, `${path}[${i + 1}]`));
  }
  return Object.entries(shape).flatMap(([field, inner]) =>
    flatten(inner, path === '' ? field : `${path}.${field}`),
  );
}

const isAbsent = (shape: Shape): boolean =>
  shape === null || (typeof shape !== 'string' && Object.values(shape).every(isAbsent));

/** What absent cells leave of a shape. */
function withoutAbsent(shape: Shape): unknown {
  if (shape === null || typeof shape === 'string') return shape;
  if (Array.isArray(shape)) return shape.filter((entry) => !isAbsent(entry)).map(withoutAbsent);
  if (isAbsent(shape)) return null;
  return fieldsOf(shape);
}
const fieldsOf = (shape: { [field: string]: Shape }) =>
  Object.fromEntries(Object.entries(shape).map(([field, inner]) => [field, withoutAbsent(inner)]));

/** Without the columns that are written by their own names beside the list that they are in. */
const withoutPaths = (row: unknown, shape: object) =>
  Object.fromEntries(Object.entries(row as object).filter(([name]) => Object.hasOwn(shape, name)));

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('columns that are paths', () => {
  it('build every shape, in whatever order they stand', async () => {
    const table = shapeArbitrary.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.shuffledSubarray(flatten(shape, ''), { minLength: flatten(shape, '').length }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(table, async ([shape, cells]) => {
        const header = cells.map(([path]) => quoted(path)).join(',');
        const row = cells.map(([, value]) => (value === null ? '' : quoted(value))).join(',');
        // Another row behind it, because empty lines at the end would not count.
        const text = `${header}\n${row}\n${header}\n`;
        const { rows } = await readText(text, { format: 'csv' });
        expect(withoutPaths(rows?.[0], shape)).toEqual(fieldsOf(shape));
        // A tag that is spelt like a column reads it, whatever became of the list.
        for (const [path, value] of cells) expect(readPath(rows?.[0], path) ?? null).toBe(value);
        expect(isBlankRow(rows?.[0] as Row)).toBe(cells.every(([, value]) => !value));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['No.', { 'No.': 'x' }],
    ['Price [EUR]', { 'Price [EUR]': 'x' }],
    ['Notes [1]', { 'Notes [1]': 'x' }],
    ['St. Gallen', { 'St. Gallen': 'x' }],
    ['.a', { '.a': 'x' }],
    ['a..b', { 'a..b': 'x' }],
    ['a[]', { 'a[]': 'x' }],
    ['[1]', { '[1]': 'x' }],
    ['a[1]b', { 'a[1]b': 'x' }],
    ['1.5', { '1': { '5': 'x' } }],
    ['a[2][1]', { a: [['x']], 'a[2][1]': 'x' }],
  ])('are told from names like %j', async (name, row) => {
    expect((await readText(`${name}\nx\n`, { format: 'csv' })).rows).toEqual([row]);
  });
});
