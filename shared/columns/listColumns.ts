/** How lists are written on sheets of their own: what the columns with their keys are called. */
import { fieldsOf, stepsOf } from './columnPath.ts';

/** Column of rows, or entries, that have lists: its values are their keys. */
export const KEY_COLUMN = '#';
/** Before the name of a list, and of each within it: `#orders#items`. */
export const LIST_MARK = '#';
/** Whether a list may be called so behind its mark: "# of staff" and "#1 priority" are texts. */
export const isListName = (name: string): boolean => /^[^\s\p{Nd}]/u.test(name);
/** The only column of a list whose entries are plain values, as `{.}` prints them. */
export const ITEM_COLUMN = '.';

/** The fields that lead to a list; a name that is no path of fields is one of them. */
export const wayToList = (name: string): string[] =>
  stepsOf(name).some((step) => typeof step === 'number') ? [name] : fieldsOf(name);

/** Whether two ways want one place: one of them is the beginning of the other, or all of it. */
export const meet = (one: readonly string[], other: readonly string[]): boolean =>
  one.slice(0, other.length).every((step, i) => step === other[i]);
