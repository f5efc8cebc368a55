/** Workbooks as our writer makes them, in memory. */
import type { SheetLayout } from '../../shared/workbooks/sheetParts.ts';
import type { Cell } from '../../shared/workbooks/cells.ts';
import {
  createWorkbookWriter,
  type WorkbookWriter,
} from '../../shared/workbooks/workbookWriter.ts';
import type { ByteSink } from '../../shared/zip/deflatedEntries.ts';

/** What was appended, whole. */
export function memorySink(): ByteSink & { readonly bytes: () => Buffer } {
  const pieces: Buffer[] = [];
  return {
    append: (bytes) => void pieces.push(Buffer.from(bytes)),
    flush: () => Promise.resolve(),
    bytes: () => Buffer.concat(pieces),
  };
}

export interface WrittenSheet extends Partial<SheetLayout> {
  readonly rows: readonly (readonly Cell[])[];
}

/** Writes sheets, and flushes only as often as it is told; a writer may be asked for its names at the end. */
export async function writeWorkbook(
  sheets: readonly WrittenSheet[],
  finish: Parameters<WorkbookWriter['finish']>[0] = [],
): Promise<Buffer> {
  const sink = memorySink();
  const writer = createWorkbookWriter(sink);
  for (const [i, { rows, ...layout }] of sheets.entries()) {
    await writer.beginSheet({ name: `Sheet${i + 1}`, columns: [], ...layout });
    for (const row of rows) {
      writer.row(row);
      if (writer.full) await writer.flush();
    }
  }
  await writer.finish(finish);
  return sink.bytes();
}
