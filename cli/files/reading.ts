/** How rows are to be read, as people say it. */
import { encodingOf } from '../../shared/dataSources/encodings.ts';
import { ReadingOptionsSchema, type ReadingOptions } from '../../shared/schemas/common.ts';
import { UsageError } from '../errors.ts';

export interface ReadingValues {
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly 'header-row'?: number | undefined;
  readonly sheet?: string | undefined;
  readonly values?: 'shown' | 'typed' | undefined;
  readonly hidden?: 'keep' | 'skip' | undefined;
  readonly locale?: string | undefined;
}

/** What not every file has, and which have it. */
const ONLY_FOR = [
  ['delimiter', /\.csv(\.gz)?$/i, 'CSV'],
  ['quote', /\.csv(\.gz)?$/i, 'CSV'],
  ['header-row', /\.(csv(\.gz)?|xlsx)$/i, 'CSV and workbooks'],
  ['encoding', /\.(csv|jsonl?)(\.gz)?$/i, 'text'],
  ['sheet', /\.xlsx$/i, 'workbooks (.xlsx)'],
  ['values', /\.xlsx$/i, 'workbooks (.xlsx)'],
  ['hidden', /\.xlsx$/i, 'workbooks (.xlsx)'],
  ['locale', /\.xlsx$/i, 'workbooks (.xlsx)'],
] as const;

/** Those of the values that a file of this name can have. */
export function applicable(given: ReadingValues, fileName: string): ReadingValues {
  const others = ONLY_FOR.filter(([, files]) => !files.test(fileName)).map(([option]) => option);
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => !(others as readonly string[]).includes(name)),
  );
}

/**
 * The API's reading options.
 * @param fileName of the table that they are for
 * @throws UsageError that names the option at fault
 */
export function readingOf(given: ReadingValues, fileName: string): ReadingOptions {
  for (const [option, files, what] of ONLY_FOR) {
    if (given[option] !== undefined && !files.test(fileName)) {
      throw new UsageError(`--${option} is for ${what}, and ${fileName} is none. Leave it out.`);
    }
  }
  const { encoding, quote, sheet, values, hidden, locale, 'header-row': headerRow } = given;
  if (encoding !== undefined && encodingOf(encoding) === undefined) {
    throw new UsageError(
      `--encoding is "${encoding}", which is no encoding. Name one such as utf-8, windows-1252 or gb18030.`,
    );
  }
  const delimiter = delimiterOf(given.delimiter);
  const parsed = ReadingOptionsSchema.safeParse({
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(quote !== undefined && { quote }),
    ...(headerRow !== undefined && { headerRow }),
    ...(sheet !== undefined && { sheet: /^[1-9]\d{0,3}$/.test(sheet) ? Number(sheet) : sheet }),
    ...(values !== undefined && { values }),
    ...(hidden !== undefined && { hidden }),
    ...(locale !== undefined && { locale }),
  });
  if (parsed.success) return parsed.data;
  switch (parsed.error.issues[0]?.path[0]) {
    case 'sheet':
      throw new UsageError(`--sheet is "${sheet}"; it must be the name or number of a sheet.`);
    case 'quote':
      throw new UsageError(`--quote is ${quote}; it must be " or '.`);
    case 'locale':
      throw new UsageError(`--locale is "${locale}"; name a region such as de or zh-CN.`);
    default:
      throw new UsageError(`--header-row is ${headerRow}; it must be a number from 1 to 100.`);
  }
}

/** Spellings of the tab, which few shells let one type. */
const TAB = /^(tab|\\t)$/i;

function delimiterOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const delimiter = TAB.test(given) ? '\t' : given;
  if (delimiter.length === 1 && !/["\r\n]/.test(delimiter)) return delimiter;
  throw new UsageError(`--delimiter is "${given}"; it must be one character, such as ";", or tab.`);
}
