/**
 * The Common Expression Language as users may write it: expressions always end, and cost what their length
 * says. Filters of rows and what row steps take from answers are written in it.
 */
import { Environment } from '@marcbachmann/cel-js';

/** Bounds of an expression, so that it costs microseconds. */
const LIMITS = {
  maxAstNodes: 200,
  maxDepth: 32,
  maxListElements: 200,
  maxMapEntries: 20,
  maxCallArguments: 8,
};

const STRINGS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
/** Regular expressions may take exponential time. */
const PATTERNS = /\bmatches\s*\(/;
/** What goes over a list; one within another takes the square of its length. */
const LOOPS = /\.\s*(?:all|exists|exists_one|map|filter)\s*\(/g;

export const boundedEnvironment = (): Environment =>
  new Environment({ limits: LIMITS, homogeneousAggregateLiterals: false });

/** The text with nothing in its strings, of the same length. */
export const withoutStrings = (text: string): string =>
  text.replace(STRINGS, (its) => '"'.padEnd(its.length, '"'));

/** Where something is, as it is told. */
export const at = (index: number): string => `at character ${index + 1}`;

/**
 * What makes an expression cost more than its length says, as a sentence; undefined when nothing does.
 * @param called what it is called, such as `filter`
 */
export function boundsFault(text: string, called: string): string | undefined {
  const bare = withoutStrings(text);
  const pattern = PATTERNS.exec(bare);
  if (pattern) {
    return `The ${called} has matches() ${at(pattern.index)}. Patterns are not possible: use contains(), startsWith() or endsWith().`;
  }
  return [...bare.matchAll(LOOPS)].length > 1
    ? `The ${called} goes over more than one list. Use one of all(), exists() and their like.`
    : undefined;
}
