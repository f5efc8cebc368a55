/**
 * Codes of number formats that nearly all cells have, shown without the formatter, which takes some
 * microseconds: plain decimals, with groups, a percent sign and text around them, and dates in digits.
 * Whatever is in doubt is left to the formatter, of which these must be copies.
 */
import { isElapsed, tokensOf } from './formatCode.ts';

/** The text of a number; undefined when it is to be left to the formatter. */
export type PlainFormat = (value: number) => string | undefined;

const CORE = /^([-+$€£¥ ():]*)(#,##0|0)(?:\.(0{1,9}))?(%?)([-+$€£¥ ():]*)$/;
/** Above this a double has no room left to round. */
const MOST_SCALED = 1e14;
/** So near to a half, rounding is a matter of digits. */
const HALF = 1e-5;

/** A code of plain decimals: what stands around them, and how they are written. */
export interface PlainDecimals {
  readonly head: string;
  readonly tail: string;
  /** How many digits stand behind the point. */
  readonly places: number;
  readonly isGrouped: boolean;
  readonly isPercent: boolean;
}

/** Decimals of one section; undefined for another code. */
export function parseDecimals(code: string): PlainDecimals | undefined {
  let before = '';
  let core = '';
  let behind = '';
  for (const { kind, text } of tokensOf(code)) {
    if (kind === 'bracket' || /^[_*]/.test(text)) return undefined;
    if (kind === 'code') {
      const rest = core === '' ? text : text.replace(/^/, '\0');
      core += rest;
      continue;
    }
    const literal = text.startsWith('"') ? text.replaceAll('"', '') : text.slice(1);
    if (core === '') before += literal;
    else behind += literal;
  }
  // Literals within the digits, or code behind them.
  if (core.includes('\0')) return undefined;
  const match = CORE.exec(core);
  if (!match) return undefined;
  const [, prefix = '', integer = '', decimals = '', percent = '', suffix = ''] = match;
  return {
    head: before + prefix,
    tail: percent + suffix + behind,
    places: decimals.length,
    isGrouped: integer !== '0',
    isPercent: percent !== '',
  };
}

/** Shows numbers by such a code; undefined for another code. */
export function plainDecimals(code: string): PlainFormat | undefined {
  const decimals = parseDecimals(code);
  return decimals && showDecimals(decimals);
}

/** Shows numbers as plain decimals. */
export function showDecimals({
  head,
  tail,
  places,
  isGrouped,
  isPercent,
}: PlainDecimals): PlainFormat {
  const scale = 10 ** (places + (isPercent ? 2 : 0));
  return (value) => {
    const scaled = Math.abs(value) * scale;
    const whole = Math.floor(scaled);
    const rest = scaled - whole;
    if (!(scaled < MOST_SCALED) || Math.abs(rest - 0.5) < HALF) return undefined;
    const rounded = rest > 0.5 ? whole + 1 : whole;
    let digits = String(rounded);
    let fraction = '';
    if (places > 0) {
      digits = digits.padStart(places + 1, '0');
      fraction = `.${digits.slice(-places)}`;
      digits = digits.slice(0, -places);
    }
    if (isGrouped && digits.length > 3) digits = grouped(digits);
    const sign = value < 0 && rounded > 0 ? '-' : '';
    return `${sign}${head}${digits}${fraction}${tail}`;
  };
}

function grouped(digits: string): string {
  let text = digits.slice(-3);
  for (let end = digits.length - 3; end > 0; end -= 3) {
    text = `${digits.slice(Math.max(0, end - 3), end)},${text}`;
  }
  return text;
}

type Part = string | ((moment: Parts) => string);
interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const two = (value: number) => (value < 10 ? `0${value}` : String(value));
const PARTS: Readonly<Record<string, Part>> = {
  yyyy: ({ year }) => String(year),
  yy: ({ year }) => two(year % 100),
  m: ({ month }) => String(month),
  mm: ({ month }) => two(month),
  d: ({ day }) => String(day),
  dd: ({ day }) => two(day),
  h: ({ hour }) => String(hour),
  hh: ({ hour }) => two(hour),
  ss: ({ second }) => two(second),
};
const MINUTES: Readonly<Record<string, Part>> = {
  m: ({ minute }) => String(minute),
  mm: ({ minute }) => two(minute),
};
const DATE_TOKENS = /y+|m+|d+|h+|s+|[-/.,: 年月日时時分秒]|[^]/g;
const FIRST_DATE = 61;
const END_OF_DATES = 2_958_466;
const SECONDS_PER_DAY = 86_400;
/** A time is taken for one of whole seconds when it is so near to one. */
const SECOND_SHARE = 1e-3;

/** Dates and times in digits; undefined for another code. */
export function plainDate(code: string): PlainFormat | undefined {
  if (code.includes(';') || code.includes('[') || isElapsed(code)) return undefined;
  const parts: Part[] = [];
  /** Hours and minutes stand before minutes, and seconds behind them: else m is a month. */
  let lastUnit = '';
  let lastMonth = -1;
  for (const { kind, text } of tokensOf(code)) {
    if (kind === 'literal') {
      if (/^[_*]/.test(text)) return undefined;
      parts.push(text.startsWith('"') ? text.replaceAll('"', '') : text.slice(1));
      continue;
    }
    for (const [token] of text.toLowerCase().matchAll(DATE_TOKENS)) {
      if (/^[-/.,: 年月日时時分秒]$/.test(token)) {
        parts.push(token);
        continue;
      }
      if (/^ss?$/.test(token) && lastUnit === 'month' && lastMonth >= 0) {
        const month = parts[lastMonth];
        parts[lastMonth] = (month === PARTS.mm ? MINUTES.mm : MINUTES.m) ?? '';
      }
      // Behind seconds it is minutes too, but nobody writes it so.
      if (token.startsWith('m') && lastUnit === 's') return undefined;
      const isMinute = token.startsWith('m') && lastUnit === 'h';
      const part = isMinute ? MINUTES[token] : PARTS[token];
      if (part === undefined) return undefined;
      lastUnit = token.startsWith('m') ? (isMinute ? 'minute' : 'month') : (token[0] ?? '');
      if (lastUnit === 'month') lastMonth = parts.length;
      parts.push(part);
    }
  }
  const hasTime = parts.some((part) => part === PARTS.h || part === PARTS.hh || part === PARTS.ss);
  if (!parts.some((part) => typeof part !== 'string')) return undefined;
  const moment: Parts = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  return (value) => {
    const day = Math.floor(value);
    const seconds = (value - day) * SECONDS_PER_DAY;
    const whole = Math.round(seconds);
    if (day < FIRST_DATE || day >= END_OF_DATES || whole >= SECONDS_PER_DAY) return undefined;
    if (hasTime && Math.abs(seconds - whole) > SECOND_SHARE) return undefined;
    setDay(moment, day);
    moment.hour = Math.floor(whole / 3600);
    moment.minute = Math.floor(whole / 60) % 60;
    moment.second = whole % 60;
    let text = '';
    for (const part of parts) text += typeof part === 'string' ? part : part(moment);
    return text;
  };
}

/** Days from 1 March 0000 to 30 December 1899, which is day 0 of serials behind February 1900. */
const DAYS_TO_1900 = 693_899;

/** The civil day (H. Hinnant, chrono-compatible low-level date algorithms, civil_from_days). */
function setDay(moment: Parts, serial: number): void {
  const days = serial + DAYS_TO_1900;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  moment.day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  moment.month = shifted < 10 ? shifted + 3 : shifted - 9;
  moment.year = yearOfEra + era * 400 + (moment.month <= 2 ? 1 : 0);
}
