/** Results as workbooks, opened by other programs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { pythonWithOpenpyxl } from '../../../bench/measure/openpyxl.ts';
import type { Row } from '../../../shared/schemas/common.ts';
import { convert, hasLibreOffice, unlessSkipped } from '../../support/libreOffice.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';
import { readParts } from '../../support/readParts.ts';
import { givenTemplate, runTask, startedTask } from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';
import { ingest } from '../../unit/checks/report/support.ts';
import { resultsOf } from '../../unit/results/support.ts';

const TIMEOUT_MS = 120_000;
const withoutPython = pythonWithOpenpyxl ? '' : ' (skipped: python3 has no openpyxl)';

/** A workbook as exceljs writes it, with much in it that is to stay. */
async function furnished(): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('People', { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = [
    { header: 'name', key: 'name', width: 20 },
    { header: 'amount', key: 'amount', style: { numFmt: '#,##0.00' } },
    { header: 'day', key: 'day', style: { numFmt: 'dd.mm.yyyy' } },
  ];
  sheet.addRow({ name: 'Ada', amount: 1234.5, day: new Date('2026-11-27') });
  sheet.addRow({ name: 'bad _x0007_', amount: -1 });
  sheet.addRow({ name: 'Lin #1 50%', amount: { formula: 'B2*2', result: 2469 } });
  sheet.autoFilter = 'A1:C4';
  sheet.getCell('A2').note = 'A comment';
  sheet.addConditionalFormatting({
    ref: 'B2:B4',
    rules: [{ type: 'expression', formulae: ['B2<0'], priority: 1, style: {} }],
  });
  sheet.addTable({
    name: 'Others',
    ref: 'A10',
    columns: [{ name: 'o' }, { name: 'p' }],
    rows: [['x', 1]],
  });
  workbook.addWorksheet('Other').getCell('A1').value = 'stays';
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

let original: Buffer;
let own: Buffer;
let written: Buffer;
beforeAll(async () => {
  const ports = createMemoryPorts();
  const templateIds = [await givenTemplate(ports, 'Dear {name}')];
  original = await furnished();
  const { dataSourceId } = await ingest(ports, original, 'people.xlsx', {}, OWNER);
  const fileName = 'letters/{row} {name}';
  const task = await startedTask(ports, { templateIds, dataSourceId, fileName });
  await runTask(ports, task.taskId);
  own = await resultsOf(ports, task.taskId, 'xlsx');
  const data: Row[] = [
    { name: 'Ada', n: 1.5, list: [1] },
    { name: '=1+1', n: -2, ok: true },
  ];
  const inline = await startedTask(ports, { templateIds, data, fileName });
  await runTask(ports, inline.taskId);
  written = await resultsOf(ports, inline.taskId, 'xlsx');
});

const CellSchema = z.record(z.string(), z.record(z.string(), z.json()));

/** Cells as openpyxl reads them, by sheet, links as their formulas. */
function openpyxlCells(bytes: Buffer) {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-results-'));
  try {
    const path = join(folder, 'a.xlsx');
    writeFileSync(path, bytes);
    const script = `import json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
print(json.dumps({s.title: {c.coordinate: c.value.isoformat() if hasattr(c.value, "isoformat") else c.value for r in s.iter_rows() for c in r if c.value is not None} for s in book.worksheets}))`;
    const run = spawnSync(pythonWithOpenpyxl ?? '', ['-c', script, path], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    return CellSchema.parse(JSON.parse(run.stdout));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the workbook that was uploaded', () => {
  it.skipIf(!pythonWithOpenpyxl)(`has its cells as openpyxl reads them${withoutPython}`, () => {
    const [before, after] = [openpyxlCells(original), openpyxlCells(own)];
    expect(after['Other']).toEqual(before['Other']);
    const { People = {} } = after;
    const isOwn = ([cell]: [string, unknown]) => cell < 'D';
    expect(Object.fromEntries(Object.entries(People).filter(isOwn))).toEqual(before['People']);
    expect(Object.fromEntries(Object.entries(People).filter((each) => !isOwn(each)))).toEqual({
      D1: 'status',
      E1: 'failure',
      F1: 'detail',
      G1: 'document',
      D2: 'succeeded',
      G2: '=HYPERLINK("letters/1 Ada.docx","letters/1 Ada.docx")',
      D3: 'failed',
      E3: 'RENDER_FAILED',
      F3: expect.any(String) as string,
      D4: 'succeeded',
      G4: '=HYPERLINK("letters/3 Lin %231 50%25.docx","letters/3 Lin #1 50%.docx")',
      D10: 'succeeded',
      G10: '=HYPERLINK("letters/9 o.docx","letters/9 o.docx")',
      D11: 'succeeded',
      G11: '=HYPERLINK("letters/10 x.docx","letters/10 x.docx")',
    });
  });

  it.skipIf(!hasLibreOffice)(
    `is opened and saved by LibreOffice with what it had and what was added${unlessSkipped}`,
    async () => {
      const saved = new ExcelJS.Workbook();
      const bytes = convert(own, 'xlsx', 'xlsx:Calc MS Excel 2007 XML');
      await saved.xlsx.load(bytes as unknown as ExcelJS.Buffer);
      const sheet = saved.getWorksheet('People');
      const shown = (cell: string) => sheet?.getCell(cell).result ?? sheet?.getCell(cell).value;
      expect(['A2', 'B2', 'B4', 'D2', 'D3'].map(shown)).toEqual([
        'Ada',
        1234.5,
        2469,
        'succeeded',
        'failed',
      ]);
      expect(sheet?.getCell('G2').text).toBe('letters/1 Ada.docx');
      expect(sheet?.getCell('G4').text).toBe('letters/3 Lin #1 50%.docx');
      expect(sheet?.getCell('A2').note).toBeDefined();
    },
    TIMEOUT_MS,
  );

  it('has all parts but its sheet and its styles as they were', async () => {
    const [before, after] = [await readParts(original), await readParts(own)];
    expect([...after.keys()]).toEqual([...before.keys()]);
    const changed = [...before].filter(([name, was]) => !after.get(name)?.equals(was));
    expect(changed.map(([name]) => name).sort()).toEqual([
      'xl/styles.xml',
      'xl/worksheets/sheet1.xml',
    ]);
  });
});

describe('a workbook of results', () => {
  it.skipIf(!pythonWithOpenpyxl)(`is read by openpyxl${withoutPython}`, () => {
    expect(openpyxlCells(written)['Results']).toMatchObject({
      A2: 'Ada',
      B2: 1.5,
      C2: '[1]',
      B3: -2,
      D3: true,
      E2: 'succeeded',
      H2: '=HYPERLINK("letters/1 Ada.docx","letters/1 Ada.docx")',
    });
  });

  it.skipIf(!hasLibreOffice)(
    `is opened by LibreOffice, where texts are texts and links lead to files${unlessSkipped}`,
    () => {
      const lines = convert(written, 'xlsx', 'csv:Text - txt - csv (StarCalc)').toString('utf8');
      expect(lines).toContain('Ada,1.5,[1],,succeeded,,,letters/1 Ada.docx');
      expect(lines).toContain('=1+1,-2,,TRUE,succeeded');
    },
    TIMEOUT_MS,
  );
});
