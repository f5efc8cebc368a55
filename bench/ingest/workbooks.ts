/** The workbook that ingestion is measured with: as Excel writes one, its texts shared, in memory. */
import { createRandom } from '../measure/random.ts';
import { WORDS } from '../rendering/words.ts';
import type { RangedFile } from '../../shared/zip/rangedZip.ts';
import { craftWorkbook } from '../../test/support/workbooks.ts';

/** A workbook of so many rows below its header. */
export interface BenchWorkbook {
  readonly about: string;
  readonly rows: number;
  readonly bytes: Buffer;
  /** The parts of its rows and texts, as they are inflated. */
  readonly parts: readonly string[];
}

const CITIES = ['London', 'São Paulo', '北京', 'Zürich', 'New York', 'Łódź'];
const COLUMNS = [
  'id',
  'name',
  'email',
  'street',
  'city',
  'postcode',
  'region',
  'amount',
  'date',
  'member',
  'note',
];
const FORMATS = ['#,##0.00', 'yyyy-mm-dd'];
const FIRST_DAY = 46_023;

const SPREADSHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
/** openpyxl finds parts by them. */
const CONTENT_TYPES = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${[
  ['workbook', 'sheet.main'],
  ['worksheets/sheet1', 'worksheet'],
  ['styles', 'styles'],
  ['sharedStrings', 'sharedStrings'],
]
  .map(
    ([part, type]) =>
      `<Override PartName="/xl/${part}.xml" ContentType="${SPREADSHEET}.${type}+xml"/>`,
  )
  .join('')}</Types>`;

/** Eleven columns: six of texts, four of them mostly different, and numbers, amounts, days, truth values. */
export function createWorkbook(rows: number): BenchWorkbook {
  const random = createRandom(4);
  const word = () => WORDS[Math.floor(random() * WORDS.length)] ?? '';
  const numbers = new Map<string, number>();
  const text = (reference: string, value: string) => {
    let number = numbers.get(value);
    if (number === undefined) numbers.set(value, (number = numbers.size));
    return `<c r="${reference}" t="s"><v>${number}</v></c>`;
  };
  const data: string[] = [
    `<row r="1" spans="1:11">${COLUMNS.map((name, i) => text(`${'ABCDEFGHIJK'.charAt(i)}1`, name)).join('')}</row>`,
  ];
  for (let i = 0; i < rows; i++) {
    const r = i + 2;
    data.push(
      `<row r="${r}" spans="1:11"><c r="A${r}"><v>${i + 1}</v></c>` +
        text(`B${r}`, `${word()} ${word()}`) +
        text(`C${r}`, `${word()}.${i}@example.com`) +
        text(`D${r}`, `${i % 200} ${word()} street, floor ${i % 9}`) +
        text(`E${r}`, CITIES[i % CITIES.length] ?? '') +
        `<c r="F${r}"><v>${10_000 + (i % 90_000)}</v></c>` +
        text(`G${r}`, 'Europe') +
        `<c r="H${r}" s="1"><v>${((i * 137) % 1_000_000) / 100}</v></c>` +
        `<c r="I${r}" s="2"><v>${FIRST_DAY + (i % 365)}</v></c>` +
        `<c r="J${r}" t="b"><v>${i % 3 === 0 ? 1 : 0}</v></c>` +
        `${text(`K${r}`, `${word()} ${word()} ${word()}`)}</row>`,
    );
  }
  const strings = Array.from(numbers.keys(), (value) => `<t>${value}</t>`);
  const sheet = data.join('');
  return {
    about: `${COLUMNS.length} columns`,
    rows,
    bytes: craftWorkbook({
      sheets: [{ name: 'People', data: sheet }],
      strings,
      formats: FORMATS,
      entries: [{ name: '[Content_Types].xml', content: CONTENT_TYPES }],
    }),
    parts: ['xl/worksheets/sheet1.xml', 'xl/sharedStrings.xml'],
  };
}

/** What a stream of the bucket gives at once. */
const PIECE_BYTES = 64 * 1024;

/** The same as a file of which stretches are read. */
export const fileOf = (bytes: Uint8Array): RangedFile => ({
  bytes: bytes.length,
  read: async ({ offset, length }) => bytes.subarray(offset, offset + length),
  async *stream({ offset, length }) {
    const end = Math.min(bytes.length, offset + length);
    for (let at = offset; at < end; at += PIECE_BYTES) {
      yield bytes.subarray(at, Math.min(at + PIECE_BYTES, end));
    }
  },
});
