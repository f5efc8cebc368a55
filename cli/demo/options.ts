/** What the demo can be told. */
import { parseArgs } from 'node:util';
import { encodingOf } from '../../shared/dataSources/encodings.ts';
import { ReadingOptionsSchema, type ReadingOptions } from '../../shared/schemas/common.ts';

export const HELP = `Makes documents from a Word template and a table of rows, on this machine.

  npm run demo                         1,000 offer letters from examples/
  npm run demo -- --template my.docx --data my.csv --out my.zip

  --template FILE   a .docx with tags such as {name}
                    (default: examples/offer-letter.docx)
  --data FILE       rows: .csv, .xlsx, .json or .jsonl; text also as .gz
                    (default: examples/people.csv)
  --out FILE        the archive to write
                    (default: out/offer-letters.zip; of own files
                    out/documents.zip)
  --missing MODE    a tag without a value: "empty" leaves a blank, "error"
                    fails the row (default: error for the example, else empty)
  --empty-paragraphs MODE
                    a paragraph whose tags all came out empty: "remove" leaves
                    no blank line (default: keep)
  --check MODE      look at every row first: "warn" says what is wrong and goes
                    on, "strict" makes nothing when rows have errors, "off"
                    looks at none (default: warn)
  --keep            keep the local cloud's data folder and say where it is
  --help            this text

How the rows are to be read:

  --encoding NAME   such as windows-1252, which Excel on Windows writes as
                    "CSV (comma delimited)"
                    (default: found, and said)
  --delimiter CHAR  of CSV, between cells: "," ";" "|" or tab
                    (default: found by the first lines, and said)
  --quote CHAR      of CSV, what cells may stand in: " or '
                    (default: found by the first lines)
  --header-row N    the line of a CSV, or row of a sheet, that holds the names
                    of the columns (default: 1; in a sheet it is found)
  --sheet NAME      of a workbook, the sheet to read, by its name or number
                    (default: the first that is not hidden)

A tag {name} is filled from the column "name". {#items}…{/items} repeats a
paragraph or a table row for the columns items[1].name, items[2].name and so
on; {#bonus}…{/bonus} is kept only where the column "bonus" has a value.

Exit codes: 0 the archive is written (failed rows are listed), 1 it could not
be made, 2 the command line is wrong, 130 it was interrupted.
`;

const EXAMPLE = {
  template: 'examples/offer-letter.docx',
  data: 'examples/people.csv',
  out: 'out/offer-letters.zip',
};

export interface DemoOptions {
  readonly template: string;
  readonly data: string;
  readonly out: string;
  readonly missingValue: 'empty' | 'error';
  readonly emptyParagraphs: 'keep' | 'remove';
  readonly check: 'strict' | 'warn' | 'off';
  readonly keep: boolean;
  /** How the rows are to be read, as far as that was said. */
  readonly reading: ReadingOptions;
}

/** A command line that cannot be followed; the message says what to change. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/**
 * Reads the command line; 'help' when that was asked.
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parse(args);
  if (values.help) return 'help';
  const own = values.template !== undefined || values.data !== undefined;
  const missing = values.missing ?? (own ? 'empty' : 'error');
  if (missing !== 'empty' && missing !== 'error') {
    throw new UsageError(`--missing is "${missing}"; it must be empty or error.`);
  }
  const empty = values['empty-paragraphs'] ?? 'keep';
  if (empty !== 'keep' && empty !== 'remove') {
    throw new UsageError(`--empty-paragraphs is "${empty}"; it must be keep or remove.`);
  }
  const check = values.check ?? 'warn';
  if (check !== 'strict' && check !== 'warn' && check !== 'off') {
    throw new UsageError(`--check is "${check}"; it must be strict, warn or off.`);
  }
  const data = values.data ?? EXAMPLE.data;
  return {
    template: values.template ?? EXAMPLE.template,
    data,
    out: values.out ?? (own ? 'out/documents.zip' : EXAMPLE.out),
    missingValue: missing,
    emptyParagraphs: empty,
    check,
    keep: values.keep ?? false,
    reading: readingOf(values, data),
  };
}

interface ReadingValues {
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly 'header-row'?: string | undefined;
  readonly sheet?: string | undefined;
}

/** Options that not every file has, and which have them. */
const ONLY_FOR = [
  ['delimiter', /\.csv(\.gz)?$/i, 'CSV'],
  ['quote', /\.csv(\.gz)?$/i, 'CSV'],
  ['header-row', /\.(csv(\.gz)?|xlsx)$/i, 'CSV and workbooks'],
  ['encoding', /\.(csv|jsonl?)(\.gz)?$/i, 'text'],
  ['sheet', /\.xlsx$/i, 'workbooks (.xlsx)'],
] as const;

function readingOf(values: ReadingValues, data: string): ReadingOptions {
  for (const [option, files, what] of ONLY_FOR) {
    if (values[option] !== undefined && !files.test(data)) {
      throw new UsageError(`--${option} is for ${what}, and ${data} is none. Leave it out.`);
    }
  }
  const { encoding, quote, sheet, 'header-row': headerRow } = values;
  if (encoding !== undefined && encodingOf(encoding) === undefined) {
    throw new UsageError(
      `--encoding is "${encoding}", which is no encoding. Name one such as utf-8, windows-1252 or gb18030.`,
    );
  }
  const delimiter = delimiterOf(values.delimiter);
  const parsed = ReadingOptionsSchema.safeParse({
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(quote !== undefined && { quote }),
    ...(headerRow !== undefined && { headerRow: Number(headerRow) }),
    ...(sheet !== undefined && { sheet: /^[1-9]\d{0,3}$/.test(sheet) ? Number(sheet) : sheet }),
  });
  if (parsed.success) return parsed.data;
  if (parsed.error.issues[0]?.path[0] === 'sheet')
    throw new UsageError(`--sheet is "${sheet}"; it must be the name or number of a sheet.`);
  if (parsed.error.issues[0]?.path[0] === 'quote')
    throw new UsageError(`--quote is ${quote}; it must be " or '.`);
  throw new UsageError(`--header-row is "${headerRow}"; it must be a number from 1 to 100.`);
}

/** Spellings of the tab, which few shells let one type. */
const TAB = /^(tab|\\t)$/i;

function delimiterOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const delimiter = TAB.test(given) ? '\t' : given;
  if (delimiter.length === 1 && !/["\r\n]/.test(delimiter)) return delimiter;
  throw new UsageError(`--delimiter is "${given}"; it must be one character, such as ";", or tab.`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        template: { type: 'string' },
        data: { type: 'string' },
        out: { type: 'string' },
        missing: { type: 'string' },
        'empty-paragraphs': { type: 'string' },
        check: { type: 'string' },
        encoding: { type: 'string' },
        delimiter: { type: 'string' },
        quote: { type: 'string' },
        'header-row': { type: 'string' },
        sheet: { type: 'string' },
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
