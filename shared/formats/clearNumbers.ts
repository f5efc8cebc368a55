/**
 * Numbers in texts, read only where there is one way to read them: `1.234,50` and `1,234.50` say which sign
 * is the point, `1,234` and `1.234` do not.
 */

/** A number as a value and without loss: digits, perhaps with a sign and a point. */
export interface ClearNumber {
  readonly value: number;
  readonly text: string;
}

/** The sign before the fraction, where data has another than a text shows. */
export type PointSign = '.' | ',';

/** A number keeps so many digits before its point (IEEE 754; Excel keeps as many). */
const MOST_DIGITS = 15;

/** What may stand around the digits: signs of currencies and their codes, percent signs. */
const AROUND =
  /^([-+(]?)(?:\p{Sc}|[A-Z]{3})?([-+]?)(\d[\d.,' ]*|[.,]\d+)(?:\p{Sc}|[A-Z]{3})?(%?)([-)]?)$/u;
const THOUSANDS = /^[1-9]\d{0,2}([.,])\d{3}$/;

/** @returns undefined for what is no number, or could be two */
export function readClearNumber(value: unknown, point?: PointSign): ClearNumber | undefined {
  if (typeof value === 'number') {
    const text = plainDigits(value);
    return Number.isFinite(value) && integerOf(text).length <= MOST_DIGITS
      ? { value, text }
      : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const written = value
    .normalize('NFKC')
    .replace(/[\u2212\u2013]/g, '-')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/\s+/g, ' ')
    .trim();
  // Blanks count between digits alone.
  const [, before, inner, digits = '', percent, behind] =
    AROUND.exec(written.replace(/(?<=\D) | (?=\D)/g, '')) ?? [];
  if (digits === '' || (before === '(') !== (behind === ')')) return undefined;
  const signs = [before, inner, behind].filter((sign) => sign !== undefined && sign !== '');
  if (signs.length > (before === '(' ? 2 : 1)) return undefined;
  const plain = withPoint(digits, point);
  if (plain === undefined || integerOf(plain).length > MOST_DIGITS) return undefined;
  const moved = percent === '%' ? movedPoint(plain) : plain;
  const text = signs.some((sign) => sign === '-' || sign === '(') ? `-${moved}` : moved;
  return { value: Number(text), text };
}

/** Digits with a point and nothing else; undefined where that is not clear. */
function withPoint(digits: string, point: PointSign | undefined): string | undefined {
  const bare = withoutGroups(digits, /[' ]/);
  if (bare === undefined) return undefined;
  const dots = bare.split('.').length - 1;
  const commas = bare.split(',').length - 1;
  if (dots + commas === 0) return bare;
  const sign = point ?? pointIn(bare, dots, commas);
  if (sign === undefined) return undefined;
  const at = bare.indexOf(sign);
  if (at !== bare.lastIndexOf(sign)) return undefined;
  const whole = at === -1 ? bare : bare.slice(0, at);
  const fraction = at === -1 ? '' : bare.slice(at + 1);
  const grouped = withoutGroups(whole, sign === '.' ? /,/ : /\./);
  if (grouped === undefined || /\D/.test(grouped) || /\D/.test(fraction)) return undefined;
  return `${grouped === '' ? '0' : grouped}${fraction === '' ? '' : `.${fraction}`}`;
}

function pointIn(digits: string, dots: number, commas: number): PointSign | undefined {
  if (dots > 0 && commas > 0) return digits.lastIndexOf('.') > digits.lastIndexOf(',') ? '.' : ',';
  // What comes twice parts groups.
  if (dots > 1) return ',';
  if (commas > 1) return '.';
  if (THOUSANDS.test(digits)) return undefined;
  return dots > 0 ? '.' : ',';
}

/** Digits without the signs between groups, which have three each; undefined where they do not. */
function withoutGroups(digits: string, sign: RegExp): string | undefined {
  const groups = digits.split(sign);
  if (groups.length === 1) return digits;
  const [first = '', ...others] = groups;
  const last = others.pop() ?? '';
  const isGrouped =
    /^\d{1,3}$/.test(first) &&
    others.every((group) => /^\d{3}$/.test(group)) &&
    /^\d{3}(?:[.,]\d*)?$/.test(last);
  return isGrouped ? [first, ...others, last].join('') : undefined;
}

/** A hundredth of it. */
function movedPoint(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  const digits = whole.padStart(3, '0');
  return `${digits.slice(0, -2).replace(/^0+(?=\d)/, '')}.${digits.slice(-2)}${fraction}`;
}

const integerOf = (text: string) => text.replace(/^-|\..*$/g, '').replace(/^0+/, '');

/** Without an exponent. */
const plainDigits = (value: number): string =>
  /e/i.test(String(value))
    ? value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 })
    : String(value);

/** The sum of numbers, without what binary fractions lose. */
export function sumOf(numbers: readonly ClearNumber[]): ClearNumber | undefined {
  const fractions = numbers.map(({ text }) => text.split('.')[1]?.length ?? 0);
  const places = fractions.reduce((most, each) => Math.max(most, each), 0);
  let units = 0n;
  for (const { text } of numbers) {
    const [whole = '', fraction = ''] = text.split('.');
    units += BigInt(`${whole}${fraction.padEnd(places, '0')}`);
  }
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const end = digits.length - places;
  const fraction = digits.slice(end).replace(/0+$/, '');
  const text = `${units < 0n ? '-' : ''}${digits.slice(0, end)}${fraction === '' ? '' : `.${fraction}`}`;
  return readClearNumber(Number(text)) && { value: Number(text), text };
}
