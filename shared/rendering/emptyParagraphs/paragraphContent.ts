/** What a stretch of a part holds: whether it shows anything by itself, and the tags in it. */
import type { ParsedPiece } from '../parsedPieces.ts';
import type { WrittenFilling } from '../../tags/tagMarks.ts';

export interface Content {
  /** Whether it shows something besides its tags, or must not be lost. */
  readonly isShown: boolean;
  readonly fillings: readonly WrittenFilling[];
}

/** Elements that show nothing by themselves: those around text, and white space. */
const BLANK = new Set([
  'p',
  'r',
  't',
  'tab',
  'br',
  'cr',
  'lastRenderedPageBreak',
  'proofErr',
  'hyperlink',
  'sdt',
  'sdtContent',
  'smartTag',
  'ins',
  'dir',
  'bdo',
  'bookmarkStart',
  'bookmarkEnd',
]);
/** Properties: what is in them is not shown, but for the end of a section. */
const PROPERTIES = new Set(['pPr', 'rPr', 'sdtPr', 'sdtEndPr', 'smartTagPr']);
const XML_TAG = /<(\/?)(?:[\w.-]+:)?([\w.-]+)([^>]*?)(\/?)>/g;
/** A break of a page or column; others only begin a line. */
const PAGE_BREAK = /\sw:type="(?!textWrapping")/;
const BOOKMARK = /\sw:id="([^"]*)"/;

/** @param pieces a whole paragraph, or what is between two places of one */
export function contentOf(pieces: readonly ParsedPiece[]): Content {
  const fillings: WrittenFilling[] = [];
  const bookmarks = new Set<string>();
  let isShown = false;
  /** The properties that the pieces are in, and how often within themselves. */
  let properties = '';
  let depth = 0;

  function look(xml: string): void {
    for (const [, slash, name = '', attributes = '', empty] of xml.matchAll(XML_TAG)) {
      if (name === 'sectPr') isShown = true;
      if (depth > 0) {
        if (name === properties && empty === '') depth += slash === '' ? 1 : -1;
      } else if (PROPERTIES.has(name)) {
        if (slash === '' && empty === '') [properties, depth] = [name, 1];
      } else if (!BLANK.has(name) || (name === 'br' && PAGE_BREAK.test(attributes))) isShown = true;
      else if (name.startsWith('bookmark')) toggle(BOOKMARK.exec(attributes)?.[1] ?? '');
    }
  }
  /** A bookmark that begins here and ends elsewhere is needed there. */
  function toggle(id: string): void {
    if (!bookmarks.delete(id)) bookmarks.add(id);
  }

  for (const piece of pieces) {
    const { type, value, module, position, subparsed, inverted = false } = piece;
    if (type !== 'placeholder') {
      if (type === 'content' && position === 'insidetag') isShown ||= value.trim() !== '';
      else look(value);
    } else if (subparsed) {
      const inner = contentOf(subparsed);
      if (inner.isShown || inner.fillings.length > 0) {
        const { isShown: always } = inner;
        fillings.push({
          kind: 'section',
          tag: value,
          inverted,
          always,
          inner: [...inner.fillings],
        });
      }
    } else if (module === undefined) fillings.push({ kind: 'value', tag: value });
    else isShown = true;
  }
  return { isShown: isShown || bookmarks.size > 0, fillings };
}
