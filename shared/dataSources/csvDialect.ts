/** Finding how a CSV is written: the character between its cells, and that around them. */
import { CANDIDATES, startOfLine } from './csvDelimiter.ts';

/** How many bytes of a file are enough for it. */
export const DIALECT_HEAD_BYTES = 64 * 1024;
/** Lines behind the header by which delimiters are compared. */
const COMPARED_LINES = 20;

/** Characters as bytes. */
export interface Dialect {
  readonly delimiter: number;
  readonly quote: number;
  /** What was found and may be otherwise, in sentences. */
  readonly warnings: readonly string[];
}

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What a table would be with one delimiter and quote. */
interface Trial {
  readonly delimiter: number;
  /** Delimiters of the header. */
  readonly inHeader: number;
  /** How many of the lines behind it have as many. */
  readonly alike: number;
  /** Cells by how they begin, and those of them that end with the same quote. */
  readonly opened: number;
  readonly closed: number;
  readonly openedOtherwise: number;
}

/**
 * Finds what is not given.
 * @param head the first DIALECT_HEAD_BYTES of the file, or all of it
 * @param headerRow 1-based line that holds the column names
 */
export function findDialect(
  head: Uint8Array,
  headerRow: number,
  given: { readonly delimiter: number | undefined; readonly quote: number | undefined },
): Dialect {
  const from = startOfLine(head, headerRow);
  const delimiters = given.delimiter === undefined ? CANDIDATES : [given.delimiter];
  const best = (quote: number) => bestOf(delimiters.map((each) => tryOut(head, from, each, quote)));
  if (given.quote === undefined && given.delimiter !== APOSTROPHE) {
    const single = best(APOSTROPHE);
    if (isQuoting(single)) {
      return { delimiter: single.delimiter, quote: APOSTROPHE, warnings: [SINGLE_QUOTES] };
    }
  }
  const quote = given.quote ?? QUOTE;
  return { delimiter: best(quote).delimiter, quote, warnings: [] };
}

const SINGLE_QUOTES =
  'Cells stand in single quotes, which are left out. If they belong to the texts, upload it as a new data source and complete it with quote "\\"".';

/** All cells that begin with it end with it, more than one, and none begins with the usual quote. */
const isQuoting = ({ opened, closed, openedOtherwise }: Trial) =>
  opened > 1 && closed === opened && openedOtherwise === 0;

/** Of those that are in the header: with which most lines are alike, and then the most frequent. */
function bestOf(trials: readonly Trial[]): Trial {
  const [first, ...others] = trials;
  if (!first) throw new Error('There is at least one delimiter.');
  const isBetter = (one: Trial, other: Trial) => {
    if (one.inHeader === 0 || other.inHeader === 0) return one.inHeader > other.inHeader;
    return one.alike === other.alike ? one.inHeader > other.inHeader : one.alike > other.alike;
  };
  return others.reduce((best, each) => (isBetter(each, best) ? each : best), first);
}

function tryOut(head: Uint8Array, from: number, delimiter: number, quote: number): Trial {
  const other = quote === QUOTE ? APOSTROPHE : QUOTE;
  let inHeader = 0;
  let inLine = 0;
  let lines = 0;
  let alike = 0;
  let opened = 0;
  let closed = 0;
  let openedOtherwise = 0;
  let isCellStart = true;
  let isQuoted = false;
  /** Whether the byte before closed the quote of its cell. */
  let isClosing = false;
  let ownOpened = false;

  function endCell() {
    if (ownOpened && isClosing) closed++;
    ownOpened = false;
    isCellStart = true;
    isClosing = false;
  }
  function endLine() {
    endCell();
    if (lines === 0) inHeader = inLine;
    else if (inLine === inHeader) alike++;
    lines++;
    inLine = 0;
  }

  for (let i = from; i < head.length && lines <= COMPARED_LINES; i++) {
    const byte = head[i] as number;
    if (isQuoted) {
      if (byte !== quote) continue;
      isQuoted = false;
      isClosing = true;
      continue;
    }
    if (byte === quote && (isCellStart || isClosing)) {
      // Behind the closing one it is doubled.
      if (isCellStart) {
        opened++;
        ownOpened = true;
      }
      isQuoted = true;
      isCellStart = false;
      isClosing = false;
      continue;
    }
    if (byte === delimiter) {
      inLine++;
      endCell();
      continue;
    }
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
      if (byte === CARRIAGE_RETURN && head[i + 1] === LINE_FEED) i++;
      endLine();
      continue;
    }
    if (isCellStart && byte === other) openedOtherwise++;
    isCellStart = false;
    isClosing = false;
  }
  // The last line may be cut off, or a quote is open that no line closes.
  const isWhole = head.length < DIALECT_HEAD_BYTES && !isQuoted;
  if (lines === 0 || (isWhole && lines <= COMPARED_LINES && (inLine > 0 || !isCellStart)))
    endLine();
  return { delimiter, inHeader, alike, opened, closed, openedOtherwise };
}
