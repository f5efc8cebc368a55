/** The list of repairs, and what the documentation says of it. UPDATE_DOCS=1 writes that anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REPAIRS } from '../../../../shared/rendering/repairs/repairs.ts';

const PAGE = new URL('../../../../docs/templates.md', import.meta.url);
const MARKS = /(<!-- repairs -->\n)[^]*?(<!-- \/repairs -->)/;

const table = [
  '| repair | docxtemplater by itself | what is written | why |',
  '|---|---|---|---|',
  ...REPAIRS.map(
    ({ id, stock, instead, reason }) => `| ${id} | ${stock} | ${instead} | ${reason} |`,
  ),
  '',
].join('\n');

it('names each repair once', () => {
  expect(new Set(REPAIRS.map(({ id }) => id)).size).toBe(REPAIRS.length);
});

it('stands in docs/templates.md', () => {
  const page = readFileSync(PAGE, 'utf8');
  const written = page.replace(MARKS, (_, start: string, end: string) => start + table + end);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, written);
  else expect(page).toBe(written);
});
