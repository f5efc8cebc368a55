/** How fast rows are read: from the bytes of a CSV file to lines of JSON, without input and output. */
import type { Benchmark } from '../benchmark.ts';
import { compare, type Contender, type Contest } from '../measure/compare.ts';
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
import { plainTable, wideTable, type Table } from './tables.ts';

const ROWS = 200_000;
/** A turn of all takes seconds. */
const ROUNDS = 5;

/** Names of contenders that others speak of. */
export const INGEST = 'Sheaf';
export const CSV_PARSE = 'csv-parse';
const COUNTING = 'counting line ends';

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

export const ingest: Benchmark = {
  name: 'ingest',
  arguments: '',
  about: 'CSV to lines of JSON, beside csv-parse, papaparse, udsv and counting line ends',
  async run() {
    const plain = await compare(contest(plainTable(ROWS)), { rounds: ROUNDS });
    const wide = await compare(contest(await wideTable(ROWS)), { rounds: ROUNDS });
    await present('ingest', [plain, wide]);
  },
};
