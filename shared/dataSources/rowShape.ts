/** What a row may look like, whatever it was read from. */
import { MAX_ROW_DEPTH } from '../limits.ts';
import type { Row } from '../schemas/common.ts';
import type { Finding } from './sourceFault.ts';

/** Assigning to it changes an object's prototype instead of adding a field. */
const RESERVED_NAME = '__proto__';

/** What is wrong with a row, as the end of a sentence about it. */
export const HAS_RESERVED_NAME: Finding = {
  code: 'NAME_RESERVED',
  detail: `has a field named ${RESERVED_NAME}, which is reserved. Rename the field.`,
};
export const HAS_CHANGING_NUMBER: Finding = {
  code: 'NUMBER_CHANGED',
  detail:
    'has a number that would come out as another one. Write it in quotes, as a text, or without an exponent.',
};

/** Whether a name can be that of no column or field. */
export const isReservedName = (name: string) => name === RESERVED_NAME;

/**
 * Whether a value that JSON.parse returned is a row. What is inside of it is JSON by its origin, so
 * nothing else is left to check.
 */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What forbids an object as a row, as the end of a sentence about it; undefined when nothing does. */
export function findRowFault(row: Row): Finding | undefined {
  return findFault(row, 1);
}

function findFault(value: object, depth: number): Finding | undefined {
  if (depth > MAX_ROW_DEPTH) {
    return {
      code: 'ROW_TOO_DEEP',
      detail: `is nested more than ${MAX_ROW_DEPTH} levels deep. Make it flatter.`,
    };
  }
  // for…in makes no list of the entries; what JSON.parse returned has no inherited ones.
  for (const name in value) {
    if (isReservedName(name)) {
      return HAS_RESERVED_NAME;
    }
    const inner: unknown = value[name as keyof typeof value];
    if (typeof inner !== 'object' || inner === null) continue;
    const fault = findFault(inner, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * Whether a row holds nothing: every value is null or "", or a list or object of nothing else. Its
 * document is skipped.
 */
export function isBlankRow(values: Row): boolean {
  return Object.values(values).every(isBlank);
}

function isBlank(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.values(value).every(isBlank);
}
