/** Reading CSV (RFC 4180): a header, then one row a line. */
import * as z from 'zod';
import { MAX_COLUMNS, MAX_ROW_BYTES } from '../limits.ts';
import type { ReadingOptions } from '../schemas/common.ts';
import { readHeader } from './columns.ts';
import { countLineEnds, namedDelimiter } from './csvDelimiter.ts';
import { DIALECT_HEAD_BYTES, findDialect, type Dialect } from './csvDialect.ts';
import { createCsvTokenizer, type BrokenQuote, type CsvRow } from './csvTokens.ts';
import { requireNoJson } from './otherKinds.ts';
import { viewOf } from './pieces.ts';
import { createRaggedLines } from './raggedLines.ts';
import { compileTable, type TableLayout } from './rowLayout.ts';
import { SourceFault, type FoundProblem } from './sourceFault.ts';
import {
  checkRowCount,
  rowTooLarge,
  type ReaderOutput,
  type SourceReader,
} from './sourceReader.ts';

/** Line of the header behind a first line that names the delimiter. */
const HEADER_BEHIND_NAMING = 2;

/**
 * A reader of CSV. A first line such as `sep=;` names the delimiter and is passed over. A cell
 * without quotes and characters is absent (null), `""` is an empty text. A line without any character counts as a blank row, unless only such lines follow it.
 */
export function createCsvReader(
  output: ReaderOutput,
  { delimiter, quote, headerRow = 1 }: Pick<ReadingOptions, 'delimiter' | 'quote' | 'headerRow'>,
): SourceReader {
  return afterReadingHead((head) => {
    requireNoJson(head);
    const named = namedDelimiter(head);
    const line = named === undefined ? headerRow : Math.max(headerRow, HEADER_BEHIND_NAMING);
    const dialect = findDialect(head, line, {
      delimiter: delimiter?.charCodeAt(0) ?? named,
      quote: quote?.charCodeAt(0),
    });
    return createRowReader(output, dialect, line);
  });
}

/**
 * Holds the beginning of the file back until it tells how to read it.
 * @param create gets the first DIALECT_HEAD_BYTES of the file, or all of it
 */
function afterReadingHead(create: (head: Uint8Array) => SourceReader): SourceReader {
  let pieces: Uint8Array[] = [];
  let heldBytes = 0;
  let head: Uint8Array = new Uint8Array(0);
  let headAt = 0;
  let reader: SourceReader | undefined;

  function start(): SourceReader {
    head = Buffer.concat(pieces);
    pieces = [];
    return create(head.subarray(0, DIALECT_HEAD_BYTES));
  }

  /** Gives the head to the reader; false when the writer is full before its end. */
  function passHead(to: SourceReader): boolean {
    if (headAt < head.length) headAt = to.push(head, headAt);
    return headAt === head.length;
  }

  return {
    push(window, from) {
      if (reader) return passHead(reader) ? reader.push(window, from) : from;
      pieces.push(window.subarray(from));
      heldBytes += window.length - from;
      if (heldBytes >= DIALECT_HEAD_BYTES) passHead((reader = start()));
      return window.length;
    },
    end() {
      reader ??= start();
      return passHead(reader) && reader.end();
    },
    get line() {
      return reader?.line ?? 1 + countLineEnds(Buffer.concat(pieces));
    },
    get columns() {
      return reader?.columns ?? [];
    },
    get found() {
      return reader?.found;
    },
    warnings: () => reader?.warnings() ?? [],
    get rowCount() {
      return reader?.rowCount ?? 0;
    },
  };
}

