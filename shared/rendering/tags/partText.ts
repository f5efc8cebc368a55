/** The text of a template's part as docxtemplater counts it: where in the document an offset is. */
import { xmlUnescape } from '../../office/xmlScan.ts';

/** A piece of XML as docxtemplater's lexer cuts it. */
export interface XmlPiece {
  readonly type: string;
  readonly value: string;
  readonly tag?: string;
  readonly position?: string;
  /** On tags: whether they enclose text that may hold template tags. */
  readonly text?: boolean;
}

interface Stretch {
  readonly offset: number;
  readonly text: string;
  readonly paragraph: number;
}

export interface PartText {
  /** 1-based number of the paragraph at an offset, in the order of the XML; 0 outside of all. */
  paragraphAt(offset: number): number;
  /** Some text of the paragraph around an offset, cut with … where there is more. */
  around(offset: number): string;
  /** The tag that begins at an offset, braces included, up to its end or the paragraph's. */
  tagAt(offset: number): string;
}

/** How much text around a fault is quoted, in characters before and after. */
const CONTEXT_CHARACTERS = 30;
const TAG_CHARACTERS = 60;

/**
 * Offsets count the text of all text elements, in order, as written but for `>`, which docxtemplater
 * escapes before it counts (its lexer.js, decodeContentParts).
 */
export function partText(pieces: readonly XmlPiece[]): PartText {
  const stretches: Stretch[] = [];
  const open: number[] = [];
  let paragraphs = 0;
  let offset = 0;
  let inText = false;
  for (const { type, value, tag, position, text } of pieces) {
    if (type === 'tag') {
      // Text boxes put paragraphs into paragraphs.
      if (tag === 'w:p' && position === 'start') open.push(++paragraphs);
      else if (tag === 'w:p' && position === 'end') open.pop();
      if (text && position !== 'selfclosing') inText = position === 'start';
    } else if (inText) {
      const counted = value.replaceAll('>', '&gt;');
      stretches.push({ offset, text: counted, paragraph: open.at(-1) ?? 0 });
      offset += counted.length;
    }
  }

  const stretchAt = (at: number) =>
    stretches.findLast((stretch) => stretch.offset <= at) ?? { offset: 0, text: '', paragraph: 0 };

  /** Text before and from an offset within its paragraph. */
  function split(at: number): [string, string] {
    const { paragraph } = stretchAt(at);
    let before = '';
    let after = '';
    for (const stretch of stretches) {
      if (stretch.paragraph !== paragraph) continue;
      const cut = Math.max(0, at - stretch.offset);
      before += stretch.text.slice(0, cut);
      after += stretch.text.slice(cut);
    }
    return [xmlUnescape(before), xmlUnescape(after)];
  }

  return {
    paragraphAt: (at) => stretchAt(at).paragraph,
    around(at) {
      const [before, after] = split(at);
      const head =
        before.length > CONTEXT_CHARACTERS ? `…${before.slice(-CONTEXT_CHARACTERS)}` : before;
      const tail =
        after.length > CONTEXT_CHARACTERS ? `${after.slice(0, CONTEXT_CHARACTERS)}…` : after;
      return wellFormed(head + tail);
    },
    tagAt(at) {
      const [, after] = split(at);
      const end = after.indexOf('}');
      const next = after.indexOf('{', 1);
      const stop = end === -1 || (next !== -1 && next < end) ? after.search(/\s|$/) : end + 1;
      return wellFormed(after.slice(0, Math.min(stop, TAG_CHARACTERS)));
    },
  };
}

/** Cutting may leave half of a character at an end. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '');
