/** Places of a sheet, by letters and numbers. */

const LETTERS: string[] = [];

/** A column's letters: 0 is A, 27 is AB. */
export const columnLetters = (column: number): string => (LETTERS[column] ??= lettersOf(column));

function lettersOf(column: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(0x41 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}
