/**
 * What a row step takes from an answer: a JSON pointer (RFC 6901), or an expression of the Common Expression
 * Language over `body`, `status`, `headers` and `text`.
 */
import { atPointer } from '../jsonPointer.ts';
import { boundedEnvironment, boundsFault, parsedExpression } from '../selection/cel.ts';

/** What a service answered, as expressions see it. */
export interface AnswerParts {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The answer as JSON; of a workflow run of Dify its outputs. */
  readonly body: unknown;
}

/** @returns undefined where there is nothing */
export type Take = (answer: AnswerParts) => unknown;

const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

const answerEnvironment = () =>
  boundedEnvironment()
    .registerVariable('body', 'dyn')
    .registerVariable('status', 'int')
    .registerVariable('headers', 'map<string, string>')
    .registerVariable('text', 'string');

export type CompiledTake = { readonly take: Take } | { readonly fault: string };

/** @returns how it is taken; or what is wrong with the text, as a sentence that says what to do */
export function compileTake(text: string): CompiledTake {
  if (text === '' || text.startsWith('/')) {
    return POINTER.test(text)
      ? { take: ({ body }) => atPointer(body, text) }
      : { fault: 'In a JSON pointer a ~ is written ~0.' };
  }
  const ast = parsedExpression(text);
  const bound = ast && boundsFault(ast, 'expression');
  if (bound !== undefined) return { fault: bound };
  const { valid, error } = answerEnvironment().check(text);
  if (!valid) {
    const where = (error?.range?.start ?? 0) + 1;
    return {
      fault: `The expression cannot be read at character ${where}: ${error?.summary ?? 'it is not valid'}. Write a JSON pointer, such as /data/text, or an expression over body, status, headers and text.`,
    };
  }
  const run = answerEnvironment().parse(text);
  return {
    take({ status, headers, text: its, body }) {
      try {
        const value: unknown = run({
          status: BigInt(status),
          headers: new Map(Object.entries(headers)),
          text: its,
          body,
        });
        return plain(value);
      } catch {
        // What it says may hold values.
        return undefined;
      }
    },
  };
}

/** What JSON can hold, of what an expression gives. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) {
    return Object.fromEntries(Array.from(value, ([name, its]) => [String(name), plain(its)]));
  }
  if (typeof value !== 'object' || value === null) return value;
  // Bytes, points in time and durations are none.
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, its]) => [name, plain(its)]));
}
