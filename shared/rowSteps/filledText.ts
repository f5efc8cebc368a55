/** Texts of a row step that are filled with a row: tags in braces, and `{{` and `}}` for the braces themselves. */
import type { Spellings } from '../columns/spellings.ts';
import { MAX_STEP_REQUEST_CHARACTERS } from '../limits.ts';
import type { ProblemDetail } from '../problems.ts';
import type { Row, RowFailure } from '../schemas/common.ts';
import { NoValue } from '../tags/formats/format.ts';
import { readTag } from '../tags/readTag.ts';
import { parseTag, type TagExpression } from '../tags/tagExpression.ts';

/** The tag that stands for where a service sends its answer to. */
export const CALLBACK_URL = 'callbackUrl';
/** Names that are no columns. */
export const isReservedTag = (name: string): boolean => name === 'row' || name === CALLBACK_URL;

/** A literal stretch, or a tag. */
export type TextPiece = string | TagExpression;

/** What a row knows that is filled into a text. */
export interface FilledWith {
  /** 1-based. */
  readonly row: number;
  readonly values: Row;
  readonly spellings: Spellings | undefined;
  readonly missingValue: 'empty' | 'error';
  /** What {callbackUrl} stands for; empty where the answer does not matter. */
  readonly callbackUrl?: string;
  /** What is left of what a request may have, in UTF-16 units; what is filled in is taken off it. */
  readonly room: { left: number };
}

/** Why something cannot be filled, thrown within this room alone. */
export class NotFilled extends Error {
  readonly failure: RowFailure;
  constructor(failure: RowFailure) {
    super('A text cannot be filled.');
    this.name = 'NotFilled';
    this.failure = failure;
  }
}

/**
 * Reads a text with tags.
 * @param pointer where it stands in the body of the request, for faults
 */
export function parseText(text: string, pointer: string, faults: ProblemDetail[]): TextPiece[] {
  const pieces: TextPiece[] = [];
  let literal = '';
  const fault = (detail: string) => void faults.push({ pointer, detail });
  // A doubled brace, a tag, a stretch without braces, or a brace without its partner.
  for (const [found] of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g)) {
    if (found === '{{' || found === '}}') literal += found[0];
    else if (found === '{') fault('A { is never closed. Write tags as {name}, and {{ for a brace.');
    else if (found === '}') {
      fault('A } has no { before it. Write tags as {name}, and }} for a brace.');
    } else if (!found.startsWith('{')) literal += found;
    else {
      const written = found.slice(1, -1).trim();
      if (written === '' || /^[#^/@]/.test(written)) {
        fault(`{${written}} is no plain tag. Write the name of a column, and {{ for a brace.`);
        continue;
      }
      const tag = parseTag(written);
      for (const { detail } of tag.faults) fault(`${detail} (in {${written}}).`);
      if (literal !== '') pieces.push(literal);
      literal = '';
      pieces.push(tag);
    }
  }
  if (literal !== '') pieces.push(literal);
  return pieces;
}

/**
 * What a tag stands for in a row.
 * @returns undefined where the row has nothing, and that is allowed
 * @throws NotFilled
 */
export function valueOfTag(tag: TagExpression, filled: FilledWith): unknown {
  const { row, values, spellings, missingValue } = filled;
  const reserved = { row, [CALLBACK_URL]: filled.callbackUrl ?? '' };
  const isReserved = Object.hasOwn(reserved, tag.name);
  const value = readTag(
    tag,
    [isReserved ? reserved : values],
    0,
    isReserved ? undefined : spellings,
  );
  const column = tag.name;
  if (value instanceof NoValue) {
    const { lacks, advice, inner = '' } = value.why;
    throw new NotFilled({
      code: 'STEP_FAILED',
      tag: tag.told,
      column: `${column}${inner}`,
      detail: `The tag {${tag.told}} reads the column "${column}${inner}", which holds ${lacks}. ${advice}`,
    });
  }
  if (value !== undefined && value !== null) {
    if (typeof value === 'string') takeRoom(filled, value.length);
    return value;
  }
  if (missingValue === 'empty') return undefined;
  throw new NotFilled({
    code: 'MISSING_VALUE',
    tag: tag.told,
    column,
    detail: `The row has no value for "${column}", which a row step reads. Fill it in, or allow missing values.`,
  });
}

/** @throws NotFilled */
export function takeRoom({ room }: Pick<FilledWith, 'room'>, characters: number): void {
  room.left -= characters;
  if (room.left < 0) throw tooLarge();
}

export const tooLarge = () =>
  new NotFilled({
    code: 'STEP_FAILED',
    detail: `With the values of this row the request has more than ${MAX_STEP_REQUEST_CHARACTERS} characters. Send less of them.`,
  });

/**
 * A text with the row's values in it.
 * @param write how a value is written at its place
 * @throws NotFilled
 */
export function fillText(
  pieces: readonly TextPiece[],
  filled: FilledWith,
  write: (text: string) => string = (text) => text,
): string {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else text += write(textOf(valueOfTag(piece, filled), piece));
  }
  return text;
}

function textOf(value: unknown, { name: column, told: tag }: TagExpression): string {
  switch (typeof value) {
    case 'string':
      return value.toWellFormed();
    case 'undefined':
      return '';
    case 'number':
    case 'boolean':
      return String(value);
    default:
      throw new NotFilled({
        code: 'STEP_FAILED',
        tag,
        column,
        detail: `The column "${column}" holds a group of values, which cannot be part of a text. Send it by itself, as "{${column}}", or name one of them, as in {${column}.name}.`,
      });
  }
}
