/** Tags in full-width braces, as input methods for Chinese and Japanese write them: they are text, and told. */
import type { ParsedPart } from '../parsedPieces.ts';

const WIDE_TAG = /｛[#^/＃＾／]?[\p{L}_][\p{L}\p{N}_ .-]{0,60}｝/gu;
/** Tags that the warning names. */
const MOST_NAMED = 5;

export function wideBraceWarnings(parts: ReadonlyMap<string, ParsedPart>): string[] {
  const found = new Set([...parts.values()].flatMap((part) => textOf(part).match(WIDE_TAG) ?? []));
  if (found.size === 0) return [];
  const named = [...found].slice(0, MOST_NAMED).join(', ');
  const more = found.size > MOST_NAMED ? ` and ${found.size - MOST_NAMED} more` : '';
  return [
    `Full-width braces are text: ${named}${more} stay as they are in every document. Write tags with { and }.`,
  ];
}

/** The text of a part, a line for each paragraph. */
function textOf({ pieces = [] }: ParsedPart): string {
  let text = '';
  let inText = false;
  for (const { type, value, tag, position, text: isText } of pieces) {
    if (type !== 'tag') {
      if (inText) text += value;
    } else if (isText && position !== 'selfclosing') inText = position === 'start';
    else if (tag === 'w:p') text += '\n';
  }
  return text;
}
