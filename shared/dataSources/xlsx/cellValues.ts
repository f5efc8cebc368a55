/** Values of cells: from what stands in the file to JSON, as shown and as it is behind that. */
import { MAX_ROW_BYTES } from '../../limits.ts';
import type { Finding } from '../sourceFault.ts';
import { createDecimalBytes, type DecimalBytes } from './decimalBytes.ts';
import type { NumberFormat } from '../../formats/numberFormat.ts';
import { DAYS_1904, isoOf } from '../../formats/serialDates.ts';

/** A number as it is shown, and as it is; both as JSON. */
export interface NumberCell {
  readonly shown: string;
  readonly typed: string;
}

/** The same as bytes. */
export interface NumberBytes {
  readonly shown: Uint8Array;
  readonly typed: Uint8Array;
}

/** Shows numbers in one format; what was shown lately is at hand. */
export interface NumberWriter {
  /** Undefined when a number is shown as it stands in the file, by isPlainNumber. */
  readonly keepsPlain: boolean;
  /** Shows decimals that need no rounding; undefined where it does not, or they are not shown. */
  readonly decimals: DecimalBytes | undefined;
  /** @param text of the number in the file */
  write(text: string): NumberCell | Finding;
  /** Writes a whole number that is not negative. */
  writeWhole(value: number): NumberBytes | Finding;
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
  const keptWhole = new Map<number, NumberBytes>();

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
    decimals: format.decimals && !asTyped ? createDecimalBytes(format.decimals) : undefined,
    writeWhole(value) {
      const at = keptWhole.get(value);
      if (at) return at;
      const made = make(String(value));
      if ('code' in made) return made;
      const bytes = { shown: Buffer.from(made.shown), typed: Buffer.from(made.typed) };
      if (keptWhole.size === MOST_KEPT) keptWhole.clear();
      keptWhole.set(value, bytes);
      return bytes;
    },
    write(text) {
      // Showing these takes no longer than looking them up.
      if (format.decimals) return make(text);
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
