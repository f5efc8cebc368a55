/**
 * Reading JSON Lines (https://jsonlines.org): one object a line; lines end with LF, CR or CRLF. A line
 * that holds nothing counts as a blank row, unless only such lines follow it: as in CSV.
 */
import { MAX_ROW_BYTES } from '../limits.ts';
import { createJsonRows } from './jsonRows.ts';
import { viewOf } from './pieces.ts';
import { SourceFault } from './sourceFault.ts';
import { rowTooLarge, type ReaderOutput, type SourceReader } from './sourceReader.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A reader of JSON Lines. Lines that are no rows are problems, and the next ones are read. */
export function createJsonLinesReader(output: ReaderOutput): SourceReader {
  const { writer } = output;
  const rows = createJsonRows(output);
  let line = 1;
  /** The beginning of a line that ends in a window to come. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  /** Empty lines that are rows only if something follows. */
  let emptyLines = 0;
  let isAfterReturn = false;

  /** Takes the line that ends with `rest`; false when the writer is full. */
  function takeLine(rest: Uint8Array): boolean {
    if (heldBytes + rest.length > MAX_ROW_BYTES) throw rowTooLarge(`Line ${line}`, line);
    const bytes = heldBytes > 0 ? Buffer.concat([...held, rest]) : viewOf(rest);
    if (isEmpty(bytes)) {
      emptyLines++;
    } else {
      for (; emptyLines > 0 && !writer.full; emptyLines--) rows.addBlank(line);
      if (writer.full) return false;
      rows.add(bytes, `Line ${line}`, line);
    }
    held = [];
    heldBytes = 0;
    return true;
  }

  function hold(bytes: Uint8Array) {
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes > MAX_ROW_BYTES) throw rowTooLarge(`Line ${line}`, line);
  }

  return {
    push(window, from) {
      const view = viewOf(window);
      // Each is looked for anew only when it was passed: a file without CR is not searched for one
      // at every line.
      let nextReturn = indexFrom(view, CARRIAGE_RETURN, from);
      let nextFeed = indexFrom(view, LINE_FEED, from);
      let at = from;
      while (at < window.length) {
        if (isAfterReturn && view[at] === LINE_FEED) at++;
        isAfterReturn = false;
        if (nextReturn < at) nextReturn = indexFrom(view, CARRIAGE_RETURN, at);
        if (nextFeed < at) nextFeed = indexFrom(view, LINE_FEED, at);
        const end = Math.min(nextReturn, nextFeed);
        if (end === view.length) {
          hold(view.subarray(at));
          break;
        }
        if (!takeLine(view.subarray(at, end))) return at;
        line++;
        isAfterReturn = end === nextReturn;
        at = end + 1;
      }
      return window.length;
    },

    end() {
      if (heldBytes > 0 && !takeLine(new Uint8Array(0))) return false;
      if (rows.rowCount === 0) {
        throw new SourceFault({
          code: 'ROWS_MISSING',
          detail: 'The file has no rows. Give one JSON object a line.',
        });
      }
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

/** Where a byte is found from an index on; the length when it is not. */
function indexFrom(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found < 0 ? bytes.length : found;
}

/** Whether there is nothing but what JSON takes for blanks. */
function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09);
}
