/** Rows that fit the tags of a template, and those that do not quite. */
import fc from 'fast-check';
import type { Row, Tag } from '../../shared/schemas/common.ts';

/** Texts that XML, Word and docxtemplater each treat in their own way. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'Ana',
    '王小明',
    '& < > " \'',
    'two\nlines',
    'a\r\nb\n',
    '\tTab',
    '😀 a\u0301',
    ']]>',
    '{name}',
    '&amp;',
    '$1 $& $$',
    '  spaces  ',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const scalar = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false, 0, 1, -2.5, 1e21, ['a', 1, null]) },
);

/** Rows with a value of some kind, or none, for every tag. */
export function rowsFor(tags: readonly Tag[]): fc.Arbitrary<Row> {
  return scope(tags, []) as fc.Arbitrary<Row>;
}

function scope(
  tags: readonly Tag[],
  path: readonly string[],
): fc.Arbitrary<Record<string, unknown>> {
  const inside = (tag: Tag) =>
    tag.path.length >= path.length && path.every((name, i) => tag.path[i] === name);
  const here = tags.filter((tag) => inside(tag) && tag.path.length === path.length);
  const keys: Record<string, fc.Arbitrary<unknown>> = {};
  for (const { name, kind } of here) {
    if (name === '.') continue;
    if (kind === 'value') keys[name] ??= scalar;
    else keys[name] = sectionValue(scope(tags, [...path, name]));
  }
  return fc.record(keys, { requiredKeys: [], noNullPrototype: true });
}

const sectionValue = (content: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(content, { maxLength: 3 }) },
    { weight: 1, arbitrary: content },
    { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
    { weight: 2, arbitrary: fc.constantFrom(true, false, null, '', 'yes', 0) },
  );
