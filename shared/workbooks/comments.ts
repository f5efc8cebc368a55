/**
 * Comments of a sheet: a part with their texts (ECMA-376 part 1, 18.7), and a drawing with their boxes, without
 * which Excel repairs the file (part 4, 19.2; [MS-OI29500] 2.1.1672).
 */
import { clip } from '../clip.ts';
import { MAX_COLUMNS, MAX_SHEET_ROWS } from '../limits.ts';
import { columnLetters } from '../office/cellReference.ts';
import { textElement } from './cellText.ts';

/** A comment at a cell: column 0-based, row 1-based. */
export interface Comment {
  readonly column: number;
  readonly row: number;
  readonly text: string;
}

/** Of a sheet: they are in memory until it ends, and Excel opens it slowly with more. */
export const MAX_SHEET_COMMENTS = 10_000;
/** Characters of one: what a box can show. */
const MAX_COMMENT = 1_000;
/** Shapes are numbered in blocks of so many. */
export const SHAPE_BLOCK = 1_024;
const BLOCK = SHAPE_BLOCK;
/** A box covers so many columns, and rows by its text: some characters to a line. */
const BOX_COLUMNS = 3;
const LINE_CHARACTERS = 38;
const LEAST_LINES = 3;
const MOST_LINES = 24;

/** Namespaces of drawings of boxes, by the prefixes that are used here. */
export const VML_NAMESPACES: Readonly<Record<string, string>> = {
  v: 'urn:schemas-microsoft-com:vml',
  o: 'urn:schemas-microsoft-com:office:office',
  x: 'urn:schemas-microsoft-com:office:excel',
};
/** As an element declares them. */
export const VML_DECLARATIONS = Object.entries(VML_NAMESPACES)
  .map(([prefix, name]) => ` xmlns:${prefix}="${name}"`)
  .join('');
/** What all boxes are of. */
export const BOX_TYPE = '_x0000_t202';
/** @param declarations of namespaces, where nothing around it has them */
export const boxTypeElement = (declarations = '') =>
  `<v:shapetype${declarations} id="${BOX_TYPE}" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>`;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The part with the texts, in runs: some readers look for nothing else. */
export const commentsPart = (comments: readonly Comment[]): string =>
  `${HEAD}<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>Sheaf</author></authors><commentList>${comments
    .map(
      ({ column, row, text }) =>
        `<comment ref="${columnLetters(column)}${row}" authorId="0"><text><r>${textElement(clip(text, MAX_COMMENT))}</r></text></comment>`,
    )
    .join('')}</commentList></comments>`;

/** How many blocks of shapes the comments take. */
export const shapeBlocks = (count: number): number => Math.ceil((count + 1) / BLOCK);

/** The part with the boxes. @param firstBlock of the sheet's shapes, from 1 */
export function commentBoxesPart(comments: readonly Comment[], firstBlock: number): string {
  const blocks = Array.from({ length: shapeBlocks(comments.length) }, (_, i) => firstBlock + i);
  return (
    `<xml${VML_DECLARATIONS}>` +
    `<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="${blocks.join(',')}"/></o:shapelayout>` +
    boxTypeElement() +
    comments.map((comment, i) => boxElement(comment, firstBlock * BLOCK + 1 + i, i + 1)).join('') +
    '</xml>'
  );
}

/**
 * The box of one comment.
 * @param shape its number
 * @param order which box lies above which
 * @param declarations of namespaces, where nothing around it has them
 */
export function boxElement(
  { column, row, text }: Comment,
  shape: number,
  order: number,
  declarations = '',
): string {
  const written = clip(text, MAX_COMMENT)
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LINE_CHARACTERS)), 1);
  const lines = Math.min(Math.max(written, LEAST_LINES), MOST_LINES);
  // Of cells at the edges of the sheet it lies over them.
  const left = Math.min(column + 1, MAX_COLUMNS - 1 - BOX_COLUMNS);
  const top = Math.min(Math.max(0, row - 2), MAX_SHEET_ROWS - 1 - lines);
  // Column, offset, row, offset of the upper left corner, then of the lower right one.
  const anchor = [left, 15, top, 10, left + BOX_COLUMNS, 15, top + lines, 4];
  return (
    `<v:shape${declarations} id="_x0000_s${shape}" type="#${BOX_TYPE}" style="position:absolute;width:220pt;height:${lines * 15}pt;z-index:${order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">` +
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>' +
    `<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>${anchor.join(', ')}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>${row - 1}</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`
  );
}
