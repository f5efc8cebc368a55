/** Values of cells: from what stands in the file to JSON, as shown and as it is behind that. */
import { MAX_ROW_BYTES } from '../../limits.ts';
import type { Finding } from '../sourceFault.ts';
import type { NumberFormat } from '../../formats/numberFormat.ts';
import { DAYS_1904, isoOf } from '../../formats/serialDates.ts';

/** A number as it is shown, and as it is; both as JSON. */
export interface NumberCell {
  readonly shown: string;
  readonly typed: string;
}

/** Shows numbers in one format; what was shown lately is at hand. */
export interface NumberWriter {
  /** Undefined when a number is shown as it stands in the file, by isPlainNumber. */
  readonly keepsPlain: boolean;
  /** @param text of the number in the file */
  write(text: string): NumberCell | Finding;
}

/** Numbers of one format that are at hand: some thousand days, or amounts, of 200 bytes each. */
const MOST_KEPT = 4_096;

/** A number that JSON writes so, too. */
const PLAIN = /^-?(?:[1-9]\d{0,14}|0(?=\.))(?:\.\d{0,14}[1-9])?$|^0$/;

const UNREADABLE: Finding = {
  code: 'CELL_UNREADABLE',
  detail: 'says that it holds a number, but does not. Type it again.',
};
const OUT_OF_RANGE: Finding = {
  code: 'CELL_UNREADABLE',
  detail: 'shows #####: its number is no date. Correct it, or give the cell another format.',
};

/** @param options `asTyped`: whether the values themselves are wanted instead of what is shown */
export function createNumberWriter(
  format: NumberFormat,
  { is1904, asTyped }: { readonly is1904: boolean; readonly asTyped: boolean },
): NumberWriter {
  const kept = new Map<string, NumberCell>();

  function make(text: string): NumberCell | Finding {
    const value = Number(text);
    if (!Number.isFinite(value) || text.trim() === '') return UNREADABLE;
    const typed = format.isDate || !PLAIN.test(text) ? JSON.stringify(typedValue(value)) : text;
    if (asTyped) return { shown: typed, typed };
    const shown = format.show(value);
    if (shown === undefined) return OUT_OF_RANGE;
    // Blanks and filling that align it in its column are no part of it.
    return { shown: JSON.stringify(shown.trim()), typed };
  }

  function typedValue(value: number): number | string {
    if (!format.isDate || format.isElapsed) return value;
    return isoOf(is1904 && !format.isTime ? value + DAYS_1904 : value, format.isTime) ?? value;
  }

  return {
    keepsPlain: format.isGeneral && !format.isDate,
    write(text) {
      // Showing these takes no longer than looking them up.
      if (format.isPlain) return make(text);
      const at = kept.get(text);
      if (at) return at;
      const made = make(text);
      if ('code' in made) return made;
      if (kept.size === MOST_KEPT) kept.clear();
      kept.set(text, made);
      return made;
    },
  };
}

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const POINT = 0x2e;
/** Digits and a point that Excel shows as they are. */
const GENERAL_CHARACTERS = 11;

/** Whether the bytes are a number as both JSON and the format General write it. */
export function isPlainNumber(bytes: Uint8Array, size: number): boolean {
  let i = bytes[0] === MINUS ? 1 : 0;
  const first = i;
  if (size - first > GENERAL_CHARACTERS || size === first) return false;
  let points = 0;
  for (; i < size; i++) {
    const byte = bytes[i] as number;
    if (byte === POINT) {
      if (++points > 1) return false;
    } else if (byte < ZERO || byte > NINE) return false;
  }
  const hasZero = bytes[first] === ZERO;
  if (hasZero && size - first > 1 && bytes[first + 1] !== POINT) return false;
  // Zero has no sign, and a small fraction may be shown with an exponent.
  if (hasZero && (first === 1 || (points === 1 && bytes[first + 2] === ZERO))) return false;
  if (bytes[first] === POINT) return false;
  const last = bytes[size - 1] as number;
  return points === 0 || (last !== POINT && last !== ZERO);
}

/** Texts of errors that Excel knows (ECMA-376 part 1, 18.17.3, and later ones). */
const ERRORS: ReadonlySet<string> = new Set([
  '#NULL!',
  '#DIV/0!',
  '#VALUE!',
  '#REF!',
  '#NAME?',
  '#NUM!',
  '#N/A',
  '#GETTING_DATA',
  '#SPILL!',
  '#CALC!',
  '#FIELD!',
  '#BLOCKED!',
  '#CONNECT!',
  '#UNKNOWN!',
]);

/** The fault of a cell with an error. @param text of it, of which no other is told */
export const errorFault = (text: string): Finding => ({
  code: 'CELL_ERROR',
  detail: `shows ${ERRORS.has(text) ? text : 'an error'}. Correct its formula, or the cells that it reads.`,
});

export const NO_RESULT: Finding = {
  code: 'FORMULA_UNCALCULATED',
  detail:
    'has a formula whose result is not in the file. Open the workbook in Excel, save it and upload that.',
};
export const NO_SUCH_STRING: Finding = {
  code: 'CELL_UNREADABLE',
  detail:
    'names a text that is not in the file. Open the workbook in Excel, save it and upload that.',
};
export const TEXT_TOO_LONG: Finding = {
  code: 'ROW_TOO_LARGE',
  detail: `holds a text of more than ${MAX_ROW_BYTES} bytes. Make it shorter.`,
};
export { UNREADABLE };
