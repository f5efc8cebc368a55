/**
 * Dates in texts, read only where there is one way to read them: `2026-11-25`, `25.11.2026`, `November 25,
 * 2026` and `25/11/2026` say which is the month, `3/4/2026` does not.
 */
import { readDate, type DateParts } from './dates.ts';

/** In which order data has day, month and year where a text does not say it. */
export type DateOrder = 'dmy' | 'mdy';

const NUMBERS = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?=$|[T\s,])/;
const TIME_ALONE = /^\d{1,2}:\d{2}/;
/** Languages whose dates begin with the day, and with the month. */
const LANGUAGES: Readonly<Record<DateOrder, string>> = { dmy: 'en-GB', mdy: 'en-US' };

/** A date; `hasDay` is false for a time alone. */
export interface ClearDate extends DateParts {
  readonly hasDay: boolean;
}

/**
 * @param language whose names of months a text may have besides English ones
 * @returns undefined for what is no date, or could be two
 */
export function readClearDate(
  value: unknown,
  language: string,
  order?: DateOrder,
): ClearDate | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.normalize('NFKC').trim();
  const numbers = NUMBERS.exec(text);
  if (numbers && !isClear(numbers, order)) return undefined;
  const written = numbers ? inOrder(text, numbers, order) : text;
  const date = readDate(written, numbers ? LANGUAGES[order ?? 'dmy'] : language);
  return date && { ...date, hasDay: !TIME_ALONE.test(text) };
}

function isClear([, first, sign, second, year]: RegExpExecArray, order: DateOrder | undefined) {
  if (order !== undefined) return true;
  if (year?.length !== 4) return false;
  // Points stand between day and month in this order alone.
  return (
    sign === '.' || Number(first) > 12 || Number(second) > 12 || Number(first) === Number(second)
  );
}

/** With signs that leave the order to the language. */
const inOrder = (text: string, [date]: RegExpExecArray, order: DateOrder | undefined) =>
  order === undefined ? text : date.replace(/[.-]/g, '/') + text.slice(date.length);
