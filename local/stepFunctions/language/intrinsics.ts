/**
 * Intrinsic functions of Amazon States Language, such as States.Format('{}-{}', $.a, $.b): parsed
 * once when the definition is loaded, evaluated per state. Causes follow Step Functions' wording.
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../../shared/ports.ts';
import { DefinitionFault, RuntimeFailure } from '../failures.ts';
import { isObject, jsonEquals, parseJson } from '../json.ts';
import type { Json } from '../json.ts';
import { parsePath, readPath } from './paths.ts';
import type { Data } from './paths.ts';
import { randomFraction, randomUuid } from '../randomness.ts';

/** What an expression is evaluated against. */
export interface Evaluation extends Data {
  readonly random: Random;
}
export type Evaluate = (from: Evaluation) => Json;

/** Step Functions refuses longer strings in Base64Encode, Base64Decode and Hash. */
const MAX_ENCODED_CHARACTERS = 10_000;
const MAX_RANGE_ELEMENTS = 1_000;
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** Raised by an intrinsic for arguments it cannot take; told with the call's text by its caller. */
class BadArgument extends Error {}

interface Intrinsic {
  readonly least: number;
  readonly most: number;
  run(args: Json[], from: Evaluation): Json;
}

const text = (value: Json | undefined): string => {
  if (typeof value !== 'string') throw new BadArgument('A string was expected.');
  return value;
};
const list = (value: Json | undefined): Json[] => {
  if (!Array.isArray(value)) throw new BadArgument('An array was expected.');
  return value;
};
/** Step Functions rounds what is not whole. */
const whole = (value: Json | undefined): number => {
  if (typeof value !== 'number') throw new BadArgument('A number was expected.');
  return Math.round(value);
};
const encodable = (value: Json | undefined): string => {
  const string = text(value);
  if (string.length > MAX_ENCODED_CHARACTERS) {
    throw new BadArgument(`The string is longer than ${MAX_ENCODED_CHARACTERS} characters.`);
  }
  return string;
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
      try {
        return parseJson(text(value));
      } catch (error) {
        if (error instanceof BadArgument) throw error;
        throw new BadArgument('The string is not valid JSON.');
      }
    },
  },
  JsonToString: { least: 1, most: 1, run: ([value]) => JSON.stringify(value) },
  JsonMerge: {
    least: 3,
    most: 3,
    run: ([a, b, deep]) => {
      if (!isObject(a) || !isObject(b)) throw new BadArgument('Two objects were expected.');
      if (deep !== false) throw new BadArgument('Only shallow merging (false) is supported.');
      return { ...a, ...b };
    },
  },
  Array: { least: 0, most: Infinity, run: (values) => values },
  ArrayPartition: {
    least: 2,
    most: 2,
    run: ([values, size]) => {
      const step = whole(size);
      if (step < 1) throw new BadArgument('The chunk size must be positive.');
      const all = list(values);
      return Array.from({ length: Math.ceil(all.length / step) }, (_, i) =>
        all.slice(i * step, (i + 1) * step),
      );
    },
  },
  ArrayContains: {
    least: 2,
    most: 2,
    run: ([values, sought]) => list(values).some((value) => jsonEquals(value, sought ?? null)),
  },
  ArrayRange: {
    least: 3,
    most: 3,
    run: ([first, last, by]) => {
      const [start, end, step] = [whole(first), whole(last), whole(by)];
      if (step === 0) throw new BadArgument('The step must not be 0.');
      const length = Math.max(0, Math.floor((end - start) / step) + 1);
      if (length > MAX_RANGE_ELEMENTS) {
        throw new BadArgument(`The range has more than ${MAX_RANGE_ELEMENTS} elements.`);
      }
      return Array.from({ length }, (_, i) => start + i * step);
    },
  },
  ArrayGetItem: {
    least: 2,
    most: 2,
    run: ([values, index]) => {
      const value = list(values)[whole(index)];
      if (value === undefined) throw new BadArgument('The index is out of range.');
      return value;
    },
  },
  ArrayLength: { least: 1, most: 1, run: ([values]) => list(values).length },
  ArrayUnique: {
    least: 1,
    most: 1,
    run: ([values]) =>
      list(values).filter((value, i, all) => all.findIndex((v) => jsonEquals(v, value)) === i),
  },
  Base64Encode: {
    least: 1,
    most: 1,
    run: ([value]) => Buffer.from(encodable(value), 'utf8').toString('base64'),
  },
  Base64Decode: {
    least: 1,
    most: 1,
    run: ([value]) => Buffer.from(encodable(value), 'base64').toString('utf8'),
  },
  Hash: {
    least: 2,
    most: 2,
    run: ([value, name]) => {
      const algorithm = HASHES[text(name)];
      if (!algorithm) throw new BadArgument(`${text(name)} is not a hash algorithm.`);
      const hashed = typeof value === 'string' ? value : JSON.stringify(value);
      return createHash(algorithm).update(encodable(hashed), 'utf8').digest('hex');
    },
  },
  /** Without the seeded form: its sequence is Java's, which would have to be guessed. */
  MathRandom: {
    least: 2,
    most: 2,
    run: ([from, to], { random }) => {
      const [start, end] = [whole(from), whole(to)];
      if (end <= start) throw new BadArgument('The end must be greater than the start.');
      return start + Math.floor(randomFraction(random) * (end - start));
    },
  },
  MathAdd: { least: 2, most: 2, run: ([a, b]) => whole(a) + whole(b) },
  /** Every character of the second string separates; empty pieces are left out. */
  StringSplit: {
    least: 2,
    most: 2,
    run: ([value, separators]) => {
      const apart = new Set(text(separators));
      const pieces = [''];
      for (const character of text(value)) {
        if (apart.has(character)) pieces.push('');
        else pieces[pieces.length - 1] += character;
      }
      return pieces.filter((piece) => piece !== '');
    },
  },
  UUID: { least: 0, most: 0, run: (_, { random }) => randomUuid(random) },
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
    throw new DefinitionFault(reader.where, `the intrinsic function States.${name} is not known.`);
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
      return intrinsic.run(values, input);
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
