/**
 * The workbook that the rows were read from, with columns added to the right of its sheet: of its parts only the sheet
 * and the styles are written anew, and all others are copied as they are compressed.
 */
import {
  changeStyles,
  changeWorkbook,
  createChanges,
  NotChangeable,
  requireUsualEntries,
  writeChanged,
  type PartEdit,
} from '../../checks/report/ownWorkbook/changedPackage.ts';
import { hasRows } from '../../checks/report/ownWorkbook/markWorkbook.ts';
import {
  dialectOf,
  namespaceOf,
  removeSignature,
} from '../../checks/report/ownWorkbook/packageParts.ts';
import { isUtf8 } from '../../checks/report/ownWorkbook/placeMarks.ts';
import { addCellStyles } from '../../checks/report/ownWorkbook/styleSheet.ts';
import { completeReading } from '../../dataSources/reading.ts';
import { openPackage } from '../../dataSources/xlsx/package.ts';
import { MAX_COLUMNS, MAX_MARKED_BYTES, MAX_MARKED_SHEET_BYTES } from '../../limits.ts';
import { columnLetters } from '../../office/cellReference.ts';
import type { DataSourceItem } from '../../schemas/items.ts';
import { cellElement, type Cell, type CellDialect } from '../../workbooks/cells.ts';
import type { ByteSink } from '../../zip/deflatedEntries.ts';
import type { RangedFile } from '../../zip/rangedZip.ts';
import { placeRows, type PlacedRows, type RowPlace } from './placeRows.ts';

/** What is added, once the columns that are there are known. */
export interface AddedColumns {
  readonly names: readonly string[];
  /** Cells of each row of data, from the first on. */
  readonly rows: AsyncIterable<readonly (readonly Cell[])[]>;
}

/**
 * @param file the workbook as it was uploaded
 * @param source how its rows were read
 * @param columnsBehind says what is added behind columns of these names
 * @throws NotChangeable; what the file, the rows and the sink throw
 */
export const addColumns = (
  file: RangedFile,
  source: Pick<DataSourceItem, 'fileName' | 'reading' | 'rowCount' | 'found'>,
  columnsBehind: (names: readonly string[]) => AddedColumns,
  to: ByteSink,
): Promise<void> =>
  changeWorkbook(async () => {
    if (file.bytes > MAX_MARKED_BYTES) throw new NotChangeable('it is too large');
    const parts = await openPackage(file);
    requireUsualEntries(parts);
    const placed = await placeRows(parts, completeReading(source.fileName, source.reading ?? {}));
    const { sheet, workbook, root } = placed;
    if (source.rowCount !== undefined && !hasRows(placed.rowCount, source.rowCount, source.found))
      throw new NotChangeable('it has other rows than were read');
    if (parts.bytesOf(sheet.part) > MAX_MARKED_SHEET_BYTES)
      throw new NotChangeable('it is too large');
    if (!(await isUtf8(parts, sheet.part)))
      throw new NotChangeable('its sheet is in another encoding than UTF-8');
    const added = columnsBehind(placed.names);
    if (placed.firstFree + added.names.length > MAX_COLUMNS)
      throw new NotChangeable('its sheet has cells up to the last columns that there are');

    const changes = createChanges(parts);
    const prefix = /^<([^\s<>/:]+:)?/.exec(root)?.[1] ?? '';
    const dialect = dialectOf(namespaceOf(/^<([^\s<>/]+)/.exec(root)?.[1] ?? '', root));
    const styles = await changeStyles(changes, workbook, dialect, addCellStyles);
    await removeSignature(changes, parts.names);
    const cells: CellDialect = {
      prefix,
      styleIndex: ({ look, format }) =>
        look === 'link' || look === 'header' ? styles[look] : format === 'text' ? styles.plain : 0,
    };
    const edits = new Map([[sheet.part, editsOf(placed, added, cells)]]);
    await writeChanged(parts, changes, edits, to);
  });

/** What is changed in the sheet, from its beginning to its end. */
async function* editsOf(
  placed: PlacedRows,
  { names, rows }: AddedColumns,
  dialect: CellDialect,
): AsyncGenerator<PartEdit, void, undefined> {
  const { firstFree, header, dimension } = placed;
  const last = firstFree + names.length;
  function* added({ sheetRow, end, spans }: RowPlace, cells: readonly Cell[]) {
    // From the first column on: what it says is a hint, and may not be too small.
    if (spans) yield { ...spans, text: `1:${last}` };
    const text = cells
      .map((cell, i) => cellElement(firstFree + i, sheetRow, cell, dialect))
      .join('');
    yield { start: end, end, text };
  }
  // It stands before the rows where it is in its place.
  if (dimension && dimension.end < header.end)
    yield { ...dimension, text: widened(dimension.value, last - 1) };
  const head = names.map((value): Cell => ({ value, look: 'header', format: 'text' }));
  yield* added(header, head);
  let row = 0;
  for await (const batch of rows) {
    for (const cells of batch) {
      const place = placed.placeOf(++row);
      if (place) yield* added(place, cells);
    }
  }
}

/** An area such as A1:D9 up to this column, 0-based; one of another form as it is. */
function widened(area: string, column: number): string {
  const [, first, row = ''] = /^([A-Z]{1,3}\d+)(?::[A-Z]{1,3}(\d+))?$/.exec(area) ?? [];
  if (first === undefined) return area;
  return `${first}:${columnLetters(column)}${row === '' ? first.replace(/^[A-Z]+/, '') : row}`;
}
