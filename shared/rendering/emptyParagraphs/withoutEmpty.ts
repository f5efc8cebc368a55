/**
 * `emptyParagraphs: "remove"`: paragraphs that hold nothing but tags are put into sections of their own,
 * which are written if anything comes out of those tags. This is done on what docxtemplater parsed, so
 * that stock fills such a template as it fills any other, and the compiler reads the same tree.
 */
import type { ParsedPiece } from '../parsedPieces.ts';
import { writeMark, type WrittenFilling, type WrittenTest } from '../../tags/tagMarks.ts';
import { contentOf } from './paragraphContent.ts';

/** A piece as docxtemplater numbers it: it knows a tag by this number. */
interface NumberedPiece extends ParsedPiece {
  lIndex?: number;
}

/** Numbers of pieces that stand in no template begin here: a template has fewer tags of XML. */
const FIRST_NUMBER = 1_000_000_000;

/** What errors would name. */
const NAME = 'paragraph';

/** A module of docxtemplater that does it, behind all others. */
export const createEmptyParagraphModule = (removal: Removal) => ({
  name: 'SheafEmptyParagraphs',
  priority: -Number.MAX_SAFE_INTEGER,
  postparse: (pieces: readonly ParsedPiece[], { basePart }: { basePart?: unknown }) =>
    basePart === undefined ? withoutEmptyParagraphs(pieces, removal) : pieces,
});

/** How empty paragraphs are left out. */
export interface Removal {
  /** Whether one stays for a tag without a value: where that is an error, it must be reached. */
  readonly keepsMissing: boolean;
}

/** @param pieces of a whole part, sections nested */
export function withoutEmptyParagraphs(
  pieces: readonly ParsedPiece[],
  { keepsMissing }: Removal,
): ParsedPiece[] {
  let made = 0;

  function sectionOf(test: Test, subparsed: readonly ParsedPiece[]): NumberedPiece {
    return {
      type: 'placeholder',
      module: 'loop',
      value: writeMark(NAME, { test: { ...test, keepsMissing } }),
      inverted: false,
      lIndex: FIRST_NUMBER + made++,
      subparsed,
    };
  }

  function visit(level: readonly ParsedPiece[]): ParsedPiece[] {
    const list = level.map(widened(level)).flat();
    const out: ParsedPiece[] = [];
    /** What stands before a paragraph, and of paragraphs that may go, what fills them. */
    let before: Before = 'start';
    let chain: WrittenFilling[] = [];
    let at = 0;
    while (at < list.length) {
      const piece = list[at] as ParsedPiece;
      const end = isStart(piece) ? endOf(list, at) : undefined;
      const fillings = end === undefined ? undefined : fillingsOf(list.slice(at, end + 1));
      if (end === undefined || !fillings) {
        out.push(visitWithin(piece));
        [before, chain] = [behind(before, piece), []];
        at++;
        continue;
      }
      const paragraph = list.slice(at, end + 1).map(visitWithin);
      const test = testFor(fillings, before, chain, list, end + 1);
      if (test) {
        out.push(sectionOf(test, paragraph));
        chain = [...chain, ...fillings];
        // Where a paragraph stays before those that may go, all of them may.
        if (before !== 'paragraph') before = 'chain';
      } else {
        out.push(...paragraph);
        [before, chain] = ['paragraph', []];
      }
      at = end + 1;
    }
    return out;
  }

  const visitWithin = (piece: ParsedPiece): ParsedPiece =>
    piece.subparsed ? { ...piece, subparsed: visit(piece.subparsed) } : piece;
  return visit(pieces);
}

type Test = Omit<WrittenTest, 'keepsMissing'>;
type Before = 'start' | 'paragraph' | 'chain' | 'table' | 'other';

const PARAGRAPH = 'w:p';
const isStart = ({ tag, position }: ParsedPiece) => tag === PARAGRAPH && position === 'start';
const isEnd = ({ tag, position }: ParsedPiece) => tag === PARAGRAPH && position === 'end';

/** Where the paragraph ends that begins at a place; undefined where a section cuts it. */
function endOf(list: readonly ParsedPiece[], start: number): number | undefined {
  let depth = 0;
  for (let i = start; i < list.length; i++) {
    const piece = list[i] as ParsedPiece;
    if (isStart(piece)) depth++;
    else if (isEnd(piece) && --depth === 0) return i;
  }
  return undefined;
}

/** What fills a paragraph that holds nothing but tags; undefined for any other. */
function fillingsOf(paragraph: readonly ParsedPiece[]): readonly WrittenFilling[] | undefined {
  const { isShown, fillings } = contentOf(paragraph);
  return isShown || fillings.length === 0 ? undefined : fillings;
}

/** When a paragraph is written; undefined where it always is. */
function testFor(
  filled: readonly WrittenFilling[],
  before: Before,
  chain: readonly WrittenFilling[],
  list: readonly ParsedPiece[],
  next: number,
): Test | undefined {
  const follows = whatFollows(list, next);
  if (before === 'table') {
    // It parts two tables, or a table from the end of its cell.
    const isFree = follows === 'paragraph' && !fillingsAt(list, next);
    return isFree ? { filled: [...filled] } : undefined;
  }
  if (follows !== 'end' || before === 'paragraph') return { filled: [...filled] };
  // The last one of a cell, header or note stays where all before it went.
  if (before === 'chain') return { filled: [...filled], orNone: [...chain] };
  return undefined;
}

