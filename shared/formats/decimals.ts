/** Numbers as the text that they are written as: nothing is lost to binary fractions. */

export interface Decimal {
  readonly isNegative: boolean;
  /** Digits before the point, without leading zeros; '' for none. */
  readonly whole: string;
  /** Digits behind the point. */
  readonly fraction: string;
}

/** Marks by language: asking for one takes longer than filling a line. */
const marks = new Map<string, string>();
const MOST_MARKS = 200;

/** The mark before fractions in a language. */
export function decimalMark(language: string): string {
  const known = marks.get(language);
  if (known !== undefined) return known;
  const parts = new Intl.NumberFormat(language).formatToParts(1.5);
  const mark = parts.find(({ type }) => type === 'decimal')?.value ?? '.';
  if (marks.size < MOST_MARKS) marks.set(language, mark);
  return mark;
}

const NUMBER = /(\(|[-\u2212+]\s*)?(?:[^\d.,()-]{1,4}\s*)?(\d[\d.,'\u2019\u00a0\u202f ]*|[.,]\d+)/u;

/**
 * The first number in a text, such as 180000 in "€180,000.00 EUR".
 * @param mark before fractions, where a text can be read either way
 * @returns undefined when there is none
 */
export function readDecimal(text: string, mark: string): Decimal | undefined {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [, sign = '', written = ''] = match;
  const digits = written.replace(/['\u2019\u00a0\u202f ]/g, '').replace(/[.,]$/, '');
  const point = pointOf(digits, mark);
  const whole = (point === -1 ? digits : digits.slice(0, point)).replace(/\D/g, '');
  return {
    isNegative: /[(\-\u2212]/.test(sign),
    whole: whole.replace(/^0+/, ''),
    fraction: point === -1 ? '' : digits.slice(point + 1),
  };
}

/** Where the mark before the fraction stands: the last of two kinds, or the only one of its kind. */
function pointOf(digits: string, mark: string): number {
  const dot = digits.lastIndexOf('.');
  const comma = digits.lastIndexOf(',');
  const last = Math.max(dot, comma);
  if (last === -1) return -1;
  const sign = digits[last] ?? '';
  if (dot !== -1 && comma !== -1) return digits.indexOf(sign) === last ? last : -1;
  if (digits.indexOf(sign) !== last) return -1;
  const isGroup =
    digits.length - last - 1 === 3 && sign !== mark && /^[1-9]\d{0,2}$/.test(digits.slice(0, last));
  return isGroup ? -1 : last;
}

/** Rounded to so many digits behind the point, halves away from zero. */
export function round({ isNegative, whole, fraction }: Decimal, digits: number): Decimal {
  if (fraction.length <= digits) return { isNegative, whole, fraction };
  const kept = `${whole}${fraction.slice(0, digits)}`;
  const isUp = (fraction[digits] ?? '0') >= '5';
  const sum = (BigInt(kept === '' ? '0' : kept) + (isUp ? 1n : 0n))
    .toString()
    .padStart(digits, '0');
  return {
    isNegative,
    whole: sum.slice(0, sum.length - digits).replace(/^0+/, ''),
    fraction: sum.slice(sum.length - digits),
  };
}

export const isZero = ({ whole, fraction }: Decimal) => /^0*$/.test(whole + fraction);
