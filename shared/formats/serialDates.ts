/** Days as Excel counts them, and as everybody else writes them (ECMA-376 part 1, 18.17.4). */

/** What a serial number of the 1904 system lacks to one of the 1900 system. */
export const DAYS_1904 = 1462;
/** The day that never was: 29 February 1900. Before it serials are one day ahead. */
const LEAP_DAY_1900 = 60;
/** The day behind 31 December 9999. */
const END_OF_DATES = 2_958_466;
const SECONDS_PER_DAY = 86_400;
const MS_PER_DAY = 86_400_000;
/** 30 December 1899, day 0 of serials behind the leap day, from 1970. */
const DAY_ZERO = -25_569;

/** Whether a serial is one that Excel shows as a date. */
export const isShownDate = (serial: number): boolean => serial >= 0 && serial < END_OF_DATES;

/** A moment of the calendar. */
interface Moment {
  readonly date: Date;
  readonly seconds: number;
}

function momentOf(serial: number): Moment | undefined {
  if (!isShownDate(serial)) return undefined;
  let day = Math.floor(serial);
  let seconds = Math.round((serial - day) * SECONDS_PER_DAY);
  if (seconds === SECONDS_PER_DAY) {
    day++;
    seconds = 0;
  }
  if (day === LEAP_DAY_1900 || day === 0) return undefined;
  const days = DAY_ZERO + day + (day < LEAP_DAY_1900 ? 1 : 0);
  return { date: new Date(days * MS_PER_DAY), seconds };
}

const two = (value: number) => String(value).padStart(2, '0');
const timeOf = (seconds: number) =>
  `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;

/** The year of the common era. */
export const yearOf = (serial: number): number | undefined =>
  momentOf(serial)?.date.getUTCFullYear();

/**
 * A serial of the 1900 system as ISO 8601, rounded to seconds: 2026-11-25, 2026-11-25T14:05:06, or
 * 14:05:06 for a time by itself. Undefined for what is no day of the calendar.
 * @param isTime whether its format shows no day
 */
export function isoOf(serial: number, isTime: boolean): string | undefined {
  if (isTime && serial >= 0 && serial < 1) {
    return timeOf(Math.round(serial * SECONDS_PER_DAY) % SECONDS_PER_DAY);
  }
  const moment = momentOf(serial);
  if (!moment) return undefined;
  const day = moment.date.toISOString().slice(0, 10);
  return moment.seconds === 0 ? day : `${day}T${timeOf(moment.seconds)}`;
}

const ISO = /^(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?)?Z?$/;

/** The serial of the 1900 system that an ISO 8601 text stands for; undefined for another text. */
export function serialOfIso(text: string): number | undefined {
  const match = ISO.exec(text);
  if (!match || text === '' || text === 'T') return undefined;
  const [, year, month = '1', day = '1', hours = '0', minutes = '0', seconds = '0'] = match;
  const time = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) / SECONDS_PER_DAY;
  if (year === undefined) return time;
  const days = Date.UTC(Number(year), Number(month) - 1, Number(day)) / MS_PER_DAY - DAY_ZERO;
  return days + (days <= LEAP_DAY_1900 ? -1 : 0) + time;
}
