/** Numbers, times and sizes as a language writes them. */
import type { Texts } from './texts.ts';

export interface Formats {
  readonly number: (value: number) => string;
  /** A rate: few digits, however large. */
  readonly rate: (value: number) => string;
  readonly bytes: (value: number) => string;
  readonly money: (usd: number) => string;
  readonly date: (iso: string) => string;
  /** To the second. */
  readonly moment: (iso: string) => string;
  /** "3 minutes ago", or the date where it is longer ago than a week. */
  readonly ago: (iso: string, now: number) => string;
  /** The same of what has been: by a clock that is behind, it is now. */
  readonly since: (iso: string, now: number) => string;
  readonly duration: (seconds: number) => string;
  readonly list: (items: readonly string[]) => string;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * @param locale of numbers, as the texts are written
 * @param region the locale of dates: the same language as it is written where somebody is
 */
export function createFormats(
  locale: string,
  { time, signs }: Pick<Texts, 'time' | 'signs'>,
  region = locale,
): Formats {
  const number = new Intl.NumberFormat(locale);
  const few = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const date = new Intl.DateTimeFormat(region, { dateStyle: 'medium', timeStyle: 'short' });
  const moment = new Intl.DateTimeFormat(region, { dateStyle: 'medium', timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

  const duration = (seconds: number): string => {
    if (seconds < 1) return time.lessThanSecond;
    const whole = Math.round(seconds);
    if (whole < MINUTE) return time.seconds(whole);
    const pair = (large: string, unit: (value: number) => string, rest: number) =>
      rest === 0 ? large : time.and(large, unit(rest));
    if (whole < HOUR) {
      const rest = whole < 10 * MINUTE ? whole % MINUTE : 0;
      return pair(time.minutes(Math.floor(whole / MINUTE)), time.seconds, rest);
    }
    if (whole < DAY) {
      return pair(
        time.hours(Math.floor(whole / HOUR)),
        time.minutes,
        Math.floor((whole % HOUR) / MINUTE),
      );
    }
    return pair(time.days(Math.floor(whole / DAY)), time.hours, Math.floor((whole % DAY) / HOUR));
  };

  const ago = (iso: string, now: number): string => {
    const seconds = (new Date(iso).getTime() - now) / 1000;
    const size = Math.abs(seconds);
    if (size < MINUTE) return relative.format(Math.round(seconds / 10) * 10, 'second');
    if (size < HOUR) return relative.format(Math.round(seconds / MINUTE), 'minute');
    if (size < DAY) return relative.format(Math.round(seconds / HOUR), 'hour');
    if (size < 7 * DAY) return relative.format(Math.round(seconds / DAY), 'day');
    return date.format(new Date(iso));
  };

  return {
    number: (value) => number.format(value),
    rate: (value) => few.format(value),
    bytes(value) {
      const power = Math.min(
        UNITS.length - 1,
        value < 1000 ? 0 : Math.floor(Math.log10(value) / 3),
      );
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: UNITS[power] ?? 'byte',
        unitDisplay: 'short',
        maximumSignificantDigits: 3,
      }).format(value / 1000 ** power);
    },
    money: (usd) =>
      new Intl.NumberFormat(locale, {
        style: 'currency',
        currency: 'USD',
        ...(usd > 0 && usd < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 }),
      }).format(usd),
    date: (iso) => date.format(new Date(iso)),
    moment: (iso) => moment.format(new Date(iso)),
    ago,
    since: (iso, now) => ago(iso, Math.max(now, new Date(iso).getTime())),
    duration,
    // Intl.ListFormat writes Chinese lists without anything in between, and so two numbers as one.
    list: (items) => items.join(signs.comma),
  };
}
