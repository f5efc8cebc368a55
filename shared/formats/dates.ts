/** Dates in texts, as people and programs write them. */
import { formatterOf } from './dateFormatters.ts';

export interface DateParts {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const TIME =
  /(?:^|[T\s,]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\.?)?\s*(?:Z|[+-]\d{2}:?\d{2})?$/i;
const YEAR_FIRST = /^(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?$/;
const YEAR_LAST = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})$/;
const DAY_NAME_YEAR =
  /^(?:\p{L}+\.?,?\s+)?(\d{1,2})\.?(?:st|nd|rd|th)?\s+(?:de\s+)?(\p{L}+)\.?,?\s+(?:de\s+)?(\d{4})$/u;
const NAME_DAY_YEAR = /^(?:\p{L}+\.?,?\s+)?(\p{L}+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$/u;

/** Years of two digits that belong to this century, as Windows has it. */
const LAST_OF_CENTURY = 49;

/**
 * @param language says whether 3/4/2026 is in March or in April, and names months
 * @returns undefined for what is no date, or could not be one
 */
export function readDate(text: string, language: string): DateParts | undefined {
  const written = text.trim();
  const time = TIME.exec(written);
  const day = readDay(
    time ? written.slice(0, time.index).replace(/,$/, '').trim() : written,
    language,
  );
  // A time alone has the day on which times begin to count.
  const date = day ?? (time?.index === 0 ? { year: 1899, month: 12, day: 30 } : undefined);
  if (!date) return undefined;
  const { hour, minute, second } = readTime(time);
  const { year, month } = date;
  const isPossible =
    month >= 1 &&
    month <= 12 &&
    date.day >= 1 &&
    date.day <= daysIn(year, month) &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  return isPossible ? { ...date, hour, minute, second } : undefined;
}

function readTime(time: RegExpExecArray | null) {
  if (!time) return { hour: 0, minute: 0, second: 0 };
  const [, hours = '', minutes = '', seconds = '0', half] = time;
  const isAfternoon = half !== undefined && /^p/i.test(half);
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (isAfternoon ? 12 : 0);
  return { hour, minute: Number(minutes), second: Number(seconds) };
}

function readDay(text: string, language: string) {
  const [, y, m, d] = YEAR_FIRST.exec(text) ?? [];
  if (y !== undefined) return { year: Number(y), month: Number(m), day: Number(d) };
  const last = YEAR_LAST.exec(text);
  if (last) {
    const [, first = '', mark = '', second = '', written = ''] = last;
    const year =
      written.length === 4 ? Number(written) : centuryOf(Number(written)) + Number(written);
    const isMonthFirst =
      Number(first) <= 12 && (Number(second) > 12 || (mark === '/' && isMonthBeforeDay(language)));
    return isMonthFirst
      ? { year, month: Number(first), day: Number(second) }
      : { year, month: Number(second), day: Number(first) };
  }
  const [, day, name, year] = DAY_NAME_YEAR.exec(text) ?? [];
  if (day !== undefined) return named(name, day, year, language);
  const [, month, dayBehind, yearBehind] = NAME_DAY_YEAR.exec(text) ?? [];
  return month === undefined ? undefined : named(month, dayBehind, yearBehind, language);
}

const centuryOf = (year: number) => (year <= LAST_OF_CENTURY ? 2000 : 1900);

function named(name = '', day = '', year = '', language: string) {
  const month = monthOf(name, language) ?? monthOf(name, 'en');
  return month === undefined ? undefined : { year: Number(year), month, day: Number(day) };
}

const daysIn = (year: number, month: number) =>
  new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

function isMonthBeforeDay(language: string): boolean {
  const parts = formatterOf(language, { month: 'numeric', day: 'numeric' })
    .formatToParts(0)
    .map(({ type }) => type);
  return parts.indexOf('month') < parts.indexOf('day');
}

function monthOf(name: string, language: string): number | undefined {
  const wanted = name.toLocaleLowerCase(language);
  for (let month = 1; month <= 12; month++) {
    const date = Date.UTC(2000, month - 1, 1);
    for (const style of ['long', 'short'] as const) {
      for (const options of [{ month: style }, { month: style, day: 'numeric' }] as const) {
        const parts = formatterOf(language, options).formatToParts(date);
        const known = parts.find(({ type }) => type === 'month')?.value ?? '';
        if (known.replace(/\.$/, '').toLocaleLowerCase(language) === wanted) return month;
      }
    }
  }
  return undefined;
}
