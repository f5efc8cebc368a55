/**
 * Filters of rows: expressions of the Common Expression Language, which always end and cost what their
 * length says. Columns are variables; those whose names are none are read as row["First name"].
 */
import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js';
import { nearestAmong } from '../columns/nearest.ts';
import { quoteName } from '../columns/quoteName.ts';
import { readClearDate } from '../formats/clearDates.ts';
import { readClearNumber } from '../formats/clearNumbers.ts';
import type { Row } from '../schemas/common.ts';
import { at, boundedEnvironment, boundsFault, nodesOf, parsedExpression } from './cel.ts';

const IS_IDENTIFIER = /^[A-Za-z_]\w*$/;

/** Functions and words of the language, which a column may be called like. */
const OWN = new Set(
  'row typed number date true false null in as int uint double string bool bytes list map size type dyn has timestamp duration'.split(
    ' ',
  ),
);

class Unreadable extends Error {}

function environment(): Environment {
  return boundedEnvironment()
    .registerFunction('number(dyn): double', (value: unknown) => {
      const read = readClearNumber(typeof value === 'bigint' ? Number(value) : value);
      if (!read) throw new Unreadable();
      return read.value;
    })
    .registerFunction('date(dyn): string', (value: unknown) => {
      const read = readClearDate(value, 'en');
      if (!read?.hasDay) throw new Unreadable();
      const two = (part: number) => String(part).padStart(2, '0');
      return `${String(read.year).padStart(4, '0')}-${two(read.month)}-${two(read.day)}`;
    })
    .registerVariable('row', 'map<string, dyn>')
    .registerVariable('typed', 'map<string, dyn>');
}

/** What an expression reads. */
interface Reads {
  /** Words that stand for a value. */
  readonly identifiers: ReadonlySet<string>;
  /** Fields of `row` and `typed` that are named in it. */
  readonly fields: readonly {
    readonly name: string;
    readonly start: number;
    readonly isKey: boolean;
  }[];
}

/** @param ast undefined for an expression that cannot be parsed */
function readsOf(ast: ASTNode | undefined): Reads {
  const identifiers = new Set<string>();
  const fields: { name: string; start: number; isKey: boolean }[] = [];
  for (const node of nodesOf(ast)) {
    if (node.op === 'id') identifiers.add(node.args);
    if (node.op !== '.' && node.op !== '[]') continue;
    const [of, key] = node.args;
    if (of.op !== 'id' || (of.args !== 'row' && of.args !== 'typed')) continue;
    const name = typeof key === 'string' ? key : key.op === 'value' ? key.args : undefined;
    if (typeof name !== 'string') continue;
    fields.push({ name, start: node.range.start, isKey: node.op === '[]' });
  }
  return { identifiers, fields };
}

/** Fields of rows that a filter may read, and those of them whose values are always texts. */
export interface FilterColumns {
  readonly names: readonly string[];
  readonly texts: ReadonlySet<string>;
}

/** What is wrong with a filter for these columns, as a sentence with its place; undefined when nothing is. */
export function filterFault(text: string, { names, texts }: FilterColumns): string | undefined {
  const ast = parsedExpression(text);
  const bound = ast && boundsFault(ast, 'filter');
  if (bound !== undefined) return bound;
  for (const { name, start, isKey } of readsOf(ast).fields) {
    if (isKey && !names.includes(name)) return unknownColumn(name, start, names);
  }
  const env = environment();
  for (const name of names) {
    if (IS_IDENTIFIER.test(name) && !OWN.has(name)) {
      env.registerVariable(name, texts.has(name) ? 'string' : 'dyn');
    }
  }
  const { valid, type, error } = env.check(text);
  if (!valid) {
    const start = error?.range?.start ?? 0;
    const [, unknown] = /^Unknown variable: (\w+)/.exec(error?.summary ?? '') ?? [];
    if (unknown !== undefined) return unknownColumn(unknown, start, names);
    const hint =
      texts.size > 0 && error?.code === 'no_such_overload'
        ? ' Columns of CSV are texts: write number(…) or date(…) around one to compare it as such.'
        : '';
    return `The filter cannot be read ${at(start)}: ${error?.summary ?? 'it is not valid'}.${hint}`;
  }
  const gives = String(type);
  return gives === 'bool' || gives === 'dyn'
    ? undefined
    : `The filter gives ${gives}, and not true or false. Compare it with something, as in city == "Bonn".`;
}

function unknownColumn(name: string, index: number, names: readonly string[]): string {
  const nearest = nearestAmong(names.map((column) => ({ column, names: [column] })))(name);
  const meant =
    nearest === undefined
      ? ''
      : ` Did you mean ${IS_IDENTIFIER.test(nearest) ? nearest : `row[${quoteName(nearest)}]`}?`;
  return `The rows have no column ${quoteName(name)}, which the filter reads ${at(index)}.${meant}`;
}

/** Whether a row is taken; undefined where the filter cannot be decided. */
export interface Filter {
  readonly decide: (values: Row, typed: Row | undefined) => boolean | undefined;
  /** Names among which are those of all fields that it reads. */
  readonly reads: ReadonlySet<string>;
}

/** @param text as filterFault() found it right */
export function compileFilter(text: string): Filter {
  const env = environment();
  const { identifiers, fields } = readsOf(parsedExpression(text));
  const names = [...identifiers].filter((name) => !OWN.has(name));
  for (const name of names) env.registerVariable(name, 'dyn');
  const run: ParseResult = env.parse(text);
  const usesRow = identifiers.has('row');
  const usesTyped = identifiers.has('typed');
  const keys = fields.map(({ name }) => name);
  const absent = [...new Set(keys)].map((key): [string, unknown] => [key, null]);
  const decide: Filter['decide'] = (values, typed) => {
    const context: Record<string, unknown> = {};
    for (const name of names) context[name] = Object.hasOwn(values, name) ? values[name] : null;
    context.row = usesRow ? new Map([...absent, ...Object.entries(values)]) : NOTHING;
    context.typed = usesTyped
      ? new Map([...absent, ...Object.entries(values), ...Object.entries(typed ?? {})])
      : NOTHING;
    try {
      const result: unknown = run(context);
      return typeof result === 'boolean' ? result : undefined;
    } catch {
      // Whatever it says may hold values.
      return undefined;
    }
  };
  return { decide, reads: new Set([...names, ...keys]) };
}

const NOTHING: ReadonlyMap<string, unknown> = new Map();
