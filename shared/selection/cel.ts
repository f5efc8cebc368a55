/**
 * The Common Expression Language as users may write it: expressions always end, and cost what their length
 * says. Filters of rows and what row steps take from answers are written in it. What an expression has is told by what
 * it was parsed into: comments and the many kinds of strings make a text look otherwise.
 */
import { Environment, type ASTNode } from '@marcbachmann/cel-js';

/** Bounds of an expression, so that it costs microseconds. */
const LIMITS = {
  maxAstNodes: 200,
  maxDepth: 32,
  maxListElements: 200,
  maxMapEntries: 20,
  maxCallArguments: 8,
};

/** What goes over a list; one within another takes the square of its length. */
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

export const boundedEnvironment = (): Environment =>
  new Environment({ limits: LIMITS, homogeneousAggregateLiterals: false });

const isNode = (value: object): value is ASTNode => 'op' in value && 'args' in value;

/** Every part of an expression, each before those within it. */
export function* nodesOf(value: unknown): Generator<ASTNode, void, undefined> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const each of value) yield* nodesOf(each);
  } else if (isNode(value)) {
    yield value;
    yield* nodesOf(value.args);
  }
}

/** What an expression is parsed into; undefined for one that cannot be parsed, which a check tells more of. */
export function parsedExpression(text: string): ASTNode | undefined {
  try {
    return boundedEnvironment().parse(text).ast;
  } catch {
    return undefined;
  }
}

/** Where something is, as it is told. */
export const at = (index: number): string => `at character ${index + 1}`;

/**
 * What makes an expression cost more than its length says, as a sentence; undefined when nothing does.
 * @param called what it is called, such as `filter`
 */
export function boundsFault(ast: ASTNode, called: string): string | undefined {
  let loops = 0;
  for (const node of nodesOf(ast)) {
    if (node.op !== 'call' && node.op !== 'rcall') continue;
    const [name] = node.args;
    // Regular expressions may take exponential time.
    if (name === 'matches') {
      const from = node.op === 'rcall' ? node.args[1].range.end : node.range.start;
      const start = Math.max(node.input.indexOf(name, from), from);
      return `The ${called} has matches() ${at(start)}. Patterns are not possible: use contains(), startsWith() or endsWith().`;
    }
    if (node.op === 'rcall' && LOOPS.has(name)) loops++;
  }
  return loops > 1
    ? `The ${called} goes over more than one list. Use one of all(), exists() and their like.`
    : undefined;
}
