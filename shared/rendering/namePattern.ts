/** The pattern that names of documents are made from, such as `{template}-{row}`. */
import { Problem, type ProblemDetail } from '../problems.ts';
import { parseTag, type TagExpression } from '../tags/tagExpression.ts';
import { safeCharacters, safeEdges } from './safeNames.ts';

/** A piece of a pattern: a literal, or a tag. */
export type NamePiece =
  | { readonly literal: string; readonly tag?: undefined }
  | { readonly literal?: undefined; readonly tag: TagExpression };

/** Where the pattern is in the body of POST /batch/tasks. */
const POINTER = '/fileName';

/**
 * @returns literals made safe, and tags, in order
 * @throws Problem VALIDATION_ERROR with every fault
 */
export function parseNamePattern(pattern: string): NamePiece[] {
  const faults: ProblemDetail[] = [];
  const fault = (detail: string) => void faults.push({ pointer: POINTER, detail });
  const pieces: NamePiece[] = [];
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
        pieces.push({ tag: expression });
      }
    } else {
      const literal = safeCharacters(text);
      if (literal !== '') pieces.push({ literal });
    }
  }
  const text = pieces.map(({ literal = 'tag' }) => literal).join('');
  if (safeEdges(text) === '' && faults.length === 0) {
    fault('The pattern for file names is empty. Write one such as {template}-{row}.');
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
  return pieces;
}
