/** What makes marked cells of a worksheet show: conditional formats, which touch no cell. */
import type { MarkedCell } from '../marks.ts';
import { columnLetters } from '../../../office/cellReference.ts';
import type { PartEdit } from './changedPackage.ts';
import type { SheetCell } from './placeMarks.ts';
import type { SheetOutline } from './sheetOutline.ts';

/** Areas of one conditional format; the formats of old workbooks take 513. */
const MOST_AREAS = 500;

/**
 * Edits of the part, in their order.
 * @param dxfs numbers of the formats by severity
 * @param drawing relationship to the drawing of comments that the sheet is to have; undefined for the one it has
 */
export function markSheet(
  outline: SheetOutline,
  cells: readonly MarkedCell<SheetCell>[],
  dxfs: Readonly<Record<'error' | 'warning', number>>,
  drawing: { readonly id: string; readonly namespace: string } | undefined,
): PartEdit[] {
  const { formatsAt, drawingAt, priorities, lastPriority } = outline;
  const p = /^<([^\s<>/:]+:)?/.exec(outline.root)?.[1] ?? '';
  const formats = (['error', 'warning'] as const).flatMap((severity) => {
    const areas = areasOf(cells.filter((cell) => cell.severity === severity));
    return chunksOf(areas, MOST_AREAS).map((some) => ({ areas: some, dxf: dxfs[severity] }));
  });
  // A lower number comes first: before the sheet's own, or behind them where these are too many to be changed.
  const before = priorities ? 0 : lastPriority;
  const xml = formats.map(
    ({ areas, dxf }, i) =>
      `<${p}conditionalFormatting sqref="${areas.join(' ')}"><${p}cfRule type="expression" dxfId="${dxf}" priority="${before + i + 1}"><${p}formula>TRUE</${p}formula></${p}cfRule></${p}conditionalFormatting>`,
  );
  const edits: PartEdit[] = [{ start: formatsAt, end: formatsAt, text: xml.join('') }];
  for (const { start, end, value } of priorities ?? [])
    edits.push({ start, end, text: String(value + formats.length) });
  if (drawing && outline.drawing) {
    const { start, end } = outline.drawing;
    edits.push({ start, end, text: drawing.id });
  } else if (drawing) {
    const text = `<${p}legacyDrawing xmlns:r="${drawing.namespace}" r:id="${drawing.id}"/>`;
    edits.push({ start: drawingAt, end: drawingAt, text });
  }
  return edits.sort((a, b) => a.start - b.start);
}

/** Cells as areas: those below each other are one. */
function areasOf(cells: readonly MarkedCell<SheetCell>[]): string[] {
  const places = cells
    .map(({ place }) => place)
    .sort((a, b) => a.column - b.column || a.row - b.row);
  const areas: { column: number; top: number; bottom: number }[] = [];
  for (const { row, column } of places) {
    const last = areas.at(-1);
    if (last?.column === column && last.bottom + 1 === row) last.bottom = row;
    else areas.push({ column, top: row, bottom: row });
  }
  return areas.map(({ column, top, bottom }) => {
    const letters = columnLetters(column);
    return top === bottom ? `${letters}${top}` : `${letters}${top}:${letters}${bottom}`;
  });
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
