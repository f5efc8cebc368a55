/** The sheet "Check" of a report: what was found, in plain words, as lines of cells. */
import { clip } from '../../clip.ts';
import { MAX_REPORT_FINDINGS } from '../../limits.ts';
import { commentOf, titleOf, type MarkedCell, type ReportFinding } from './marks.ts';

/** How a line looks. */
export type LineKind = 'title' | 'text' | 'head' | ReportFinding['severity'];

export interface CheckLine {
  readonly kind: LineKind;
  readonly cells: readonly (string | number)[];
  /** The cell of the marked sheet that the line is about first. */
  readonly target?: string | undefined;
}

/** What the sheet tells. */
export interface CheckContent {
  readonly findings: readonly ReportFinding[];
  /** Name of the marked sheet. */
  readonly sheet: string;
  /** How many cells are marked there. */
  readonly markedCells: number;
  readonly markedAll: boolean;
  /** Sentences on how the report was made. */
  readonly notes: readonly string[];
  /** The place of a row of data in the marked sheet. @returns such as B5, or the number of the row alone */
  readonly placeOf: (row: number, column: string | undefined) => string | undefined;
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
  const lines: CheckLine[] = [
    { kind: 'title', cells: ['What the check found'] },
    ...[summaryOf(content), ...marksOf(content), ...notes].map((text): CheckLine => ({
      kind: 'text',
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
      ...withoutComment.map((cell): CheckLine => ({
        kind: cell.severity,
        cells: [titleOf(cell.severity), commentOf(cell), cell.place],
      })),
    );
  }
  return lines.map((line) => ({
    ...line,
    cells: line.cells.map((cell) =>
      typeof cell === 'string' ? clip(cell, MOST_CHARACTERS) : cell,
    ),
  }));
}

const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

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

function marksOf({ markedCells, markedAll, sheet, findings }: CheckContent): string[] {
  const isAll = markedAll || findings.length === 0;
  if (markedCells === 0) return isAll ? [] : ['No cell is marked.'];
  return [
    `${countOf(markedCells, 'cell')} ${markedCells === 1 ? 'is' : 'are'} marked in the sheet ${JSON.stringify(sheet)}: red is an error, yellow a warning, and the comment of the cell says what to do.`,
    ...(isAll
      ? []
      : [`More cells are at fault than are marked. Correct these first, then check again.`]),
  ];
}

function findingLine(finding: ReportFinding, { placeOf }: CheckContent): CheckLine {
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
  const target = first === undefined ? undefined : placeOf(first, finding.column);
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
    target: target !== undefined && /^[A-Z]+\d+$/.test(target) ? target : undefined,
  };
}

/** The row of data beside the cell: the answers of the API count these. */
const placeName = (row: number, place: string | undefined) =>
  place === undefined ? `row ${row}` : `${place} (row ${row})`;
