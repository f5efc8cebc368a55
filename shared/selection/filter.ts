/**
 * Filters of rows: expressions of the Common Expression Language, which always end and cost what their
 * length says. Columns are variables; those whose names are none are read as row["First name"].
 */
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { nearestAmong } from '../columns/nearest.ts';
import { quoteName } from '../columns/quoteName.ts';
import { readClearDate } from '../formats/clearDates.ts';
import { readClearNumber } from '../formats/clearNumbers.ts';
import type { Row } from '../schemas/common.ts';
import { at, boundedEnvironment, boundsFault, withoutStrings } from './cel.ts';

const IDENTIFIERS = /[A-Za-z_]\w*/g;
const IS_IDENTIFIER = /^[A-Za-z_]\w*$/;
const KEYS = /\b(?:row|typed)\s*\[\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\]/g;
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

const identifiersIn = (text: string) => [
  ...new Set(Array.from(withoutStrings(text).matchAll(IDENTIFIERS), ([name]) => name)),
];

/** Fields of rows that a filter may read, and those of them whose values are always texts. */
export interface FilterColumns {
  readonly names: readonly string[];
  readonly texts: ReadonlySet<string>;
}

/** What is wrong with a filter for these columns, as a sentence with its place; undefined when nothing is. */
export function filterFault(text: string, { names, texts }: FilterColumns): string | undefined {
  const bound = boundsFault(text, 'filter');
  if (bound !== undefined) return bound;
  for (const match of text.matchAll(KEYS)) {
    const key = unquoted(match[1] ?? '');
    if (!names.includes(key)) return unknownColumn(key, match.index, names);
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

function unquoted(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, '$1');
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
  const names = identifiersIn(text).filter((name) => !OWN.has(name));
  for (const name of names) env.registerVariable(name, 'dyn');
  const run: ParseResult = env.parse(text);
  const usesRow = identifiersIn(text).includes('row');
  const usesTyped = identifiersIn(text).includes('typed');
  const keys = Array.from(text.matchAll(KEYS), ([, key = '']) => unquoted(key));
  const fields = Array.from(
    withoutStrings(text).matchAll(/\b(?:row|typed)\s*\.\s*(\w+)/g),
    ([, field = '']) => field,
  );
  const absent = [...new Set([...keys, ...fields])].map((key): [string, unknown] => [key, null]);
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
  return { decide, reads: new Set([...names, ...keys, ...fields]) };
}

const NOTHING: ReadonlyMap<string, unknown> = new Map();
