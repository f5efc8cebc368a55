/** Workbooks that other programs wrote, with columns added to their sheet, and opened by other programs again. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addColumns } from '../../../shared/results/ownSheet/addColumns.ts';
import { objectKeys } from '../../../shared/keys.ts';
import { sourceFile } from '../../../shared/dataSources/sourceFile.ts';
import { isBlankRow, allRows, readIndex, readRows } from '../../../shared/dataSources/rows.ts';
import type { Cell } from '../../../shared/workbooks/cells.ts';
import { convertAll, hasLibreOffice, unlessSkipped } from '../../support/libreOffice.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { readParts } from '../../support/readParts.ts';
import { memorySink } from '../../support/writeWorkbook.ts';
import { excelJs, ingest } from '../../unit/checks/report/support.ts';
import { cellsIn, type Cells } from './cells.ts';

const FOLDER = process.env.SHEAF_CORPUS_DIR && join(process.env.SHEAF_CORPUS_DIR, 'xlsx');
const isThere = FOLDER !== undefined && existsSync(FOLDER);
const reason = isThere ? '' : ' (skipped: SHEAF_CORPUS_DIR names no folder with xlsx/)';
const folder = FOLDER ?? '';

interface Changed {
  readonly name: string;
  readonly original: Buffer;
  readonly bytes: Buffer;
  /** Rows that are not blank. */
  readonly filled: number;
}

const NAMES = ['made of it', 'its number', 'its file'];
const FILE = 'a folder/50% #1.docx';

/** The workbook with columns; undefined for one that is no data source. */
async function withColumns(name: string): Promise<Changed | undefined> {
  const original = await readFile(join(folder, name));
  const ports = createMemoryPorts();
  const source = await ingest(ports, original, 'a.xlsx').catch(() => undefined);
  if (!source) return undefined;
  const { dataSourceId } = source;
  const rowsKey = objectKeys.sourceRows(dataSourceId);
  const range = allRows(await readIndex(ports, objectKeys.sourceIndex(dataSourceId)));
  let filled = 0;
  async function* rows() {
    for await (const batch of readRows(ports, rowsKey, range)) {
      filled += batch.rows.filter(({ values, faults }) => faults ?? !isBlankRow(values)).length;
      yield batch.rows.map(({ row }): Cell[] => [
        { value: `made of ${row}`, format: 'text' },
        row,
        { value: FILE, link: FILE, look: 'link' },
      ]);
    }
  }
  const sink = memorySink();
  const file = sourceFile(ports, objectKeys.sourceUpload(dataSourceId), original.length);
  await addColumns(file, source, () => ({ names: NAMES, rows: rows() }), sink);
  return { name, original, bytes: sink.bytes(), filled };
}

/** Parts cells into those of the columns that were added, and the others. */
function parted(cells: Cells) {
  const columnOf = (cell: string) => cell.replace(/\d+$/, '');
  const own: Cells = {};
  let added = 0;
  for (const [sheet, its] of Object.entries(cells)) {
    const heads = Object.entries(its).filter(
      ([, value]) => typeof value === 'string' && NAMES.includes(value),
    );
    const columns = new Set(heads.map(([cell]) => columnOf(cell)));
    const all = Object.entries(its);
    own[sheet] = Object.fromEntries(all.filter(([cell]) => !columns.has(columnOf(cell))));
    added += all.filter(
      ([, value]) => typeof value === 'string' && /^made of \d+$/.test(value),
    ).length;
  }
  return { own, added };
}

describe(`columns added to the workbooks of the corpus${reason}`, () => {
  let all: Changed[] = [];
  beforeAll(async () => {
    const names = isThere ? readdirSync(folder).filter((name) => name.endsWith('.xlsx')) : [];
    const found = [];
    for (const name of names) found.push(await withColumns(name));
    all = found.filter((each) => each !== undefined);
  }, 120_000);
  afterAll(() => {
    all = [];
  });

  it.skipIf(!isThere)('leave all other cells and parts as they were', async () => {
    expect(all.length).toBeGreaterThan(30);
    for (const { name, original, bytes, filled } of all) {
      const { own, added } = parted(await cellsIn(bytes));
      expect(own, name).toEqual(await cellsIn(original));
      expect([name, added]).toEqual([name, filled]);
      const [before, after] = [await readParts(original), await readParts(bytes)];
      const changed = [...before].filter(([part, was]) => !after.get(part)?.equals(was));
      // The sheet and the styles; where there were none, what names them.
      const hadStyles = before.has('xl/styles.xml');
      expect([name, changed.length]).toEqual([name, hadStyles ? 2 : 3]);
    }
  });

  it.skipIf(!isThere)('are read by exceljs beside what it reads otherwise', async () => {
    let read = 0;
    for (const { name, original, bytes } of all) {
      const workbook = await excelJs(original).catch(() => undefined);
      if (!workbook) continue;
      read++;
      const after = await excelJs(bytes);
      for (const sheet of workbook.worksheets) {
        const now = after.getWorksheet(sheet.name);
        sheet.eachRow((row, number) =>
          row.eachCell((cell) => {
            const found = now?.getCell(cell.address);
            expect([name, number, found?.value]).toEqual([name, number, cell.value]);
          }),
        );
      }
    }
    expect(read).toBeGreaterThan(25);
  });

  it.skipIf(!isThere || !hasLibreOffice)(
    `are opened by LibreOffice, beside all that was there${unlessSkipped}`,
    async () => {
      const by = (which: 'original' | 'bytes') =>
        convertAll(
          new Map(all.map((each) => [each.name, each[which]])),
          'xlsx',
          'xlsx:Calc MS Excel 2007 XML',
        );
      const before = by('original');
      const after = by('bytes');
      expect([...after.keys()]).toEqual(all.map(({ name }) => name));
      for (const { name, filled } of all) {
        const { own, added } = parted(await cellsIn(after.get(name) ?? Buffer.alloc(0)));
        expect(own, name).toEqual(await cellsIn(before.get(name) ?? Buffer.alloc(0)));
        expect([name, added]).toEqual([name, filled]);
      }
    },
    300_000,
  );
});
