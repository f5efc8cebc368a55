/** Rows for a template that came without any, made from its tags. */
import type { Row, Tag } from '../../shared/schemas/common.ts';
import { WORDS } from './words.ts';

const TEXTS = ['Ana García', '王小明', '12 High Street\nLondon', '1,250.00', 'Müller & Söhne <KG>'];
const PARAGRAPH = '<w:p><w:r><w:t>A paragraph of its own.</w:t></w:r></w:p>';
const ITEMS = 3;

/**
 * So many rows, the same ones each time. Sections with tags in them become lists; others are there
 * and not there by turns.
 * @param paragraphs names of tags that stand for whole paragraphs
 */
export function madeRows(
  tags: readonly Tag[],
  count: number,
  paragraphs: ReadonlySet<string> = new Set(),
): Row[] {
  const within = (path: readonly string[]) =>
    tags.filter((tag) => JSON.stringify(tag.path) === JSON.stringify(path));

  function scope(path: readonly string[], i: number): Row {
    const row: Row = {};
    for (const [k, { name, kind }] of within(path).entries()) {
      if (name === '.' || Object.hasOwn(row, name)) continue;
      row[name] = kind === 'value' ? value(name, i, k) : section([...path, name], i);
    }
    return row;
  }

  const value = (name: string, i: number, k: number) =>
    paragraphs.has(name) ? PARAGRAPH : textFor(i, k);

  function section(path: readonly string[], i: number): Row[string] {
    const inner = within(path);
    if (inner.length === 0) return i % 2 === 0;
    const numbers = Array.from({ length: ITEMS }, (_, k) => i * ITEMS + k);
    return inner.every(({ name }) => name === '.')
      ? numbers.map((k) => textFor(k, 0))
      : numbers.map((k) => scope(path, k));
  }

  return Array.from({ length: count }, (_, i) => scope([], i));
}

const pick = (texts: readonly string[], i: number) => texts[i % texts.length] ?? '';
const textFor = (i: number, k: number) => `${pick(TEXTS, i + k)} ${pick(WORDS, i * 7 + k)}`;
