/** What the compiler makes of a part: instructions over prepared pieces and values. */
import type { Series } from './slots.ts';

import type { TagExpression } from '../../tags/tagExpression.ts';
import type { Encoder } from '../places/encoders.ts';

export type Instruction =
  | { readonly kind: 'piece'; readonly piece: number; readonly units: number }
  | ValueInstruction
  | SectionInstruction
  /** A text element whose spaces are kept begins; it is written when it turns out not to be empty. */
  | { readonly kind: 'openText' }
  /** `</w:t>` and what follows it, as one piece, and what follows it alone. */
  | {
      readonly kind: 'closeText';
      readonly whole: number;
      readonly rest: number;
      readonly units: number;
    }
  /** As the two above, but for ids that are left out from the second time on. */
  | {
      readonly kind: 'pieceOnce';
      readonly slot: number;
      readonly piece: number;
      readonly again: number;
      readonly units: number;
    }
  | {
      readonly kind: 'closeTextOnce';
      readonly slot: number;
      readonly whole: number;
      readonly rest: number;
      readonly wholeAgain: number;
      readonly restAgain: number;
      readonly units: number;
    }
  /** A piece that is written the first time only; another one of its kind takes along what `end` is the slot of. */
  | { readonly kind: 'once'; readonly slot: number; readonly piece: number; readonly end?: number }
  /** An id: the piece the first time, new ones after it. */
  | { readonly kind: 'id'; readonly slot: number; readonly piece: number; readonly series: Series }
  /** What was written for the id of this slot last; the piece, if it was that. */
  | { readonly kind: 'sameId'; readonly slot: number; readonly piece: number }
  /** Something other than `</w:t>` follows. */
  | { readonly kind: 'settleText' }
  /** Run properties came by. */
  | { readonly kind: 'record'; readonly restart: boolean; readonly text: string }
  /** What a cell or content control gets that lost its paragraphs. */
  | { readonly kind: 'fill'; readonly piece: number; readonly unless: readonly KeeperInstruction[] }
  /** A table that is left out with its last row. */
  | {
      readonly kind: 'keep';
      readonly when: readonly KeeperInstruction[];
      readonly body: readonly Instruction[];
      /** Of all texts in the body that belong to the table itself. */
      readonly units: number;
    };

export interface ValueInstruction {
  readonly kind: 'value';
  readonly tag: TagExpression;
  /**
   * What stands between two lines, but for the text elements around it: a piece; 'recorded' where
   * the run's properties are known only now; undefined where line breaks stay what they are.
   */
  readonly lineBreak: number | 'recorded' | undefined;
  /** Whether the line break stands between two text elements w:t, which are written around it. */
  readonly isWord: boolean;
  /** How the value is written, where that is no text of the document. */
  readonly encoder?: Encoder;
}

export interface SectionReader {
  readonly tag: TagExpression;
  readonly inverted: boolean;
}

export interface SectionInstruction extends SectionReader {
  readonly kind: 'section';
  readonly body: readonly Instruction[];
  readonly lastBody: readonly Instruction[] | undefined;
  readonly otherwise: readonly Instruction[];
}

export interface KeeperInstruction {
  readonly section: SectionReader;
  readonly always: boolean;
  readonly inner: readonly KeeperInstruction[];
}

/** Pieces that every program may need, by number. */
export const OPEN_TEXT = 0;
export const CLOSE_TEXT = 1;
export const EMPTY_TEXT = 2;
export const COMMON_PIECES: readonly string[] = ['<w:t xml:space="preserve">', '</w:t>', '<w:t/>'];

export interface Program {
  readonly instructions: readonly Instruction[];
  /** In the order in which the program has them. */
  readonly pieces: readonly Uint8Array[];
  /** How many things this program and those before it have a document remember. */
  readonly slots: number;
}
