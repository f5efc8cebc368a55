/** The letters of the benchmark: template, rows, and what each document must hold. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BRACES, CASES } from '../rendering/templates.ts';

const { template, row } = CASES.letter;

/** A letter of one page as a Word file. */
export const letterTemplate = (): Uint8Array<ArrayBuffer> => new Uint8Array(template(BRACES));

const COLUMNS = ['company', 'reference', 'address', 'name', 'salary', 'start'] as const;

/** Name pattern of the documents, and the name that it gives a row; rows are counted from 0 here. */
export const FILE_NAME = '{reference}-{row}';
export const documentName = (index: number) => `${cellsOf(index).reference}-${index + 1}.docx`;

/** The texts of a row, as a CSV file carries them. */
function cellsOf(index: number): Record<(typeof COLUMNS)[number], string> {
  const { company, reference, address, name, salary, start } = row(index);
  const text = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return {
    company: text(company),
    reference: text(reference),
    address: text(address),
    name: text(name),
    salary: text(salary),
    start: text(start),
  };
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Lines are written in pieces of this many. */
const LINES_PER_PIECE = 1_000;

/** Writes a CSV file of that many rows. */
export async function writeLetters(path: string, rows: number): Promise<void> {
  function* pieces() {
    yield `${COLUMNS.join(',')}\n`;
    for (let first = 0; first < rows; first += LINES_PER_PIECE) {
      let piece = '';
      for (let index = first; index < Math.min(first + LINES_PER_PIECE, rows); index++) {
        const cells = cellsOf(index);
        piece += `${COLUMNS.map((column) => quoted(cells[column])).join(',')}\n`;
      }
      yield piece;
    }
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path));
}

/** Sentences that the letter of a row must hold, by the part of the document that they stand in. */
export function expectedTexts(index: number): { part: string; text: string }[] {
  const { company, reference, address, name, salary, start } = cellsOf(index);
  const body = 'word/document.xml';
  return [
    { part: 'word/header1.xml', text: `${company} · Human Resources` },
    { part: 'word/footer1.xml', text: `Reference ${reference}` },
    { part: body, text: `Dear ${name},` },
    { part: body, text: `Your salary will be ${salary}, from ${start} on.` },
    ...address.split('\n').map((line) => ({ part: body, text: line })),
  ];
}
