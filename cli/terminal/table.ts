/** Rows of text in columns that line up. */
import stringWidth from 'fast-string-width';
import { plain } from './screen.ts';

/** A column: its heading, and whether its cells are numbers, which line up at their ends. */
export interface Column<T> {
  readonly heading: string;
  readonly isNumber?: boolean;
  readonly cell: (element: T) => string;
}

const GAP = '  ';
/** Of a cell of somebody's own, so much is shown. */
const MOST_CHARACTERS = 30;

/** The beginning of a text that may be long. */
export function clipped(text: string): string {
  const characters = [...text];
  return characters.length <= MOST_CHARACTERS
    ? text
    : `${characters.slice(0, MOST_CHARACTERS - 1).join('')}…`;
}

/** Lines of a table with its headings first; the last column is as wide as it is. */
export function tableLines<T>(elements: readonly T[], columns: readonly Column<T>[]): string[] {
  const rows = [
    columns.map(({ heading }) => plain(heading)),
    ...elements.map((element) => columns.map(({ cell }) => plain(cell(element)))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...rows.map((cells) => stringWidth(cells[index] ?? ''))),
  );
  return rows.map((cells) =>
    cells
      .map((text, index) => {
        const blanks = ' '.repeat((widths[index] ?? 0) - stringWidth(text));
        return columns[index]?.isNumber === true ? blanks + text : text + blanks;
      })
      .join(GAP)
      .trimEnd(),
  );
}
