/**
 * From bytes of CSV (RFC 4180) to rows of cells, each cell already written as JSON.
 *
 * Works on bytes of UTF-8 because that is what comes in and what goes out: no cell becomes a string.
 * Lines end with LF, CR or CRLF, mixed if need be. A quote inside of an unquoted cell is an ordinary
 * character, as spreadsheets take it; text behind a closing quote is a fault.
 */
import { MAX_COLUMNS, MAX_ROW_BYTES } from '../limits.ts';
import { SourceFault } from './sourceFault.ts';

/** The cells of one row. The object and its memory are used again for the next row. */
export interface CsvRow {
  /** The cells as JSON without anything between them: `"text"`, or no byte at all for an absent cell. */
  readonly bytes: Uint8Array;
  /** Where each cell ends in `bytes`; cells beyond MAX_COLUMNS are counted, but not kept. */
  readonly ends: Uint32Array;
  /** Where the last cell that is kept ends. */
  readonly size: number;
  readonly cellCount: number;
  /** 1-based line of the file in which the row begins. */
  readonly line: number;
}

/** A quoted cell with text between its closing quote and the next delimiter. */
export interface BrokenQuote {
  /** 1-based number of the cell in its row. */
  readonly cell: number;
  /** Line in which the quote was opened, and line in which it was closed. */
  readonly openedIn: number;
  readonly closedIn: number;
}

/** Where the tokenizer puts what it finds. */
export interface CsvSink {
  /** Whether a row may begin; false stops the tokenizer before it. */
  ready(): boolean;
  row(row: CsvRow): void;
  /** A line without any character. */
  emptyLine(): void;
  /** Stands for the row, which is left out. */
  brokenQuote(fault: BrokenQuote): void;
}

/** A state machine over windows of bytes (pieces.ts). */
export interface CsvTokenizer {
  /**
   * Takes a window in and gives rows to the sink.
   * @returns where it stopped: the window's end, or the beginning of a row that the sink was not ready
   *   for, to be pushed again from there
   * @throws SourceFault for a row above MAX_ROW_BYTES
   */
  push(window: Uint8Array, from: number): number;
  /**
   * Ends the last row.
   * @throws SourceFault for a quote that is still open
   */
  end(): void;
  /** 1-based line reached. */
  readonly line: number;
  /** Cells so far that were written as formulas of a text, and are given as that text. */
  readonly unwrapped: number;
}

// States. Numbers, because the loop below runs once for every byte.
const CELL_START = 0;
const UNQUOTED = 1;
const QUOTED = 2;
const QUOTE_IN_QUOTED = 3;
const SKIPPING = 4;

// Kinds of bytes.
const PLAIN = 0;
const ESCAPED = 1;
const QUOTE = 2;
const DELIMITER = 3;
const CARRIAGE_RETURN = 4;
const LINE_FEED = 5;

const QUOTE_BYTE = 0x22;
const EQUALS_BYTE = 0x3d;
const BACKSLASH_BYTE = 0x5c;

/** How JSON writes the characters that it does not take as they are (RFC 8259, section 7). */
const ESCAPES: readonly Uint8Array[] = Array.from({ length: BACKSLASH_BYTE + 1 }, (_, byte) =>
  Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);
const MAX_ESCAPE_BYTES = 6;

/** What is around a formula that is nothing but a text, in JSON: `"=\"00123\""`. */
const FORMULA_HEAD = Buffer.from('"=\\"');
const FORMULA_TAIL = Buffer.from('\\""');

/** The kind of every byte inside of a quoted cell, and, with a delimiter, outside of one. */
function kindsOfBytes(quote: number, delimiter?: number): Uint8Array {
  const kinds = new Uint8Array(256).fill(PLAIN);
  kinds.fill(ESCAPED, 0, 0x20);
  kinds[BACKSLASH_BYTE] = ESCAPED;
  kinds[QUOTE_BYTE] = ESCAPED;
  kinds[quote] = QUOTE;
  kinds[0x0d] = CARRIAGE_RETURN;
  kinds[0x0a] = LINE_FEED;
  if (delimiter !== undefined) kinds[delimiter] = DELIMITER;
  return kinds;
}

