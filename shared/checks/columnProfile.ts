/** What the values of one column are like, learned row by row. */
import { hasIllegalCharacters } from '../rendering/escaping.ts';
import { RowTally, Tallies, type MetAt } from './tally.ts';
import { isDigits, kindOfText, type ValueKind } from './valueKinds.ts';

/** Lengths of digits that are told apart. */
const MOST_LENGTHS = 24;
/** What a cell of Excel holds at most: what is as long was most likely cut off there. */
const EXCEL_CELL_CHARACTERS = 32_767;
/** Digits that Excel keeps of a number; the others become zeros. */
const EXCEL_DIGITS = 15;
/** Serial numbers of Excel for the days from 1954 to 2064. */
const FIRST_SERIAL = 20_000;
const LAST_SERIAL = 60_000;

/** Oddities of the characters of a text. */
export type Oddity =
  /** XML does not allow them: no document can be made. */
  | 'illegal'
  /** Characters that came out wrong when the file was read, or before. */
  | 'garbled'
  /** Signs that turn the direction of writing: a text may read otherwise than it is. */
  | 'bidi'
  /** Blanks before or behind the text. */
  | 'edges'
  /** As Excel shows what does not fit into its column: the value itself is lost. */
  | 'hashes'
  /** A long number as Excel shows it: 1.23457E+11. */
  | 'shortened'
  /** A number with more digits than Excel keeps, that ends with zeros. */
  | 'rounded'
  /** As long as a cell of Excel can be. */
  | 'cut';

const HASHES = /^#{3,}$/;
const SHORTENED = /^\d(?:[.,]\d+)?E\+?\d{1,3}$/;
const BIDI = /[\u202a-\u202e\u2066-\u2069]/;
/** The replacement character, and UTF-8 that was read as Windows-1252. */
const GARBLED = /\ufffd|Ã[\u0080-\u00bf\u0192\u201a-\u2122]|â€[\u0080-\u2122]/;

/** What of a text may be odd is looked for only in rows whose line has some of these signs. */
export const ODD_LINE =
  /[\ufffd\u202a-\u202e\u2066-\u2069Ãâ\ufffe\uffff\ud800-\udfff]|\\(?:[bf]|u(?:00[01]|[dD][89a-fA-F]|[fF]{3}))/;

/** Of one column, or of one field of all entries of a list: `items[].price`. */
export class ColumnProfile {
  readonly name: string;
  /** Values that are there and not empty. */
  values = 0;
  readonly kinds = new Tallies<ValueKind>(6);
  readonly oddities = new Tallies<Oddity>(8);
  /** Digits that begin with a zero. */
  zeroLed = 0;
  /** How many of them there are of each length. */
  readonly zeroLedLengths = new Map<number, number>();
  /** Digits that are more than Excel keeps. */
  long = 0;
  /** Of digits that do not, by their length. */
  readonly digits = new Tallies<number>(MOST_LENGTHS);
  /** Whole numbers that could be days as Excel counts them. */
  readonly serials = new RowTally();
  longest = 0;
  longestRow = 0;
  /** Where in the row; undefined for what is in one column alone. */
  longestColumn: string | undefined;
  /** Characters of all texts. */
  characters = 0;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * @param isOdd whether the line of the row has signs of ODD_LINE
   * @param at which entry of a list
   */
  add(value: unknown, row: number, isOdd: boolean, at?: MetAt): void {
    if (typeof value === 'string') this.#addText(value, row, isOdd, at);
    else if (value !== null && value !== undefined) {
      this.values++;
      if (typeof value === 'number') {
        this.kinds.add('number', row, at);
        this.#addNumber(value, row, at);
      } else {
        const kind = Array.isArray(value) ? 'list' : typeof value === 'object' ? 'group' : 'truth';
        this.kinds.add(kind, row, at);
      }
    }
  }

  #addText(text: string, row: number, isOdd: boolean, at: MetAt | undefined): void {
    const { length } = text;
    const trimmed =
      length > 0 && (mayBeBlank(text.charCodeAt(0)) || mayBeBlank(text.charCodeAt(length - 1)))
        ? text.trim()
        : text;
    if (trimmed === '') return;
    this.values++;
    this.characters += length;
    if (length > this.longest) {
      this.longest = length;
      this.longestRow = row;
      this.longestColumn = at?.column();
    }
    if (trimmed !== text) this.oddities.add('edges', row, at);
    if (length === EXCEL_CELL_CHARACTERS) this.oddities.add('cut', row, at);
    if (isOdd) this.#addOdd(text, row, at);
    const kind = kindOfText(trimmed);
    this.kinds.add(kind, row, at);
    if (kind === 'number') this.#addDigits(trimmed, row, at);
    else if (trimmed.charCodeAt(0) === 0x23 && HASHES.test(trimmed)) {
      this.oddities.add('hashes', row, at);
    }
  }

  #addOdd(text: string, row: number, at: MetAt | undefined): void {
    if (hasIllegalCharacters(text)) this.oddities.add('illegal', row, at);
    if (GARBLED.test(text)) this.oddities.add('garbled', row, at);
    if (BIDI.test(text)) this.oddities.add('bidi', row, at);
  }

  #addDigits(text: string, row: number, at: MetAt | undefined): void {
    if (!isDigits(text)) {
      if (text.charCodeAt(1) !== 0x45 && !text.includes('E')) return;
      if (SHORTENED.test(text)) this.oddities.add('shortened', row, at);
      return;
    }
    const { length } = text;
    if (text.charCodeAt(0) === 0x30 && length > 1) {
      this.zeroLed++;
      if (length <= MOST_LENGTHS) {
        this.zeroLedLengths.set(length, (this.zeroLedLengths.get(length) ?? 0) + 1);
      }
    } else this.digits.add(length, row, at);
    if (length > EXCEL_DIGITS) this.long++;
    if (length > EXCEL_DIGITS && text.endsWith('0'.repeat(length - EXCEL_DIGITS))) {
      this.oddities.add('rounded', row, at);
    }
    if (length === 5) this.#addNumber(Number(text), row, at);
  }

  #addNumber(value: number, row: number, at: MetAt | undefined): void {
    if (value >= FIRST_SERIAL && value <= LAST_SERIAL && Number.isInteger(value)) {
      this.serials.add(row, at);
    }
  }
}

/** Whether trim() may take a character away: of those beyond ASCII it is asked. */
const mayBeBlank = (code: number) => code <= 0x20 || code >= 0xa0;
