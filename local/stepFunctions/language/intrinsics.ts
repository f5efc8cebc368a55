/**
 * Intrinsic functions of Amazon States Language, such as States.Format('{}-{}', $.a, $.b): parsed
 * once when the definition is loaded, evaluated per state. Causes follow Step Functions' wording.
 * There are those that join ids to a name or key, and that read or make JSON text (the Cause of a
 * caught error is such a text). All else is the work of functions.
 */
import { DefinitionFault, RuntimeFailure } from '../failures.ts';
import { parseJson } from '../json.ts';
import type { Json } from '../json.ts';
import { NOT_RUN } from './definitionSchema.ts';
import { parsePath, readPath } from './paths.ts';
import type { Data } from './paths.ts';

export type Evaluate = (from: Data) => Json;

/** Raised by an intrinsic for arguments it cannot take; told with the call's text by its caller. */
class BadArgument extends Error {}

interface Intrinsic {
  readonly least: number;
  readonly most: number;
  run(args: Json[]): Json;
}

const text = (value: Json | undefined): string => {
  if (typeof value !== 'string') throw new BadArgument('A string was expected.');
  return value;
};

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Format: {
    least: 1,
    most: Infinity,
    run: ([pattern, ...values]) => fillPattern(text(pattern), values),
  },
  StringToJson: {
    least: 1,
    most: 1,
    run: ([value]) => {
      const json = text(value);
      try {
        return parseJson(json);
      } catch {
        throw new BadArgument('The string is not valid JSON.');
      }
    },
  },
  JsonToString: { least: 1, most: 1, run: ([value]) => JSON.stringify(value) },
};

/** `{}` takes the next value: strings as they are, anything else as JSON text; a backslash escapes. */
function fillPattern(pattern: string, values: Json[]): string {
  let used = 0;
  const filled = pattern.replace(/\\(.)|\{\}/gs, (_, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const value = values[used++];
    if (value === undefined) return '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  if (used !== values.length) {
    throw new BadArgument('The number of {} does not equal the number of arguments.');
  }
  return filled;
}

/** Reads the call that is the whole of `source`; a DefinitionFault for what is not known. */
export function parseIntrinsic(source: string, where: string): Evaluate {
  const reader = { source, at: 0, where };
  const evaluate = parseCall(reader);
  skipSpace(reader);
  if (reader.at !== source.length) throw unreadable(reader);
  return evaluate;
}

interface Reader {
  readonly source: string;
  readonly where: string;
  at: number;
}

const unreadable = ({ source, at, where }: Reader) =>
  new DefinitionFault(where, `cannot read ${source} at character ${at + 1}.`);

/** Takes what `pattern` (sticky) matches at the reader's place. */
function take(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.source);
  if (match) reader.at = pattern.lastIndex;
  return match ?? undefined;
}
const skipSpace = (reader: Reader) => void take(reader, /\s*/y);

function parseCall(reader: Reader): Evaluate {
  const from = reader.at;
  const name = take(reader, /States\.(\w+)\s*\(/y)?.[1];
  if (name === undefined) throw unreadable(reader);
  const intrinsic = Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;
  if (!intrinsic) {
    const known = Object.keys(INTRINSICS).map((each) => `States.${each}`);
    throw new DefinitionFault(
      reader.where,
      `${NOT_RUN} the intrinsic function States.${name}, only ${known.join(', ')}.`,
    );
  }
  const args: Evaluate[] = [];
  skipSpace(reader);
  while (!take(reader, /\)/y)) {
    if (args.length > 0 && !take(reader, /,\s*/y)) throw unreadable(reader);
    // A pattern keeps its escapes: \{ must still be told from { when it is filled.
    args.push(parseArgument(reader, name === 'Format' && args.length === 0));
    skipSpace(reader);
  }
  if (args.length < intrinsic.least || args.length > intrinsic.most) {
    throw new DefinitionFault(
      reader.where,
      `States.${name} cannot take ${args.length} argument(s).`,
    );
  }
  const call = reader.source.slice(from, reader.at);
  return (input) => {
    const values = args.map((arg) => arg(input));
    try {
      return intrinsic.run(values);
    } catch (error) {
      if (!(error instanceof BadArgument)) throw error;
      throw new RuntimeFailure(
        `The function '${call}' had the following error: ${error.message}`,
        'States.IntrinsicFailure',
      );
    }
  };
}

function parseArgument(reader: Reader, keepEscapes: boolean): Evaluate {
  const literal = take(reader, /'((?:[^'\\]|\\.)*)'/sy)?.[1];
  if (literal !== undefined) {
    const value = keepEscapes ? literal : literal.replace(/\\(.)/gs, '$1');
    return () => value;
  }
  const constant = take(reader, /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y)?.[0];
  if (constant !== undefined) {
    const value = parseJson(constant);
    return () => value;
  }
  const path = take(reader, /\$(?:\[(?:'(?:[^'\\]|\\.)*'|[^\]'])*\]|[^,)[\s])*/y)?.[0];
  if (path === undefined) return parseCall(reader);
  const parsed = parsePath(path, reader.where);
  const { source } = reader;
  return (input) => {
    const found = readPath(parsed, input);
    if (found !== undefined) return found;
    throw new RuntimeFailure(
      `The function '${source}' had the following error: The JsonPath argument for the field '${path}' could not be found in the input '${JSON.stringify(input.data)}'`,
    );
  };
}
