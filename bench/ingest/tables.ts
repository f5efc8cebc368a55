/** The CSV tables that ingestion is measured with, in memory. */
import { createRandom } from '../measure/random.ts';
import { WORDS } from '../rendering/words.ts';
import { readPeople } from '../rows.ts';

/** As much as comes from a file or the network at once. */
const PIECE_BYTES = 64 * 1024;

/** A table of CSV. */
export interface Table {
  readonly about: string;
  readonly rows: number;
  /** The header and the first so many rows, as they would arrive. */
  pieces(rows: number): Generator<Buffer>;
  bytes(rows: number): number;
}

function createTable(
  about: string,
  rows: number,
  header: string,
  record: (i: number) => string,
): Table {
  const records = [header];
  /** Where each row ends; a list of lines would be ten times the table itself. */
  const ends = new Float64Array(rows + 1);
  ends[0] = Buffer.byteLength(header);
  for (let i = 0; i < rows; i++) {
    const text = record(i);
    records.push(text);
    ends[i + 1] = (ends[i] ?? 0) + Buffer.byteLength(text);
  }
  const all = Buffer.from(records.join(''));
  const end = (count: number) => ends[count] ?? all.length;
  return {
    about,
    rows,
    bytes: end,
    *pieces(count) {
      for (let at = 0; at < end(count); at += PIECE_BYTES) {
        yield all.subarray(at, Math.min(at + PIECE_BYTES, end(count)));
      }
    },
  };
}

const CITIES = ['London', 'São Paulo', '北京', 'Zürich', 'New York', 'Łódź'];

/** Ten columns, some 150 bytes a row; one cell in quotes, some not ASCII. */
export function plainTable(rows: number): Table {
  const random = createRandom(4);
  const word = () => WORDS[Math.floor(random() * WORDS.length)] ?? '';
  const record = (i: number) =>
    [
      i + 1,
      `${word()} ${word()}`,
      `${word()}.${i}@example.com`,
      `"${i % 200} ${word()} street, floor ${i % 9}"`,
      CITIES[i % CITIES.length],
      10_000 + (i % 90_000),
      'Europe',
      ((i * 137) % 1_000_000) / 100,
      `2026-0${(i % 9) + 1}-01`,
      `${word()} ${word()} ${word()} ${word()} ${word()}`,
    ].join(',') + '\n';
  const header = 'id,name,email,street,city,postcode,region,amount,date,note\n';
  return createTable('10 columns', rows, header, record);
}

/** The example's people again and again: 24 columns, quotes, line ends in cells, many scripts. */
export async function wideTable(rows: number): Promise<Table> {
  const { header, people } = await readPeople();
  return createTable('24 columns', rows, header, (i) => people[i % people.length] ?? '');
}
