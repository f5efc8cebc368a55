/** From an uploaded workbook to rows.jsonl and rows.idx, in flat memory. */
import { lookalikeWarnings } from '../../columns/lookalikes.ts';
import { MAX_LISTED_SHEETS } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import type { FoundSheet } from '../../schemas/common.ts';
import type { RangedFile } from '../../zip/rangedZip.ts';
import type { Reading } from '../reading.ts';
import type { SourceOutcome } from '../readSource.ts';
import { createLineWriter } from '../lineWriter.ts';
import { createRowsWriter, type RowsKeys } from '../rowsWriter.ts';
import { addAll, createProblemList, SourceFault, type ProblemList } from '../sourceFault.ts';
import { findLists } from './lists/listSheets.ts';
import type { ReadList } from './lists/joinRows.ts';
import {
  foreignLists,
  readLists,
  withoutLists,
  type ReadLists,
  type ReadTable,
} from './lists/readLists.ts';
import { createRowJoin } from './lists/rowJoin.ts';
import { createMergedCells, type MergedCells } from './mergedCells.ts';
import { openPackage, type WorkbookPackage } from './package.ts';
import { scanPart } from './partText.ts';
import { readSheetContext } from './sheetContext.ts';
import { createSheetScan, type SheetContext } from './sheetScan.ts';
import { createSheetTable, type SheetTable, type TableOptions } from './sheetTable.ts';
import { chooseSheet, readWorkbookPart, type Sheet } from './workbook.ts';

type WorkbookReading = Pick<Reading, 'sheet' | 'headerRow' | 'values' | 'hidden' | 'locale'>;

/**
 * Reads one sheet of a workbook to its end, or to where it cannot be read on. A sheet with problems leaves
 * nothing behind.
 */
export async function readWorkbook(
  ports: Pick<Ports, 'objects'>,
  file: RangedFile,
  reading: WorkbookReading,
  keys: RowsKeys,
): Promise<SourceOutcome> {
  const problems = createProblemList();
  let sheets: FoundSheet[] | undefined;
  try {
    const parts = await openPackage(file);
    const workbook = await readWorkbookPart(parts);
    sheets = listed(workbook.sheets);
    const sheet = chooseSheet(workbook.sheets, reading.sheet);
    const context = await readSheetContext(parts, workbook, reading);
    const work: SheetWork = { parts, sheet, context, reading, problems };
    const joined = await readJoined(work, workbook.sheets);
    const outcome = problems.count === 0 ? await readSheet(ports, work, keys, joined) : undefined;
    if (outcome?.ok) return { ...outcome, sheets };
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    for (const problem of error.problems) problems.add(problem);
  }
  return { ok: false, problems: problems.listed, problemCount: problems.count, sheets };
}

const listed = (sheets: readonly Sheet[]): FoundSheet[] =>
  sheets
    .slice(0, MAX_LISTED_SHEETS)
    .map(({ name, isHidden }) => ({ name: name.slice(0, 100), ...(isHidden && { hidden: true }) }));

/** What is read of which workbook. */
export interface SheetWork {
  readonly parts: WorkbookPackage;
  readonly sheet: Sheet;
  readonly context: SheetContext;
  readonly reading: WorkbookReading;
  readonly problems: ProblemList;
}

/** The lists that other sheets have for the rows of this one. @throws SourceFault */
export async function readJoined(work: SheetWork, sheets: readonly Sheet[]): Promise<JoinedSheets> {
  const { parts, sheet, context, reading, problems } = work;
  const others = sheets.filter(
    (each) => each !== sheet && !(each.isHidden && reading.hidden === 'skip'),
  );
  const readColumns = () => readColumnNames(work);
  const { lists, warnings } = await findLists(parts, context, { of: sheet, others, readColumns });
  const readTable: ReadTable = async (listSheet, listHeader, own, begin) => {
    const read = async (merged: MergedCells | undefined) => {
      const found = createProblemList();
      const list = { ...work, sheet: listSheet, problems: found };
      const table: SheetTable = createSheetTable(
        { writer: createLineWriter(begin(() => table, found)), problems: found },
        { ...tableOptions(list, merged), headerRow: listHeader, mayBeEmpty: true },
      );
      await scanTable(list, table, () => Promise.resolve());
      return { table, found };
    };
    let { table, found } = await read(undefined);
    if (table.mergedAreas.length > 0) {
      ({ table, found } = await read(createMergedCells(table.mergedAreas)));
    }
    addAll(own, found);
    return table;
  };
  const read = await readLists(lists, readTable, problems);
  return { ...read, warnings: [...warnings, ...read.warnings] };
}

type JoinedSheets = ReadLists;

