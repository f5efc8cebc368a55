/** What a field of Word's mail merge makes of a value, and when a condition holds. */
import { formatDate } from './datePicture.ts';
import { decimalMark, isZero, readDecimal, type Decimal } from './decimals.ts';
import { formatNumber } from './numberPicture.ts';
import { fieldsIn, type Condition, type Format, type Operand } from './fieldSchemas.ts';

const DEFAULT_LANGUAGE = 'en-US';

/** Whether a field prints its value as it is. */
export const isPlain = (format: Format): boolean =>
  format.number === undefined &&
  format.date === undefined &&
  format.letters === undefined &&
  format.before === undefined &&
  format.after === undefined;

/** A value as the field prints it: nothing for nothing. */
export function applyFormat(format: Format, value: string | number | boolean): string {
  const { number, date, letters, before = '', after = '' } = format;
  const language = knownLanguage(format.language);
  let text = String(value);
  if (text === '') return '';
  if (number !== undefined) {
    text = formatNumber(number, typeof value === 'number' ? value : text, language);
  } else if (date !== undefined) text = formatDate(date, text, language);
  if (letters !== undefined) text = LETTERS[letters](text, language);
  return `${before}${text}${after}`;
}

const LETTERS: Record<
  NonNullable<Format['letters']>,
  (text: string, language: string) => string
> = {
  upper: (text, language) => text.toLocaleUpperCase(language),
  lower: (text, language) => text.toLocaleLowerCase(language),
  firstcap: (text, language) =>
    text.replace(/\p{L}/u, (letter) => letter.toLocaleUpperCase(language)),
  caps: (text, language) =>
    text.replace(
      /(^|[\s\p{Pd}])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toLocaleUpperCase(language),
    ),
};

const known = new Map<string, string>();
const MOST_KNOWN = 100;

/** The language, or that of the United States when the platform cannot read its name. */
function knownLanguage(language = DEFAULT_LANGUAGE): string {
  const present = known.get(language);
  if (present !== undefined) return present;
  const found = isLanguage(language) ? language : DEFAULT_LANGUAGE;
  if (known.size < MOST_KNOWN) known.set(language, found);
  return found;
}

function isLanguage(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
}

/** Finds the value of a column in the scopes where a tag stands. */
export type Find = (name: string) => unknown;

const printed = (value: unknown): string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : '';

/** Whether a condition holds for what `find` finds. */
export function holds(condition: Condition, find: Find): boolean {
  if ('any' in condition) return fieldsIn(condition).some((name) => printed(find(name)) !== '');
  const left = textOf(condition.left, find);
  const right = textOf(condition.right, find);
  if (condition.hasWildcards && /[*?]/.test(right)) {
    if (condition.comparison === '=') return isLike(left, right);
    if (condition.comparison === '<>') return !isLike(left, right);
  }
  const order = compare(left, right);
  switch (condition.comparison) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
  }
}

const textOf = (operand: Operand, find: Find): string =>
  operand
    .map((piece) =>
      typeof piece === 'string' ? piece : applyFormat(piece.format, printed(find(piece.field))),
    )
    .join('');

/** `*` stands for any characters, `?` for one. */
function isLike(text: string, pattern: string): boolean {
  // By hand: a regular expression of the template's may take exponential time.
  let at = 0;
  let star = -1;
  let retry = 0;
  let i = 0;
  while (i < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      retry = i;
    } else if (pattern[at] === '?' || pattern[at] === text[i]) {
      at++;
      i++;
    } else if (star !== -1) {
      at = star + 1;
      i = ++retry;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

const WHOLE_NUMBER = /^\s*[-+]?(?:\d[\d.,]*|[.,]\d+)\s*$/;

/** Numbers by their size where both are, else texts by their characters. */
function compare(left: string, right: string): number {
  if (WHOLE_NUMBER.test(left) && WHOLE_NUMBER.test(right)) {
    const mark = decimalMark(DEFAULT_LANGUAGE);
    const [a, b] = [readDecimal(left, mark), readDecimal(right, mark)];
    if (a && b) return compareDecimals(a, b);
  }
  return left === right ? 0 : left < right ? -1 : 1;
}

function compareDecimals(a: Decimal, b: Decimal): number {
  const places = Math.max(a.fraction.length, b.fraction.length);
  const unitsOf = (number: Decimal): bigint => {
    const size = BigInt(`0${number.whole}${number.fraction.padEnd(places, '0')}`);
    return number.isNegative && !isZero(number) ? -size : size;
  };
  const difference = unitsOf(a) - unitsOf(b);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}
