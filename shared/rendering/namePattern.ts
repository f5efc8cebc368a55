/** The pattern that names of documents are made from, such as `{department}/{name}-{row}`. */
import { MAX_NAME_FOLDERS } from '../limits.ts';
import { Problem, type ProblemDetail } from '../problems.ts';
import { parseTag, type TagExpression } from '../tags/tagExpression.ts';
import { safeCharacters, safeEdges } from './safeNames.ts';

/** A piece of a pattern: a literal, or a tag. */
export type NamePiece =
  | { readonly literal: string; readonly tag?: undefined }
  | { readonly literal?: undefined; readonly tag: TagExpression };

/** Where the pattern is in the body of POST /batch/tasks. */
const POINTER = '/fileName';

/** A pattern as it is read: what each folder is made from, outermost first, and the name in it. */
export interface ParsedPattern {
  readonly folders: readonly (readonly NamePiece[])[];
  readonly file: readonly NamePiece[];
}

/**
 * Literals are made safe. A `/` in them parts folders; one in a value never does.
 * @throws Problem VALIDATION_ERROR with every fault
 */
export function parseNamePattern(pattern: string): ParsedPattern {
  const faults: ProblemDetail[] = [];
  const fault = (detail: string) => void faults.push({ pointer: POINTER, detail });
  const levels: NamePiece[][] = [[]];
  // A tag, a stretch without braces, or a brace that has no partner.
  for (const [text] of pattern.matchAll(/\{[^{}]*\}|[^{}]+|[{}]/g)) {
    if (text === '{') fault('A { is never closed. Write tags as {name}.');
    else if (text === '}') fault('A } has no { before it. Write tags as {name}.');
    else if (text.startsWith('{')) {
      const tag = text.slice(1, -1).trim();
      if (tag === '')
        fault('A tag {} has no name. Write {row}, {template} or the name of a column.');
      else if (/^[#^/@]/.test(tag)) {
        fault(
          `The tag {${tag}} is no plain tag. File names can have {row}, {template} and columns.`,
        );
      } else {
        const expression = parseTag(tag);
        for (const { detail } of expression.faults) fault(`${detail} (in {${tag}}).`);
        levels.at(-1)?.push({ tag: expression });
      }
    } else {
      text.split('/').forEach((stretch, i) => {
        if (i > 0) levels.push([]);
        const literal = safeCharacters(stretch);
        if (literal !== '') levels.at(-1)?.push({ literal });
      });
    }
  }
  const file = levels.pop() ?? [];
  if (faults.length === 0) {
    if (isEmpty(file)) {
      fault(
        levels.length === 0
          ? 'The pattern for file names is empty. Write one such as {template}-{row}.'
          : 'The pattern for file names ends with a folder. Write the name of the file behind it, such as {department}/{row}.',
      );
    } else if (levels.some(isEmpty)) {
      fault('A folder of the pattern has no name. Write folders as in {department}/{name}.');
    } else if (levels.length > MAX_NAME_FOLDERS) {
      fault(
        `The pattern has ${levels.length} folders in each other; ${MAX_NAME_FOLDERS} are possible.`,
      );
    }
  }
  if (faults.length > 0) {
    throw new Problem(
      'VALIDATION_ERROR',
      `The pattern for file names is not valid. ${faults[0]?.detail}`,
      {
        errors: faults,
      },
    );
  }
  return { folders: levels, file };
}

/** Whether nothing but literals stands there, and nothing is left of them. */
const isEmpty = (pieces: readonly NamePiece[]) =>
  safeEdges(pieces.map(({ literal = 'tag' }) => literal).join('')) === '';
