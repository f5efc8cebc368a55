/** A worksheet part: from its bytes to rows of cells (ECMA-376 part 1, 18.3). */
import * as z from 'zod';
import { findAttribute, type XmlSink } from '../../office/xmlBytes.ts';
import { MAX_COLUMNS, MAX_MERGED_AREAS, MAX_SHEET_ROWS } from '../../limits.ts';
import { SourceFault, type Finding } from '../sourceFault.ts';
import {
  createNumberWriter,
  errorFault,
  isPlainNumber,
  NO_RESULT,
  NO_SUCH_STRING,
  TEXT_TOO_LONG,
  UNREADABLE,
  type NumberWriter,
} from './cellValues.ts';
import type { NumberFormat } from '../../formats/numberFormat.ts';
import { serialOfIso } from '../../formats/serialDates.ts';
import { isPhonetic, isText } from './sharedStrings.ts';
import {
  columnLetters,
  GrowingCells,
  isTooLarge,
  type CellFault,
  type SheetRow,
} from './sheetRow.ts';
import type { StringStore } from './stringStore.ts';
import { createStringText } from './stringText.ts';
import type { Styles } from './styles.ts';

/** An area of merged cells; rows are 1-based, columns 0-based. */
export interface MergedArea {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** What a sheet is read with. */
export interface SheetContext {
  readonly strings: StringStore;
  readonly styles: Styles;
  readonly is1904: boolean;
  /** Whether values themselves are wanted instead of what is shown. */
  readonly asTyped: boolean;
}

/** Where rows go. */
export interface RowSink {
  row(row: SheetRow): void;
  /** Columns that are not shown, from one to another, 0-based. */
  hiddenColumns(from: number, to: number): void;
  merged(area: MergedArea): void;
  readonly full: boolean;
}

const BYTES = {
  c: 0x63,
  v: 0x76,
  f: 0x66,
  row: Buffer.from('row'),
  is: Buffer.from('is'),
  col: Buffer.from('col'),
  sheetData: Buffer.from('sheetData'),
  mergeCell: Buffer.from('mergeCell'),
} as const;
const REF = Buffer.from('r');
const HIDDEN = Buffer.from('hidden');
const MIN = Buffer.from('min');
const MAX = Buffer.from('max');
const AREA = Buffer.from('ref');

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const EQUALS = 0x3d;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const ONE = 0x31;
const LETTER_R = 0x72;
const LETTER_S = 0x73;
const LETTER_T = 0x74;
const LESS = 0x3c;
const GREATER = 0x3e;

/** Kinds of cells (18.18.11), as numbers because each cell is asked for its own. */
const NUMBER = 0;
const SHARED = 1;
const TEXT = 2;
const INLINE = 3;
const BOOLEAN = 4;
const ERROR = 5;
const DATE = 6;

const NO_FAULTS: CellFault[] = [];
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
/** `s="…"` of cells: styles beyond are General. */
const MOST_STYLES = 65_536;

function isName(xml: Buffer, start: number, end: number, name: Buffer): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (xml[start + i] !== name[i]) return false;
  return true;
}

/** What is around the value of a cell, and around an inline text. */
const VALUE_TAGS = [Buffer.from('<v>'), Buffer.from('</v></c>')] as const;
const INLINE_TAGS = [Buffer.from('<is><t>'), Buffer.from('</t></is></c>')] as const;

function isAt(xml: Buffer, at: number, limit: number, bytes: Buffer): boolean {
  if (at + bytes.length > limit) return false;
  for (let i = 0; i < bytes.length; i++) if (xml[at + i] !== bytes[i]) return false;
  return true;
}

function digitsAt(xml: Buffer, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = xml[i] as number;
    if (byte < ZERO || byte > NINE) return -1;
    value = value * 10 + byte - ZERO;
  }
  return end > start ? value : -1;
}

/** The 0-based column of a reference such as AB12; -1 when it has no letters, or too many. */
function columnAt(xml: Buffer, start: number, end: number): number {
  let column = 0;
  for (let i = start; i < end && i < start + 4; i++) {
    const letter = (xml[i] as number) & 0xdf;
    if (letter < 0x41 || letter > 0x5a) break;
    column = column * 26 + letter - 0x40;
  }
  return column - 1;
}

