/** CSV of other programs beside what they say that it holds. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readPieces } from '../unit/dataSources/support.ts';

const FOLDER = process.env.SHEAF_CORPUS_DIR && join(process.env.SHEAF_CORPUS_DIR, 'csv');
const isThere = FOLDER !== undefined && existsSync(FOLDER);
const reason = isThere ? '' : ' (skipped: SHEAF_CORPUS_DIR names no folder with csv/)';
const folder = FOLDER ?? '';
const names = isThere
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.csv'))
      .map((name) => name.replace(/\.csv$/, ''))
  : [];

const TableSchema = z.array(z.record(z.string(), z.string()));

describe(`CSV of the corpus${reason}`, () => {
  it.skipIf(!isThere).each(names.length > 0 ? names : ['no file'])(
    '%s is read as it was meant, whatever pieces it comes in',
    async (name) => {
      const bytes = await readFile(join(folder, `${name}.csv`));
      const json = await readFile(join(folder, `${name}.json`), 'utf8');
      // Line breaks of some tables were changed on their way here; what they mean was not.
      const told = bytes.includes(0x0d) ? json : json.replaceAll('\\r\\n', '\\n');
      const meant = TableSchema.parse(JSON.parse(told));
      for (const parts of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
        const { rows = [] } = await readPieces(parts, { format: 'csv' });
        expect(rows).toEqual(meant);
      }
    },
  );
});
