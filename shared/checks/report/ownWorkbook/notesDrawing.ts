/**
 * Adds to the drawing with the boxes in which the comments of a sheet are shown (VML: ECMA-376 part 4, 19). It is
 * taken as text, for what Excel writes into it is not always XML.
 */
import {
  BOX_TYPE,
  boxElement,
  boxTypeElement,
  commentBoxesPart,
  SHAPE_BLOCK,
  shapeBlocks,
  VML_DECLARATIONS,
  VML_NAMESPACES,
  type Comment,
} from '../../../workbooks/comments.ts';

const END = /<\/(?:[^\s<>/:]+:)?xml\s*>\s*$/;
const ROOT = /<(?:[^\s<>/:]+:)?xml\b[^<>]*>/;
/** The blocks of numbers that shapes are given out of. */
const BLOCKS = /(<o:idmap\b[^<>]*?\sdata\s*=\s*["'])([\d,\s]*)(["'])/;
/** A number that a shape may have. */
const NUMBER = /_s(\d{1,9})\b/g;

/**
 * @param given the part's text; undefined where there is none
 * @returns undefined when nothing can be added to it
 */
export function addNoteBoxes(
  given: string | undefined,
  boxes: readonly Comment[],
): string | undefined {
  if (given === undefined) return commentBoxesPart(boxes, 1);
  const end = END.exec(given);
  const root = ROOT.exec(given)?.[0];
  if (!end || root === undefined) return undefined;
  const isDeclared = Object.entries(VML_NAMESPACES).every(([prefix, name]) =>
    new RegExp(`\\sxmlns:${prefix}\\s*=\\s*["']${name}["']`).test(root),
  );
  const declarations = isDeclared ? '' : VML_DECLARATIONS;

  const listed = (BLOCKS.exec(given)?.[2] ?? '').split(',').filter((each) => each.trim() !== '');
  let last = listed.reduce((most, each) => Math.max(most, Number(each)), 0);
  for (const [, digits] of given.matchAll(NUMBER))
    last = Math.max(last, Math.floor(Number(digits) / SHAPE_BLOCK));
  const own = Array.from({ length: shapeBlocks(boxes.length) }, (_, i) => last + 1 + i);
  const first = (last + 1) * SHAPE_BLOCK + 1;

  const hasType = new RegExp(`id\\s*=\\s*["']${BOX_TYPE}["']`).test(given);
  const before = given
    .slice(0, end.index)
    .replace(BLOCKS, (_all, start: string, _data: string, quote: string) =>
      [start, [...listed, ...own].join(','), quote].join(''),
    );
  return [
    before,
    hasType ? '' : boxTypeElement(declarations),
    ...boxes.map((box, i) => boxElement(box, first + i, i + 1, declarations)),
    end[0],
  ].join('');
}