/** A sink of the scanner that gives rows to another. */
export function createSheetScan(
  { strings, styles, is1904, asTyped }: SheetContext,
  rows: RowSink,
): XmlSink {
  const cells = new GrowingCells();
  const typed = new GrowingCells();
  const text = createStringText();
  const found = { start: 0, end: 0 };
  const formats: (NumberFormat | undefined)[] = [];
  const writers = new Map<NumberFormat, NumberWriter>();
  const writersByStyle: (NumberWriter | undefined)[] = [];

  let inData = false;
  let inRow = false;
  let inCell = false;
  let isCollecting = false;
  let inPhonetic = false;
  let inInline = false;

  let number = 0;
  let isHidden = false;
  /** The column behind the last cell of the row, and behind the last that is not empty. */
  let position = 0;
  let next = 0;
  let isFilled = false;
  let faults = NO_FAULTS;
  let mergedAreas = 0;

  let column = 0;
  let kind = NUMBER;
  let style = 0;
  let hasFormula = false;
  let hasValue = false;

  const row: SheetRow = {
    get number() {
      return number;
    },
    get isHidden() {
      return isHidden;
    },
    cells,
    typed,
    get columnCount() {
      return next;
    },
    get faults() {
      return faults;
    },
    get isFilled() {
      return isFilled;
    },
  };

  function startRow(xml: Buffer, nameEnd: number, end: number) {
    let own = number + 1;
    if (findAttribute(xml, nameEnd, end, REF, found)) {
      const given = digitsAt(xml, found.start, found.end);
      if (given > 0) own = given;
    }
    if (own <= number) throw misplaced(`Row ${own} stands behind row ${number}.`, own);
    if (own > MAX_SHEET_ROWS) throw tooManyRows(own);
    number = own;
    isHidden = findAttribute(xml, nameEnd, end, HIDDEN, found) && isOn(xml, found.start, found.end);
    cells.size = 0;
    typed.size = 0;
    position = 0;
    next = 0;
    isFilled = false;
    faults = NO_FAULTS;
    inRow = true;
  }

  function endRow() {
    inRow = false;
    rows.row(row);
    sink.full = rows.full;
  }

  /** Reads the attributes in one go: every cell has them. */
  function startCell(xml: Buffer, nameEnd: number, end: number) {
    column = position;
    kind = NUMBER;
    style = 0;
    hasFormula = false;
    hasValue = false;
    inCell = true;
    text.clear();
    let i = nameEnd;
    while (i < end) {
      while (i < end && (xml[i] as number) <= SPACE) i++;
      const name = xml[i];
      const start = i;
      while (i < end && xml[i] !== EQUALS && (xml[i] as number) > SPACE) i++;
      const length = i - start;
      while (i < end && xml[i] !== QUOTE && xml[i] !== APOSTROPHE) i++;
      const quote = xml[i];
      const value = ++i;
      while (i < end && xml[i] !== quote) i++;
      if (length === 1) {
        if (name === 0x72) {
          const given = columnAt(xml, value, i);
          if (given >= 0) column = given;
        } else if (name === 0x73) style = digitsAt(xml, value, i);
        else if (name === LETTER_T) kind = kindAt(xml, value, i);
      }
      i++;
    }
    placeCell();
  }

  /** Checks that the cell is where one can be. */
  function placeCell() {
    if (column < position)
      throw misplaced(
        `Cell ${columnLetters(column)}${number} stands behind others of its row.`,
        number,
      );
    if (column >= MAX_COLUMNS) {
      throw new SourceFault({
        code: 'COLUMNS_TOO_MANY',
        line: number,
        detail: `Row ${number} has a cell in column ${column + 1}; at most ${MAX_COLUMNS} are possible. Split the table.`,
      });
    }
    position = column + 1;
  }

  /** Takes a cell that is written as nearly all are, in one go: its value alone, nothing spelt unusually. */
  function takeCell(xml: Buffer, at: number, limit: number): number {
    if (xml[at + 1] !== BYTES.c || xml[at + 2] !== SPACE) return -1;
    let given = -1;
    let givenKind = NUMBER;
    let givenStyle = 0;
    let i = at + 3;
    for (; ; i++) {
      if (i + 2 >= limit) return -1;
      const name = xml[i];
      if (name === GREATER) break;
      if (name === SPACE) continue;
      if (xml[i + 1] !== EQUALS || xml[i + 2] !== QUOTE) return -1;
      const value = i + 3;
      i = value;
      while (i < limit && xml[i] !== QUOTE && xml[i] !== LESS) i++;
      if (i >= limit || xml[i] === LESS) return -1;
      if (name === LETTER_R) given = columnAt(xml, value, i);
      else if (name === LETTER_S) givenStyle = digitsAt(xml, value, i);
      else if (name === LETTER_T) givenKind = kindAt(xml, value, i);
      else return -1;
    }
    const [before, behind] = givenKind === INLINE ? INLINE_TAGS : VALUE_TAGS;
    if (!isAt(xml, i + 1, limit, before)) return -1;
    const start = i + 1 + before.length;
    let end = start;
    while (end < limit && xml[end] !== LESS) end++;
    if (!isAt(xml, end, limit, behind)) return -1;
    column = given >= 0 ? given : position;
    kind = givenKind;
    style = givenStyle;
    hasFormula = false;
    hasValue = true;
    text.clear();
    placeCell();
    if (end > start) text.add(xml, start, end, false);
    endCell();
    return end + behind.length;
  }

  function fail({ code, detail }: Finding) {
    // A list of its own for each row: rows are kept while the header is looked for.
    if (faults === NO_FAULTS) faults = [];
    faults.push({ code, column, detail });
    finish(cells.size);
    // What is there counts as something.
    isFilled = true;
  }

  function put(bytes: Uint8Array) {
    const before = cells.size;
    cells.reserve(bytes.length).set(bytes, before);
    cells.size = before + bytes.length;
    finish(before);
  }

  /** Ends the cell that was written from `before` on; `size` bytes are what is behind it. */
  function finish(before: number, behind?: Uint8Array, size = 0) {
    cells.end(next, column, before);
    const typedBefore = typed.size;
    if (behind) {
      const to = typed.reserve(size);
      for (let i = 0; i < size; i++) to[typedBefore + i] = behind[i] as number;
      typed.size = typedBefore + size;
    }
    typed.end(next, column, typedBefore);
    endValue(before);
  }

  function endValue(before: number) {
    next = column + 1;
    if (cells.size - before > 2 || cells.bytes[before] !== QUOTE) isFilled = true;
    if (isTooLarge(cells.size)) {
      throw new SourceFault({
        code: 'ROW_TOO_LARGE',
        line: number,
        detail: `Row ${number} is larger than any may be. Make it smaller.`,
      });
    }
  }

  function formatOf(): NumberFormat {
    const at = style >= 0 && style < MOST_STYLES ? style : 0;
    return (formats[at] ??= styles.formatOf(at));
  }

  function writerOf(): NumberWriter {
    const at = style >= 0 && style < MOST_STYLES ? style : 0;
    const known = writersByStyle[at];
    if (known) return known;
    const format = formatOf();
    const writer = writers.get(format) ?? createNumberWriter(format, { is1904, asTyped });
    writers.set(format, writer);
    writersByStyle[at] = writer;
    return writer;
  }

  function endNumber() {
    const writer = writerOf();
    const { bytes, size } = text;
    if (writer.keepsPlain && isPlainNumber(bytes, size)) {
      const before = cells.size;
      const to = cells.reserve(size + 2);
      let at = before;
      if (!asTyped) to[at++] = QUOTE;
      for (let i = 0; i < size; i++) to[at++] = bytes[i] as number;
      if (!asTyped) to[at++] = QUOTE;
      cells.size = at;
      finish(before, asTyped ? undefined : bytes, size);
      return;
    }
    writeNumber(writer, bytes.toString('latin1', 0, size));
  }

  function writeNumber(writer: NumberWriter, digits: string) {
    const made = writer.write(digits);
    if ('code' in made) return fail(made);
    const before = cells.size;
    cells.write(made.shown);
    if (asTyped) return finish(before);
    cells.end(next, column, before);
    const typedBefore = typed.size;
    typed.write(made.typed);
    typed.end(next, column, typedBefore);
    endValue(before);
  }

  function endDate() {
    const serial = serialOfIso(text.text().trim());
    if (serial === undefined) return fail(UNREADABLE);
    const writer = writerOf();
    // Without a format of dates nothing says how it is shown.
    if (!formatOf().isDate) return put(Buffer.from(JSON.stringify(text.text().trim())));
    writeNumber(writer, String(is1904 ? serial - 1462 : serial));
  }

  function endShared() {
    const index = digitsAt(text.bytes, 0, text.size);
    const size = strings.sizeOf(index);
    if (size < 0) return fail(index >= 0 && index < strings.count ? TEXT_TOO_LONG : NO_SUCH_STRING);
    if (!asTyped && style > 0 && formatOf().changesTexts) {
      const json = Buffer.alloc(size);
      strings.copy(index, json, 0);
      return putText(z.string().parse(JSON.parse(json.toString('utf8'))));
    }
    const before = cells.size;
    cells.size = strings.copy(index, cells.reserve(size), before);
    finish(before);
  }

  function putText(value: string) {
    put(Buffer.from(JSON.stringify(formatOf().showText(value))));
  }

  function endText() {
    if (!asTyped && style > 0 && formatOf().changesTexts) return putText(text.text());
    const before = cells.size;
    cells.size = text.json(cells.reserve(text.jsonBytes), before);
    finish(before);
  }

  function endCell() {
    inCell = false;
    if (!hasValue) {
      if (hasFormula) fail(NO_RESULT);
      return;
    }
    switch (kind) {
      case SHARED:
        return endShared();
      case NUMBER:
        // An empty value is none.
        return text.size === 0 ? undefined : endNumber();
      case TEXT:
      case INLINE:
        return endText();
      case BOOLEAN:
        return put(text.bytes[0] === ONE || text.bytes[0] === LETTER_T ? TRUE : FALSE);
      case ERROR:
        return fail(errorFault(text.text()));
      case DATE:
        return text.size === 0 ? undefined : endDate();
    }
  }

  function takeColumns(xml: Buffer, nameEnd: number, end: number) {
    if (!findAttribute(xml, nameEnd, end, HIDDEN, found)) return;
    if (!isOn(xml, found.start, found.end)) return;
    const from = findAttribute(xml, nameEnd, end, MIN, found)
      ? digitsAt(xml, found.start, found.end)
      : -1;
    const to = findAttribute(xml, nameEnd, end, MAX, found)
      ? digitsAt(xml, found.start, found.end)
      : -1;
    if (from > 0 && to >= from) rows.hiddenColumns(from - 1, Math.min(to, MAX_COLUMNS) - 1);
  }

  function takeMerged(xml: Buffer, nameEnd: number, end: number) {
    if (!findAttribute(xml, nameEnd, end, AREA, found)) return;
    const match = /^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$/.exec(
      xml.toString('latin1', found.start, Math.min(found.end, found.start + 32)),
    );
    if (!match || ++mergedAreas > MAX_MERGED_AREAS) return;
    const [, left = '', top, right = '', bottom] = match;
    const columnOf = (letters: string) => columnAt(Buffer.from(letters), 0, letters.length);
    rows.merged({
      top: Number(top),
      left: columnOf(left),
      bottom: Math.min(Number(bottom), MAX_SHEET_ROWS),
      right: Math.min(columnOf(right), MAX_COLUMNS - 1),
    });
  }

  const sink: XmlSink = {
    full: false,
    takeWhole: (xml, at, limit) => (inRow && !inCell ? takeCell(xml, at, limit) : -1),
    open(xml, name, nameEnd, end, isEmpty) {
      if (inCell) {
        if (nameEnd - name === 1) {
          const byte = xml[name];
          if (byte === BYTES.v && kind !== INLINE) {
            hasValue = true;
            isCollecting = !isEmpty;
          } else if (byte === BYTES.f) hasFormula = true;
          else if (inInline && isText(xml, name, nameEnd)) isCollecting = !isEmpty && !inPhonetic;
        } else if (isName(xml, name, nameEnd, BYTES.is)) {
          inInline = !isEmpty;
          hasValue = true;
          kind = INLINE;
        } else if (isPhonetic(xml, name, nameEnd)) inPhonetic = !isEmpty;
      } else if (inRow) {
        if (nameEnd - name === 1 && xml[name] === BYTES.c) {
          startCell(xml, nameEnd, end);
          if (isEmpty) endCell();
        }
      } else if (inData) {
        if (isName(xml, name, nameEnd, BYTES.row)) {
          startRow(xml, nameEnd, end);
          if (isEmpty) endRow();
        }
      } else if (isName(xml, name, nameEnd, BYTES.sheetData)) inData = !isEmpty;
      else if (isName(xml, name, nameEnd, BYTES.col)) takeColumns(xml, nameEnd, end);
      else if (isName(xml, name, nameEnd, BYTES.mergeCell)) takeMerged(xml, nameEnd, end);
    },
    close(xml, name, nameEnd) {
      if (inCell) {
        isCollecting = false;
        if (nameEnd - name === 1) {
          if (xml[name] === BYTES.c) endCell();
        } else if (isName(xml, name, nameEnd, BYTES.is)) inInline = false;
        else if (isPhonetic(xml, name, nameEnd)) inPhonetic = false;
      } else if (inRow) {
        if (isName(xml, name, nameEnd, BYTES.row)) endRow();
      } else if (inData && isName(xml, name, nameEnd, BYTES.sheetData)) inData = false;
    },
    text(xml, start, end, isPlain) {
      if (isCollecting) text.add(xml, start, end, isPlain);
    },
  };
  return sink;
}

function kindAt(xml: Buffer, start: number, end: number): number {
  const first = xml[start];
  if (end - start === 1) {
    if (first === 0x73) return SHARED;
    if (first === 0x62) return BOOLEAN;
    if (first === 0x65) return ERROR;
    return first === 0x64 ? DATE : NUMBER;
  }
  if (first === 0x73) return TEXT;
  return first === 0x69 ? INLINE : NUMBER;
}

const isOn = (xml: Buffer, start: number, end: number) =>
  end > start && xml[start] !== ZERO && xml[start] !== 0x66;

const misplaced = (what: string, line: number) =>
  new SourceFault({
    code: 'CELL_MISPLACED',
    line,
    detail: `${what} The workbook is damaged. Open it in Excel, save it and upload that.`,
  });

const tooManyRows = (line: number) =>
  new SourceFault({
    code: 'ROWS_TOO_MANY',
    detail: `There is a row ${line}; a sheet has at most ${MAX_SHEET_ROWS}. Split the table.`,
  });
