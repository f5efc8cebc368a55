/** A part of a template as docxtemplater parses it. */
import type { Encoder } from './places/encoders.ts';
import type { TagPlace } from './repairs/linesModule.ts';
import type { XmlPiece } from './tags/partText.ts';

/** A piece of a part as docxtemplater parses it; sections hold their content as `subparsed`. */
export interface ParsedPiece extends XmlPiece, TagPlace {
  readonly module?: string;
  readonly inverted?: boolean;
  /** How the value of a tag is written that stands in no text of the document. */
  readonly encoder?: Encoder;
  readonly subparsed?: readonly ParsedPiece[];
  /** Where the tag begins, as partText counts. */
  readonly offset?: number;
  /** What docxtemplater's loop module notes on a section: page breaks and breaks of sections in it. */
  readonly hasPageBreak?: boolean;
  readonly hasPageBreakBeginning?: boolean;
  readonly sectPrCount?: number;
  readonly addContinuousType?: boolean;
  readonly addNextPage?: unknown;
  readonly lastParagrapSectPr?: string;
}

/** A part as docxtemplater parses it; what a fault kept it from reaching is absent. */
export interface ParsedPart {
  readonly pieces?: readonly XmlPiece[];
  readonly parsed?: readonly ParsedPiece[];
  /** Absent when a fault kept docxtemplater from reading the template to its end. */
  readonly contentType?: string;
}
