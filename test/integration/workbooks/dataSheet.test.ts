/** The sheet to fill in: from a template to its sheet, filled in and saved by other programs, and back to documents. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import mammoth from 'mammoth';
import { describe, expect, it } from 'vitest';
import { ingestSource } from '../../../shared/dataSources/ingestSource.ts';
import { objectKeys } from '../../../shared/keys.ts';
import { createTypedClient } from '../../support/apiClient.ts';
import { convert, hasLibreOffice, unlessSkipped } from '../../support/libreOffice.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { readZip } from '../../support/readZip.ts';
import {
  archiveBytes,
  assembleAndFinish,
  givenTemplate,
  renderAll,
} from '../../support/runTask.ts';
import { OWNER } from '../../support/tasks.ts';

const TIMEOUT_MS = 240_000;
const SAVED = 'xlsx:Calc MS Excel 2007 XML';

const TEMPLATE = [
  'Dear {name} ({no}) of {address.city},',
  '{#remote}You work from home.{/remote}{^remote}You come to the office.{/remote}',
  'from {start | date:"d MMMM yyyy":"en"} for {pay | currency:"EUR":"en"} and {share | percent}.',
  '{#items}[{article}: {price | number:"0.00"}, {due | date:"yyyy/M/d"}{#gift}, a gift{/gift}{#parts} <{part}>{/parts}]{/items}',
  'Tags: {#tags}{.};{/tags} Sum {items | sum:"price"}.',
];

type Value = string | number | boolean | Date;
/** Rows by the name of a sheet, then values by header. */
type Filling = Record<string, Record<string, Value>[]>;

async function fill(workbook: Uint8Array, filling: Filling): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(workbook as unknown as ExcelJS.Buffer);
  for (const [name, rows] of Object.entries(filling)) {
    const sheet = book.getWorksheet(name);
    if (!sheet) throw new Error(`There is no sheet ${name}.`);
    const headers = Array.from(
      { length: sheet.columnCount },
      (_, i) => sheet.getCell(1, i + 1).text,
    );
    for (const [i, row] of rows.entries()) {
      for (const [header, value] of Object.entries(row)) {
        const column = headers.indexOf(header);
        if (column < 0) throw new Error(`There is no column ${header}, but ${headers.join(', ')}.`);
        sheet.getCell(i + 2, column + 1).value = value;
      }
    }
  }
  return Buffer.from(await book.xlsx.writeBuffer());
}

const day = (year: number, month: number, date: number) =>
  new Date(Date.UTC(year, month - 1, date));