/** Elements that must keep a paragraph, and the end of the text. */
const ENDS_CONTAINER =
  /^<(?:\/[^>]*:(?:tc|txbxContent|hdr|ftr|footnote|endnote|comment|sdtContent|customXml|body)\s*>|w:sectPr[\s/>])/;
/** What may stand between paragraphs and shows nothing. */
const MARKS =
  /^(?:\s|<(?:\w+:)?(?:bookmarkStart|bookmarkEnd|permStart|permEnd|commentRangeStart|commentRangeEnd|proofErr)[\s/>][^>]*>|<\/(?:\w+:)?(?:proofErr|bookmarkStart|bookmarkEnd)>)+/;

const shownPart = (xml: string) => xml.replace(MARKS, '');

/** What stands at a place of a level. */
function whatFollows(list: readonly ParsedPiece[], from: number): 'paragraph' | 'end' | 'other' {
  const at = nextShown(list, from);
  const piece = list[at];
  if (!piece || piece.subparsed) return 'other';
  if (isStart(piece)) return 'paragraph';
  return ENDS_CONTAINER.test(shownPart(piece.value)) ? 'end' : 'other';
}

function nextShown(list: readonly ParsedPiece[], from: number): number {
  let at = from;
  while (list[at] && !list[at]?.subparsed && shownPart(list[at]?.value ?? '') === '') at++;
  return at;
}

/** What fills the paragraph that comes next. */
function fillingsAt(list: readonly ParsedPiece[], from: number) {
  const start = nextShown(list, from);
  const end = endOf(list, start);
  return end === undefined ? undefined : fillingsOf(list.slice(start, end + 1));
}

/** Tags that lead into a container, or belong to its beginning. */
const BEGINS_CONTAINER =
  /<(?:\w+:)?(?:tc|txbxContent|hdr|ftr|footnote|endnote|comment|sdtContent|body)(?=[\s>])[^>]*>\s*$|<(?:\/(?:\w+:)?tcPr|(?:\w+:)?tcPr[^>]*\/)>\s*$/;

/** What stands before a paragraph behind a piece. */
function behind(before: Before, piece: ParsedPiece): Before {
  if (piece.subparsed) return 'other';
  const { value } = piece;
  if (shownPart(value) === '') return before;
  if (isEnd(piece)) return 'paragraph';
  if (/:tbl>\s*$/.test(value)) return 'table';
  return BEGINS_CONTAINER.test(value) ? 'start' : 'other';
}

/**
 * A section over several paragraphs whose signs stand in paragraphs with text, `{#a}One` and `Two{/a}`:
 * docxtemplater leaves the halves around it as one paragraph. Where these are blank, they go with it.
 */
function widened(level: readonly ParsedPiece[]) {
  const taken = new Map<number, { from: number; to: number }>();
  const inside = new Set<number>();
  level.forEach((piece, i) => {
    if (!piece.subparsed || !cutsParagraph(piece.subparsed) || hasOwnRules(piece)) return;
    const from = blankTo(level, i, -1, isStart);
    const to = blankTo(level, i, 1, isEnd);
    if (from === undefined || to === undefined || inside.has(from)) return;
    taken.set(i, { from, to });
    for (let k = from; k <= to; k++) if (k !== i) inside.add(k);
  });
  return (piece: ParsedPiece, i: number): ParsedPiece[] => {
    if (inside.has(i)) return [];
    const range = taken.get(i);
    if (!range || !piece.subparsed) return [piece];
    const subparsed = [
      ...level.slice(range.from, i),
      ...piece.subparsed,
      ...level.slice(i + 1, range.to + 1),
    ];
    return [{ ...piece, subparsed }];
  };
}

/** Whether docxtemplater's loop module does more than repeating a section. */
const hasOwnRules = ({
  hasPageBreak,
  hasPageBreakBeginning,
  addNextPage,
  addContinuousType,
  lastParagrapSectPr,
  sectPrCount,
}: ParsedPiece): boolean =>
  [
    hasPageBreak,
    hasPageBreakBeginning,
    addNextPage,
    addContinuousType,
    lastParagrapSectPr,
    sectPrCount,
  ].some(Boolean);

/** Whether a section begins in one paragraph and ends in another. */
function cutsParagraph(subparsed: readonly ParsedPiece[]): boolean {
  const first = subparsed.find(({ tag }) => tag === PARAGRAPH);
  return first?.position === 'end';
}

/**
 * Where the paragraph that a section cuts begins, or ends, if all of it up to there is blank.
 * @param step leads away from the section
 */
function blankTo(
  level: readonly ParsedPiece[],
  section: number,
  step: 1 | -1,
  isBound: (piece: ParsedPiece) => boolean,
): number | undefined {
  const passed: ParsedPiece[] = [];
  for (let i = section + step; i >= 0 && i < level.length; i += step) {
    const piece = level[i] as ParsedPiece;
    if (step === 1) passed.push(piece);
    else passed.unshift(piece);
    if (isBound(piece)) return isBlank(passed) ? i : undefined;
    if (isStart(piece) || isEnd(piece)) return undefined;
  }
  return undefined;
}

function isBlank(pieces: readonly ParsedPiece[]): boolean {
  const { isShown, fillings } = contentOf(pieces);
  return !isShown && fillings.length === 0;
}
