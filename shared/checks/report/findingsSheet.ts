/** The sheet "Check" of a report: what was found, in plain words, as lines of cells. */
import { clip } from '../../clip.ts';
import { MAX_REPORT_FINDINGS, MAX_REPORT_MARKS } from '../../limits.ts';
import { many } from '../found.ts';
import { commentOf, titleOf, type MarkedCell, type ReportFinding } from './marks.ts';

/** How a line looks. */
export type LineKind = 'title' | 'text' | 'head' | ReportFinding['severity'];

export interface CheckLine {
  readonly kind: LineKind;
  readonly cells: readonly (string | number)[];
  /** How many lines of text its cells need, wrapped within CHECK_WIDTHS; not all programs find the height themselves. */
  readonly lines: number;
  /** The cell that the line is about first, behind the name of its sheet, as formulas write it. */
  readonly target?: string | undefined;
}

/** A place in the workbook. */
export interface LinePlace {
  /** Such as B5, or row 5. */
  readonly told: string;
  /** The cell that a link leads to. */
  readonly target?: string;
}

/** What the sheet tells. */
export interface CheckContent {
  readonly findings: readonly ReportFinding[];
  /** How many cells are marked in which sheets; the first is that with the rows. */
  readonly marked: readonly { readonly sheet: string; readonly cells: number }[];
  readonly markedAll: boolean;
  /** How many are not, where that is known. */
  readonly unmarked?: number | undefined;
  /** Sentences on how the report was made. */
  readonly notes: readonly string[];
  /** Where a row of data, or one of its columns, stands in the workbook. */
  readonly placeOf: (row: number, column: string | undefined) => LinePlace | undefined;
  /** Cells whose texts stand here, because no comment can, by what they are called. */
  readonly withoutComment: readonly MarkedCell<string>[];
}

/** The sheet's name, unless it is taken. */
export const CHECK_SHEET = 'Check';
/** Widths of the columns, in characters. */
export const CHECK_WIDTHS: readonly number[] = [11, 52, 20, 30, 11, 30, 52, 22];
/** The column of the places, 0-based. */
export const PLACES_COLUMN = 5;
/** Rows that are named for each finding. */
const MOST_PLACES = 10;
/** A cell takes 32,767 characters (Excel specifications and limits). */
const MOST_CHARACTERS = 8_000;

const HEAD = [
  'Severity',
  'What is wrong',
  'Column',
  'Tag',
  'How often',
  'First places',
  'What to do',
  'Code',
];

/** The lines of the sheet, from its first row on. */
export function checkLines(content: CheckContent): CheckLine[] {
  const { findings, withoutComment, notes } = content;
  const lines: Omit<CheckLine, 'lines'>[] = [
    { kind: 'title', cells: ['What the check found'] },
    ...[summaryOf(content), ...marksOf(content), ...notes].map((text) => ({
      kind: 'text' as const,
      cells: [text],
    })),
    { kind: 'text', cells: [] },
  ];
  const listed = findings.slice(0, MAX_REPORT_FINDINGS);
  if (listed.length > 0) {
    lines.push({ kind: 'head', cells: HEAD }, ...listed.map((each) => findingLine(each, content)));
  }
  if (listed.length < findings.length) {
    lines.push({
      kind: 'text',
      cells: [`${findings.length - listed.length} more findings are not listed.`],
    });
  }
  if (withoutComment.length > 0) {
    lines.push(
      { kind: 'text', cells: [] },
      { kind: 'title', cells: ['Cells without a comment of their own'] },
      { kind: 'head', cells: ['Severity', 'What is wrong', 'Cell'] },
      ...withoutComment.map((cell) => ({
        kind: cell.severity,
        cells: [titleOf(cell.severity), commentOf(cell), cell.place],
      })),
    );
  }
  return lines.map((line) => {
    const cells = line.cells.map((cell) =>
      typeof cell === 'string' ? clip(cell, MOST_CHARACTERS) : cell,
    );
    return { ...line, cells, lines: isWrapped(line.kind) ? linesOf(cells) : 1 };
  });
}

