/** All cells of a workbook as the reader of data sources takes them, whatever the header of their table. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { compileFormat } from '../../../shared/formats/numberFormat.ts';
import { openPackage } from '../../../shared/dataSources/xlsx/package.ts';
import { scanPart } from '../../../shared/dataSources/xlsx/partText.ts';
import { readSharedStrings } from '../../../shared/dataSources/xlsx/sharedStrings.ts';
import { bytesOf } from '../../../shared/dataSources/xlsx/sheetColumns.ts';
import { createSheetScan } from '../../../shared/dataSources/xlsx/sheetScan.ts';
import { readStyles } from '../../../shared/dataSources/xlsx/styles.ts';
import { readWorkbookPart } from '../../../shared/dataSources/xlsx/workbook.ts';
import { lettersOf } from '../../support/workbooks.ts';

export type CellValue = string | number | boolean | { readonly error: string };
/** By sheet, by reference. */
export type Cells = Record<string, Record<string, CellValue>>;

const ValueSchema = z.union([z.string(), z.number(), z.boolean()]);

/** @param raw whether numbers are given without their formats, dates as serials */
export async function cellsOf(path: string, { raw = false } = {}): Promise<Cells> {
  const bytes = await readFile(path);
  const parts = await openPackage({
    bytes: bytes.length,
    read: async ({ offset, length }) => bytes.subarray(offset, offset + length),
    async *stream({ offset, length }) {
      yield bytes.subarray(offset, offset + length);
    },
  });
  const { sheets, is1904, stringsPart, stylesPart } = await readWorkbookPart(parts);
  const strings = await readSharedStrings(parts, stringsPart);
  const context = { locale: 'en-US', is1904 };
  const general = compileFormat('General', context);
  const styles = raw
    ? { formatOf: () => general }
    : readStyles(stylesPart ?? '', stylesPart && (await parts.text(stylesPart)), context);
  const found: Cells = {};
  for (const { name, part } of sheets) {
    const cells: Record<string, CellValue> = {};
    found[name] = cells;
    const sink = createSheetScan(
      { strings, styles, is1904, asTyped: true },
      {
        full: false,
        hiddenColumns: () => undefined,
        merged: () => undefined,
        row(row) {
          for (let column = 0; column < row.columnCount; column++) {
            const json = Buffer.from(bytesOf(row.cells, column)).toString('utf8');
            if (json !== '')
              cells[`${lettersOf(column)}${row.number}`] = ValueSchema.parse(JSON.parse(json));
          }
          for (const { column, detail } of row.faults) {
            const [, error = ''] = /^shows (#[^ ]+)\. /.exec(detail) ?? [];
            cells[`${lettersOf(column)}${row.number}`] = { error };
          }
        },
      },
    );
    await scanPart(part, parts.stream(part), sink, async () => undefined);
  }
  return found;
}

/** The same of a workbook in memory, numbers without their formats. */
export async function cellsIn(bytes: Uint8Array): Promise<Cells> {
  const place = await mkdtemp(join(tmpdir(), 'sheaf-cells-'));
  try {
    await writeFile(join(place, 'a.xlsx'), bytes);
    return await cellsOf(join(place, 'a.xlsx'), { raw: true });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
