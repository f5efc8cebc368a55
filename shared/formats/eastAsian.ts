/** What number formats of East Asia show, where the formatter does not know them. */
import { bareCode, mapCode } from './formatCode.ts';

/** Digits, units within ten thousand, and of powers of it. */
interface Numerals {
  readonly digits: string;
  readonly units: readonly string[];
  readonly large: readonly string[];
  /** Whether ten is written without a one before it. */
  readonly hasBareTen: boolean;
}

const NUMERALS: Readonly<Record<string, Numerals>> = {
  '1': {
    digits: '〇一二三四五六七八九',
    units: ['', '十', '百', '千'],
    large: ['', '万', '亿', '万亿'],
    hasBareTen: true,
  },
  '2': {
    digits: '零壹贰叁肆伍陆柒捌玖',
    units: ['', '拾', '佰', '仟'],
    large: ['', '万', '亿', '万亿'],
    hasBareTen: false,
  },
  '3': {
    digits: '０１２３４５６７８９',
    units: ['', '十', '百', '千'],
    large: ['', '万', '亿', '万亿'],
    hasBareTen: true,
  },
};
const NUMERAL_BRACKET = /\[DBNum([123])\]/i;

/**
 * What makes the numerals of [DBNum1] to [DBNum3] out of what a code shows without them; undefined for a
 * code that has none.
 * @param isDate years digit by digit, months and days as numbers
 */
export function numeralsOf(code: string, isDate: boolean): ((shown: string) => string) | undefined {
  const kind = NUMERAL_BRACKET.exec(code)?.[1];
  const numerals = kind === undefined ? undefined : NUMERALS[kind];
  if (!numerals) return undefined;
  const byDigit = (digits: string) =>
    digits.replace(/\d/g, (digit) => numerals.digits.charAt(Number(digit)));
  if (isDate) {
    return (shown) =>
      shown.replace(/\d+/g, (run) =>
        run.length > 2 || kind === '3' ? byDigit(run) : spell(run, numerals),
      );
  }
  if (!/general/i.test(bareCode(code))) return byDigit;
  return (shown) =>
    shown.replace(/(\d+)(\.\d+)?/, (_whole, integer: string, fraction: string | undefined) =>
      kind === '3'
        ? byDigit(`${integer}${fraction ?? ''}`)
        : spell(integer, numerals) + byDigit(fraction ?? ''),
    );
}

/** A number in words: 10205 is 一万〇二百〇五. */
function spell(digits: string, numerals: Numerals): string {
  const trimmed = digits.replace(/^0+(?=\d)/, '');
  if (trimmed === '0' || trimmed.length > 16) {
    return trimmed.replace(/\d/g, (digit) => numerals.digits.charAt(Number(digit)));
  }
  let words = '';
  let hasGap = false;
  for (const [i, digit] of [...trimmed].entries()) {
    const power = trimmed.length - 1 - i;
    const unit = power % 4;
    if (digit === '0') hasGap = words !== '';
    else {
      if (hasGap) words += numerals.digits.charAt(0);
      hasGap = false;
      const isBareTen = numerals.hasBareTen && words === '' && unit === 1 && digit === '1';
      words +=
        (isBareTen ? '' : numerals.digits.charAt(Number(digit))) + (numerals.units[unit] ?? '');
    }
    const group = trimmed.slice(Math.max(0, i - 3), i + 1);
    if (unit === 0 && power > 0 && /[1-9]/.test(group)) words += numerals.large[power / 4] ?? '';
  }
  return words;
}

/** Eras of Japan: the day each begins, as a serial number, and its names (g, gg, ggg). */
const ERAS: readonly (readonly [number, readonly [string, string, string]])[] = [
  [43586, ['R', '令', '令和']],
  [32516, ['H', '平', '平成']],
  [9856, ['S', '昭', '昭和']],
  [4595, ['T', '大', '大正']],
  [1, ['M', '明', '明治']],
];
/** The first year of each: as above. */
const ERA_YEARS = [2019, 1989, 1926, 1912, 1868];
/** Years of the Republic of China count from 1912. */
const ROC_YEARS_FROM = 1911;

const YEARS = /g{1,3}|e+/gi;

/** Whether a code shows years by era, in these languages. */
export function hasEras(code: string, locale: string): boolean {
  const bare = bareCode(code)
    .replace(/general/gi, '')
    .replace(/e[+-]/gi, '');
  return /[ge]/i.test(bare) && calendarOf(code, locale) !== undefined;
}

function calendarOf(code: string, locale: string): 'ja' | 'roc' | undefined {
  const [, given] = /\[\$[^\]-]*-(?:[0-9a-f]*?)0?([0-9a-f]{3})(?:\]|,)/i.exec(code) ?? [];
  if (given !== undefined) return given === '411' ? 'ja' : given === '404' ? 'roc' : undefined;
  return locale.startsWith('ja') ? 'ja' : /^zh-(?:TW|HK|MO)/.test(locale) ? 'roc' : undefined;
}

/**
 * The code with its eras and years of eras written out for a day.
 * @param year of the common era
 */
export function withEras(code: string, locale: string, serial: number, year: number): string {
  const at = ERAS.findIndex(([from]) => serial >= from);
  const isJapan = calendarOf(code, locale) === 'ja';
  const names = ERAS[at]?.[1];
  const ofEra = isJapan ? year - (ERA_YEARS[at] ?? 0) + 1 : year - ROC_YEARS_FROM;
  return mapCode(code, (text) =>
    text.replace(YEARS, (token) => {
      if (/e/i.test(token)) return `"${String(ofEra).padStart(token.length === 1 ? 1 : 2, '0')}"`;
      return `"${isJapan ? (names?.[token.length - 1] ?? '') : '中華民國'}"`;
    }),
  );
}
