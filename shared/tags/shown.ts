/**
 * Values of a workbook that are taken as they are shown, with the number or date behind them. Rows have
 * them for templates with formats alone; whoever reads a tag gets the one or the other.
 */
import type { Row } from '../schemas/common.ts';

/** Has no fields: no name of a tag leads into it. */
export class Shown {
  readonly #text: unknown;
  readonly #typed: unknown;

  constructor(text: unknown, typed: unknown) {
    this.#text = text;
    this.#typed = typed;
  }

  get text(): unknown {
    return this.#text;
  }

  get typed(): unknown {
    return this.#typed;
  }
}

/** What is shown of a value. */
export const shownOf = (value: unknown): unknown => (value instanceof Shown ? value.text : value);

/** What is behind a value. */
export const typedOf = (value: unknown): unknown => (value instanceof Shown ? value.typed : value);

/** The same with what is shown of the entries of lists. */
export function printedOf(value: unknown): unknown {
  if (!Array.isArray(value)) return shownOf(value);
  return value.some((item) => Array.isArray(item) || item instanceof Shown)
    ? value.map(printedOf)
    : value;
}

/**
 * A row whose values have with them what is behind them.
 * @param typed in the shape of the row, without what is nothing else than it is shown
 */
export const withTyped = (row: Row, typed: Row): Row => joined(row, typed) as Row;

function joined(shown: unknown, typed: unknown): unknown {
  if (typed === null || typed === undefined) return shown;
  if (Array.isArray(shown)) {
    const behind: unknown[] = Array.isArray(typed) ? typed : [];
    return shown.map((item, i) => joined(item, behind[i]));
  }
  if (typeof shown === 'object' && shown !== null) {
    if (typeof typed !== 'object') return shown;
    const behind = new Map<string, unknown>(Object.entries(typed));
    return Object.fromEntries(
      Object.entries(shown).map(([name, value]) => [name, joined(value, behind.get(name))]),
    );
  }
  return typeof typed === 'object' ? shown : new Shown(shown, typed);
}
