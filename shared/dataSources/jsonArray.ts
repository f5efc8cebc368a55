/**
 * Reading a JSON file that is one array of objects: [{…}, {…}].
 *
 * A scan over the bytes finds where each element begins and ends, by brackets and strings alone; then
 * the element is parsed by itself. So only one element is in memory at a time.
 */
import type { DataProblemCode } from '../problems.ts';
import { MAX_ROW_BYTES } from '../limits.ts';
import { createJsonRows } from './jsonRows.ts';
import { viewOf } from './pieces.ts';
import { SourceFault } from './sourceFault.ts';
import { rowTooLarge, type ReaderOutput, type SourceReader } from './sourceReader.ts';

// States. Numbers, because the scan looks at every byte.
const BEFORE_ARRAY = 0;
const FIRST_ELEMENT = 1;
const NEXT_ELEMENT = 2;
const AFTER_ELEMENT = 3;
const AFTER_ARRAY = 4;
/** Inside of an element: outside of its strings, inside of one, or in a number or word. */
const BRACKETS = 5;
const STRING = 6;
const WORD = 7;

// Kinds of bytes; the first three mean nothing inside of an element's brackets.
const OTHER = 0;
const BLANK = 1;
const COMMA = 2;
const QUOTE = 3;
const BACKSLASH = 4;
const OPEN = 5;
const CLOSE = 6;
const LINE_FEED = 7;
const CARRIAGE_RETURN = 8;

const KINDS = new Uint8Array(256).fill(OTHER);
for (const [characters, kind] of [
  [' \t', BLANK],
  [',', COMMA],
  ['"', QUOTE],
  ['\\', BACKSLASH],
  ['{[', OPEN],
  ['}]', CLOSE],
  ['\n', LINE_FEED],
  ['\r', CARRIAGE_RETURN],
] as const) {
  for (const byte of Buffer.from(characters)) KINDS[byte] = kind;
}
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** A reader of a JSON array. Elements that are no rows are problems, and the next ones are read. */
export function createJsonArrayReader(output: ReaderOutput): SourceReader {
  const rows = createJsonRows(output);
  let state = BEFORE_ARRAY;
  let line = 1;
  /** Index of the last CR in the present window: a LF right behind it ends no line of its own. */
  let returnAt = -2;
  /** Bytes at the beginning of the next window that are part of an escape. */
  let escapedBytes = 0;
  /** Brackets of the present element that are open. */
  let depth = 0;
  let elementLine = 1;
  /** Where the element begins in the present window, and what of it was in earlier ones. */
  let elementAt = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  const elementName = () => `Element ${rows.rowCount + 1}`;
  const fault = (detail: string, code: DataProblemCode = 'JSON_INVALID') =>
    new SourceFault({ code, line, detail });

  function countLine(kind: number, i: number) {
    if (kind === CARRIAGE_RETURN) returnAt = i;
    if (kind === CARRIAGE_RETURN || (kind === LINE_FEED && returnAt !== i - 1)) line++;
  }

  function beginElement(kind: number, i: number) {
    elementLine = line;
    elementAt = i;
    depth = kind === OPEN ? 1 : 0;
    state = kind === OPEN ? BRACKETS : kind === QUOTE ? STRING : WORD;
  }

  function hold(bytes: Uint8Array) {
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes > MAX_ROW_BYTES) throw rowTooLarge(elementName(), elementLine);
  }

  /** @param end index behind the element */
  function endElement(window: Buffer, end: number) {
    const rest = window.subarray(elementAt, end);
    const json = heldBytes > 0 ? Buffer.concat([...held, rest]) : rest;
    held = [];
    heldBytes = 0;
    state = AFTER_ELEMENT;
    rows.add(json, elementName(), elementLine);
  }

  /** A byte between elements; false when an element may not begin now. */
  function takeBetween(byte: number, kind: number, i: number): boolean {
    if (kind === BLANK || kind === LINE_FEED || kind === CARRIAGE_RETURN) return true;
    switch (state) {
      case BEFORE_ARRAY:
        if (byte !== OPEN_ARRAY) throw fault(NOT_AN_ARRAY);
        state = FIRST_ELEMENT;
        return true;
      case FIRST_ELEMENT:
      case NEXT_ELEMENT:
        if (byte === CLOSE_ARRAY && state === FIRST_ELEMENT) {
          state = AFTER_ARRAY;
          return true;
        }
        if (kind === COMMA || kind === CLOSE) {
          throw fault(`${elementName()} is missing beside a comma. Remove the comma.`);
        }
        if (output.writer.full) return false;
        beginElement(kind, i);
        return true;
      case AFTER_ELEMENT:
        if (kind !== COMMA && byte !== CLOSE_ARRAY) {
          throw fault(
            `There is no comma between elements ${rows.rowCount} and ${rows.rowCount + 1}.`,
          );
        }
        state = kind === COMMA ? NEXT_ELEMENT : AFTER_ARRAY;
        return true;
      default:
        throw fault('Something follows the end of the array. Remove it.');
    }
  }

  /** A byte inside of an element's brackets or string; answers the index of the last byte used up. */
  function takeInside(window: Buffer, kind: number, i: number): number {
    if (state === STRING) {
      // Whatever follows a backslash, a quote or another one, does not end the string.
      if (kind === BACKSLASH) return i + 1;
      if (kind === QUOTE) state = BRACKETS;
    } else if (kind === QUOTE) {
      state = STRING;
    } else if (kind === OPEN) {
      depth++;
    } else if (kind === CLOSE) {
      depth--;
    }
    if (state === BRACKETS && depth === 0) endElement(window, i + 1);
    return i;
  }

  return {
    push(bytes, from) {
      const window = viewOf(bytes);
      let i = from + escapedBytes;
      escapedBytes = 0;
      for (; i < window.length; i++) {
        const byte = window[i] as number;
        const kind = KINDS[byte] as number;
        if (state === WORD) {
          if (kind !== BLANK && kind !== COMMA && kind < CLOSE) continue;
          endElement(window, i);
        } else if (state === BRACKETS || state === STRING) {
          if (kind <= COMMA) continue;
          countLine(kind, i);
          i = takeInside(window, kind, i);
          continue;
        }
        countLine(kind, i);
        if (!takeBetween(byte, kind, i)) return i;
      }
      escapedBytes = i - window.length;
      if (isInside(state)) hold(window.subarray(elementAt));
      elementAt = 0;
      returnAt -= window.length;
      return window.length;
    },

    end() {
      if (state === BEFORE_ARRAY) throw fault(NOT_AN_ARRAY);
      if (isInside(state)) {
        throw fault(
          `The file ends within element ${rows.rowCount + 1}, which begins in line ${elementLine}. It may have been cut off.`,
        );
      }
      if (state !== AFTER_ARRAY) {
        throw fault(
          `The file ends behind element ${rows.rowCount}, before its array is closed with "]". It may have been cut off.`,
        );
      }
      if (rows.rowCount === 0)
        throw fault('The array is empty. Add at least one object.', 'ROWS_MISSING');
      return true;
    },
    get line() {
      return line;
    },
    get columns() {
      return rows.columns;
    },
    get nestedColumns() {
      return rows.nestedColumns;
    },
    warnings: () => rows.warnings(),
    get rowCount() {
      return rows.rowCount;
    },
  };
}

const isInside = (state: number) => state >= BRACKETS;

const NOT_AN_ARRAY =
  'The file does not hold an array. A JSON file is one array of objects: [{…}, {…}]. For one object a line use JSON Lines (.jsonl).';
