/** Pages of a document: where one begins, what is around its text, and what does not fit onto it. */
import { make } from './drawing.ts';
import { pt, put } from './looks.ts';
import { fitTabs, type Stops } from './tabs.ts';

/** In points. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
  readonly header: number;
  readonly footer: number;
  readonly columns: number;
}

/** Draws a header or footer. @returns elements that show the number of the page */
export type DrawAround = (
  which: 'header' | 'footer',
  isFirst: boolean,
  into: HTMLElement,
) => readonly HTMLElement[];

export interface Pages {
  /** Begins a section. @returns where its text goes */
  readonly section: (size: PageSize, isContinuous: boolean, around: DrawAround) => HTMLElement;
  /** Begins a new page of the same section. */
  readonly begin: () => HTMLElement;
  /** Moves what does not fit onto further pages, and numbers all of them. @returns whether all is there */
  readonly layOut: () => boolean;
}

interface Sheet {
  readonly element: HTMLElement;
  readonly body: HTMLElement;
  readonly size: PageSize;
  readonly around: DrawAround;
  readonly numbers: readonly HTMLElement[];
}

/** Enough to look at; what comes behind is not drawn. */
const MOST_PAGES = 30;
/**
 * Blocks that are laid out at a time, and rows of a table: with all that comes behind, each page would take as long as
 * all of the document.
 */
const BLOCKS_AT_ONCE = 40;
const ROWS_AT_ONCE = 60;
/** A paragraph with more of them counts as several. */
const RUNS_PER_BLOCK = 10;

export function createPages(into: HTMLElement, stops: Stops): Pages {
  const sheets: Sheet[] = [];
  const add = (size: PageSize, around: DrawAround, isFirst: boolean, at = sheets.length): Sheet => {
    const sheet = makeSheet(size, around, isFirst);
    if (at < MOST_PAGES) {
      const behind = sheets[at];
      if (behind) behind.element.before(sheet.element);
      else into.append(sheet.element);
    }
    sheets.splice(at, 0, sheet);
    return sheet;
  };
  const last = (): Sheet => {
    const sheet = sheets.at(-1);
    if (!sheet) throw new Error('There is no page yet.');
    return sheet;
  };

  return {
    section(size, isContinuous, around) {
      const before = sheets.at(-1);
      const isSameSheet = isContinuous && before?.size.width === size.width;
      const sheet = isSameSheet ? before : add(size, around, true);
      if (size.columns === 1) return sheet.body;
      const columns = make('div');
      put(columns, 'columnCount', String(size.columns));
      put(columns, 'columnGap', '36pt');
      sheet.body.append(columns);
      return columns;
    },
    begin: () => add(last().size, last().around, false).body,
    layOut() {
      // Moved on to a page of the same size, they stay as wide as they are.
      const fitted = new WeakSet<Element>();
      const fit = (blocks: readonly Element[]) => {
        fitTabs(
          blocks.filter((block) => !fitted.has(block)),
          stops,
        );
        for (const block of blocks) fitted.add(block);
      };
      const waiting = new Map(sheets.map((sheet) => [sheet, takenFrom(sheet)]));
      for (let at = 0; at < Math.min(sheets.length, MOST_PAGES); at++) {
        const sheet = sheets[at];
        if (!sheet) continue;
        for (const number of sheet.numbers) number.textContent = String(at + 1);
        for (const around of [sheet.element.firstElementChild, sheet.element.lastElementChild]) {
          if (around) fitTabs([around], stops);
        }
        const rest = fill(sheet, waiting.get(sheet) ?? [], fit);
        if (rest.length > 0) waiting.set(add(sheet.size, sheet.around, false, at + 1), rest);
      }
      for (const sheet of sheets.slice(MOST_PAGES)) sheet.element.remove();
      return sheets.length <= MOST_PAGES;
    },
  };
}

function makeSheet(size: PageSize, around: DrawAround, isFirst: boolean): Sheet {
  const element = make('div', 'doc-page');
  put(element, 'width', pt(size.width));
  put(element, 'minHeight', pt(size.height));
  put(element, 'padding', `${size.header}pt ${size.right}pt ${size.footer}pt ${size.left}pt`);
  const [header, body, footer] = [make('div'), make('div', 'doc-body'), make('div', 'doc-footer')];
  put(header, 'minHeight', pt(Math.max(0, size.top - size.header)));
  put(footer, 'minHeight', pt(Math.max(0, size.bottom - size.footer)));
  const numbers = [...around('header', isFirst, header), ...around('footer', isFirst, footer)];
  element.append(header, body, footer);
  return { element, body, size, around, numbers };
}

