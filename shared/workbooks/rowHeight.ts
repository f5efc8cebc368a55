/** How high a row is for the lines of text in it. */

/** A line of the usual font of 11 points. */
const LINE_POINTS = 15;
/** The highest row that Excel shows (Excel specifications and limits). */
const MAX_POINTS = 409;

/** The attributes of a row element. @param lines of its highest cell */
export const rowHeight = (lines: number): string =>
  ` ht="${Math.min(lines * LINE_POINTS, MAX_POINTS)}" customHeight="1"`;
