/** Reading a tag from a row, whoever asks: the engines of documents, and names of files. */
import type { Spellings } from '../columns/spellings.ts';
import { holds } from '../formats/fieldFormats.ts';
import { isFilled } from './fillings.ts';
import { readKey, readPath } from './readPath.ts';
import { shownOf } from './shown.ts';
import type { TagExpression } from './tagExpression.ts';

/**
 * What a tag stands for.
 * @param scopes the row, then the scope of each section entered
 * @param depth number of the innermost of them
 * @param spellings further keys that names are looked up by
 * @returns undefined where no scope has a value; NoValue where a format cannot read it. The entries of a list
 *   may have typed values behind them (shown.ts).
 */
export function readTag(
  tag: TagExpression,
  scopes: readonly unknown[],
  depth: number,
  spellings: Spellings | undefined,
): unknown {
  const { condition, test, show } = tag;
  if (test !== undefined) {
    return isFilled(test, scopes.slice(0, depth + 1), (its, entered) =>
      readTag(its, entered, entered.length - 1, spellings),
    );
  }
  if (condition !== undefined) {
    return holds(condition, (name) => shownOf(findPath(name, scopes, depth, spellings)));
  }
  const value = find(tag, scopes, depth, spellings);
  if (show !== undefined) return show(value, { spellings });
  return typeof value === 'object' ? shownOf(value) : value;
}

/** The first value that some scope has, from the innermost outwards. */
function find(
  { name, mayBePath }: TagExpression,
  scopes: readonly unknown[],
  depth: number,
  spellings: Spellings | undefined,
): unknown {
  if (mayBePath || spellings !== undefined) return findPath(name, scopes, depth, spellings);
  for (let i = depth; i >= 0; i--) {
    const value = readKey(scopes[i], name);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function findPath(
  name: string,
  scopes: readonly unknown[],
  depth: number,
  spellings: Spellings | undefined,
): unknown {
  // A list's item without a value must not print the row around the list.
  if (name === '.') return scopes[depth];
  for (let i = depth; i >= 0; i--) {
    const value = readPath(scopes[i], name, spellings);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}
