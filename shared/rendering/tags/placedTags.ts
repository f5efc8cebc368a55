/** The tags of a template as they stand in each other, whatever part they are in. */
import type { PlacedTag } from '../../tags/tagTree.ts';
import type { ParsedPart, ParsedPiece } from '../parsedPieces.ts';

interface OpenTag extends Pick<PlacedTag, 'written' | 'kind'> {
  readonly inner: OpenLevel;
}

/** By kind and text. */
type OpenLevel = Map<string, OpenTag>;

/** What is written several times in the same sections reads the same there, and is one. */
export function placeTags(parts: Iterable<ParsedPart>): PlacedTag[] {
  const top: OpenLevel = new Map();
  for (const { parsed = [] } of parts) addTags(parsed, top);
  return closed(top);
}

function addTags(pieces: readonly ParsedPiece[], level: OpenLevel): void {
  for (const { type, value: written, inverted, subparsed } of pieces) {
    if (type !== 'placeholder') continue;
    const kind = subparsed === undefined ? 'value' : inverted ? 'inverted' : 'section';
    const key = `${kind} ${written}`;
    const tag = level.get(key) ?? { written, kind, inner: new Map() };
    level.set(key, tag);
    if (subparsed) addTags(subparsed, tag.inner);
  }
}

const closed = (level: OpenLevel): PlacedTag[] =>
  Array.from(level.values(), ({ inner, ...tag }) => ({ ...tag, inner: closed(inner) }));
