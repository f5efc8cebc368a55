/** Finding the character between the cells of a CSV. */

/** In the order in which they win when they are equally frequent. */
export const CANDIDATES = [',', ';', '\t', '|'].map((character) => character.charCodeAt(0));
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Whether another candidate is among these bytes. */
export const isSplitAlso = (bytes: Uint8Array, delimiter: number): boolean =>
  CANDIDATES.some((candidate) => candidate !== delimiter && bytes.includes(candidate));

/** As Excel names the delimiter in a first line of its own, quoted by some programs. */
const NAMED_DELIMITER = /^(?:sep=([^"\r\n])|"sep=([^"\r\n])")(?=[\r\n]|$)/i;
/** No such line is longer, in bytes. */
const NAMING_BYTES = 16;

/**
 * The delimiter that the first line names by `sep=;`, as a byte; such a line is no part of the table.
 * @param head the file's first bytes
 */
export function namedDelimiter(head: Uint8Array): number | undefined {
  const text = Buffer.from(head.subarray(0, NAMING_BYTES)).toString('latin1');
  const [, plain, quoted] = NAMED_DELIMITER.exec(text) ?? [];
  const byte = (plain ?? quoted)?.charCodeAt(0);
  return byte !== undefined && byte < 0x80 ? byte : undefined;
}

/** Index at which a 1-based line begins. */
export function startOfLine(bytes: Uint8Array, line: number): number {
  let i = 0;
  for (let linesLeft = line - 1; linesLeft > 0 && i < bytes.length; i++) {
    const isReturn = bytes[i] === CARRIAGE_RETURN;
    if (isReturn && bytes[i + 1] === LINE_FEED) i++;
    if (isReturn || bytes[i] === LINE_FEED) linesLeft--;
  }
  return i;
}

/** How many lines end in these bytes: at LF, CR or CRLF. */
export function countLineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (const [i, byte] of bytes.entries()) {
    if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[i + 1] !== LINE_FEED)) count++;
  }
  return count;
}
