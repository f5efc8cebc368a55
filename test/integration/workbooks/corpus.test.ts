/** Workbooks that other programs wrote, against what another program reads in them and what Excel shows. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { compileFormat } from '../../../shared/formats/numberFormat.ts';
import { readBytes } from '../../unit/dataSources/xlsx/support.ts';
import { pythonWithOpenpyxl } from '../../../bench/measure/openpyxl.ts';
import { cellsOf, type Cells, type CellValue } from './cells.ts';

const FOLDER = process.env.SHEAF_CORPUS_DIR && join(process.env.SHEAF_CORPUS_DIR, 'xlsx');
const isThere = FOLDER !== undefined && existsSync(FOLDER);
const reason = isThere ? '' : ' (skipped: SHEAF_CORPUS_DIR names no folder with xlsx/)';
const folder = FOLDER ?? '';
const files = isThere ? readdirSync(folder).filter((name) => name.endsWith('.xlsx')) : [];

const python = isThere ? pythonWithOpenpyxl : undefined;
const openpyxlReason = python ? '' : ' (skipped: python3 has no openpyxl)';

/** Files that cannot be read, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  'excelize-BadWorkbook.xlsx': 'SHEET_MISSING',
  'excelize-encryptSHA1.xlsx': 'FILE_ENCRYPTED',
  'exceljs-invalid-xml.xlsx': 'FILE_DAMAGED',
  'exceljs-missing-bits.xlsx': 'FILE_NOT_WORKBOOK',
  'poi-poc-xmlbomb.xlsx': 'FILE_UNSAFE',
  'poi-protected_passtika.xlsx': 'FILE_ENCRYPTED',
};
/** Those of them whose reason lies in no cell or header of theirs. */
const OF_THE_FILE = new Set(Object.values(REFUSED));

describe(`workbooks of the corpus${reason}`, () => {
  it.skipIf(!isThere).each(files.length > 0 ? files : ['no file'])(
    '%s is read, or refused with the reason',
    async (name) => {
      const { outcome } = await readBytes(await readFile(join(folder, name)));
      const code = outcome.ok ? undefined : outcome.problems[0]?.code;
      expect(code === undefined || !OF_THE_FILE.has(code) ? undefined : code).toBe(REFUSED[name]);
    },
  );
});

/** Workbooks whose cells say what Excel shows of others. */
const FORMAT_TESTS = [
  'poi-DateFormatTests.xlsx',
  'poi-DateFormatNumberTests.xlsx',
  'poi-ElapsedFormatTests.xlsx',
  'poi-GeneralFormatTests.xlsx',
  'poi-NumberFormatTests.xlsx',
  'poi-TextFormatTests.xlsx',
];

const MOST_ROWS = 1_000;

interface FormatCase {
  readonly code: string;
  readonly value: CellValue;
  readonly expected: string;
}

async function formatCases(name: string): Promise<FormatCase[]> {
  const { Tests = {} } = await cellsOf(join(folder, name), { raw: true });
  const cases: FormatCase[] = [];
  for (let row = 2; row <= MOST_ROWS; row++) {
    const [expected, code, value] = ['A', 'B', 'C'].map((column) => Tests[`${column}${row}`]);
    if (typeof code !== 'string' || value === undefined) continue;
    // The texts' formats are those of the fourth section.
    const isOfTexts = name.includes('TextFormat');
    cases.push({
      code: isOfTexts ? `;;;${code}` : code,
      value,
      expected: typeof expected === 'string' ? expected : '',
    });
  }
  return cases;
}

function show({ code, value }: FormatCase): string | undefined {
  const format = compileFormat(code, { locale: 'en-US', is1904: true });
  if (typeof value === 'number') return format.show(value);
  if (typeof value === 'boolean') return format.showText(value ? 'TRUE' : 'FALSE');
  return typeof value === 'string' ? format.showText(value) : undefined;
}

describe(`cells that say what Excel shows${reason}`, () => {
  it.skipIf(!isThere)('are shown so', async () => {
    const cases = (await Promise.all(FORMAT_TESTS.map(formatCases))).flat();
    expect(cases.length).toBeGreaterThan(500);
    const shareOf = (some: readonly FormatCase[]) =>
      some.filter((each) => show(each) === each.expected).length / some.length;
    // Codes with a bare | try fractions that no cell has; Excel would store them otherwise.
    const usual = cases.filter(({ code }) => !code.includes('|'));
    expect(usual.length).toBeGreaterThan(300);
    expect(shareOf(usual)).toBe(1);
    expect(shareOf(cases)).toBeGreaterThan(0.74);
  });
});

const OpenpyxlSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.object({ error: z.string() })]),
    ),
  ),
);

/** Where we are right and openpyxl takes it otherwise, by file, sheet and cell. */
const OTHERWISE: ReadonlySet<string> = new Set([
  // Day 0 of the 1904 system is a day; openpyxl makes midnight of it.
  'exceljs-1904.xlsx Sheet1 B4',
]);

const sameText = (text: string) => text.replace(/\r\n?/g, '\n');

function isSame(ours: CellValue | undefined, theirs: CellValue): boolean {
  if (typeof ours === 'number' && typeof theirs === 'number')
    return Math.abs(ours - theirs) <= 1e-9 * Math.max(1, Math.abs(theirs));
  if (typeof ours === 'string' && typeof theirs === 'string')
    return sameText(ours) === sameText(theirs);
  if (typeof ours === 'object' && typeof theirs === 'object') return ours.error === theirs.error;
  return ours === theirs;
}

describe(`cells of the corpus${reason}${openpyxlReason}`, () => {
  it.skipIf(!python)(
    'are what openpyxl reads',
    async () => {
      const script = join(import.meta.dirname, '../../support/openpyxlCells.py');
      const { stdout } = spawnSync(python ?? '', [script, folder], { maxBuffer: 64 * 1024 * 1024 });
      const theirs = OpenpyxlSchema.parse(JSON.parse(stdout.toString('utf8')));
      let count = 0;
      const others: string[] = [];
      for (const [name, sheets] of Object.entries(theirs)) {
        const ours: Cells = await cellsOf(join(folder, name)).catch(() => ({}));
        for (const [sheet, cells] of Object.entries(sheets)) {
          for (const [reference, value] of Object.entries(cells)) {
            count++;
            if (!isSame(ours[sheet]?.[reference], value))
              others.push(`${name} ${sheet} ${reference}`);
          }
        }
      }
      expect(count).toBeGreaterThan(4_000);
      expect(others.filter((place) => !OTHERWISE.has(place))).toEqual([]);
    },
    120_000,
  );
});
