/** What formats take from a value. */
import { shownOf, typedOf } from '../shown.ts';
import { NoValue, type Apply, type FormatContext } from './format.ts';

type Scalar = string | number | boolean;

export const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Whether there is nothing to format. */
export function isNothing(value: unknown): boolean {
  const shown = shownOf(value) ?? undefined;
  return shown === undefined || (typeof shown === 'string' && shown.trim() === '');
}

/**
 * A format of single values: nothing stays nothing, and a value that another format could not read is left
 * to those behind it.
 */
export const ofScalars =
  (apply: (shown: Scalar, typed: unknown) => string | number | NoValue): Apply =>
  (value) => {
    if (value instanceof NoValue || isNothing(value)) return value;
    const shown = shownOf(value);
    return isScalar(shown) ? apply(shown, typedOf(value)) : NO_SCALAR;
  };

const NO_SCALAR = new NoValue({
  lacks: 'a list or a group of values, and no single one',
  advice: 'Name one of its columns, or write count, sum or join before this format.',
});

/** A format of lists; what is no list is the only entry of one, and nothing is an empty one. */
export const ofLists =
  (apply: (entries: readonly unknown[], context: FormatContext) => unknown): Apply =>
  (value, context) => {
    if (value instanceof NoValue) return value;
    if (Array.isArray(value)) return apply(value, context);
    const shown = shownOf(value);
    return apply(isNothing(value) || shown === false ? [] : [value], context);
  };
