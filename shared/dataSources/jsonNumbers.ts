/** Numbers of a JSON text that a JavaScript number does not keep as they stand there. */

/**
 * What a changing number has at least: 16 digits, or an exponent. A double keeps any 15 digits, of
 * numbers as small and large as can be written without an exponent in so few (IEEE 754, section 5.12.2).
 */
const SUSPICIOUS = /\d(?:[eE][-+\d]|[\d.]{15})/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

/** A number of a text that would be printed as another one, by where it stands. */
export interface ChangingNumber {
  readonly start: number;
  readonly end: number;
  /** Whether it is written with an exponent: its digits by themselves are not its value. */
  readonly hasExponent: boolean;
}

/**
 * Numbers of valid JSON that would be printed as other ones, in their order: an account number would silently
 * end in zeros, an amount lose its last digits, 1e400 be nothing at all.
 */
export function* changingNumbers(json: string): Generator<ChangingNumber, void, undefined> {
  if (!SUSPICIOUS.test(json)) return;
  const token = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(json, i);
    } else if (code === MINUS || isDigit(code)) {
      token.lastIndex = i;
      const [number = ''] = token.exec(json) ?? [];
      const end = i + number.length;
      if (isChanging(number)) yield { start: i, end, hasExponent: /[eE]/.test(number) };
      i = end;
    }
  }
}

/** The same JSON with these numbers as texts, digit for digit. @param numbers in their order */
export function keepDigits(json: string, numbers: readonly ChangingNumber[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of numbers) {
    pieces.push(json.slice(at, start), '"', json.slice(start, end), '"');
    at = end;
  }
  return pieces.join('') + json.slice(at);
}

/**
 * Where the string that begins at `start` ends.
 * @returns the index of its closing quote; the length of the text when there is none
 */
export function endOfString(json: string, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i;
  }
  return json.length;
}

const isChanging = (number: string) =>
  number.length > 15 || /[eE]/.test(number)
    ? decimal(number) !== decimal(String(Number(number)))
    : false;

/** A number's value in one spelling, without its sign: 1.50, 15e-1 and 1.5 are the same. */
function decimal(number: string): string {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = whole + fraction;
  let from = 0;
  let to = digits.length;
  while (digits[from] === '0') from++;
  while (to > from && digits[to - 1] === '0') to--;
  if (from === to) return whole === '' ? number : '0';
  return `${digits.slice(from, to)}e${Number(exponent) + digits.length - to - fraction.length}`;
}
