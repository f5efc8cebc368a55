/** How lists are written on sheets of their own: what the columns with their keys are called. */

/** Column of rows, or entries, that have lists: its values are their keys. */
export const KEY_COLUMN = '#';
/** Before the name of a list, and of each within it: `#orders#items`. */
export const LIST_MARK = '#';
/** The only column of a list whose entries are plain values, as `{.}` prints them. */
export const ITEM_COLUMN = '.';
