/** A worksheet part: from its bytes to rows of cells (ECMA-376 part 1, 18.3). */
import { findAttribute, type XmlSink } from '../../office/xmlBytes.ts';
import { MAX_COLUMNS, MAX_MERGED_AREAS, MAX_SHEET_ROWS } from '../../limits.ts';
import { SourceFault } from '../sourceFault.ts';
import { NO_RESULT } from './cellValues.ts';
import {
  BOOLEAN,
  createCellWriter,
  DATE,
  ERROR,
  INLINE,
  NUMBER,
  SHARED,
  TEXT,
  type SheetContext,
} from './cellWriter.ts';
import { digitsAt } from './digits.ts';
import { misplaced } from './faults.ts';
import { createQuickCells } from './quickCells.ts';
import { RowCells } from './rowCells.ts';
import { isPhonetic, isText } from './sharedStrings.ts';
import type { SheetRow } from './sheetRow.ts';
import { columnAt, isOn, kindAt } from './sheetXml.ts';
import { createStringText } from './stringText.ts';

export type { SheetContext } from './cellWriter.ts';

/** An area of merged cells; rows are 1-based, columns 0-based. */
export interface MergedArea {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** A row, and how far it reaches: the column behind its last cell, empty ones included. */
export type ReachingRow = SheetRow & { readonly position: number };

/** Where rows go. */
export interface RowSink {
  row(row: ReachingRow): void;
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
const LETTER_R = 0x72;
const LETTER_S = 0x73;
const LETTER_T = 0x74;

function isName(xml: Buffer, start: number, end: number, name: Buffer): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (xml[start + i] !== name[i]) return false;
  return true;
}

/** A sink of the scanner that gives rows to another. */
export function createSheetScan(context: SheetContext, rows: RowSink): XmlSink {
  const row = new RowCells();
  const writer = createCellWriter(context, row);
  const quickCells = createQuickCells(row, writer);
  const text = createStringText();
  const found = { start: 0, end: 0 };

  let inData = false;
  let inRow = false;
  let inCell = false;
  let isCollecting = false;
  let inPhonetic = false;
  let inInline = false;
  let mergedAreas = 0;

  let column = 0;
  let kind = NUMBER;
  let style = 0;
  let hasFormula = false;
  let hasValue = false;

  function startRow(xml: Buffer, nameEnd: number, end: number) {
    const { number } = row;
    let own = number + 1;
    if (findAttribute(xml, nameEnd, end, REF, found)) {
      const given = digitsAt(xml, found.start, found.end);
      if (given > 0) own = given;
    }
    if (own <= number) throw misplaced(`Row ${own} stands behind row ${number}.`, own);
    if (own > MAX_SHEET_ROWS) throw tooManyRows(own);
    const isHidden =
      findAttribute(xml, nameEnd, end, HIDDEN, found) && isOn(xml, found.start, found.end);
    row.start(own, isHidden);
    inRow = true;
  }

  function endRow() {
    inRow = false;
    rows.row(row);
    sink.full = rows.full;
  }

  /** Reads the attributes in one go. */
  function startCell(xml: Buffer, nameEnd: number, end: number) {
    column = row.position;
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
        if (name === LETTER_R) {
          const given = columnAt(xml, value, i);
          if (given >= 0) column = given;
        } else if (name === LETTER_S) style = digitsAt(xml, value, i);
        else if (name === LETTER_T) kind = kindAt(xml, value, i);
      }
      i++;
    }
    row.place(column);
  }

  function endCell() {
    inCell = false;
    if (!hasValue) {
      if (hasFormula) row.fail(column, NO_RESULT);
      return;
    }
    switch (kind) {
      case SHARED:
        return writer.shared(column, style, text.bytes, 0, text.size);
      case NUMBER:
        return writer.number(column, style, text.bytes, 0, text.size);
      case TEXT:
      case INLINE:
        return writer.text(column, style, text);
      case BOOLEAN:
        return writer.boolean(column, text.size > 0 ? (text.bytes[0] as number) : 0);
      case ERROR:
        return writer.error(column, text.text());
      case DATE:
        return writer.date(column, style, text.text());
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
    takeWhole(xml, at, limit) {
      if (!inRow || inCell) return -1;
      const end = quickCells(xml, at, limit);
      return end > at ? end : -1;
    },
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

const tooManyRows = (line: number) =>
  new SourceFault({
    code: 'ROWS_TOO_MANY',
    detail: `There is a row ${line}; a sheet has at most ${MAX_SHEET_ROWS}. Split the table.`,
  });
