/** Values that XML refuses, and the lines of values. */

/** Characters that XML 1.0 (2.2) does not allow, lone surrogates among them. */
const ILLEGAL =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

export const hasIllegalCharacters = (text: string): boolean => ILLEGAL.test(text);

/** Line breaks of a text. */
export function countBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
