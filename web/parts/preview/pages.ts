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
  /** Moves what does not fit onto further pages, and numbers all of them. */
  readonly layOut: () => void;
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
      for (let at = 0; at < Math.min(sheets.length, MOST_PAGES); at++) {
        const sheet = sheets[at];
        if (!sheet) continue;
        for (const number of sheet.numbers) number.textContent = String(at + 1);
        fitTabs(sheet.element, stops);
        const rest = overflowing(sheet);
        if (rest.length === 0) continue;
        add(sheet.size, sheet.around, false, at + 1).body.prepend(...rest);
      }
      for (const sheet of sheets.slice(MOST_PAGES)) sheet.element.remove();
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
