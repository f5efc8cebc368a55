/** Finding the character between the cells of a CSV. */

/** How many bytes of a file are enough to find its delimiter. */
export const DELIMITER_HEAD_BYTES = 64 * 1024;

/** In the order in which they win when they are equally frequent. */
const CANDIDATES = [',', ';', '\t', '|'].map((character) => character.charCodeAt(0));
const COMMA = 0x2c;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The most frequent candidate in the header outside of quotes, as a byte; a comma when there is none.
 * @param head the first DELIMITER_HEAD_BYTES of the file, or all of it
 * @param headerRow 1-based line that holds the column names
 */
export function findDelimiter(head: Uint8Array, headerRow: number): number {
  const counts = CANDIDATES.map(() => 0);
  let isQuoted = false;
  /** A quote opens only where a cell begins, or where it doubles the one before it. */
  let mayOpen = true;
  for (let i = startOfLine(head, headerRow); i < head.length; i++) {
    const byte = head[i] ?? 0;
    const candidate = CANDIDATES.indexOf(byte);
    if (byte === QUOTE && (isQuoted || mayOpen)) isQuoted = !isQuoted;
    mayOpen = byte === QUOTE || candidate >= 0;
    if (isQuoted) continue;
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN) break;
    if (candidate >= 0) counts[candidate] = (counts[candidate] ?? 0) + 1;
  }
  return CANDIDATES[counts.indexOf(Math.max(...counts))] ?? COMMA;
}

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
function startOfLine(bytes: Uint8Array, line: number): number {
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
