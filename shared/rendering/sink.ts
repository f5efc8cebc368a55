/** Where a template's program writes one part of a document. */

export interface Sink {
  /** A prepared piece, by its number. */
  piece(number: number): void;
  /**
   * A value, escaped as docxtemplater escapes it.
   * @throws Unwritable when XML does not allow it
   */
  text(value: string): void;
  /** XML that is no prepared piece. */
  markup(xml: string): void;
}

/** A part as an entry of a ZIP, but for its name. */
export interface PartContent {
  readonly crc32: number;
  /** Inflated, in bytes. */
  readonly size: number;
  /** DEFLATE. Valid until the next part is written. */
  readonly compressed: Uint8Array;
}

/** A sink that compresses. */
export interface PartSink extends Sink {
  begin(): void;
  end(): PartContent;
}

/** A fast engine cannot write the row. Carries nothing: another engine says what is wrong. */
export class Unwritable extends Error {
  constructor() {
    super('The row cannot be written this way.');
    this.name = 'Unwritable';
  }
}

/** Thrown again and again: making an error takes longer than filling a line. */
export const UNWRITABLE = new Unwritable();
