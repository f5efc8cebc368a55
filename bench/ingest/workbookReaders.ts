/**
 * Ways of turning a workbook into lines of JSON. The peers give numbers and dates as they are; ours shows
 * them as Excel does and writes both, keeps an index of the rows beside, and refuses what is broken.
 */
import { Readable } from 'node:stream';
import ExcelJS from 'exceljs';
import readExcelFile from 'read-excel-file/node';
import { readWorkbook } from '../../shared/dataSources/xlsx/readWorkbook.ts';
import { openPackage } from '../../shared/dataSources/xlsx/package.ts';
import { nowhere } from '../stores.ts';
import { fileOf, type BenchWorkbook } from './workbooks.ts';

/** Reads a workbook; returns how many rows it had below its header. */
export type ReadXlsx = (workbook: BenchWorkbook) => Promise<number>;

/** Ours, with everything that ingesting a data source does but input and output. */
export const readXlsxWithSheaf: ReadXlsx = async ({ bytes }) => {
  const outcome = await readWorkbook(
    { objects: nowhere() },
    fileOf(bytes),
    {},
    { rowsKey: 'rows', indexKey: 'index' },
  );
  if (!outcome.ok) throw new Error(outcome.problems[0]?.detail);
  return outcome.rowCount;
};

/** Its reader of streams. */
export const readXlsxWithExcelJs: ReadXlsx = async ({ bytes }) => {
  const workbook = new ExcelJS.stream.xlsx.WorkbookReader(Readable.from([bytes]), {
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
    worksheets: 'emit',
  });
  let rows = -1;
  let length = 0;
  for await (const sheet of workbook) {
    for await (const row of sheet) {
      length += JSON.stringify(row.values).length;
      rows++;
    }
  }
  if (length === 0) throw new Error('exceljs read nothing.');
  return rows;
};

/** It has the whole sheet in memory. */
export const readXlsxWithReadExcelFile: ReadXlsx = async ({ bytes }) => {
  const [sheet] = await readExcelFile(bytes);
  let length = 0;
  for (const row of sheet?.data ?? []) length += JSON.stringify(row).length;
  if (length === 0) throw new Error('read-excel-file read nothing.');
  return (sheet?.data.length ?? 0) - 1;
};

/** The floor: inflates the parts of rows and texts, and makes nothing of them. */
export const inflateXlsx: ReadXlsx = async ({ bytes, parts, rows }) => {
  const file = await openPackage(fileOf(bytes));
  for (const part of parts) {
    let length = 0;
    for await (const piece of file.stream(part)) length += piece.length;
    if (length === 0) throw new Error(`${part} is empty.`);
  }
  return rows;
};
