/** Whether anything comes out of the tags of a paragraph: asked before it is written, by every engine. */
import { printedOf } from './shown.ts';
import type { FilledTest, Filling, TagExpression } from './tagExpression.ts';

/** Reads a tag from the row and the scopes of the sections entered, innermost last. */
type Read = (tag: TagExpression, scopes: readonly unknown[]) => unknown;

/** Where it is asked. */
interface Place {
  readonly scopes: readonly unknown[];
  readonly read: Read;
  readonly keepsMissing: boolean;
}

/**
 * Whether a paragraph is written.
 * @param scopes the row, then the scope of each section entered
 */
export function isFilled(
  { filled, orNone, keepsMissing }: FilledTest,
  scopes: readonly unknown[],
  read: Read,
): boolean {
  const place = { scopes, read, keepsMissing };
  const comesOut = (filling: Filling) => comesOutOf(filling, place);
  return filled.some(comesOut) || (orNone !== undefined && !orNone.some(comesOut));
}

function comesOutOf(filling: Filling, place: Place): boolean {
  const { scopes, read } = place;
  const found = read(filling.tag, scopes);
  if (filling.kind === 'value') return isShown(found, place.keepsMissing);
  const { inverted, always, inner } = filling;
  const items = itemsOf(found);
  const isAnyIn = (inside: readonly unknown[]) =>
    inner.some((each) => comesOutOf(each, { ...place, scopes: inside }));
  if (inverted) return items === undefined && (always || isAnyIn(scopes));
  if (items === undefined) return false;
  if (always) return true;
  if (items === AS_IT_IS) return isAnyIn(scopes);
  return items.some((item) => isAnyIn([...scopes, item]));
}

function isShown(value: unknown, keepsMissing: boolean): boolean {
  if (value === undefined || value === null) return keepsMissing;
  if (typeof value === 'string') return value.trim() !== '';
  // Numbers and truth values are shown; what cannot be printed fails its row when it is reached.
  return !Array.isArray(value) || String(printedOf(value)).trim() !== '';
}

/** Stands for one item that is the scope itself. */
export const AS_IT_IS: readonly unknown[] = [undefined];

/** The items that a value stands for in a section; undefined for none (loopOverValue of docxtemplater). */
export function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (!value) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : (value as unknown[]);
  return typeof value === 'object' ? [value] : AS_IT_IS;
}
