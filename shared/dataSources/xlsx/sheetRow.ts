/** One row of a sheet: its cells as JSON, as shown and as they are behind that. */
import { MAX_COLUMNS, MAX_ROW_BYTES } from '../../limits.ts';
import { viewOf } from '../pieces.ts';
import type { Finding } from '../sourceFault.ts';

/** Cells one behind the other, by where each ends (rowLayout.ts). */
export interface CellBytes {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** What is wrong with a cell, by its 0-based column. */
export interface CellFault extends Finding {
  readonly column: number;
}

/** A row as it was read. The object and its memory are used again for the next. */
export interface SheetRow {
  /** 1-based number in the sheet. */
  readonly number: number;
  readonly isHidden: boolean;
  /** Values of the cells; no byte for one that is empty. */
  readonly cells: CellBytes;
  /** What numbers and dates are behind what is shown; no byte for other cells. */
  readonly typed: CellBytes;
  /** How many columns there are up to the last cell that is not empty. */
  readonly columnCount: number;
  readonly faults: readonly CellFault[];
  /** Whether some cell holds more than an empty text. */
  readonly isFilled: boolean;
}

const FIRST_BYTES = 4 * 1024;

/** Cells that grow, in memory that is used again. */
export class GrowingCells implements CellBytes {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  readonly ends: Uint32Array;
  size = 0;

  constructor(columns = MAX_COLUMNS) {
    this.ends = new Uint32Array(columns);
  }

  /** Room for so many bytes more. */
  reserve(count: number): Uint8Array {
    if (this.size + count > this.bytes.length) {
      const larger = new Uint8Array(2 * (this.size + count));
      larger.set(this.bytes.subarray(0, this.size));
      this.bytes = larger;
    }
    return this.bytes;
  }

  /** Writes a text that is short, mostly of ASCII. */
  write(text: string): void {
    const to = this.reserve(3 * text.length);
    let at = this.size;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        this.size += viewOf(to).write(text, this.size);
        return;
      }
      to[at++] = unit;
    }
    this.size = at;
  }

  /** Adds a stretch of bytes. */
  copy(from: Uint8Array, start: number, end: number): void {
    const to = this.reserve(end - start);
    let at = this.size;
    for (let i = start; i < end; i++) to[at++] = from[i] as number;
    this.size = at;
  }

  add(bytes: Uint8Array): void {
    this.copy(bytes, 0, bytes.length);
  }
}

/** Whether a row has become larger than any may be. */
export const isTooLarge = (size: number): boolean => size > MAX_ROW_BYTES;
