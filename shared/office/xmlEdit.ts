/** Changes XML text in places and leaves every other character as it is. */
import { xmlTags, type XmlTag } from './xmlScan.ts';

/** What takes the place of a stretch; of an empty one, what is put in there. */
export interface XmlEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all of these edits, which do not overlap; those of one place stay in their order. */
export function withEdits(text: string, edits: readonly XmlEdit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, text: own } of [...edits].sort((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, start), own);
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}

/**
 * The text without the elements that `isUnwanted` says, from their start tags to their end tags.
 * @throws XmlMalformed
 */
export function withoutElements(text: string, isUnwanted: (tag: XmlTag) => boolean): string {
  let kept = '';
  let at = 0;
  /** Elements that are open since an unwanted one began, itself included. */
  let depth = 0;
  for (const tag of xmlTags(text)) {
    if (depth === 0) {
      if (tag.kind === 'close' || !isUnwanted(tag)) continue;
      kept += text.slice(at, tag.start);
      at = tag.end;
      if (tag.kind === 'open') depth = 1;
      continue;
    }
    if (tag.kind === 'open') depth++;
    else if (tag.kind === 'close') depth--;
    if (depth === 0) at = tag.end;
  }
  return kept + text.slice(at);
}