/** Takes the blocks of a page from it, long tables in pieces. */
function takenFrom({ body }: Sheet): Element[] {
  const blocks = [...body.children].flatMap((block) =>
    block instanceof HTMLTableElement ? inPieces(block) : [block],
  );
  body.replaceChildren();
  return blocks;
}

function inPieces(table: HTMLTableElement): HTMLTableElement[] {
  const pieces: HTMLTableElement[] = [];
  const count = table.rows.length;
  // From the end on: each row is moved once.
  for (let from = count - (count % ROWS_AT_ONCE); from > 0; from -= ROWS_AT_ONCE) {
    const below = from < table.rows.length ? rowsFrom(table, from) : undefined;
    if (below) pieces.unshift(below);
  }
  return [table, ...pieces];
}

/** Puts onto a page what fits. @param fit gives tabs of blocks their widths @returns the rest */
function fill(
  sheet: Sheet,
  blocks: readonly Element[],
  fit: (blocks: readonly Element[]) => void,
): Element[] {
  for (let at = 0; at < blocks.length;) {
    const from = at;
    for (let count = 0; count < BLOCKS_AT_ONCE && at < blocks.length; at++) {
      const block = blocks[at];
      const isTable = block instanceof HTMLTableElement;
      count += isTable ? BLOCKS_AT_ONCE : 1 + (block?.childElementCount ?? 0) / RUNS_PER_BLOCK;
    }
    const some = blocks.slice(from, at);
    sheet.body.append(...some);
    fit(some);
    const rest = overflowing(sheet);
    if (rest.length > 0) return [...rest, ...blocks.slice(at)];
  }
  return [];
}

/** Takes from a page what is below its end; what is on it alone stays, however high it is. */
function overflowing({ element, body, size }: Sheet): HTMLElement[] {
  const [header, , footer] = element.children;
  const isMeasured = header instanceof HTMLElement && footer instanceof HTMLElement;
  if (!isMeasured || element.offsetHeight === 0) return [];
  // A point is 4/3 pixels; the sheet itself grows with its content.
  const room = ((size.height - size.header - size.footer) * 4) / 3;
  const end = body.offsetTop + room - header.offsetHeight - footer.offsetHeight;
  const blocks = [...body.children].filter((one) => one instanceof HTMLElement);
  const first = blocks.findIndex((block) => block.offsetTop + block.offsetHeight > end + 1);
  const block = blocks[first];
  if (!block) return [];
  const rest = blocks.slice(first);
  if (block instanceof HTMLTableElement) {
    const below = splitTable(block, end);
    if (below) return [below, ...rest.slice(1)].map(taken);
  }
  return (first === 0 ? rest.slice(1) : rest).map(taken);
}

function taken(element: HTMLElement): HTMLElement {
  element.remove();
  return element;
}

/** The rows of a table that are below the end of the page, as a table of their own. */
function splitTable(table: HTMLTableElement, end: number): HTMLTableElement | undefined {
  const rows = [...table.rows];
  const from = rows.findIndex((row) => table.offsetTop + row.offsetTop + row.offsetHeight > end);
  if (from < 1) return undefined;
  return rowsFrom(table, from);
}

/** Takes rows from a table, to its end; undefined where a cell goes on below. */
function rowsFrom(table: HTMLTableElement, from: number): HTMLTableElement | undefined {
  const rows = [...table.rows];
  // A cell that goes through several rows stays with them.
  const isCut = rows
    .slice(0, from)
    .some((row, at) => [...row.cells].some(({ rowSpan }) => at + rowSpan > from));
  if (isCut) return undefined;
  const below = table.cloneNode(false) as HTMLTableElement;
  const group = table.querySelector('colgroup');
  if (group) below.append(group.cloneNode(true));
  const body = make('tbody');
  below.append(body);
  body.append(...rows.slice(from));
  return below;
}
