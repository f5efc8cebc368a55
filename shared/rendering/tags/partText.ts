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
/** Text that gives so many characters whatever of it is written as references, of up to 10 units each. */
const QUOTED_UNITS = 10 * (TAG_CHARACTERS + 2);

/**
 * Offsets count the text of all text elements, in order, as written but for `>`, which docxtemplater
 * escapes before it counts (its lexer.js, decodeContentParts).
 */
export function partText(pieces: readonly XmlPiece[]): PartText {
  const stretches: Stretch[] = [];
  /** Numbers of the stretches of each paragraph: text boxes come in between. */
  const byParagraph = new Map<number, number[]>();
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
      const paragraph = open.at(-1) ?? 0;
      const its = byParagraph.get(paragraph) ?? [];
      byParagraph.set(paragraph, its);
      its.push(stretches.length);
      stretches.push({ offset, text: counted, paragraph });
      offset += counted.length;
    }
  }

  /** Number of the last stretch that begins at an offset or before it; -1 for none. */
  const numberAt = (at: number) =>
    countWhile(stretches.length, (i) => (stretches[i]?.offset ?? Infinity) <= at) - 1;
  const paragraphAt = (at: number) => stretches[numberAt(at)]?.paragraph ?? 0;

  /** Text before and from an offset within its paragraph, as much as is ever quoted. */
  function split(at: number): [string, string] {
    const its = byParagraph.get(paragraphAt(at)) ?? [];
    const next = countWhile(its.length, (i) => (its[i] ?? Infinity) <= numberAt(at));
    const textOf = (i: number) => stretches[its[i] ?? -1] ?? { offset: 0, text: '' };
    let before = '';
    for (let i = next - 1; i >= 0 && before.length < QUOTED_UNITS; i--) {
      const { offset: start, text } = textOf(i);
      before = text.slice(0, Math.max(0, at - start)) + before;
    }
    let after = '';
    for (let i = Math.max(0, next - 1); i < its.length && after.length < QUOTED_UNITS; i++) {
      const { offset: start, text } = textOf(i);
      after += text.slice(Math.max(0, at - start));
    }
    return [before.slice(-QUOTED_UNITS), after.slice(0, QUOTED_UNITS)].map(xmlUnescape) as [
      string,
      string,
    ];
  }

  return {
    paragraphAt,
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

/** How many of the first `count` numbers hold, where those that do come first. */
function countWhile(count: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Cutting may leave half of a character at an end. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '');
