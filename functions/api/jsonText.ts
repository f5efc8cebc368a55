/**
 * What JSON.parse does not say of a text: how deep it is nested, and where it stops being JSON,
 * without quoting it (RFC 8259).
 */

import { endOfString } from '../../shared/dataSources/jsonNumbers.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The deepest nesting of arrays and objects in a text; of anything, for what is not JSON. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (inString) {
      if (character === BACKSLASH) i++;
      else if (character === QUOTE) inString = false;
    } else if (character === QUOTE) inString = true;
    else if (character === OPEN_OBJECT || character === OPEN_ARRAY) {
      if (++depth > deepest) deepest = depth;
    } else if (character === CLOSE_OBJECT || character === CLOSE_ARRAY) depth--;
  }
  return deepest;
}

/** The names and indexes that lead to the value at an offset of a text that is valid JSON. */
export function jsonPath(text: string, offset: number): (string | number)[] {
  const path: (string | number)[] = [];
  let isName = false;
  for (let i = 0; i < offset; i++) {
    const last = path.at(-1);
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = endOfString(text, i);
        if (isName) path[path.length - 1] = String(JSON.parse(text.slice(i, end + 1)));
        isName = false;
        i = end;
        break;
      }
      case OPEN_OBJECT:
        path.push('');
        isName = true;
        break;
      case OPEN_ARRAY:
        path.push(0);
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        path.pop();
        // That of an empty object waits no more.
        isName = false;
        break;
      case COMMA:
        if (typeof last === 'number') path[path.length - 1] = last + 1;
        else isName = true;
    }
  }
  return path;
}

/**
 * Where the value of a field of the outermost object stands, the last of that name as JSON.parse takes it;
 * undefined when there is none.
 * @param text valid JSON
 */
export function fieldSpan(text: string, name: string): { start: number; end: number } | undefined {
  let span: { start: number; end: number } | undefined;
  let depth = 0;
  let isName = false;
  let isWanted = false;
  let start = 0;
  const endValue = (end: number) => {
    if (isWanted) span = { start, end };
    isWanted = false;
  };
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = endOfString(text, i);
        if (depth === 1 && isName) {
          isWanted = JSON.parse(text.slice(i, end + 1)) === name;
          start = end + 1;
          isName = false;
        }
        i = end;
        break;
      }
      case OPEN_OBJECT:
        isName = ++depth === 1;
        break;
      case OPEN_ARRAY:
        // An array around everything has no fields.
        if (++depth === 1) return undefined;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        if (--depth === 0) endValue(i);
        break;
      case COMMA:
        if (depth !== 1) break;
        endValue(i);
        isName = true;
    }
  }
  return span;
}

/** A place in a text, 1-based, and what is wrong there, such as "should be a colon". */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly fault: string;
}

/** What may come next, as a person would say it. */
const EXPECTED = {
  value: 'should be a value',
  valueOrEnd: 'should be a value or ]',
  name: 'should be a name in double quotes',
  nameOrEnd: 'should be a name in double quotes or }',
  colon: 'should be a colon',
  commaOrEnd: 'should be a comma or the closing bracket',
  nothing: 'should be the end',
} as const;
type State = keyof typeof EXPECTED;

/** Where a text that JSON.parse refused stops being JSON. */
export function findJsonFault(text: string): JsonFault {
  const open: string[] = [];
  let state: State = 'value';
  let position = 0;
  for (;;) {
    position += match(SPACE, text, position).length;
    const token = nextToken(text, position);
    if ('fault' in token) return { ...place(text, token.position), fault: token.fault };
    const next = follow(state, token.kind, open);
    if (next === undefined) return { ...place(text, position), fault: EXPECTED[state] };
    state = next;
    position = token.end;
  }
}

/** `kind` is a punctuation mark, or what stands for a whole string, number or literal. */
type Token = { kind: string; end: number } | { fault: string; position: number };

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function nextToken(text: string, start: number): Token {
  const first = text.charAt(start);
  if (first === '"') return stringToken(text, start);
  if (first !== '' && '{}[],:'.includes(first)) return { kind: first, end: start + 1 };
  const scalar = match(SCALAR, text, start);
  return scalar === ''
    ? { kind: 'none', end: start }
    : { kind: 'scalar', end: start + scalar.length };
}

function stringToken(text: string, start: number): Token {
  let position = start + 1;
  while (position < text.length) {
    const character = text.charCodeAt(position);
    if (character === QUOTE) return { kind: 'string', end: position + 1 };
    if (character < 0x20) {
      return { fault: 'has a line break or another raw control character in a string', position };
    }
    const escape = character === BACKSLASH ? match(ESCAPE, text, position) : 'x';
    if (escape === '') return { fault: 'has a backslash that escapes nothing', position };
    position += escape.length;
  }
  return { fault: 'begins a string that has no end', position: start };
}

/** The state after a token, or undefined where it may not be; keeps account of brackets. */
function follow(state: State, kind: string, open: string[]): State | undefined {
  switch (state) {
    case 'name':
    case 'nameOrEnd':
      if (kind === 'string') return 'colon';
      return kind === '}' && state === 'nameOrEnd' ? close(open) : undefined;
    case 'colon':
      return kind === ':' ? 'value' : undefined;
    case 'commaOrEnd':
      if (kind === ',') return open.at(-1) === '{' ? 'name' : 'value';
      return kind === (open.at(-1) === '{' ? '}' : ']') ? close(open) : undefined;
    case 'nothing':
      return undefined;
    case 'value':
    case 'valueOrEnd':
      if (kind === ']' && state === 'valueOrEnd') return close(open);
      if (kind === '{' || kind === '[') {
        open.push(kind);
        return kind === '{' ? 'nameOrEnd' : 'valueOrEnd';
      }
      return kind === 'string' || kind === 'scalar' ? afterValue(open) : undefined;
  }
}

function close(open: string[]): State {
  open.pop();
  return afterValue(open);
}

const afterValue = (open: readonly string[]): State =>
  open.length === 0 ? 'nothing' : 'commaOrEnd';

function match(pattern: RegExp, text: string, position: number): string {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? '';
}

function place(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
