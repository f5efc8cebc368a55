/** Names of columns and tags as messages quote them. */

const SHOWN_CHARACTERS = 60;

/** A column's name, cut where it is longer than a message should be. */
export function shortenName(name: string): string {
  // By characters, so that none is cut in half; each takes at most two UTF-16 units.
  const characters = Array.from(name.slice(0, 2 * (SHOWN_CHARACTERS + 1)));
  if (characters.length <= SHOWN_CHARACTERS) return name;
  return `${characters.slice(0, SHOWN_CHARACTERS).join('')}…`;
}

/** A column's name in quotes, on one line, shortened. */
export const quoteName = (name: string) => JSON.stringify(shortenName(name));

/** A tag in its braces, on one line, shortened. */
export const quoteTag = (name: string, sign = '') =>
  `{${sign}${shortenName(name).replace(/\s/g, ' ')}}`;
