/**
 * Comments of a sheet: a part with their texts (ECMA-376 part 1, 18.7), and a drawing with their boxes, without
 * which Excel repairs the file (part 4, 19.2; [MS-OI29500] 2.1.1672).
 */
import { clip } from '../clip.ts';
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
const BLOCK = 1_024;
/** A box covers so many columns, and rows by its text: some characters to a line. */
const BOX_COLUMNS = 3;
const LINE_CHARACTERS = 38;
const LEAST_LINES = 3;
const MOST_LINES = 24;

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
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">' +
    `<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="${blocks.join(',')}"/></o:shapelayout>` +
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>' +
    comments.map((comment, i) => box(comment, firstBlock * BLOCK + 1 + i, i + 1)).join('') +
    '</xml>'
  );
}

function box({ column, row, text }: Comment, shape: number, order: number): string {
  const written = clip(text, MAX_COMMENT)
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LINE_CHARACTERS)), 1);
  const lines = Math.min(Math.max(written, LEAST_LINES), MOST_LINES);
  const top = Math.max(0, row - 2);
  // Column, offset, row, offset of the upper left corner, then of the lower right one.
  const anchor = [column + 1, 15, top, 10, column + 1 + BOX_COLUMNS, 15, top + lines, 4];
  return (
    `<v:shape id="_x0000_s${shape}" type="#_x0000_t202" style="position:absolute;width:220pt;height:${lines * 15}pt;z-index:${order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">` +
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>' +
    `<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>${anchor.join(', ')}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>${row - 1}</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`
  );
}
