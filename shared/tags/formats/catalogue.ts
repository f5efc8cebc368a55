/** Every format that a tag can have. Nothing else is computed in a template. */
import { date } from './dates.ts';
import type { FormatKind } from './format.ts';
import { count, join, sum } from './lists.ts';
import { currency, number, percent, words } from './numbers.ts';
import { capitalize, lower, standIn, title, trim, upper } from './texts.ts';

const FORMATS: Readonly<Record<string, FormatKind>> = {
  date,
  number,
  currency,
  percent,
  words,
  upper,
  lower,
  title,
  capitalize,
  trim,
  default: standIn,
  count,
  sum,
  join,
};

export const formatNames = Object.keys(FORMATS);

export const formatNamed = (name: string): FormatKind | undefined =>
  Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
