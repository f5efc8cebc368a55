/**
 * Writes a workbook (.xlsx) from front to back: sheets one after the other, each row by row, whatever their
 * number, in the memory of a few stretches. The same rows give the same bytes. Values are never formulas, but for links to files.
 */
import { MAX_COLUMNS, MAX_SHEET_ROWS } from '../limits.ts';
import { createDeflatedEntries, MAX_ENTRY_BYTES, type ByteSink } from '../zip/deflatedEntries.ts';
import { rowHeight } from './rowHeight.ts';
import { cellElement, isStyled, type Cell } from './cells.ts';
import {
  commentBoxesPart,
  commentsPart,
  MAX_SHEET_COMMENTS,
  shapeBlocks,
  type Comment,
} from './comments.ts';
import {
  BOXES_ID,
  contentTypesPart,
  packageRelationships,
  sheetPartNames,
  sheetRelationships,
  STYLES_PART,
  WORKBOOK_PART,
  workbookPart,
  workbookRelationships,
  type DefinedName,
  type WrittenSheet,
} from './packageParts.ts';
import { createSheetNames, quoteSheetName } from './sheetNames.ts';
import { filterRange, sheetHead, sheetTail, type SheetLayout } from './sheetParts.ts';
import { stylesPart } from './styles.ts';

/** Media type of workbooks (IANA). */
export const XLSX_MEDIA_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** How a row is shown. */
export interface RowOptions {
  /** In lines of text; what programs find right by themselves unless given. */
  readonly lines?: number;
}

/** A workbook that is written. */
export interface WorkbookWriter {
  /**
   * Begins a sheet; the one before ends.
   * @returns its name, made valid and different from the others
   */
  beginSheet(layout: SheetLayout): Promise<string>;
  /**
   * Adds a row to the sheet that was begun. Comments beyond MAX_SHEET_COMMENTS are left out.
   * @throws RangeError for more rows or columns than a sheet has
   */
  row(cells: readonly Cell[], options?: RowOptions): void;
  /** Rows of the sheet so far. */
  readonly rowCount: number;
  /** Whether the sheet has as many rows, or bytes, as one may have: begin another before the next row. */
  readonly sheetIsFull: boolean;
  /** Await flush() before the next row. */
  readonly full: boolean;
  flush(): Promise<void>;
  /** Ends the workbook; finishing the sink is the caller's. @param names beside those of filters */
  finish(names?: readonly DefinedName[]): Promise<void>;
}

/**
 * A row whose cells are all as long as they may be, 32,767 characters of six bytes each, in a hundred
 * columns; wider ones of that kind end in the ZIP's own bound.
 */
const ROW_RESERVE_BYTES = 32 * 1024 * 1024;

interface OpenSheet {
  readonly layout: SheetLayout;
  readonly name: string;
  rowCount: number;
  readonly comments: Comment[];
}

/** A workbook without sheets yet; it gets one at least before it is finished. */
export function createWorkbookWriter(sink: ByteSink): WorkbookWriter {
  const entries = createDeflatedEntries(sink);
  const nameOf = createSheetNames();
  const written: WrittenSheet[] = [];
  const filters: DefinedName[] = [];
  let open: OpenSheet | undefined;
  let nextBlock = 1;

  async function part(name: string, content: string) {
    entries.begin(name);
    entries.write(content);
    await entries.end();
  }

  async function endSheet() {
    if (!open) return;
    const { layout, name, rowCount, comments } = open;
    open = undefined;
    const hasComments = comments.length > 0;
    entries.write(sheetTail(layout, rowCount, hasComments ? BOXES_ID : undefined));
    await entries.end();
    const index = written.length;
    written.push({ name, isHidden: layout.isHidden ?? false, hasComments });
    const range = filterRange(layout, rowCount);
    if (range) {
      const cells = `$${range.first}$${range.row}:$${range.last}$${range.lastRow}`;
      const refersTo = `${quoteSheetName(name)}!${cells}`;
      filters.push({ name: '_xlnm._FilterDatabase', sheet: index, isHidden: true, refersTo });
    }
    if (!hasComments) return;
    const names = sheetPartNames(index + 1);
    await part(names.relationships, sheetRelationships(index + 1));
    await part(names.comments, commentsPart(comments));
    await part(names.boxes, commentBoxesPart(comments, nextBlock));
    nextBlock += shapeBlocks(comments.length);
  }

  const sheet = (): OpenSheet => {
    if (!open) throw new Error('No sheet was begun.');
    return open;
  };

  return {
    async beginSheet(layout) {
      await endSheet();
      if (layout.columns.length > MAX_COLUMNS) throw tooWide();
      open = { layout, name: nameOf(layout.name), rowCount: 0, comments: [] };
      entries.begin(sheetPartNames(written.length + 1).sheet);
      const isShownFirst = !layout.isHidden && written.every(({ isHidden }) => isHidden);
      entries.write(sheetHead(layout, isShownFirst));
      return open.name;
    },

    row(cells, { lines } = {}) {
      const to = sheet();
      if (cells.length > MAX_COLUMNS) throw tooWide();
      if (to.rowCount === MAX_SHEET_ROWS)
        throw new RangeError(`A sheet has ${MAX_SHEET_ROWS} rows.`);
      const row = ++to.rowCount;
      let xml = `<row r="${row}"${lines === undefined ? '' : rowHeight(lines)}>`;
      for (const [column, cell] of cells.entries()) {
        xml += cellElement(column, row, cell);
        if (!isStyled(cell) || cell.comment === undefined) continue;
        if (to.comments.length < MAX_SHEET_COMMENTS) {
          to.comments.push({ column, row, text: cell.comment });
        }
      }
      entries.write(`${xml}</row>`);
    },

    get rowCount() {
      return sheet().rowCount;
    },
    get sheetIsFull() {
      return (
        sheet().rowCount >= MAX_SHEET_ROWS || entries.size > MAX_ENTRY_BYTES - ROW_RESERVE_BYTES
      );
    },
    get full() {
      return entries.full;
    },
    flush: () => entries.flush(),

    async finish(names = []) {
      await endSheet();
      const active = Math.max(
        written.findIndex(({ isHidden }) => !isHidden),
        0,
      );
      await part(STYLES_PART, stylesPart());
      await part(WORKBOOK_PART, workbookPart(written, [...filters, ...names], active));
      await part('xl/_rels/workbook.xml.rels', workbookRelationships(written));
      await part('_rels/.rels', packageRelationships());
      await part('[Content_Types].xml', contentTypesPart(written));
      await entries.finish();
    },
  };
}

const tooWide = () => new RangeError(`A sheet has ${MAX_COLUMNS} columns.`);
