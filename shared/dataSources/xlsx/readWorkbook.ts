/** From an uploaded workbook to rows.jsonl and rows.idx, in flat memory. */
import { lookalikeWarnings } from '../../columns/lookalikes.ts';
import { MAX_LISTED_SHEETS } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import type { FoundSheet } from '../../schemas/common.ts';
import type { RangedFile } from '../../zip/rangedZip.ts';
import type { Reading } from '../reading.ts';
import type { SourceOutcome } from '../readSource.ts';
import { createRowsWriter, type RowsKeys, type RowsWriter } from '../rowsWriter.ts';
import { createProblemList, SourceFault, type ProblemList } from '../sourceFault.ts';
import { LOCALE_DEFAULT } from '../../formats/locales.ts';
import { createMergedCells, type MergedCells } from './mergedCells.ts';
import { openPackage, type WorkbookPackage } from './package.ts';
import { scanPart } from './partText.ts';
import { readSharedStrings } from './sharedStrings.ts';
import { createSheetScan, type SheetContext } from './sheetScan.ts';
import { createSheetTable, type SheetTable } from './sheetTable.ts';
import { readStyles } from './styles.ts';
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
    const context: SheetContext = {
      strings: await readSharedStrings(parts, workbook.stringsPart),
      styles: readStyles(
        workbook.stylesPart ?? '',
        workbook.stylesPart === undefined ? undefined : await parts.text(workbook.stylesPart),
        { locale: reading.locale ?? LOCALE_DEFAULT, is1904: workbook.is1904 },
      ),
      is1904: workbook.is1904,
      asTyped: reading.values === 'typed',
    };
    const outcome = await readSheet(ports, { parts, sheet, context, reading, problems }, keys);
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

interface SheetWork {
  readonly parts: WorkbookPackage;
  readonly sheet: Sheet;
  readonly context: SheetContext;
  readonly reading: WorkbookReading;
  readonly problems: ProblemList;
}

/** Undefined when there are problems. */
async function readSheet(
  ports: Pick<Ports, 'objects'>,
  work: SheetWork,
  keys: RowsKeys,
): Promise<SourceOutcome | undefined> {
  const first = await readPass(ports, work, keys, undefined);
  if (!first || 'outcome' in first) return first?.outcome;
  // Merged areas are listed behind the cells: only now is it known which cells they lie over.
  const second = await readPass(ports, work, keys, createMergedCells(first.areas));
  return second && 'outcome' in second ? second.outcome : undefined;
}

async function readPass(
  ports: Pick<Ports, 'objects'>,
  { parts, sheet, context, reading, problems }: SheetWork,
  keys: RowsKeys,
  merged: MergedCells | undefined,
): Promise<{ outcome: SourceOutcome } | { areas: SheetTable['mergedAreas'] } | undefined> {
  const writer = createRowsWriter(ports, keys);
  try {
    const table = createSheetTable(
      { writer, problems },
      {
        headerRow: reading.headerRow,
        skipsHidden: reading.hidden === 'skip',
        writesTyped: !context.asTyped,
        merged,
      },
    );
    await scanSheet(parts, sheet, context, table, writer).catch((error: unknown) => {
      if (!(error instanceof SourceFault)) throw error;
      for (const problem of error.problems) problems.add({ line: table.line, ...problem });
    });
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
      columns,
      nestedColumns: undefined,
      warnings: [...table.warnings, ...lookalikeWarnings(columns)],
      rowCount,
      bytes,
      found: { sheet: sheet.name.slice(0, 100), headerRow },
    };
    return { outcome };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function scanSheet(
  parts: WorkbookPackage,
  { part }: Sheet,
  context: SheetContext,
  table: SheetTable,
  writer: RowsWriter,
): Promise<void> {
  const scan = createSheetScan(context, table);
  await scanPart(part, parts.stream(part), scan, () => writer.flush());
  table.end();
}
