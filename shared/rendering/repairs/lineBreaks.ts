/** How values with line breaks are written, by the text element that the tag stands in. */

/** Ends of lines, besides LF, that break a line as LF does. */
const OTHER_LINE_ENDS = /\r\n?|[\u2028\u2029]/g;

/** Texts up to so many units are looked through here: that is quicker than calling a search. */
const SHORT_TEXT = 64;
const CARRIAGE_RETURN = 0x0d;
const LINE_SEPARATOR = 0x2028;

function hasOtherLineEnds(value: string): boolean {
  if (value.length > SHORT_TEXT) return value.search(OTHER_LINE_ENDS) !== -1;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    // The paragraph separator follows the line separator.
    if (unit === CARRIAGE_RETURN || unit >>> 1 === LINE_SEPARATOR >>> 1) return true;
  }
  return false;
}

/** A value with all ends of lines as LF. */
export const withLineFeeds = (value: string): string =>
  hasOtherLineEnds(value) ? value.replace(OTHER_LINE_ENDS, '\n') : value;

/** The text element whose lines docxtemplater breaks rightly (renderLineBreaks of its modules/render.js). */
export const WORD_TEXT = 'w:t';
const DRAWING_TEXT = 'a:t';
/** What stands for a line break in texts that have one line. */
const BLANK = ' ';

/**
 * What is written between two lines in a text element other than w:t.
 * @param element its name
 * @param run the start of the run of DrawingML that it is in, from its start tag to the text element;
 *   absent where it is in none
 */
export function lineBreakIn(element: string, run: string | undefined): string {
  if (element !== DRAWING_TEXT || run === undefined) return BLANK;
  const [properties = ''] = DRAWING_PROPERTIES.exec(run) ?? [];
  const line = properties === '' ? '<a:br/>' : `<a:br>${properties}</a:br>`;
  return `</a:t></a:r>${line}<a:r>${properties}<a:t>`;
}

const DRAWING_PROPERTIES = /<a:rPr(?=[\s/>])(?:[^>]*\/>|[^]*<\/a:rPr>)/;
const DRAWING_RUN = /<a:r[\s>]/g;

/**
 * The start of the run of DrawingML that is open at the end of a stretch of XML.
 * @param before the stretch, up to a text element
 */
export function openDrawingRun(before: string): string | undefined {
  let start = -1;
  for (const { index } of before.matchAll(DRAWING_RUN)) start = index;
  if (start === -1 || before.includes('</a:r>', start)) return undefined;
  return before.slice(start);
}

/** Where run properties are recorded: how deep in them, and what they are. */
export interface RunRecord {
  readonly text: string;
  /** 0 outside of all properties; 2 in those that a tracked change keeps within the others. */
  readonly depth: number;
}

export const NO_RUN: RunRecord = { text: '', depth: 0 };

/** A piece of XML as the record looks at it. */
export interface RecordedPiece {
  readonly tag?: string | undefined;
  readonly position?: string | undefined;
  readonly value: string;
}

/** What is recorded behind a piece: recordRuns() of docxtemplater's render.js, which cuts nested properties off. */
export function recordPiece(
  { text, depth }: RunRecord,
  { tag, position, value }: RecordedPiece,
): RunRecord {
  if (tag === 'w:r') return NO_RUN;
  if (tag !== 'w:rPr') return { text: depth > 0 ? text + value : text, depth };
  const change = position === 'start' ? 1 : position === 'end' ? -1 : 0;
  return { text: text + value, depth: Math.max(0, depth + change) };
}

const TRACKED_CHANGE = /<w:rPrChange(?=[\s/>])(?:[^>]*\/>|[^]*?<\/w:rPrChange>)/g;

/** Run properties as they are repeated behind a line break: without what they were before a tracked change. */
export const repeatedProperties = (recorded: string): string =>
  recorded.includes('<w:rPrChange') ? recorded.replace(TRACKED_CHANGE, '') : recorded;
