/** How fast rows are read: from the bytes of a file to lines of JSON, without input and output. */
import type { Benchmark } from '../benchmark.ts';
import { compare, type Contender, type Contest } from '../measure/compare.ts';
import { pythonWithOpenpyxl as python } from '../measure/openpyxl.ts';
import { figure } from '../measure/table.ts';
import { present } from '../results.ts';
import {
  countLineEnds,
  readWithCsvParse,
  readWithPapaParse,
  readWithSheaf,
  readWithUdsv,
  type ReadCsv,
} from './csvReaders.ts';
import { readXlsxWithOpenpyxl } from './openpyxlReader.ts';
import { plainTable, wideTable, type Table } from './tables.ts';
import {
  inflateXlsx,
  readXlsxWithExcelJs,
  readXlsxWithReadExcelFile,
  readXlsxWithSheaf,
  type ReadXlsx,
} from './workbookReaders.ts';
import { createWorkbook, type BenchWorkbook } from './workbooks.ts';

const ROWS = 200_000;
/** Enough that compiling code does not count; a turn of the slowest takes some 5 s. */
const WORKBOOK_ROWS = 100_000;
/** A turn of all takes seconds. */
const ROUNDS = 5;

/** Names of contenders that others speak of. */
export const INGEST = 'Sheaf';
export const CSV_PARSE = 'csv-parse';
const COUNTING = 'counting line ends';
const EXCELJS = 'exceljs';
const INFLATING = 'inflating its parts';

function contest(table: Table): Contest {
  const reader = (role: Contender['role'], name: string, read: ReadCsv): Contender => ({
    role,
    name,
    async run(rows) {
      const found = await read(table.pieces(rows));
      // Line ends are more where cells have some.
      if (role === 'floor' ? found < rows : found !== rows) {
        throw new Error(`${name} found ${found} rows instead of ${rows}.`);
      }
      return table.bytes(rows);
    },
  });
  return {
    title: `CSV of ${table.about}, ${figure(table.rows)} rows`,
    unit: 'row',
    peer: CSV_PARSE,
    floor: COUNTING,
    units: table.rows,
    contenders: [
      reader('ours', INGEST, readWithSheaf),
      reader('peer', CSV_PARSE, readWithCsvParse),
      reader('peer', 'papaparse', readWithPapaParse),
      reader('peer', 'udsv', readWithUdsv),
      reader('floor', COUNTING, countLineEnds),
    ],
  };
}

function workbookContest(workbook: BenchWorkbook): Contest {
  const reader = (role: Contender['role'], name: string, read: ReadXlsx): Contender => ({
    role,
    name,
    async run(rows) {
      const found = await read(workbook);
      if (found !== rows) throw new Error(`${name} found ${found} rows instead of ${rows}.`);
      return workbook.bytes.length;
    },
  });
  return {
    title: `XLSX of ${workbook.about}, ${figure(workbook.rows)} rows`,
    unit: 'row',
    peer: EXCELJS,
    floor: INFLATING,
    units: workbook.rows,
    contenders: [
      reader('ours', INGEST, readXlsxWithSheaf),
      reader('peer', EXCELJS, readXlsxWithExcelJs),
      reader('peer', 'read-excel-file', readXlsxWithReadExcelFile),
      ...(python === undefined ? [] : [reader('peer', 'openpyxl', readXlsxWithOpenpyxl(python))]),
      reader('floor', INFLATING, inflateXlsx),
    ],
  };
}

export const ingest: Benchmark = {
  name: 'ingest',
  arguments: '',
  about: 'CSV and XLSX to lines of JSON, beside other readers and counting line ends or inflating',
  async run() {
    const plain = await compare(contest(plainTable(ROWS)), { rounds: ROUNDS });
    const wide = await compare(contest(await wideTable(ROWS)), { rounds: ROUNDS });
    const workbook = await compare(workbookContest(createWorkbook(WORKBOOK_ROWS)), {
      rounds: ROUNDS,
    });
    await present('ingest', [plain, wide, workbook]);
    if (python === undefined)
      process.stdout.write('openpyxl was left out: no Python has it here.\n');
  },
};
