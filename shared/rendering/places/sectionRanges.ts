/** Which stretches of a part's XML sections repeat or leave out, before anything parses its tags. */

/** From one place in the XML to another, in UTF-16 units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const TEXT = /<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)<\/(?:\w+:)?t>/g;
const SECTION_TAG = /\{\s*([#^/＃＾／])[^{}]*\}/g;

/** Sections that no other holds. What they expand to is taken wide: whole rows, where cells are between their tags. */
export function sectionRanges(xml: string): Range[] {
  const stretches: { at: number; start: number }[] = [];
  let text = '';
  for (const match of xml.matchAll(TEXT)) {
    const [whole, written = ''] = match;
    stretches.push({ at: text.length, start: match.index + whole.indexOf('>') + 1 });
    text += written;
  }
  let next = 0;
  /** Where in the XML a place of the text is. */
  const placeOf = (offset: number) => {
    while ((stretches[next + 1]?.at ?? Infinity) <= offset) next++;
    const { at, start } = stretches[next] ?? { at: 0, start: 0 };
    return start + offset - at;
  };
  const ranges: Range[] = [];
  let depth = 0;
  let from = 0;
  for (const { 1: sign, index } of text.matchAll(SECTION_TAG)) {
    const place = placeOf(index);
    if (sign !== '/' && sign !== '／') {
      if (depth === 0) from = place;
      depth++;
    } else if (depth > 0) {
      depth--;
      if (depth === 0) ranges.push(wholeRows(xml, { start: from, end: place }));
    }
  }
  return ranges;
}

function wholeRows(xml: string, { start, end }: Range): Range {
  if (!/<\/(?:\w+:)?tc>/.test(xml.slice(start, end))) return { start, end };
  const row = Math.max(xml.lastIndexOf('<w:tr ', start), xml.lastIndexOf('<w:tr>', start));
  const rowEnd = xml.indexOf('</w:tr>', end);
  return { start: row === -1 ? start : row, end: rowEnd === -1 ? end : rowEnd };
}

export const isWithin = (ranges: readonly Range[], at: number): boolean =>
  ranges.some(({ start, end }) => start <= at && at < end);
