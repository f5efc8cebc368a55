/** Dates by a picture of Word's (`\@`; ECMA-376 part 1, 17.16.4.1). */
import { formatterOf } from './dateFormatters.ts';
import { readDate, type DateParts } from './dates.ts';

const SIGN = /'([^']*)'|am\/pm|AM\/PM|yyyy|YYYY|yy?|YY?|M{1,4}|[dD]{1,4}|hh?|HH?|mm?|ss?/g;
/** Besides those: numbers as Chinese writes them, the year by its digits. */
const CHINESE_SIGN = new RegExp(`${SIGN.source}|E{4}|O|A`, 'g');
const AM_PM = /^(?:am|AM)\/(?:pm|PM)$/;

/** A value by a picture; unchanged when it is no date. */
export function formatDate(picture: string, value: string, language: string): string {
  const date = readDate(value, language);
  return date ? writeDate(picture, date, language) : value;
}

/** A date by a picture. */
export function writeDate(picture: string, date: DateParts, language: string): string {
  const hasDay = /d/i.test(picture.replace(/'[^']*'/g, '').replace(/d{3,}/gi, ''));
  const signs = /^(?:zh|ja)\b/i.test(language) ? CHINESE_SIGN : SIGN;
  return picture.replace(signs, (sign, literal: string | undefined) =>
    literal === undefined ? written(sign, date, language, hasDay) : literal,
  );
}

const two = (value: number) => String(value).padStart(2, '0');

function written(sign: string, date: DateParts, language: string, hasDay: boolean): string {
  if (AM_PM.test(sign)) {
    const half = date.hour < 12 ? 'am' : 'pm';
    return sign.startsWith('A') ? half.toUpperCase() : half;
  }
  const length = sign.length;
  switch (sign[0]) {
    case 'y':
    case 'Y':
      return length > 2 ? String(date.year).padStart(4, '0') : two(date.year % 100);
    case 'M':
      return length > 2 ? monthName(date, length, language, hasDay) : padded(date.month, length);
    case 'd':
    case 'D':
      return length > 2 ? dayName(date, length, language) : padded(date.day, length);
    case 'h':
      return padded(date.hour % 12 === 0 ? 12 : date.hour % 12, length);
    case 'H':
      return padded(date.hour, length);
    case 'm':
      return padded(date.minute, length);
    case 'E':
      return Array.from(String(date.year), chineseDigit).join('');
    case 'O':
      return chineseNumber(date.month);
    case 'A':
      return chineseNumber(date.day);
    default:
      return padded(date.second, length);
  }
}

const CHINESE_DIGITS = '〇一二三四五六七八九';
const chineseDigit = (digit: string | number) => CHINESE_DIGITS[Number(digit)] ?? '';

/** @param value from 1 to 31 */
function chineseNumber(value: number): string {
  const tens = Math.floor(value / 10);
  const ones = value % 10;
  const before = tens === 0 ? '' : `${tens === 1 ? '' : chineseDigit(tens)}十`;
  return before + (ones === 0 ? '' : chineseDigit(ones));
}

const padded = (value: number, length: number) => (length > 1 ? two(value) : String(value));
const styleOf = (length: number) => (length > 3 ? 'long' : 'short');

/** Some languages decline months that follow a day. */
function monthName(date: DateParts, length: number, language: string, hasDay: boolean): string {
  return nameIn(date, language, 'month', {
    month: styleOf(length),
    ...(hasDay && length > 3 && { day: 'numeric' }),
  });
}

const dayName = (date: DateParts, length: number, language: string): string =>
  nameIn(date, language, 'weekday', { weekday: styleOf(length) });

/** Names that were asked for: asking for one takes longer than all else of a date. */
const names = new Map<string, string>();
const MOST_NAMES = 5_000;

function nameIn(
  { year, month, day }: DateParts,
  language: string,
  type: 'month' | 'weekday',
  options: Intl.DateTimeFormatOptions,
): string {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  const number = type === 'month' ? month : at.getUTCDay();
  const key = `${language} ${number} ${type} ${options[type]} ${options.day}`;
  const known = names.get(key);
  if (known !== undefined) return known;
  const formatter = formatterOf(language, options);
  const name = nameBy(formatter, at, type);
  // Months of other calendars begin and end within ours.
  const isOurs = formatter.resolvedOptions().calendar === 'gregory';
  if (isOurs && names.size < MOST_NAMES) names.set(key, name);
  return name;
}

function nameBy(formatter: Intl.DateTimeFormat, at: Date, type: 'month' | 'weekday'): string {
  const parts = formatter.formatToParts(at);
  const name = parts.find((part) => part.type === type)?.value ?? '';
  // Word abbreviates without a point.
  return name.replace(/\.$/, '');
}
