/** Attributes of a worksheet, from their bytes. */
import { BOOLEAN, DATE, ERROR, INLINE, NUMBER, SHARED, TEXT } from './cellWriter.ts';

/** Whether an attribute at this place says that something is so. */
export const isOn = (xml: Buffer, start: number, end: number) =>
  end > start && xml[start] !== 0x30 && xml[start] !== 0x66;

/** The 0-based column of a reference such as AB12; -1 when it has no letters. */
export function columnAt(xml: Buffer, start: number, end: number): number {
  let column = 0;
  for (let i = start; i < end && i < start + 4; i++) {
    const letter = (xml[i] as number) & 0xdf;
    if (letter < 0x41 || letter > 0x5a) break;
    column = column * 26 + letter - 0x40;
  }
  return column - 1;
}

/** The kind of a cell by its `t`. */
export function kindAt(xml: Buffer, start: number, end: number): number {
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
