/**
 * Plain decimals from the bytes of a workbook to those of JSON, without a number or a text between: nearly
 * all amounts are so. What needs rounding is left to plainFormats.ts, of which this is a copy.
 */
import type { PlainDecimals } from '../../formats/plainFormats.ts';

/** Where the digits of a number stand; the object is used again for the next. */
export interface DigitsPlace {
  /** The first digit, behind the sign. */
  first: number;
  /** Its point; `end` when it has none. */
  point: number;
  end: number;
  isNegative: boolean;
}

/** Shows decimals that need no rounding. */
export interface DecimalBytes {
  /** The most bytes that it writes besides four thirds of the digits. */
  readonly frameBytes: number;
  /** How many digits behind the point it shows. */
  readonly places: number;
  /**
   * Writes digits as a text of JSON; answers where it ends.
   * @param from holds a number in its shortest form, with no more digits behind its point than `places`
   */
  write(from: Uint8Array, place: DigitsPlace, to: Uint8Array, at: number): number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const GROUP = 3;

const jsonBytes = (text: string) => Buffer.from(JSON.stringify(text).slice(1, -1));

function copy(from: Uint8Array, to: Uint8Array, at: number): number {
  let end = at;
  for (let i = 0; i < from.length; i++) to[end++] = from[i] as number;
  return end;
}

/** Undefined for a percentage, whose point moves. */
export function createDecimalBytes({
  head,
  tail,
  places,
  isGrouped,
  isPercent,
}: PlainDecimals): DecimalBytes | undefined {
  if (isPercent) return undefined;
  // Blanks that align it in its column are no part of it.
  const trimmedHead = jsonBytes(head.trimStart());
  const signedHead = jsonBytes(`-${head}`);
  const trimmedTail = jsonBytes(tail.trimEnd());

  return {
    frameBytes: signedHead.length + trimmedTail.length + places + 4,
    places,
    write(from, place, to, at) {
      const { first, point, end, isNegative } = place;
      let next = at;
      to[next++] = QUOTE;
      next = copy(isNegative ? signedHead : trimmedHead, to, next);
      let left = point - first;
      for (let i = first; i < point; i++) {
        to[next++] = from[i] as number;
        left--;
        if (isGrouped && left > 0 && left % GROUP === 0) to[next++] = COMMA;
      }
      if (places > 0) {
        to[next++] = POINT;
        let i = point + 1;
        for (let digits = 0; digits < places; digits++, i++)
          to[next++] = i < end ? (from[i] as number) : ZERO;
      }
      next = copy(trimmedTail, to, next);
      to[next++] = QUOTE;
      return next;
    },
  };
}
