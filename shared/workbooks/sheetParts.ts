/** What stands around the rows of a worksheet, in the order of its schema (ECMA-376 part 1, 18.3.1.99). */
import { columnLetters } from '../office/cellReference.ts';
import { styleIndex, type CellStyle } from './styles.ts';
import { validationsElement, type Validation } from './validations.ts';

/** A column: its width in characters, and the style of the cells that nothing was written to. */
export interface ColumnLayout extends CellStyle {
  readonly width: number;
  readonly isHidden?: boolean;
}

/** A sheet before its rows. */
export interface SheetLayout {
  /** As it is wanted; it is made valid and different from those of other sheets. */
  readonly name: string;
  readonly columns: readonly ColumnLayout[];
  /** Rows and columns that stay where they are; 0 unless given. */
  readonly frozenRows?: number;
  readonly frozenColumns?: number;
  /** 1-based row of the header below which rows can be filtered, over all columns. */
  readonly filterFrom?: number;
  readonly validations?: readonly Validation[];
  readonly isHidden?: boolean;
  /** Whether it is printed across one page. */
  readonly fitsPage?: boolean;
}

/** What Excel takes as width of a column. */
const MAX_WIDTH = 255;

/** Up to the first row. @param isShownFirst whether it is the sheet that people see first */
export function sheetHead(layout: SheetLayout, isShownFirst: boolean): string {
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">' +
    (layout.fitsPage ? '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>' : '') +
    `<sheetViews><sheetView${isShownFirst ? ' tabSelected="1"' : ''} workbookViewId="0"${paneElement(layout)}</sheetViews>` +
    '<sheetFormatPr defaultRowHeight="15"/>' +
    columnsElement(layout.columns) +
    '<sheetData>'
  );
}

function paneElement({ frozenRows = 0, frozenColumns = 0 }: SheetLayout): string {
  if (frozenRows === 0 && frozenColumns === 0) return '/>';
  const pane = frozenRows === 0 ? 'topRight' : frozenColumns === 0 ? 'bottomLeft' : 'bottomRight';
  const splits =
    (frozenColumns > 0 ? ` xSplit="${frozenColumns}"` : '') +
    (frozenRows > 0 ? ` ySplit="${frozenRows}"` : '');
  const first = `${columnLetters(frozenColumns)}${frozenRows + 1}`;
  return `><pane${splits} topLeftCell="${first}" activePane="${pane}" state="frozen"/><selection pane="${pane}" activeCell="${first}" sqref="${first}"/></sheetView>`;
}

function columnsElement(columns: readonly ColumnLayout[]): string {
  if (columns.length === 0) return '';
  const elements = columns.map(({ width, isHidden, ...style }, i) => {
    const number = styleIndex(style);
    return `<col min="${i + 1}" max="${i + 1}" width="${Math.min(Math.max(width, 1), MAX_WIDTH)}"${number === 0 ? '' : ` style="${number}"`}${isHidden ? ' hidden="1"' : ''} customWidth="1"/>`;
  });
  return `<cols>${elements.join('')}</cols>`;
}

/** The cells that the filter covers; undefined without one. @param lastRow 1-based */
export function filterRange(
  { columns, filterFrom }: SheetLayout,
  lastRow: number,
): { first: string; last: string; row: number; lastRow: number } | undefined {
  if (filterFrom === undefined || columns.length === 0) return undefined;
  const last = columnLetters(columns.length - 1);
  return { first: 'A', last, row: filterFrom, lastRow: Math.max(lastRow, filterFrom) };
}

/** From behind the last row on. @param drawing id of the relationship to the boxes of comments */
export function sheetTail(
  layout: SheetLayout,
  lastRow: number,
  drawing: string | undefined,
): string {
  const range = filterRange(layout, lastRow);
  return (
    '</sheetData>' +
    (range ? `<autoFilter ref="${range.first}${range.row}:${range.last}${range.lastRow}"/>` : '') +
    validationsElement(layout.validations ?? []) +
    '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>' +
    `<pageSetup paperSize="9" orientation="landscape"${layout.fitsPage ? ' fitToHeight="0"' : ''}/>` +
    (drawing === undefined ? '' : `<legacyDrawing r:id="${drawing}"/>`) +
    '</worksheet>'
  );
}
