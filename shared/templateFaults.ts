/** What is wrong with a template, as clients read it. */
import { MAX_LISTED_PROBLEMS } from './limits.ts';
import { Problem, type ProblemDetail, type TemplateFaultCode } from './problems.ts';

/** A warning of a template that is the same for every row. */
export const NO_TAGS_WARNING =
  'The template has no tags, so that all documents will be the same. Tags have single braces: {name}.';

/**
 * One fault. `pointer` is its place: '' for the whole file, the name of a part, or a part and a
 * paragraph, such as `word/document.xml, paragraph 12`.
 */
export interface TemplateFault extends ProblemDetail {
  readonly code: TemplateFaultCode;
}

/**
 * The problem that lists all faults of a template, the first of them in its detail.
 * @param faults at least one; those above MAX_LISTED_PROBLEMS are counted
 */
export function invalidTemplate(faults: readonly TemplateFault[], cause?: unknown): Problem {
  const detailOfFirst = faults[0]?.detail ?? 'The template cannot be used.';
  const unlisted = faults.length - MAX_LISTED_PROBLEMS;
  const errors: readonly TemplateFault[] =
    unlisted > 0
      ? [
          ...faults.slice(0, MAX_LISTED_PROBLEMS),
          {
            code: 'MORE_FAULTS',
            pointer: '',
            detail: `There are ${unlisted} more faults: correct these first.`,
          },
        ]
      : faults;
  const detail =
    faults.length > 1
      ? `The template has ${faults.length} faults. The first: ${detailOfFirst}`
      : detailOfFirst;
  return new Problem('TEMPLATE_INVALID', detail, { errors, cause });
}

/** A problem with one fault of the whole file, or of the part at `pointer`. */
export const invalidFile = (
  code: TemplateFaultCode,
  detail: string,
  pointer = '',
  cause?: unknown,
) => invalidTemplate([{ code, pointer, detail }], cause);
