/** Reports of checks in tests: from an upload to the workbook, and what is in it. */
import ExcelJS from 'exceljs';
import { readFaults } from '../../../../shared/dataSources/rowFaults.ts';
import { allRows, readIndex, readRows } from '../../../../shared/dataSources/rows.ts';
import {
  completeDataSource,
  createDataSource,
} from '../../../../shared/dataSources/dataSources.ts';
import { ingestSource } from '../../../../shared/dataSources/ingestSource.ts';
import type { CellMark, ReportFinding } from '../../../../shared/checks/report/marks.ts';
import { writeCheckReport } from '../../../../shared/checks/report/writeCheckReport.ts';
import { newCreation } from '../../../../shared/creation.ts';
import { objectKeys, tableKeys } from '../../../../shared/keys.ts';
import type { Ports } from '../../../../shared/ports.ts';
import type { ReadingOptions } from '../../../../shared/schemas/common.ts';
import { DataSourceItemSchema, type DataSourceItem } from '../../../../shared/schemas/items.ts';
import { createMemoryPorts } from '../../../support/memoryPorts.ts';
import { craftZip } from '../../../support/craftZip.ts';
import { readParts } from '../../../support/readParts.ts';

export const mark = (
  row: number,
  column: string,
  text = 'It is wrong. Correct it.',
  severity: CellMark['severity'] = 'error',
): CellMark => ({ row, column, severity, text });

export const finding = (more: Partial<ReportFinding> = {}): ReportFinding => ({
  code: 'VALUE_EMPTY',
  severity: 'error',
  column: 'name',
  tag: 'name',
  count: 1,
  firstRows: [1],
  detail: 'The column is empty.',
  suggestion: 'Fill it.',
  ...more,
});

/** A data source that was read. */
export async function ingest(
  ports: Ports,
  file: string | Uint8Array,
  fileName: string,
  options: ReadingOptions = {},
  owner = 'owner',
): Promise<DataSourceItem> {
  const creation = newCreation('dataSource', ports);
  const body = { name: 'People', fileName };
  const { dataSourceId } = await createDataSource(ports, owner, body, creation);
  await ports.objects.put(objectKeys.sourceUpload(dataSourceId), Buffer.from(file));
  await completeDataSource(ports, owner, dataSourceId, options);
  await ingestSource(ports, { dataSourceId, read: 1 });
  const item = DataSourceItemSchema.parse(
    await ports.table.get(tableKeys.dataSource(dataSourceId)),
  );
  if (item.status !== 'ready') throw new Error(JSON.stringify(item.problems));
  return item;
}

export interface ReportOptions {
  readonly fileName?: string;
  readonly reading?: ReadingOptions;
  readonly marks?: readonly CellMark[];
  readonly findings?: readonly ReportFinding[];
  readonly markedAll?: boolean;
  readonly ports?: Ports;
  /** Is called between reading and the report. */
  readonly meanwhile?: (ports: Ports, source: DataSourceItem) => Promise<unknown>;
}

/** The report of a file, and its parts. */
export async function reportOf(file: string | Uint8Array, options: ReportOptions = {}) {
  const { fileName = 'people.xlsx', reading, marks = [], findings = [finding()] } = options;
  const ports: Ports = options.ports ?? createMemoryPorts();
  const source = await ingest(ports, file, fileName, reading);
  await options.meanwhile?.(ports, source);
  const rowsKey = objectKeys.sourceRows(source.dataSourceId);
  const indexKey = objectKeys.sourceIndex(source.dataSourceId);
  await writeCheckReport(ports, {
    source,
    rowsKey,
    indexKey,
    marks,
    findings,
    markedAll: options.markedAll ?? true,
    to: 'report',
  });
  const bytes = Buffer.from(await ports.objects.read('report'));
  const parts = await readParts(bytes);
  const textOf = (name: string) => parts.get(name)?.toString('utf8') ?? '';
  return { bytes, names: [...parts.keys()], textOf, ports };
}

/** As exceljs reads it. */
export async function excelJs(bytes: Uint8Array): Promise<ExcelJS.Workbook> {
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(bytes as unknown as ExcelJS.Buffer);
  return workbook;
}

/** Comments of a sheet by cell. */
export function commentsOf(sheet: ExcelJS.Worksheet | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  sheet?.eachRow({ includeEmpty: true }, (row) =>
    row.eachCell({ includeEmpty: true }, ({ address, note }) => {
      const text =
        typeof note === 'string' ? note : note?.texts?.map(({ text: own }) => own).join('');
      if (text !== undefined) found[address] = text;
    }),
  );
  return found;
}

/** Texts of a sheet, line by line. */
export function linesOf(sheet: ExcelJS.Worksheet | undefined): string[] {
  const lines: string[] = [];
  sheet?.eachRow((row) => {
    const cells: string[] = [];
    row.eachCell((cell) => void cells.push(cell.text));
    lines.push(cells.join(' | '));
  });
  return lines;
}

/** The rows of a report that is brought as a data source. */
export async function rowsOf(bytes: Uint8Array, reading: ReadingOptions = {}) {
  const ports = createMemoryPorts();
  const { dataSourceId } = await ingest(ports, bytes, 'again.xlsx', reading);
  const index = await readIndex(ports, objectKeys.sourceIndex(dataSourceId));
  const rows: unknown[] = [];
  const key = objectKeys.sourceRows(dataSourceId);
  for await (const batch of readRows(ports, key, allRows(index)))
    for (const { values, faults } of batch.rows) rows.push([values, readFaults(faults)]);
  return rows;
}

/** The same package with parts added, changed, or (undefined) taken away. */
export async function repacked(
  file: Uint8Array,
  changes: Readonly<Record<string, string | undefined>>,
): Promise<Buffer> {
  const parts = new Map<string, string | Buffer>(await readParts(file));
  for (const [name, content] of Object.entries(changes)) {
    if (content === undefined) parts.delete(name);
    else parts.set(name, content);
  }
  return craftZip([...parts].map(([name, content]) => ({ name, content, method: 8 })));
}
