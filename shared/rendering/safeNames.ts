/** File names that Windows, macOS and Linux all take, and that no spreadsheet or shell reads as more. */

/** Forbidden on Windows, and `/` everywhere (Microsoft, "Naming Files, Paths, and Namespaces"). */
const FORBIDDEN = /[<>:"/\\|?*]/g;
/** Controls that are no white space, unassigned to any character, or half of one. */
const UNPRINTABLE = /\p{Cc}|\p{Surrogate}|\p{Noncharacter_Code_Point}/gu;
/** Invisible: they could reverse a name, or make two look alike. Joiners belong to scripts and emoji. */
const INVISIBLE = /(?![\u200c\u200d])\p{Cf}/gu;
/** Windows takes these for devices, whatever follows a dot. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/i;
/** A formula to a spreadsheet that lists names, an option or a home folder to a shell, hidden if a dot. */
const LEADING_SIGN = /^[=+\-@~.]/;

/** Nothing of it is ever replaced: most names. */
const PLAIN = /^[A-Za-z0-9_.,()'-]+(?: [A-Za-z0-9_.,()'-]+)*$/;

/** A text without the characters that no name may have; line breaks become spaces. In NFC. */
export const safeCharacters = (text: string) => (PLAIN.test(text) ? text : replaced(text));

const replaced = (text: string) =>
  text
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .replace(INVISIBLE, '')
    .replace(FORBIDDEN, '_')
    .replace(UNPRINTABLE, '_');

/** A name, without its ending, whose beginning and end are safe; '' when nothing is left of it. */
export function safeEdges(name: string): string {
  const trimmed = name.replace(/^ +/, '').replace(/[. ]+$/, '');
  const signed = trimmed.replace(LEADING_SIGN, '_');
  return DEVICE.test(signed) ? `_${signed}` : signed;
}

/** Bytes of a text in UTF-8, in Node and in browsers. */
export function utf8Bytes(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Halves of a character have two bytes each, together its four.
    const isPaired =
      (isHigh(unit) && isLow(text.charCodeAt(i + 1))) ||
      (isLow(unit) && isHigh(text.charCodeAt(i - 1)));
    bytes += unit < 0x80 ? 1 : unit < 0x800 || isPaired ? 2 : 3;
  }
  return bytes;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/** The longest beginning of a text that has at most so many bytes of UTF-8, in whole characters. */
export function cutEnd(text: string, bytes: number): string {
  if (utf8Bytes(text) <= bytes) return text;
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += utf8Bytes(character);
    if (used > bytes) break;
    kept += character;
  }
  return kept;
}

/** The longest end of a text that has at most so many bytes of UTF-8, in whole characters. */
export const cutStart = (text: string, bytes: number) => reversed(cutEnd(reversed(text), bytes));

const reversed = (text: string) => Array.from(text).reverse().join('');

/** The same for names that some file system takes for one: whatever their case and composition. */
export const foldName = (name: string) =>
  PLAIN.test(name) ? name.toUpperCase() : name.normalize('NFC').toUpperCase().normalize('NFC');