/** The texts of the documents that a template makes of a workbook, nothing mapped. */
async function documentsOf(
  ports: MemoryPorts,
  templateId: string,
  workbook: Uint8Array,
): Promise<{ texts: string[]; warnings: unknown }> {
  const api = createTypedClient(ports, OWNER);
  const body = { name: 'filled', fileName: 'filled.xlsx' };
  const { dataSourceId } = await api.createDataSource({ body });
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), workbook);
  await api.completeDataSource({ dataSourceId });
  await ingestSource(ports, { dataSourceId, read: 1 });
  const source = await api.getDataSource({ dataSourceId });
  expect(source).toMatchObject({ status: 'ready' });
  const task = await api.createTask({
    body: { templateIds: [templateId], dataSourceId, autoStart: true },
  });
  await renderAll(ports, task.taskId);
  await assembleAndFinish(ports, task.taskId);
  const folder = await mkdtemp(join(tmpdir(), 'sheaf-sheet-'));
  try {
    const path = join(folder, 'archive.zip');
    await writeFile(path, await archiveBytes(ports, task.taskId));
    const texts: string[] = [];
    for (const [name, content] of await readZip(path)) {
      if (!name.endsWith('.docx')) continue;
      const { value } = await mammoth.extractRawText({ buffer: Buffer.from(content) });
      texts.push(value.trim().replace(/\n+/g, '\n'));
    }
    return { texts, warnings: [source.warnings ?? [], task.warnings ?? []] };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const FILLING: Filling = {
  'Data 数据': [
    {
      '#': '7',
      name: 'Ada',
      no: '00123',
      'address.city': 'London',
      remote: true,
      start: day(2026, 11, 25),
      pay: 1234.5,
      share: 0.125,
    },
    {
      '#': 'x',
      name: '王小明',
      no: '1E5',
      'address.city': '北京',
      remote: false,
      start: day(2027, 1, 2),
      pay: 99,
      share: 1,
    },
    {
      name: 'Grace',
      no: '=1+1',
      'address.city': 'NY',
      start: day(2026, 2, 28),
      pay: 0.5,
      share: 0,
    },
  ],
  items: [
    { '#items': 'x', '#': 'i1', article: 'Lamp', price: 25, due: day(2026, 12, 1), gift: true },
    { '#items': '7', '#': 'i2', article: '007', price: 0.5, due: day(2026, 12, 2), gift: false },
    { '#items': 'x', '#': 'i3', article: 'Desk', price: 120.25, due: day(2026, 12, 3) },
  ],
  parts: [
    { '#items#parts': 'i3', part: 'leg' },
    { '#items#parts': 'i1', part: 'bulb' },
    { '#items#parts': 'i3', part: 'top' },
  ],
  tags: [
    { '#tags': '7', '.': '0042' },
    { '#tags': '7', '.': 'new' },
  ],
};

const EXPECTED = [
  'Dear Ada (00123) of London,\nYou work from home.\nfrom 25 November 2026 for €1,234.50 and 12.5%.\n[007: 0.50, 2026/12/2]\nTags: 0042;new; Sum 0.5.',
  'Dear 王小明 (1E5) of 北京,\nYou come to the office.\nfrom 2 January 2027 for €99.00 and 100%.\n[Lamp: 25.00, 2026/12/1, a gift <bulb>][Desk: 120.25, 2026/12/3 <leg> <top>]\nTags:  Sum 145.25.',
  'Dear Grace (=1+1) of NY,\nYou come to the office.\nfrom 28 February 2026 for €0.50 and 0%.\n\nTags:  Sum 0.',
].map((text) => text.replace(/\n+/g, '\n'));

describe('a data sheet', () => {
  async function givenSheet() {
    const ports = createMemoryPorts();
    const templateId = await givenTemplate(ports, ...TEMPLATE);
    const link = await createTypedClient(ports, OWNER).downloadDataSheet({ templateId });
    expect(link).toMatchObject({ fileName: 'letter-data.xlsx' });
    const sheet = await ports.objects.read(objectKeys.dataSheet(templateId));
    expect(link.bytes).toBe(sheet.length);
    return { ports, templateId, sheet };
  }

  it('comes back as documents without any mapping', async () => {
    const { ports, templateId, sheet } = await givenSheet();
    const { texts, warnings } = await documentsOf(ports, templateId, await fill(sheet, FILLING));
    expect(texts).toEqual(EXPECTED);
    expect(warnings).toEqual([[], []]);
  });

  it.skipIf(!hasLibreOffice)(
    `does so from LibreOffice, before and after it is filled in${unlessSkipped}`,
    async () => {
      const { ports, templateId, sheet } = await givenSheet();
      const opened = convert(sheet, 'xlsx', SAVED);
      const saved = convert(await fill(opened, FILLING), 'xlsx', SAVED);
      const { texts, warnings } = await documentsOf(ports, templateId, saved);
      expect(texts).toEqual(EXPECTED);
      expect(warnings).toEqual([[], []]);
    },
    TIMEOUT_MS,
  );

  it('has the same bytes whenever it is asked for, and goes with its template', async () => {
    const { ports, templateId, sheet } = await givenSheet();
    const api = createTypedClient(ports, OWNER);
    await api.downloadDataSheet({ templateId });
    const again = await ports.objects.read(objectKeys.dataSheet(templateId));
    expect(Buffer.from(again).equals(sheet)).toBe(true);
    await api.deleteTemplate({ templateId });
    expect(await ports.objects.head(objectKeys.dataSheet(templateId))).toBeUndefined();
    await expect(api.downloadDataSheet({ templateId })).rejects.toThrow('There is no template');
  });
});
