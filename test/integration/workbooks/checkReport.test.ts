/** Reports of checks: workbooks that other programs wrote, marked, and opened by other programs again. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import readXlsxFile from 'read-excel-file/node';
import { writeCheckReport } from '../../../shared/checks/report/writeCheckReport.ts';
import { allRows, readIndex, readRows, writeRows } from '../../../shared/dataSources/rows.ts';
import { objectKeys } from '../../../shared/keys.ts';
import { MAX_SHEET_ROWS } from '../../../shared/limits.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { convertAll, hasLibreOffice, unlessSkipped } from '../../support/libreOffice.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { readParts } from '../../support/readParts.ts';
import {
  excelJs,
  finding,
  ingest,
  mark,
  reportOf,
  rowsOf,
} from '../../unit/checks/report/support.ts';
import { cellsIn } from './cells.ts';

const FOLDER = process.env.SHEAF_CORPUS_DIR && join(process.env.SHEAF_CORPUS_DIR, 'xlsx');
const isThere = FOLDER !== undefined && existsSync(FOLDER);
const reason = isThere ? '' : ' (skipped: SHEAF_CORPUS_DIR names no folder with xlsx/)';
const folder = FOLDER ?? '';

/** Rows of each that are marked, one cell each and all of the first column. */
const MARKED_ROWS = 8;

interface Report {
  readonly name: string;
  readonly original: Buffer;
  readonly bytes: Buffer;
}

/** The report of a workbook; undefined for one that is no data source. */
async function reportOn(name: string): Promise<Report | undefined> {
  const original = await readFile(join(folder, name));
  const ports = createMemoryPorts();
  const source = await ingest(ports, original, 'a.xlsx').catch(() => undefined);
  if (!source) return undefined;
  const columns = source.columns ?? [];
  const index = await readIndex(ports, objectKeys.sourceIndex(source.dataSourceId));
  const rowsKey = objectKeys.sourceRows(source.dataSourceId);
  const marks = [];
  for await (const { rows } of readRows(ports, rowsKey, allRows(index))) {
    for (const { row, values } of rows) {
      if (marks.length > 2 * MARKED_ROWS || Object.keys(values).length === 0) continue;
      marks.push(mark(row, columns[row % columns.length] ?? ''));
      marks.push(mark(row, columns[0] ?? '', 'Look at it.', 'warning'));
    }
  }
  const { bytes } = await reportOf(original, {
    marks,
    findings: [finding({ column: columns[0] ?? '' })],
  });
  return { name, original, bytes };
}

/** How many comments its parts have. */
async function countComments(bytes: Uint8Array): Promise<number> {
  let count = 0;
  for (const [name, content] of await readParts(bytes))
    if (/comments\d*\.xml$/i.test(name) && !/threaded/i.test(name))
      count += [...content.toString().matchAll(/<(?:\w+:)?comment\s/g)].length;
  return count;
}

describe(`reports of the workbooks of the corpus${reason}`, () => {
  let reports: Report[] = [];
  beforeAll(async () => {
    const names = isThere ? readdirSync(folder).filter((name) => name.endsWith('.xlsx')) : [];
    const found = [];
    for (const name of names) found.push(await reportOn(name));
    reports = found.filter((each) => each !== undefined);
  }, 120_000);
  afterAll(() => {
    reports = [];
  });

  it.skipIf(!isThere)('are the workbooks themselves, and give the same rows', async () => {
    expect(reports.length).toBeGreaterThan(30);
    for (const { name, original, bytes } of reports) {
      const names = [...(await readParts(bytes)).keys()];
      for (const part of (await readParts(original)).keys()) expect(names, name).toContain(part);
      expect(await rowsOf(bytes), name).toEqual(await rowsOf(original));
    }
  });

  it.skipIf(!isThere)('are read as before by exceljs and read-excel-file', async () => {
    let read = 0;
    for (const { name, original, bytes } of reports) {
      const before = await readXlsxFile(original).catch(() => undefined);
      const now = before && (await readXlsxFile(bytes));
      expect(now?.slice(0, -1), name).toEqual(before);
      const workbook = await excelJs(original).catch(() => undefined);
      if (!workbook) continue;
      read++;
      const after = await excelJs(bytes);
      expect(after.worksheets.slice(0, -1).map((sheet) => sheet.name)).toEqual(
        workbook.worksheets.map((sheet) => sheet.name),
      );
      for (const sheet of workbook.worksheets)
        expect(after.getWorksheet(sheet.name)?.getSheetValues()).toEqual(sheet.getSheetValues());
    }
    expect(read).toBeGreaterThan(25);
  });

  it.skipIf(!isThere || !hasLibreOffice)(
    `are opened by LibreOffice, with all cells and comments${unlessSkipped}`,
    async () => {
      const by = (which: 'original' | 'bytes') =>
        convertAll(
          new Map(reports.map((report) => [report.name, report[which]])),
          'xlsx',
          'xlsx:Calc MS Excel 2007 XML',
        );
      const before = by('original');
      const after = by('bytes');
      expect([...after.keys()]).toEqual(reports.map(({ name }) => name));
      for (const { name, bytes } of reports) {
        const saved = after.get(name) ?? Buffer.alloc(0);
        const { Check, ...cells } = await cellsIn(saved);
        expect(Check?.A1, name).toBe('What the check found');
        expect(cells, name).toEqual(await cellsIn(before.get(name) ?? Buffer.alloc(0)));
        expect(await countComments(saved), name).toBe(await countComments(bytes));
      }
    },
    300_000,
  );
});

describe('a report of more rows than a sheet has', () => {
  it('shows those that are marked, by their numbers', { timeout: 180_000 }, async () => {
    const ports = createMemoryPorts();
    const keys = { rowsKey: 'rows', indexKey: 'index' };
    const count = MAX_SHEET_ROWS + 10;
    function* rows(): Generator<Row> {
      for (let i = 1; i <= count; i++) yield { a: `v${i}` };
    }
    await writeRows(ports, keys, rows());
    await writeCheckReport(ports, {
      source: undefined,
      ...keys,
      marks: [mark(5, 'a'), mark(count, 'a')],
      findings: [finding({ column: 'a', firstRows: [5, 6, count] })],
      markedAll: true,
      to: 'report',
    });
    const sheets = await cellsIn(await ports.objects.read('report'));
    expect(sheets.Rows).toEqual({
      A1: 'Row',
      B1: 'a',
      A2: 5,
      B2: 'v5',
      A3: count,
      B3: `v${count}`,
    });
    expect(Object.values(sheets.Check ?? {})).toEqual(
      expect.arrayContaining([
        'A sheet has no room for so many rows: only those with marked cells are shown, with their numbers.',
        `B2 (row 5), row 6, B3 (row ${count})`,
      ]),
    );
  });
});
