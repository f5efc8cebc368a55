/** What a format of a tag is: the closed list of them is catalogue.ts. */
import type { Spellings } from '../../columns/spellings.ts';

/** Why a format cannot read the value that it is given. */
export interface Unreadable {
  /** What the column lacks, as `no date that can be read in one way only`. */
  readonly lacks: string;
  /** What to do, as a sentence. */
  readonly advice: string;
  /** Where in the value: `[2].price`. */
  readonly inner?: string;
}

/** A value that a format could not read: it passes the formats behind it, but for one that stands in for it. */
export class NoValue {
  readonly why: Unreadable;
  constructor(why: Unreadable) {
    this.why = why;
  }
}

/** What a row knows that a format may need. */
export interface FormatContext {
  readonly spellings: Spellings | undefined;
}

/**
 * A format with its arguments.
 * @param value as the row has it (shown.ts), or as the format before left it
 * @returns a text, a number, or NoValue; undefined where there is nothing
 */
export type Apply = (value: unknown, context: FormatContext) => unknown;

/** What is wrong with an argument, as a sentence that says what to do. */
export interface ArgumentFault {
  readonly fault: string;
}

/** What a format is written with, and what it can read: for trying a template. */
export interface FormatKind {
  /** How many arguments it takes, at least and at most. */
  readonly least: number;
  readonly most: number;
  /** How it is written, for messages. */
  readonly usage: string;
  /** What kind of value it reads. */
  readonly reads: 'text' | 'number' | 'date' | 'list';
  compile(given: readonly string[]): Apply | ArgumentFault;
  /** The column of a list's entries that it reads. */
  columnOf?(given: readonly string[]): string | undefined;
}

export const isFault = (made: Apply | ArgumentFault): made is ArgumentFault => 'fault' in made;
