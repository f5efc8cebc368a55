/** A module of docxtemplater that writes line breaks as lineBreaks.ts has them. */
import { escapeXml } from '../../office/xmlText.ts';
import type { XmlPiece } from '../tags/partText.ts';
import {
  lineBreakIn,
  NO_RUN,
  openDrawingRun,
  recordPiece,
  repeatedProperties,
  WORD_TEXT,
} from './lineBreaks.ts';

/** Where a value tag stands. */
export interface TagPlace {
  /** The text element that it is in, such as w:t. */
  readonly textElement?: string;
  /** What is written between two lines of its value; absent where that depends on the run. */
  readonly lineBreak?: string;
}

/** Parts in which line breaks stay what they are (NON_LINE_BREAKS_CONTENT_TYPE of render.js). */
export const WITHOUT_LINE_BREAKS: ReadonlySet<string> = new Set([
  'application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml',
  'application/vnd.openxmlformats-package.core-properties+xml',
  'application/vnd.openxmlformats-officedocument.extended-properties+xml',
  'application/vnd.openxmlformats-officedocument.custom-properties+xml',
]);

interface PartOptions {
  /** The section that holds the pieces; absent for those of the whole part. */
  readonly basePart?: unknown;
}

/** What docxtemplater tells a module that renders. */
interface RenderOptions {
  readonly contentType?: string;
  readonly scopeManager: { getValue(tag: string, meta: { part: unknown }): unknown };
  /** What is written for a value that is not there. */
  readonly nullGetter: (piece: Piece) => unknown;
}

type Piece = XmlPiece & TagPlace & { readonly module?: string };

/** Writes down on each tag where it stands, while they are still one list. */
export function notePlaces<P extends Piece>(pieces: P[]): P[] {
  let element: string | undefined;
  let lineBreak: string | undefined;
  let before = '';
  return pieces.map((piece) => {
    if (piece.text && piece.tag !== undefined && piece.position !== 'selfclosing') {
      element = piece.position === 'start' ? piece.tag : undefined;
      const isOther = element !== undefined && element !== WORD_TEXT;
      lineBreak = isOther ? lineBreakIn(element ?? '', openDrawingRun(before)) : undefined;
    }
    before = piece.type === 'content' ? piece.value : '';
    if (piece.type !== 'placeholder' || element === undefined) return piece;
    return { ...piece, textElement: element, ...(lineBreak !== undefined && { lineBreak }) };
  });
}

/** Writes all values, in the place of docxtemplater's own module for them (Render of its render.js). */
export function createLinesModule() {
  let run = NO_RUN;
  return {
    name: 'SheafLines',
    priority: 1,
    /** A new document begins. */
    restart() {
      run = NO_RUN;
    },
    postparse: (pieces: Piece[], { basePart }: PartOptions) =>
      basePart === undefined ? notePlaces(pieces) : pieces,
    render(piece: Piece, { contentType = '', scopeManager, nullGetter }: RenderOptions) {
      const breaksLines = !WITHOUT_LINE_BREAKS.has(contentType);
      if (breaksLines && piece.type !== 'placeholder') run = recordPiece(run, piece);
      if (piece.type !== 'placeholder' || piece.module !== undefined) return null;
      let value: unknown;
      try {
        value = scopeManager.getValue(piece.value, { part: piece }) ?? nullGetter(piece);
      } catch (error) {
        return { errors: [error] };
      }
      const text = String(value);
      return {
        value:
          breaksLines && typeof value === 'string'
            ? text.split('\n').flatMap(linesOf(piece, run.text))
            : escapeXml(text),
      };
    },
  };
}

const linesOf =
  ({ lineBreak }: TagPlace, recorded: string) =>
  (line: string, i: number): string[] => {
    const text = escapeXml(line);
    return i === 0 ? [text] : [lineBreak ?? wordBreak(repeatedProperties(recorded)), text];
  };

/** As renderLineBreaks() of render.js has it. */
const wordBreak = (properties: string) =>
  `</w:t></w:r><w:r><w:br/></w:r><w:r>${properties}<w:t xml:space="preserve">`;
