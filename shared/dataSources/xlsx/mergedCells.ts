/** Merged cells: only the first cell of an area has its value in the file; people see it in all of them. */
import { damaged } from './faults.ts';
import { bytesOf } from './sheetColumns.ts';
import type { CellFault, SheetRow } from './sheetRow.ts';
import type { MergedArea } from './sheetScan.ts';

/** Cells that take the place of empty ones, by column. */
export interface LaidOver {
  readonly cells: ReadonlyMap<number, Uint8Array>;
  readonly typed: ReadonlyMap<number, Uint8Array>;
  /** Of areas whose first cell cannot be read, in the columns of all others. */
  readonly faults: readonly CellFault[];
}

/** Goes with the rows of a sheet, in their order. */
export interface MergedCells {
  /** What is laid over a row; undefined when nothing is. */
  at(row: SheetRow): LaidOver | undefined;
}

interface OpenArea extends MergedArea {
  readonly value: Uint8Array;
  readonly behind: Uint8Array;
  readonly fault: CellFault | undefined;
}

/** @throws SourceFault from at() when areas lie over each other, as they cannot */
export function createMergedCells(areas: readonly MergedArea[]): MergedCells {
  const coming = [...areas].sort((a, b) => b.top - a.top);
  let open: OpenArea[] = [];

  function enter(row: SheetRow) {
    for (let area = coming.at(-1); area && area.top <= row.number; area = coming.at(-1)) {
      coming.pop();
      if (area.top < row.number || area.left >= row.columnCount) continue;
      const value = Uint8Array.from(bytesOf(row.cells, area.left));
      const fault = row.faults.find(({ column }) => column === area.left);
      if (value.length === 0 && !fault) continue;
      const behind = Uint8Array.from(bytesOf(row.typed, area.left));
      open.push({ ...area, value, behind, fault });
    }
  }

  return {
    at(row) {
      if (open.length > 0) open = open.filter(({ bottom }) => bottom >= row.number);
      enter(row);
      if (open.length === 0) return undefined;
      const cells = new Map<number, Uint8Array>();
      const typed = new Map<number, Uint8Array>();
      const faults: CellFault[] = [];
      const covered = new Set<number>();
      for (const { top, left, right, value, behind, fault } of open) {
        for (let column = left; column <= right; column++) {
          if (covered.has(column)) throw damaged('areas of merged cells lie over each other.');
          covered.add(column);
          if (fault) {
            if (row.number > top || column > left) faults.push({ ...fault, column });
            continue;
          }
          cells.set(column, value);
          if (behind.length > 0) typed.set(column, behind);
        }
      }
      return { cells, typed, faults };
    },
  };
}
