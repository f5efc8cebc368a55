/**
 * Cells that are written as nearly all are: nothing spelt unusually, and there as a whole. They are taken one
 * after the other without being told of by the scanner, which takes whatever is left out here.
 */
import { BOOLEAN, INLINE, NUMBER, SHARED, TEXT, type CellWriter } from './cellWriter.ts';
import { digitsAt } from './digits.ts';
import type { RowCells } from './rowCells.ts';
import { columnAt, kindAt } from './sheetXml.ts';
import { createStringText } from './stringText.ts';

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const EQUALS = 0x3d;
const SPACE = 0x20;
const LETTER_C = 0x63;
const LETTER_F = 0x66;
const LETTER_R = 0x72;
const LETTER_S = 0x73;
const LETTER_T = 0x74;

/** What is around the value of a cell, and around an inline text. */
const VALUE = Buffer.from('<v>');
const VALUE_END = Buffer.from('</v></c>');
const INLINE_TEXT = Buffer.from('<is><t>');
const INLINE_END = Buffer.from('</t></is></c>');
const FORMULA_END = Buffer.from('</f>');

function isAt(xml: Buffer, at: number, limit: number, bytes: Buffer): boolean {
  if (at + bytes.length > limit) return false;
  for (let i = 0; i < bytes.length; i++) if (xml[at + i] !== bytes[i]) return false;
  return true;
}

/**
 * Takes cells from `at` on, as many as are so.
 * @returns where the last of them ends; `at` when there is none
 */
export type QuickCells = (xml: Buffer, at: number, limit: number) => number;

export function createQuickCells(row: RowCells, writer: CellWriter): QuickCells {
  const text = createStringText();

  /** Where the cell ends; -1 when it is to be left out. */
  function takeCell(xml: Buffer, at: number, limit: number): number {
    if (xml[at + 1] !== LETTER_C || xml[at + 2] !== SPACE) return -1;
    let given = -1;
    let kind = NUMBER;
    let style = 0;
    let i = at + 3;
    for (; ; i++) {
      if (i + 2 >= limit) return -1;
      const name = xml[i];
      if (name === GREATER) break;
      if (name === SPACE) continue;
      if (xml[i + 1] !== EQUALS || xml[i + 2] !== QUOTE) {
        // It is empty: it has a style only.
        if (name !== SLASH || xml[i + 1] !== GREATER) return -1;
        row.place(given >= 0 ? given : row.position);
        return i + 2;
      }
      const value = i + 3;
      i = value;
      while (i < limit && xml[i] !== QUOTE && xml[i] !== LESS) i++;
      if (i >= limit || xml[i] === LESS) return -1;
      if (name === LETTER_R) given = columnAt(xml, value, i);
      else if (name === LETTER_S) style = digitsAt(xml, value, i);
      else if (name === LETTER_T) kind = kindAt(xml, value, i);
      else return -1;
    }
    i++;
    if (kind === INLINE) return takeInline(xml, i, limit, given, style);
    if (xml[i + 1] === LETTER_F) {
      i = behindFormula(xml, i, limit);
      if (i < 0) return -1;
    }
    if (!isAt(xml, i, limit, VALUE)) return -1;
    const start = i + VALUE.length;
    let end = start;
    while (end < limit && xml[end] !== LESS) end++;
    if (!isAt(xml, end, limit, VALUE_END)) return -1;
    if (kind > BOOLEAN) return -1;
    const column = given >= 0 ? given : row.position;
    row.place(column);
    if (kind === SHARED) writer.shared(column, style, xml, start, end);
    else if (kind === NUMBER) writer.number(column, style, xml, start, end);
    else if (kind === TEXT) writeText(xml, start, end, column, style);
    else writer.boolean(column, end > start ? (xml[start] as number) : 0);
    return end + VALUE_END.length;
  }

  function takeInline(
    xml: Buffer,
    at: number,
    limit: number,
    given: number,
    style: number,
  ): number {
    if (!isAt(xml, at, limit, INLINE_TEXT)) return -1;
    const start = at + INLINE_TEXT.length;
    let end = start;
    while (end < limit && xml[end] !== LESS) end++;
    if (!isAt(xml, end, limit, INLINE_END)) return -1;
    const column = given >= 0 ? given : row.position;
    row.place(column);
    writeText(xml, start, end, column, style);
    return end + INLINE_END.length;
  }

  function writeText(xml: Buffer, start: number, end: number, column: number, style: number) {
    text.clear();
    if (end > start) text.add(xml, start, end, false);
    writer.text(column, style, text);
  }

  return (xml, at, limit) => {
    let end = at;
    for (;;) {
      // Behind white space the scanner goes on.
      if (end >= limit || xml[end] !== LESS) return end;
      const next = takeCell(xml, end, limit);
      if (next < 0) return end;
      end = next;
    }
  };
}

/** Where a formula's element ends; -1 when it is not there as a whole, or another element. */
function behindFormula(xml: Buffer, at: number, limit: number): number {
  const behindName = xml[at + 2];
  if (behindName !== GREATER && behindName !== SPACE && behindName !== SLASH) return -1;
  let quote = 0;
  let i = at + 2;
  for (; i < limit; i++) {
    const byte = xml[i] as number;
    if (byte === LESS) return -1;
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === GREATER) break;
    else if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
  }
  if (i >= limit) return -1;
  if (xml[i - 1] === SLASH) return i + 1;
  for (i++; i < limit && xml[i] !== LESS; i++);
  return isAt(xml, i, limit, FORMULA_END) ? i + FORMULA_END.length : -1;
}
