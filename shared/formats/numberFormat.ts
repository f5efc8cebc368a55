/**
 * What Excel shows of a number by its format (ECMA-376 part 1, 18.8.31). numfmt shows it, with what it does
 * not know put before or behind it (ADR 57).
 */
import { format as formatByCode } from 'numfmt';
import { hasEras, numeralsOf, withEras } from './eastAsian.ts';
import { bareCode, hasDay, isDateCode, isElapsed, mapCode, tokensOf } from './formatCode.ts';
import { parseDecimals, plainDate, showDecimals, type PlainDecimals } from './plainFormats.ts';
import { DAYS_1904, isShownDate, yearOf } from './serialDates.ts';

/** Whose eyes look at the workbook, and what its days count from. */
export interface FormatContext {
  /** A tag of locales.ts. */
  readonly locale: string;
  readonly is1904: boolean;
}

/** A number format, ready to show numbers. */
export interface NumberFormat {
  readonly isGeneral: boolean;
  /** What it makes of decimals, where that takes next to no time. */
  readonly decimals: PlainDecimals | undefined;
  /** Whether numbers are days, times or durations in it. */
  readonly isDate: boolean;
  /** Of dates: whether no day is shown. */
  readonly isTime: boolean;
  /** Of dates: whether it counts hours, minutes or seconds without end. */
  readonly isElapsed: boolean;
  /** Whether it shows texts otherwise than they are. */
  readonly changesTexts: boolean;
  /** The text that a number is shown as; undefined for a date that Excel shows as ####. */
  show(value: number): string | undefined;
  /** The text that a text is shown as. */
  showText(text: string): string;
}

const GENERAL = /^(?:general|@|)$/i;
const LOWER_AM_PM = /a\/p/;
const CHINESE_AM_PM = /上午\/下午/g;
const CURRENCY = /^\[\$([^\]-]*)(?:-[^\]]*)?\]$/;
const ELAPSED_UNITS = /\[(h+|s+)\]/gi;
const NUMERALS = /\[DBNum[123]\]/gi;
/** One section whose condition no other section takes up the rest of. */
const CONDITION = /^\[[<>=]/;

/** @param code of the format, as the workbook has it */
export function compileFormat(code: string, { locale, is1904 }: FormatContext): NumberFormat {
  const isDate = isDateCode(code);
  const isCounting = isDate && isElapsed(code);
  const isGeneral = GENERAL.test(code);
  const shift = is1904 && isDate && !isCounting ? DAYS_1904 : 0;
  // Other regions have other signs between the digits.
  const decimals = !isDate && locale.startsWith('en') ? parseDecimals(code) : undefined;
  const plain = isDate ? plainDate(code) : decimals && showDecimals(decimals);
  const formatter = createFormatter(code, { locale, isDate });

  return {
    isGeneral,
    decimals,
    isDate,
    isTime: isDate && !isCounting && !hasDay(code),
    isElapsed: isCounting,
    changesTexts: !isGeneral && hasTextSection(code),
    show(value) {
      const serial = value + shift;
      const quick = plain?.(serial);
      if (quick !== undefined) return quick;
      if (isCounting && serial < 0) return is1904 ? `-${formatter(-serial)}` : undefined;
      if (isDate && !isShownDate(serial)) return undefined;
      return formatter(serial);
    },
    showText: (text) => formatter(text),
  };
}

function createFormatter(
  code: string,
  { locale, isDate }: { locale: string; isDate: boolean },
): (value: number | string) => string {
  const numerals = numeralsOf(code, isDate);
  const isLower = isDate && LOWER_AM_PM.test(bareCode(code));
  const isChinese = isDate && /上午\/下午/.test(bareCode(code));
  const usedLocale = isLower ? 'en-US' : isChinese ? 'zh-CN' : locale;
  const hasEraYears = isDate && hasEras(code, locale);
  const prepared = prepare(code, isDate);
  /** Each further percent sign multiplies by a hundred, too. */
  const percents = isDate ? 0 : (bareCode(prepared).split(';')[0]?.match(/%/g)?.length ?? 0);
  const factor = percents > 1 ? 100 ** (percents - 1) : 1;
  const hasBareCondition = CONDITION.test(prepared) && !bareCode(prepared).includes(';');

  return (value) => {
    const isNumber = typeof value === 'number';
    const year = hasEraYears && isNumber ? yearOf(value) : undefined;
    const used =
      isNumber && year !== undefined
        ? withEras(prepared, locale, Math.floor(value), year)
        : prepared;
    let shown: string;
    try {
      shown = formatByCode(used, isNumber ? value * factor : value, {
        locale: usedLocale,
        dateErrorNumber: false,
      });
      if (hasBareCondition && isNumber && value < 0 && !shown.startsWith('-')) shown = `-${shown}`;
    } catch {
      // A code that nobody can read: Excel would have repaired it away.
      return formatByCode('General', value, { locale });
    }
    if (isLower) shown = shown.replace(/AM|PM/, (half) => (half === 'AM' ? 'a' : 'p'));
    return isNumber && numerals ? numerals(shown) : shown;
  };
}

/** The code as numfmt reads it. */
function prepare(code: string, isDate: boolean): string {
  if (code === '') return 'General';
  const joined = tokensOf(code.replace(NUMERALS, ''))
    .map(({ kind, text }) => {
      const currency = kind === 'bracket' && !isDate ? CURRENCY.exec(text) : null;
      // A region beside a currency is no region of the number's signs.
      if (!currency) return text;
      return currency[1] === '' || currency[1] === undefined
        ? ''
        : `"${currency[1].replaceAll('"', '')}"`;
    })
    .join('');
  if (!isDate) {
    return mapCode(joined, (text) =>
      text
        .replaceAll('|', '\\|')
        // Commas before the point divide as those at the end do.
        .replace(
          /(,+)\.([#0?,]*)/g,
          (_whole, commas: string, digits: string) => `.${digits}${commas}`,
        ),
    );
  }
  const counted = new Set(Array.from(code.matchAll(ELAPSED_UNITS), ([, unit = '']) => unit[0]));
  return mapCode(joined, (text) =>
    text
      .replace(CHINESE_AM_PM, 'AM/PM')
      .replace(/a\/p/g, 'AM/PM')
      .replaceAll('|', '\\|')
      // What is counted without end is so wherever it stands.
      .replace(/h+|s+/gi, (unit) => (counted.has(unit[0]) ? `[${unit}]` : unit)),
  );
}

/** Whether the section of texts has more than their place. */
function hasTextSection(code: string): boolean {
  const sections = tokensOf(code)
    // What only aligns is no part of the text.
    .map(({ kind, text }) =>
      kind === 'code' ? text : kind === 'bracket' || /^[_*]/.test(text) ? '' : 'x',
    )
    .join('')
    .split(';');
  const section = sections.length > 3 ? sections[3] : sections.at(-1);
  return section?.includes('@') === true
    ? section.trim() !== '@'
    : sections.length > 3 && section !== undefined;
}