/**
 * A tokenizer at the beginning of a file.
 * @param options.delimiter an ASCII character, as a byte
 * @param options.quote what cells may stand in, an ASCII character, as a byte
 * @param options.skippedLines how many lines to leave out at the beginning, whatever they hold
 */
export function createCsvTokenizer(
  {
    delimiter,
    quote = QUOTE_BYTE,
    skippedLines,
  }: { delimiter: number; quote?: number; skippedLines: number },
  sink: CsvSink,
): CsvTokenizer {
  const kinds = kindsOfBytes(quote, delimiter);
  const quotedKinds = kindsOfBytes(quote);
  let bytes = new Uint8Array(4 * 1024);
  /** Bytes of the present row so far. */
  let size = 0;
  /** Where the present cell begins. */
  let cellAt = 0;
  let unwrapped = 0;
  const ends = new Uint32Array(MAX_COLUMNS);
  let cellCount = 0;
  let state = skippedLines > 0 ? SKIPPING : CELL_START;
  let linesToSkip = skippedLines;
  let line = 1;
  let rowLine = 1;
  /** Line in which the last quote was opened. */
  let quoteLine = 1;
  /** Index of the last CR in the present window: a LF right behind it ends no line of its own. */
  let returnAt = -2;

  /** One object for all rows: making one for each would cost as much as reading it. */
  const row: CsvRow = {
    get bytes() {
      return bytes;
    },
    ends,
    get size() {
      return size;
    },
    get cellCount() {
      return cellCount;
    },
    get line() {
      return rowLine;
    },
  };

  function reserve(count: number) {
    if (bytes.length >= size + count) return;
    const larger = new Uint8Array(2 * (size + count));
    larger.set(bytes.subarray(0, size));
    bytes = larger;
  }

  /** Copies bytes that stand for themselves; answers where they end. */
  function copyPlain(window: Uint8Array, from: number, plainKinds: Uint8Array): number {
    const target = bytes;
    let at = size;
    let i = from;
    for (; i < window.length; i++) {
      const byte = window[i] as number;
      if (plainKinds[byte] !== PLAIN) break;
      target[at++] = byte;
    }
    size = at;
    return i;
  }

  function writeEscaped(byte: number) {
    const escape = ESCAPES[byte] ?? [];
    for (let i = 0; i < escape.length; i++) bytes[size++] = escape[i] as number;
  }

  function beginRow() {
    size = 0;
    cellAt = 0;
    cellCount = 0;
    rowLine = line;
    state = CELL_START;
  }

  /** As people and programs write 00123 for Excel, which else makes 123 of it: `="00123"`. */
  function unwrapFormula(start: number) {
    const tail = size - FORMULA_TAIL.length;
    const isText =
      tail >= start + FORMULA_HEAD.length &&
      FORMULA_HEAD.every((byte, i) => bytes[start + i] === byte) &&
      FORMULA_TAIL.every((byte, i) => bytes[tail + i] === byte) &&
      // Behind a further quote it goes on: ="a"&"b".
      !bytes.subarray(start + FORMULA_HEAD.length, tail).includes(QUOTE_BYTE);
    if (!isText) return;
    bytes.copyWithin(start + 1, start + FORMULA_HEAD.length, tail);
    size = tail - FORMULA_HEAD.length + 2;
    bytes[size - 1] = QUOTE_BYTE;
    unwrapped++;
  }

  function endCell() {
    // A cell that was never begun is absent: it has no quotes of JSON either.
    if (state !== CELL_START) {
      bytes[size++] = QUOTE_BYTE;
      if (bytes[cellAt + 1] === EQUALS_BYTE) unwrapFormula(cellAt);
    }
    cellAt = size;
    if (cellCount < ends.length) ends[cellCount] = size;
    cellCount++;
    state = CELL_START;
  }

  function endRow() {
    endCell();
    sink.row(row);
    beginRow();
  }

  /** Counts the line that ends at index `i`; false for the second half of CRLF, which ends none. */
  function countLine(kind: number, i: number): boolean {
    if (kind === LINE_FEED && returnAt === i - 1) return false;
    if (kind === CARRIAGE_RETURN) returnAt = i;
    line++;
    return true;
  }

  function endLine(kind: number, i: number) {
    if (!countLine(kind, i)) return;
    if (state === SKIPPING) {
      if (--linesToSkip === 0) beginRow();
    } else if (state === CELL_START && cellCount === 0) {
      sink.emptyLine();
      beginRow();
    } else {
      endRow();
    }
  }

  function breakQuote() {
    sink.brokenQuote({ cell: cellCount + 1, openedIn: quoteLine, closedIn: line });
    state = SKIPPING;
    linesToSkip = 1;
  }

  /** Takes in the byte at index `i`, as the present state has it. */
  function take(byte: number, i: number) {
    const kind = kinds[byte] as number;
    const isLineEnd = kind === CARRIAGE_RETURN || kind === LINE_FEED;
    switch (state) {
      case CELL_START:
        if (kind === DELIMITER) return endCell();
        if (isLineEnd) return endLine(kind, i);
        bytes[size++] = QUOTE_BYTE;
        if (kind === QUOTE) {
          state = QUOTED;
          quoteLine = line;
        } else {
          state = UNQUOTED;
          if (kind === PLAIN) bytes[size++] = byte;
          else writeEscaped(byte);
        }
        return;
      case UNQUOTED:
        if (kind === DELIMITER) return endCell();
        if (isLineEnd) return endLine(kind, i);
        return writeEscaped(byte);
      case QUOTED:
        if (kind === QUOTE) {
          state = QUOTE_IN_QUOTED;
          return;
        }
        if (isLineEnd) countLine(kind, i);
        return writeEscaped(byte);
      case QUOTE_IN_QUOTED:
        if (kind === DELIMITER) return endCell();
        if (isLineEnd) return endLine(kind, i);
        if (kind !== QUOTE) return breakQuote();
        state = QUOTED;
        return writeEscaped(byte);
      case SKIPPING:
        if (isLineEnd) endLine(kind, i);
    }
  }

  function isLineEndByte(byte: number): boolean {
    return kinds[byte] === CARRIAGE_RETURN || kinds[byte] === LINE_FEED;
  }

  function checkSize() {
    if (size <= MAX_ROW_BYTES) return;
    const openQuote =
      state === QUOTED ? ` The quote that is opened in line ${quoteLine} may not be closed.` : '';
    throw new SourceFault({
      code: 'ROW_TOO_LARGE',
      line: rowLine,
      detail: `Line ${rowLine}: the row is larger than ${MAX_ROW_BYTES} bytes. Make it smaller.${openQuote}`,
    });
  }

  return {
    get line() {
      return line;
    },
    get unwrapped() {
      return unwrapped;
    },

    push(window, from) {
      // No byte becomes more than an escape; 2 are for the quotes around a cell that is under way.
      reserve(MAX_ESCAPE_BYTES * (window.length - from) + 2);
      let i = from;
      while (i < window.length) {
        if (state === UNQUOTED) i = copyPlain(window, i, kinds);
        else if (state === QUOTED) i = copyPlain(window, i, quotedKinds);
        if (i === window.length) break;
        const byte = window[i] as number;
        const isRowStart = state === CELL_START && cellCount === 0;
        if (isRowStart && !isLineEndByte(byte) && !sink.ready()) return i;
        take(byte, i);
        i++;
      }
      checkSize();
      returnAt -= window.length;
      return i;
    },

    end() {
      if (state === QUOTED) {
        throw new SourceFault({
          code: 'QUOTE_UNCLOSED',
          line: quoteLine,
          detail: `The quote that is opened in line ${quoteLine} is never closed. Close it, or double it if it belongs to the text.`,
        });
      }
      const isRowUnderWay = state !== SKIPPING && (state !== CELL_START || cellCount > 0);
      if (isRowUnderWay) endRow();
    },
  };
}