function createRowReader(
  { writer, problems }: ReaderOutput,
  { delimiter, quote, warnings }: Dialect,
  headerRow: number,
): SourceReader {
  let columns: string[] = [];
  let layout: TableLayout | undefined;
  let headerWarnings: readonly string[] = [];
  let headerCells = 0;
  const ragged = createRaggedLines(delimiter);
  let rowCount = 0;
  /** Empty lines that are rows only if something follows. */
  let emptyLines = 0;

  function addRow(cells: Pick<CsvRow, 'bytes' | 'ends'>, line: number, table: TableLayout) {
    rowCount++;
    checkRowCount(rowCount, line);
    if (problems.count > 0) return;
    const cellBytes = cells.ends[columns.length - 1] ?? 0;
    const bytes = cellBytes + table.frameBytes + table.repeatedBytes(cells);
    if (bytes > MAX_ROW_BYTES) throw rowTooLarge(`Line ${line}`, line);
    writer.endLine(table.write(cells, writer.reserve(bytes), writer.position));
  }

  function takeHeader(row: CsvRow): TableLayout {
    if (row.cellCount > MAX_COLUMNS) {
      throw new SourceFault({
        code: 'COLUMNS_TOO_MANY',
        line: row.line,
        detail: `Line ${row.line} names ${row.cellCount} columns; at most ${MAX_COLUMNS} are possible. Split the table.`,
      });
    }
    const header = readHeader(cellTexts(row), row.line);
    columns = header.columns;
    headerWarnings = header.warnings;
    headerCells = row.cellCount;
    return compileTable(header);
  }

  function takeRow(row: CsvRow, table: TableLayout) {
    const fault = ragged.fit(row, columns.length, headerCells);
    if (fault === undefined) {
      addRow(row, row.line, table);
      return;
    }
    rowCount++;
    problems.add({ ...fault, line: row.line, row: rowCount });
  }

  function takeBrokenQuote({ cell, openedIn, closedIn }: BrokenQuote) {
    rowCount++;
    const problem: FoundProblem = {
      code: 'QUOTE_BROKEN',
      line: openedIn,
      detail: `The quote that is opened in line ${openedIn}, cell ${cell}, is closed in line ${closedIn}, but text follows it. Close it where the cell ends, and double quotes that belong to the text.`,
    };
    // Without its header a table cannot be read on.
    if (!layout) throw new SourceFault(problem);
    problems.add({ ...problem, row: rowCount });
  }

  const tokenizer = createCsvTokenizer(
    { delimiter, quote, skippedLines: headerRow - 1 },
    {
      ready() {
        for (; emptyLines > 0 && !writer.full; emptyLines--) {
          if (layout) addRow(NO_CELLS, tokenizer.line, layout);
        }
        return !writer.full;
      },
      row(row) {
        if (layout) takeRow(row, layout);
        else layout = takeHeader(row);
      },
      emptyLine() {
        if (!layout) throw noHeader(headerRow, 'is empty');
        emptyLines++;
      },
      brokenQuote: takeBrokenQuote,
    },
  );

  return {
    push: (window, from) => tokenizer.push(window, from),
    end() {
      tokenizer.end();
      if (!layout) throw noHeader(headerRow, 'is not there');
      if (rowCount === 0) {
        throw new SourceFault({
          code: 'ROWS_MISSING',
          detail: 'There is a header, but no row below it. Add at least one row.',
        });
      }
      const fault = ragged.faultOfAll(rowCount);
      if (fault !== undefined) problems.add(fault);
      return true;
    },
    get line() {
      return tokenizer.line;
    },
    get columns() {
      return columns;
    },
    found: {
      delimiter: String.fromCharCode(delimiter),
      quote: String.fromCharCode(quote),
      headerRow,
    },
    warnings: () => [
      ...warnings,
      ...headerWarnings,
      ...ragged.warnings(),
      ...unwrappedCells(tokenizer.unwrapped),
    ],
    get rowCount() {
      return rowCount;
    },
  };
}

const unwrappedCells = (count: number): string[] =>
  count === 0
    ? []
    : [
        `${count === 1 ? '1 cell is' : `${count} cells are`} written as a formula of a text, such as ="00123": the text within is taken.`,
      ];

/** A row of any width whose cells are all absent. */
const NO_CELLS = { bytes: new Uint8Array(0), ends: new Uint32Array(MAX_COLUMNS) };

const noHeader = (line: number, what: string) =>
  new SourceFault({
    code: 'HEADER_MISSING',
    line,
    detail: `Line ${line}, which should hold the names of the columns, ${what}. If another line holds them, give its number as headerRow.`,
  });

/** The texts of the cells; undefined for absent ones. */
function cellTexts({ bytes, ends, cellCount }: CsvRow): (string | undefined)[] {
  return Array.from({ length: cellCount }, (_, i) => {
    const start = i === 0 ? 0 : ends[i - 1];
    const json = viewOf(bytes.subarray(start, ends[i])).toString('utf8');
    return json === '' ? undefined : z.string().parse(JSON.parse(json));
  });
}
