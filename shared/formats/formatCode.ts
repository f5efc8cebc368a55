/** Codes of number formats (ECMA-376 part 1, 18.8.31), taken apart where the formatter does not know them. */

/** A stretch of a code: what is meant literally, in brackets, or by itself. */
interface CodeToken {
  readonly kind: 'literal' | 'bracket' | 'code';
  readonly text: string;
}

const TOKENS = /"[^"]*"?|\\[^]?|_[^]?|\*[^]?|\[[^\]]*\]?|[^"\\_*[]+/g;

/** The tokens of a code, in order. */
export function tokensOf(code: string): CodeToken[] {
  return Array.from(code.matchAll(TOKENS), ([text]): CodeToken => {
    if (text.startsWith('[')) return { kind: 'bracket', text };
    return { kind: /^["\\_*]/.test(text) ? 'literal' : 'code', text };
  });
}

/** The code with its own parts, those that are neither quoted nor in brackets, replaced. */
export const mapCode = (code: string, replace: (text: string) => string): string =>
  tokensOf(code)
    .map(({ kind, text }) => (kind === 'code' ? replace(text) : text))
    .join('');

/** What is left of the code when everything literal and every bracket is taken away. */
export const bareCode = (code: string): string =>
  tokensOf(code)
    .filter(({ kind }) => kind === 'code')
    .map(({ text }) => text)
    .join('');

/** Hours, minutes or seconds that go on counting: [h]:mm. */
const ELAPSED = /\[(?:h+|m+|s+)\]/i;
export const isElapsed = (code: string): boolean => ELAPSED.test(code);

const GENERAL = /general/gi;

/** Whether a code shows dates, times or durations. */
export function isDateCode(code: string): boolean {
  if (isElapsed(code)) return true;
  const bare = bareCode(code).replace(GENERAL, '').split(';')[0] ?? '';
  // E+ and E- are exponents.
  return /[ymdhsg]|b{2}|上午\/下午|(?:^|[^0#?.])e(?![+-])|e(?=[/年])/i.test(
    bare.replace(/e[+-]/gi, ''),
  );
}

/** Whether it shows a day: not a time or a duration alone. */
export const hasDay = (code: string): boolean =>
  /[ydg]|b{2}|e(?![+-])|m{3,}/i.test(bareCode(code).replace(GENERAL, '')) ||
  // A month by itself, such as in m/yy; beside hours or seconds m is minutes.
  (/m/i.test(bareCode(code)) && !/[hs]/i.test(bareCode(code)) && !isElapsed(code));
