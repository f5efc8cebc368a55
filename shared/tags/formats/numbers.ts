/** Numbers: by a format code of Excel's, as money, as a share, in words. */
import { format as formatByCode } from 'numfmt';
import { readClearNumber, type ClearNumber, type PointSign } from '../../formats/clearNumbers.ts';
import { isDateCode } from '../../formats/formatCode.ts';
import { isLocale } from '../../formats/locales.ts';
import { compileFormat } from '../../formats/numberFormat.ts';
import {
  numberWords,
  WORD_KINDS,
  wordLanguages,
  type WordKind,
} from '../../formats/numberWords.ts';
import { NoValue, type Apply, type FormatKind } from './format.ts';
import { LANGUAGE_DEFAULT, languageOf } from './languages.ts';
import { ofScalars } from './values.ts';

const NO_NUMBER = new NoValue({
  lacks: 'no number that can be read in one way only',
  advice:
    'Write numbers as 1234.5, or say in the tag which sign the data has before fractions: number:"0.00":"en":",".',
});

const GENERAL = '#,##0.###';
/** The most digits behind the point that a share may have. */
const MOST_DIGITS = 9;

/** A format of numbers: what is behind a value counts, and else what is shown. */
const ofNumbers = (
  point: PointSign | undefined,
  write: (number: ClearNumber) => string | undefined,
): Apply =>
  ofScalars((shown, typed) => {
    const number = readClearNumber(typed, point) ?? readClearNumber(shown, point);
    return (number && write(number)) ?? NO_NUMBER;
  });

const isPoint = (text: string): text is PointSign => text === '.' || text === ',';
const pointFault = (text: string) => ({
  fault: `${JSON.stringify(text)} is no sign before fractions. Write "." or ",", whichever the data has.`,
});

export const number: FormatKind = {
  least: 0,
  most: 3,
  usage: 'number:"#,##0.00":"de"',
  reads: 'number',
  compile([code = GENERAL, locale = LANGUAGE_DEFAULT, point]) {
    const shown = JSON.stringify(code);
    if (!isLocale(locale)) {
      return {
        fault: `${JSON.stringify(locale)} is no language. Write one such as "de" or "zh-CN".`,
      };
    }
    if (point !== undefined && !isPoint(point)) return pointFault(point);
    if (!isReadable(code)) {
      return { fault: `${shown} is no number format of Excel's. Write one such as "#,##0.00".` };
    }
    if (isDateCode(code)) {
      return { fault: `${shown} is a format of dates. Write date:"d MMMM yyyy" for those.` };
    }
    const format = compileFormat(code, { locale, is1904: false });
    return ofNumbers(point, ({ value }) => format.show(value));
  },
};

function isReadable(code: string): boolean {
  try {
    return code.trim() !== '' && typeof formatByCode(code, 1) === 'string';
  } catch {
    return false;
  }
}

export const currency: FormatKind = {
  least: 1,
  most: 3,
  usage: 'currency:"EUR":"de"',
  reads: 'number',
  compile([code = '', tag, point]) {
    const language = languageOf(tag);
    if (typeof language !== 'string') return language;
    if (point !== undefined && !isPoint(point)) return pointFault(point);
    const known = code.toUpperCase();
    if (!Intl.supportedValuesOf('currency').includes(known)) {
      return { fault: `${JSON.stringify(code)} is no currency. Write its code, such as "EUR".` };
    }
    return ofIntl(point, new Intl.NumberFormat(language, { style: 'currency', currency: known }));
  },
};

export const percent: FormatKind = {
  least: 0,
  most: 3,
  usage: 'percent:1:"de"',
  reads: 'number',
  compile([digits, tag, point]) {
    const language = languageOf(tag);
    if (typeof language !== 'string') return language;
    if (point !== undefined && !isPoint(point)) return pointFault(point);
    const places = Number(digits ?? 0);
    if (!Number.isInteger(places) || places < 0 || places > MOST_DIGITS) {
      return {
        fault: `percent takes digits behind the point, 0 to ${MOST_DIGITS}, such as percent:1.`,
      };
    }
    const options: Intl.NumberFormatOptions =
      digits === undefined
        ? { maximumFractionDigits: 2 }
        : { minimumFractionDigits: places, maximumFractionDigits: places };
    return ofIntl(point, new Intl.NumberFormat(language, { style: 'percent', ...options }));
  },
};

/** The platform reads digits exactly as they are written. */
const ofIntl = (point: PointSign | undefined, format: Intl.NumberFormat): Apply =>
  ofNumbers(point, ({ text }) => format.format(text as Intl.StringNumericLiteral));

const isKind = (text: string): text is WordKind => WORD_KINDS.some((kind) => kind === text);

export const words: FormatKind = {
  least: 0,
  most: 3,
  usage: 'words:"en"',
  reads: 'number',
  compile([tag = LANGUAGE_DEFAULT, kind = 'number', point]) {
    if (!isKind(kind)) {
      return {
        fault: `${JSON.stringify(kind)} is no kind of words. Write "number", "money" or "ordinal".`,
      };
    }
    if (point !== undefined && !isPoint(point)) return pointFault(point);
    const write = numberWords(tag, kind);
    if (!write) {
      return {
        fault: `There are no words of this kind in ${JSON.stringify(tag)}. Numbers are written in ${wordLanguages().join(', ')}.`,
      };
    }
    return ofNumbers(point, ({ text }) => write(text));
  },
};
