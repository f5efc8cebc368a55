/** Cutting what was written by others before it goes into a message. */

/** At most `length` UTF-16 units of a text, no half of a character; what was cut shows as an ellipsis. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
