/** UTF-16 without a byte-order mark, as databases and programs of Windows write it. */

/** Of the units of UTF-16 in a table so many are ASCII at least: delimiters and line ends, if nothing else. */
const ASCII_SHARE = 1 / 32;

/** Units of which every table of text has one: line ends, delimiters, the brackets of JSON. */
const SIGNS: ReadonlySet<number> = new Set(Buffer.from('\n\r,;\t|[{'));

/**
 * The byte order of UTF-16 that a file begins with; undefined for anything else.
 * @param head its first bytes, or all of it
 */
export function unmarkedUtf16(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (head.length % 2 !== 0) return undefined;
  const zeros = [0, 0];
  const signs = [0, 0];
  for (let i = 0; i < head.length; i++) {
    if (head[i] !== 0) continue;
    const side = i % 2;
    zeros[side] = (zeros[side] ?? 0) + 1;
    if (SIGNS.has(head[i ^ 1] ?? 0)) signs[side] = (signs[side] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  const [bigEndian = 0, littleEndian = 0] = signs;
  const least = (head.length / 2) * ASCII_SHARE;
  if (littleEndian > 0 && odd >= least && even === 0) return 'utf-16le';
  return bigEndian > 0 && even >= least && odd === 0 ? 'utf-16be' : undefined;
}
