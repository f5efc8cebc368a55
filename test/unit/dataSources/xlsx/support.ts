/** Reading workbooks in tests: bytes in, rows and problems out, by way of the in-memory bucket. */
import type { Reading } from '../../../../shared/dataSources/reading.ts';
import { allRows, readIndex, readRows, typedValues } from '../../../../shared/dataSources/rows.ts';
import { sourceFile } from '../../../../shared/dataSources/sourceFile.ts';
import { readWorkbook } from '../../../../shared/dataSources/xlsx/readWorkbook.ts';
import type { SourceOutcome } from '../../../../shared/dataSources/readSource.ts';
import type { Row } from '../../../../shared/schemas/common.ts';
import type { ByteRange } from '../../../../shared/ports.ts';
import { createMemoryObjectStore } from '../../../support/memoryObjectStore.ts';
import {
  craftRows,
  craftWorkbook,
  type CraftedValue,
  type CraftedWorkbook,
} from '../../../support/workbooks.ts';

export interface ReadSheet {
  readonly outcome: SourceOutcome;
  readonly rows: readonly Row[];
  /** What is behind the values of each row. */
  readonly typed: readonly (Row | undefined)[];
  /** rows.jsonl as it is. */
  readonly text: string;
}

async function* inPieces(source: AsyncIterable<Uint8Array>, size: number) {
  for await (const piece of source) {
    for (let at = 0; at < piece.length; at += size) yield piece.subarray(at, at + size);
  }
}

/** Reads a workbook, whose parts arrive in pieces of this size. */
export async function readBytes(
  bytes: Uint8Array,
  reading: Omit<Reading, 'format'> = {},
  pieceBytes = Infinity,
): Promise<ReadSheet> {
  const objects = createMemoryObjectStore();
  await objects.put('upload', bytes);
  const keys = { rowsKey: 'rows', indexKey: 'index' };
  const whole = sourceFile({ objects }, 'upload', bytes.length);
  const file = {
    ...whole,
    stream: (range: ByteRange) => inPieces(whole.stream(range), pieceBytes),
  };
  const outcome = await readWorkbook({ objects }, file, reading, keys);
  if (objects.openUploads() > 0) throw new Error('An upload was left open.');
  if (!outcome.ok) {
    if (objects.keys().includes('rows'))
      throw new Error('Rows were published in spite of problems.');
    return { outcome, rows: [], typed: [], text: '' };
  }
  const index = await readIndex({ objects }, 'index');
  const rows: Row[] = [];
  const typed: (Row | undefined)[] = [];
  for await (const batch of readRows({ objects }, 'rows', allRows(index))) {
    for (const row of batch.rows) {
      rows.push(row.values);
      typed.push(typedValues(row));
    }
  }
  return { outcome, rows, typed, text: Buffer.from(await objects.read('rows')).toString('utf8') };
}

/** Reads a crafted one. */
export const readCrafted = (workbook: CraftedWorkbook, reading?: Omit<Reading, 'format'>) =>
  readBytes(craftWorkbook(workbook), reading);

/** Reads a sheet of these values. */
export const readValues = (
  values: readonly (readonly CraftedValue[])[],
  {
    reading,
    ...workbook
  }: Omit<CraftedWorkbook, 'sheets'> & { reading?: Omit<Reading, 'format'> } = {},
) => readCrafted({ ...workbook, sheets: [{ data: craftRows(values) }] }, reading);

/** The problems of a workbook that must not be readable. */
export async function faultsOf(read: Promise<ReadSheet>) {
  const { outcome } = await read;
  if (outcome.ok) throw new Error('The workbook was read.');
  return outcome.problems;
}