/** Whether the cells of a line are wrapped; others reach over those beside them. */
export const isWrapped = (kind: LineKind): boolean => kind !== 'title' && kind !== 'text';

/** Characters that are twice as wide as others: those of East Asia. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/g;
const widthOf = (text: string) => text.length + (text.match(WIDE)?.length ?? 0);

const linesOf = (cells: CheckLine['cells']) =>
  cells.reduce<number>((most, cell, column) => {
    const width = CHECK_WIDTHS[column] ?? 0;
    return typeof cell === 'string' && width > 0 ? Math.max(most, linesWithin(cell, width)) : most;
  }, 1);

/** Lines of a text that is wrapped between its words; longer words are cut. */
function linesWithin(text: string, width: number): number {
  let lines = 1;
  let used = 0;
  for (const word of text.split(' ')) {
    const own = widthOf(word);
    if (used > 0 && used + 1 + own > width) {
      lines++;
      used = 0;
    }
    used += (used > 0 ? 1 : 0) + own;
    lines += Math.max(0, Math.ceil(used / width) - 1);
    if (used > width) used %= width;
  }
  return lines;
}

const countOf = (count: number, what: string) => `${many(count)} ${what}${count === 1 ? '' : 's'}`;

function summaryOf({ findings }: CheckContent): string {
  const kinds = [
    ['error', 'kind of error', 'kinds of errors'],
    ['warning', 'kind of warning', 'kinds of warnings'],
    ['info', 'note', 'notes'],
  ] as const;
  const counts = kinds.flatMap(([severity, one, many]) => {
    const count = findings.filter((each) => each.severity === severity).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  return `The check found ${counts.length === 0 ? 'nothing to correct' : counts.join(', ')}.`;
}

function marksOf({ marked, markedAll, unmarked, findings }: CheckContent): string[] {
  const sheets = marked.filter(({ cells }) => cells > 0);
  const cells = sheets.reduce((sum, each) => sum + each.cells, 0);
  const isAll = markedAll || findings.length === 0;
  const texts: string[] = [];
  if (cells > 0) {
    const names = sheets.map(({ sheet }) => JSON.stringify(sheet));
    texts.push(
      `${countOf(cells, 'cell')} ${cells === 1 ? 'is' : 'are'} marked in the ${names.length === 1 ? 'sheet' : 'sheets'} ${names.join(', ')}: red is an error, yellow a warning, and the comment of the cell says what to do.`,
    );
  } else if (!isAll) texts.push('No cell is marked.');
  if (!isAll) {
    const more = unmarked === undefined ? 'More' : `${many(unmarked)} more`;
    texts.push(
      `${more} ${unmarked === 1 ? 'cell is' : 'cells are'} at fault, and not marked: a report marks ${many(MAX_REPORT_MARKS)}, of everything that is found the first. Correct these, then check again.`,
    );
  }
  const hasWhole = findings.some(
    ({ severity, column, count }) => severity !== 'info' && column === undefined && count > 0,
  );
  if (hasWhole) texts.push('What is wrong with whole rows marks no cell: its places are below.');
  return texts;
}

function findingLine(finding: ReportFinding, { placeOf }: CheckContent): Omit<CheckLine, 'lines'> {
  const {
    severity,
    detail,
    column = '',
    tag = '',
    count,
    firstRows,
    suggestion = '',
    code,
  } = finding;
  const places = firstRows
    .slice(0, MOST_PLACES)
    .map((row) => placeName(row, placeOf(row, finding.column)));
  const [first] = firstRows;
  const target = first === undefined ? undefined : placeOf(first, finding.column)?.target;
  const rest = count > places.length && places.length > 0 ? ', …' : '';
  return {
    kind: severity,
    cells: [
      titleOf(severity),
      detail,
      column,
      tag === '' ? '' : `{${tag}}`,
      count,
      `${places.join(', ')}${rest}`,
      suggestion,
      code,
    ],
    target,
  };
}

/** The row of data beside the cell: the answers of the API count these. */
const placeName = (row: number, place: LinePlace | undefined) =>
  place === undefined ? `row ${row}` : `${place.told} (row ${row})`;
