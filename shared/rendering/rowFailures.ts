/** Why a row's document was not made: from what was seen while rendering to the failure it reports. */
import type { Spellings } from '../columns/spellings.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { RenderObserver } from './docxtemplater.ts';
import { columnOf } from '../tags/readPath.ts';
import { tagName } from '../tags/tagExpression.ts';
import { trailOf, ValueFault } from './tagParser.ts';
import { TimeExceeded } from './timeLimit.ts';

/** The text that was written for a document passed its limit. */
export class TextExceeded extends Error {
  readonly units: number;
  constructor(units: number) {
    super(`More than ${units} UTF-16 units were written.`);
    this.name = 'TextExceeded';
    this.units = units;
  }
}

export interface RowObserver extends RenderObserver {
  /** The failure for the value tags that were reached without a value, if any. */
  missing(): RowFailure | undefined;
}

/** Other tags without a value that a failure names besides the first. */
const NAMED_TAGS = 5;

/**
 * @param textUnits the text that one document may have, in UTF-16 units
 * @param breakUnits what a line break counts as
 * @param spellings further keys that names of tags are looked up by
 */
export function createRowObserver(
  textUnits: number,
  breakUnits: number,
  spellings?: Spellings,
): RowObserver {
  let written = 0;
  const missing = new Map<string, () => string>();
  return {
    spellings,
    onText(length, breaks = 0) {
      written += length + breaks * breakUnits;
      if (written > textUnits) throw new TextExceeded(textUnits);
    },
    onMissing(piece, context) {
      const tag = tagName(piece.value);
      if (!missing.has(tag)) missing.set(tag, () => columnOf(tag, trailOf(context), spellings));
    },
    missing() {
      const [first, ...others] = missing.keys();
      if (first === undefined) return undefined;
      const column = missing.get(first)?.() ?? first;
      const named = others.slice(0, NAMED_TAGS).map((tag) => `{${tag}}`);
      const unnamed = others.length - named.length;
      const also =
        (named.length > 0 ? ` Neither has it for ${named.join(', ')}` : '') +
        (unnamed > 0 ? ` and ${unnamed} more` : '') +
        (named.length > 0 ? '.' : '');
      return {
        code: 'MISSING_VALUE',
        tag: first,
        column,
        detail: `The row has no value in the column "${column}" for the tag {${first}}.${also} Fill it in, or set missingValue to "empty".`,
      };
    },
  };
}

export const tooLarge = (documentBytes: number): RowFailure => ({
  code: 'TOO_LARGE',
  detail: `The document is larger than ${documentBytes} bytes. Shorten the lists of this row, or the pictures of the template.`,
});

/** The failure that an error of rendering stands for. Its message is never told: it may hold values. */
export function rowFailure(error: unknown): RowFailure {
  if (error instanceof ValueFault) return error.failure;
  if (error instanceof TimeExceeded) {
    return {
      code: 'TIMEOUT',
      detail: `The document was not ready after ${error.limitMs / 1000} s. Shorten the lists of this row, or raise documentTimeoutSeconds.`,
    };
  }
  if (error instanceof TextExceeded) {
    return {
      code: 'TOO_LARGE',
      detail: `The text of the document passes ${error.units} characters. Shorten the lists of this row.`,
    };
  }
  const { errors = [], rootError } = (error as { properties?: Nested } | null)?.properties ?? {};
  for (const cause of [...errors, rootError]) {
    if (typeof cause === 'object' && cause !== null) return rowFailure(cause);
  }
  const tag = (error as { properties?: Nested } | null)?.properties?.xtag;
  return {
    code: 'RENDER_FAILED',
    ...(typeof tag === 'string' && { tag: tagName(tag) }),
    detail:
      typeof tag === 'string'
        ? `The tag {${tagName(tag)}} cannot be filled with this row. Check its value.`
        : 'The template cannot be filled with this row. Check its values.',
  };
}

/** What docxtemplater's errors carry (its errors.js): the errors of a multi error, or a cause. */
interface Nested {
  readonly errors?: readonly unknown[];
  readonly rootError?: unknown;
  readonly xtag?: unknown;
}
