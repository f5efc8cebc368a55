/** What kind of value a cell holds, by how it is written. */

export type ValueKind = 'text' | 'number' | 'date' | 'truth' | 'list' | 'group';

/** What it may be called in messages, one and many. */
export const KIND_NAMES: Record<ValueKind, string> = {
  text: 'text',
  number: 'numbers',
  date: 'dates',
  truth: 'truth values',
  list: 'lists',
  group: 'groups of values',
};

const DIGITS = /^\d+$/;
/** Most numbers: of plain characters, which are told fastest. */
const PLAIN_NUMBER = /^-?\d+(?:[.,]\d+)?$/;
const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/;
const NUMBER =
  /^[-+(]?(?:\p{Sc}|[A-Z]{3})?\s?[-+]?(?:\d{1,3}(?:[.,'’\s]\d{3})+|\d+)(?:[.,]\d+)?(?:[Ee][-+]?\d+)?\s?(?:\p{Sc}|[A-Z]{3}|%)?[-)]?$/u;
const DATE =
  /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{4}年\d{1,2}月\d{1,2}日)(?:$|[T\s,])/;
/** With a month that is a word. */
const WRITTEN_DATE =
  /^(?:\d{1,2}\.?[-\s]\p{L}{3,12}\.?,?[-\s]\d{2,4}|\p{L}{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4})$/u;
const LONGEST_DATE = 30;
const LONGEST_NUMBER = 40;

/** Whether a text is of decimal digits alone. */
export const isDigits = (text: string): boolean => DIGITS.test(text);

/** The kind of a text that is not empty. */
export function kindOfText(text: string): ValueKind {
  const { length } = text;
  if (length > LONGEST_NUMBER) return 'text';
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(length - 1);
  const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
  const ends = isDigit(first) || isDigit(last);
  // What neither begins nor ends with a digit is a number only with a sign on both sides.
  if (!ends && length > 3 && first > 0x40 && first < 0x7f && last > 0x40 && last < 0x7f) {
    return 'text';
  }
  if (PLAIN_NUMBER.test(text)) return 'number';
  if (PLAIN_DATE.test(text)) return 'date';
  if (NUMBER.test(text)) return 'number';
  if (ends && length <= LONGEST_DATE && (DATE.test(text) || WRITTEN_DATE.test(text))) return 'date';
  if (length <= LONGEST_DATE && last > 0x7f && DATE.test(text)) return 'date';
  return 'text';
}

/** Texts that people write for no, which a condition takes for yes: it is met by any text. */
const NO =
  /^(?:no|n|not|none|nein|false|falsch|faux|non|falso|nee|nej|0|-|–|—|n\/a|否|不|不是|无|無|没有|沒有|假|いいえ|아니오)$/i;

export const readsAsNo = (text: string): boolean => text.length <= 7 && NO.test(text.trim());
