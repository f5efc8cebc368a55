/** Dates, by a picture of Word's or as a language writes them. */
import { readClearDate, type ClearDate, type DateOrder } from '../../formats/clearDates.ts';
import { formatterOf } from '../../formats/dateFormatters.ts';
import { writeDate } from '../../formats/datePicture.ts';
import { NoValue, type FormatKind } from './format.ts';
import { languageOf } from './languages.ts';
import { ofScalars } from './values.ts';

const STYLES = ['short', 'medium', 'long', 'full'] as const;
type Style = (typeof STYLES)[number];
const ORDERS: readonly DateOrder[] = ['dmy', 'mdy'];

const isStyle = (text: string): text is Style => STYLES.some((style) => style === text);
const isOrder = (text: string): text is DateOrder => ORDERS.some((order) => order === text);

const LITERALS = /'[^']*'/g;
const NO_DATE = new NoValue({
  lacks: 'no date that can be read in one way only',
  advice:
    'Write dates as 2026-11-25, or say in the tag how the data has them: date:"d.M.yyyy":"en":"dmy" (day, month, year) or "mdy".',
});
const NO_DAY = new NoValue({
  lacks: 'a time without a day',
  advice:
    'Write the day before it, as in 2026-11-25 10:30, or a picture of the time alone: "H:mm".',
});

export const date: FormatKind = {
  least: 0,
  most: 3,
  usage: 'date:"d MMMM yyyy":"en"',
  reads: 'date',
  compile([given = 'long', tag, order]) {
    const language = languageOf(tag);
    if (typeof language !== 'string') return language;
    if (order !== undefined && !isOrder(order)) {
      return { fault: `${JSON.stringify(order)} is no order of a date. Write "dmy" or "mdy".` };
    }
    const picture = given.replace(/[\u2018\u2019]/g, "'");
    const style = isStyle(picture) ? picture : undefined;
    const signs = picture.replace(LITERALS, '');
    const fault = style ? undefined : pictureFault(picture, signs);
    if (fault !== undefined) return { fault };
    const needsDay = style !== undefined || /[yYMdDEOA]/.test(signs.replace(/am\/pm/gi, ''));
    return ofScalars((shown, typed) => {
      const found = readClearDate(typed, language, order) ?? readClearDate(shown, language, order);
      if (!found) return NO_DATE;
      if (needsDay && !found.hasDay) return NO_DAY;
      return style ? inStyle(found, style, language) : writeDate(picture, found, language);
    });
  },
};

function pictureFault(picture: string, signs: string): string | undefined {
  const shown = JSON.stringify(picture);
  if (!/[yYMdDhHmsEOA]/.test(signs)) {
    return `${shown} is no picture of a date. Write one such as "d MMMM yyyy", or "short", "medium", "long" or "full".`;
  }
  if (/m/.test(signs.replace(/am\/pm/gi, '')) && !/[hHs]/.test(signs)) {
    return `${shown} has m, which is minutes. Write M for months: ${JSON.stringify(picture.replaceAll('m', 'M'))}.`;
  }
  return undefined;
}

function inStyle({ year, month, day }: ClearDate, dateStyle: Style, language: string): string {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  return formatterOf(language, { dateStyle }).format(at);
}
