/** What the demo can be told. */
import { parseArgs } from 'node:util';

export const HELP = `Makes documents from a Word template and a table of rows, on this machine.

  npm run demo                              1,000 offer letters from examples/
  npm run demo -- --template my.docx --data my.csv

  --template FILE   a .docx with tags such as {name}      (examples/offer-letter.docx)
  --data FILE       rows: .csv, .json or .jsonl           (examples/people.csv)
  --out FILE        the archive to write                  (out/offer-letters.zip)
  --missing MODE    a tag without a value: empty or error (error for the example, else empty)
  --keep            keep the local cloud's data folder and say where it is
  --help            this text

Exit codes: 0 the archive is written (failed rows are listed), 1 it could not be made,
2 the command line is wrong, 130 it was interrupted.
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
  readonly keep: boolean;
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
  return {
    template: values.template ?? EXAMPLE.template,
    data: values.data ?? EXAMPLE.data,
    out: values.out ?? (own ? 'out/documents.zip' : EXAMPLE.out),
    missingValue: missing,
    keep: values.keep ?? false,
  };
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
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
