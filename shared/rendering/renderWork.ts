/**
 * How much work a row can be at most. Watching the time costs 0.1 ms a document, as much as a fast
 * engine needs to fill it, so rows that cannot take long are filled unwatched.
 */
import type { Row } from '../schemas/common.ts';
import { shownOf } from '../tags/shown.ts';
import type { ParsedPart, ParsedPiece } from './parsedPieces.ts';
import { countBreaks } from './escaping.ts';
import { NO_RUN, recordPiece } from './repairs/lineBreaks.ts';

/** What is written each time at one level of a template: 0 outside of all sections, and so on. */
interface LevelWork {
  pieces: number;
  valueTags: number;
}

export type TemplateWork = readonly LevelWork[];

/**
 * Pieces, each as much work as so many characters, below which a row is light. On a busy machine
 * stock docxtemplater was seen to write 150 pieces a millisecond and, at worst, 1,600 characters that
 * must be escaped: this many take a third of the shortest time that a task can set (1 s).
 */
const LIGHT_WORK = 20_000;
const CHARACTERS_PER_PIECE = 25;
const SHORTEST_TASK_LIMIT_MS = 1_000;

export function measureTemplate(parts: Iterable<ParsedPart>): TemplateWork {
  const levels: LevelWork[] = [];
  const visit = (pieces: readonly ParsedPiece[], depth: number) => {
    const level = (levels[depth] ??= { pieces: 0, valueTags: 0 });
    level.pieces += pieces.length;
    for (const { type, value, subparsed } of pieces) {
      if (type !== 'placeholder') continue;
      level.pieces += stepsOf(value) * (depth + 1);
      if (subparsed) visit(subparsed, depth + 1);
      else level.valueTags++;
    }
  };
  for (const { parsed = [] } of parts) visit(parsed, 0);
  return levels;
}

/** Names with dots are looked for step by step, in each scope from the innermost outwards. */
const stepsOf = (name: string) => (name.length < 2 ? 0 : name.split('.').length - 1);

/** What is written for a line break besides the properties of its run, in UTF-16 units. */
const BREAK_UNITS = 60;

/**
 * The most that a line break of a value can be written as, in UTF-16 units: it ends a run and begins one
 * with the same properties (repairs/linesModule.ts).
 */
export function measureBreaks(parts: Iterable<ParsedPart>): number {
  let most = 0;
  let run = NO_RUN;
  const visit = (pieces: readonly ParsedPiece[]) => {
    for (const piece of pieces) {
      const { type, lineBreak = '', subparsed } = piece;
      if (type !== 'placeholder') run = recordPiece(run, piece);
      most = Math.max(most, run.text.length, lineBreak.length);
      if (subparsed) visit(subparsed);
    }
  };
  for (const { parsed = [] } of parts) visit(parsed);
  return BREAK_UNITS + most;
}

/** Pieces that are written when what is at a depth is written so many times. */
export const mostPieces = (template: TemplateWork, times: (depth: number) => number): number =>
  template.reduce((sum, { pieces }, depth) => sum + times(depth) * pieces, 0);

/**
 * Whether filling the template with this row could take so long that its time must be watched.
 * @param breakUnits as measureBreaks() gives them
 */
export function needsTimeLimit(
  template: TemplateWork,
  breakUnits: number,
  row: Row,
  limitMs: number,
): boolean {
  if (limitMs < SHORTEST_TASK_LIMIT_MS) return true;
  const { items, longest } = measureRow(row, breakUnits);
  const work = template.reduce((sum, { pieces, valueTags }, depth) => {
    // Every section may go over every list, and every tag may print the longest text.
    const times = (1 + items) ** depth;
    return sum + times * (pieces + (valueTags * longest) / CHARACTERS_PER_PIECE);
  }, 0);
  return work > LIGHT_WORK;
}

/** Digits of a number, or a truth value. */
const LONGEST_SCALAR = 25;
/** Texts up to so many characters are not looked into for line breaks: they have few. */
const SHORT_TEXT = 100;

/** Items of all lists of a row, and the length of the longest value as it is written, in UTF-16 units. */
function measureRow(row: Row, breakUnits: number): { items: number; longest: number } {
  let items = 0;
  let longest = 0;
  const printed = (value: Row[string]): number => {
    let length = LONGEST_SCALAR;
    if (typeof value === 'string') {
      length = value.length;
      if (length > SHORT_TEXT) length += breakUnits * countBreaks(value);
    } else if (Array.isArray(value)) {
      items += value.length;
      length = value.reduce<number>((sum, item) => sum + printed(item) + 1, 0);
    } else if (typeof value === 'object' && value !== null) {
      const shown = shownOf(value);
      if (typeof shown === 'string') length = shown.length;
      else Object.values(value).forEach(printed);
    }
    longest = Math.max(longest, length);
    return length;
  };
  Object.values(row).forEach(printed);
  return { items, longest };
}
