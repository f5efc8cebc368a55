/** Formatters of dates by language, in UTC, kept: making one takes longer than filling a line. */

const formatters = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATTERS = 200;

export function formatterOf(
  language: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
  if (formatters.size < MOST_FORMATTERS) formatters.set(key, made);
  return made;
}