/** Ends a reading that has what it looks for. */
class Enough extends Error {}

/** The columns of the table, of which its rows are read no further than it takes to find the header. */
async function readColumnNames(work: SheetWork): Promise<readonly string[]> {
  const { parts, sheet, context } = work;
  const table = createSheetTable(
    { writer: createLineWriter(() => undefined), problems: createProblemList() },
    tableOptions(work, undefined),
  );
  const scan = createSheetScan(context, {
    full: false,
    hiddenColumns: (from, to) => table.hiddenColumns(from, to),
    merged: () => undefined,
    row(row) {
      table.row(row);
      if (table.headerRow !== undefined) throw new Enough();
    },
  });
  try {
    await scanPart(sheet.part, parts.stream(sheet.part), scan, () => Promise.resolve());
    table.end();
  } catch (error) {
    // What is wrong is told when the sheet is read.
    if (!(error instanceof Enough || error instanceof SourceFault)) throw error;
  }
  return table.columns;
}

/** Undefined when there are problems. */
async function readSheet(
  ports: Pick<Ports, 'objects'>,
  work: SheetWork,
  keys: RowsKeys,
  joined: JoinedSheets,
): Promise<SourceOutcome | undefined> {
  let lists = joined;
  let areas: SheetTable['mergedAreas'] | undefined;
  for (;;) {
    const pass = await readPass(ports, work, keys, lists, areas && createMergedCells(areas));
    if (!pass || 'outcome' in pass) return pass?.outcome;
    // Merged areas are listed behind the cells: only then is it known which cells they lie over. And only behind
    // the last row is it known that a list has none of them.
    if ('areas' in pass) ({ areas } = pass);
    else lists = withoutLists(lists, pass.foreign);
  }
}

/** How a pass ended: with rows, or with what they have to be read again for, once. */
type Pass =
  | { readonly outcome: SourceOutcome }
  | { readonly areas: SheetTable['mergedAreas'] }
  | { readonly foreign: readonly ReadList[] };

async function readPass(
  ports: Pick<Ports, 'objects'>,
  work: SheetWork,
  keys: RowsKeys,
  joined: JoinedSheets,
  merged: MergedCells | undefined,
): Promise<Pass | undefined> {
  const { sheet, problems } = work;
  const writer = createRowsWriter(ports, keys);
  try {
    const join =
      joined.lists.length > 0 ? createRowJoin(joined.lists, writer, problems) : undefined;
    const table: SheetTable = createSheetTable(
      {
        writer: join ? createLineWriter((line) => join.take(line, table), writer) : writer,
        problems,
      },
      tableOptions(work, merged),
    );
    await scanTable(work, table, () => writer.flush());
    if (problems.count === 0 && (merged || table.mergedAreas.length === 0)) {
      const foreign = foreignLists(joined.lists);
      if (foreign.length > 0) {
        await writer.abort();
        return { foreign };
      }
      join?.end(problems);
    }
    if (problems.count > 0) {
      await writer.abort();
      return undefined;
    }
    if (!merged && table.mergedAreas.length > 0) {
      await writer.abort();
      return { areas: table.mergedAreas };
    }
    const { rowCount, bytes } = await writer.finish();
    const { columns, headerRow = 1 } = table;
    const outcome: SourceOutcome = {
      ok: true,
      columns: join?.columns(columns) ?? columns,
      nestedColumns: join ? joined.nestedColumns : undefined,
      warnings: [...table.warnings, ...joined.warnings, ...lookalikeWarnings(columns)],
      rowCount,
      bytes,
      found: {
        sheet: sheet.name.slice(0, 100),
        headerRow,
        ...(join && { lists: joined.found.map(shortened) }),
      },
    };
    return { outcome };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

const shortened = ({ sheet, list, entries }: JoinedSheets['found'][number]) => ({
  sheet: sheet.slice(0, 100),
  list: list.slice(0, 100),
  entries,
});

const tableOptions = (
  { context, reading }: Pick<SheetWork, 'context' | 'reading'>,
  merged: MergedCells | undefined,
): TableOptions => ({
  headerRow: reading.headerRow,
  skipsHidden: reading.hidden === 'skip',
  writesTyped: !context.asTyped,
  merged,
});

/** Reads a sheet to its end; what is wrong goes to the problems. */
async function scanTable(
  { parts, sheet, context, problems }: SheetWork,
  table: SheetTable,
  flush: () => Promise<void>,
): Promise<void> {
  try {
    const scan = createSheetScan(context, table);
    await scanPart(sheet.part, parts.stream(sheet.part), scan, flush);
    table.end();
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    for (const problem of error.problems) problems.add({ line: table.line, ...problem });
  }
}
