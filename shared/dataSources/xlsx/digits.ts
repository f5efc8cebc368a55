/** Numbers as they stand in a workbook, looked at byte by byte. */
import type { DigitsPlace } from './decimalBytes.ts';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const POINT = 0x2e;
/** What a double keeps, and so few that no rounding shows. */
const MOST_DIGITS = 14;
/** Digits and a point that Excel shows as they are. */
const GENERAL_CHARACTERS = 11;

/**
 * Finds the digits of a number that is written in its shortest form: as JSON would write it, or nearly so.
 * @returns whether it is one, of so few digits that it can be shown by them
 */
export function findDigits(
  bytes: Uint8Array,
  start: number,
  end: number,
  place: DigitsPlace,
): boolean {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let point = end;
  for (let i = first; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= ZERO && byte <= NINE) continue;
    if (byte !== POINT || point < end) return false;
    point = i;
  }
  const digits = end - first - (point < end ? 1 : 0);
  if (digits < 1 || digits > MOST_DIGITS || point === first) return false;
  if (bytes[first] === ZERO && (point > first + 1 || (point === end && isNegative))) return false;
  if (point < end && (bytes[end - 1] === ZERO || point === end - 1)) return false;
  place.first = first;
  place.point = point;
  place.end = end;
  place.isNegative = isNegative;
  return true;
}

/** Whether a number that was found is shown as it is by the format General. */
export function isGeneral(bytes: Uint8Array, { first, point, end }: DigitsPlace): boolean {
  if (end - first > GENERAL_CHARACTERS) return false;
  // A small fraction may be shown with an exponent.
  return !(point < end && bytes[first] === ZERO && bytes[point + 1] === ZERO);
}

/** A whole number at this place; -1 when there is none, or one with a sign. */
export function digitsAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < ZERO || byte > NINE) return -1;
    value = value * 10 + byte - ZERO;
  }
  return end > start ? value : -1;
}
