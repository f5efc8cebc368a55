/** How the bytes of a data source are to be read: what the client says, checked and completed. */
import { Problem, type ProblemDetail } from '../problems.ts';
import type { ReadingOptions } from '../schemas/common.ts';
import { SOURCE_FILE_NAME, sourceFileNameAdvice } from '../schemas/dataSourceApi.ts';
import { encodingOf } from './encodings.ts';
import { isLocale } from '../formats/locales.ts';

/** The formats that can be read. */
export type SourceFormat = NonNullable<ReadingOptions['format']>;

/** Reading options with their format. */
export type Reading = ReadingOptions & { readonly format: SourceFormat };

/** Options for a format of text, which is read from its beginning to its end. */
export type TextReading = Reading & { readonly format: Exclude<SourceFormat, 'xlsx'> };

/** Whether the file is a workbook, of which stretches are read. */
export const isText = (reading: Reading): reading is TextReading => reading.format !== 'xlsx';

/**
 * The format that a file name ends in.
 * @throws Problem VALIDATION_ERROR
 */
export function formatOf(fileName: string): SourceFormat {
  const [, text, , workbook] = SOURCE_FILE_NAME.exec(fileName) ?? [];
  const ending = (text ?? workbook)?.toLowerCase();
  if (ending === 'csv' || ending === 'xlsx' || ending === 'json' || ending === 'jsonl')
    return ending;
  throw invalid([{ pointer: '/fileName', detail: sourceFileNameAdvice(fileName) }]);
}

/** Whether the file name says that gzip has compressed the table. */
export const isCompressed = (fileName: string): boolean => /\.gz$/i.test(fileName);

/** Media types of the formats (IANA; application/jsonl by custom). */
const MEDIA_TYPES: Readonly<Record<SourceFormat, string>> = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
  jsonl: 'application/jsonl',
};

/**
 * The media type that a file of this name is uploaded with.
 * @throws Problem VALIDATION_ERROR for a name of no format
 */
export function mediaTypeOf(fileName: string): string {
  const format = formatOf(fileName);
  // RFC 6713. Not as Content-Encoding: whoever fetches it would be given something else.
  return isCompressed(fileName) ? 'application/gzip' : MEDIA_TYPES[format];
}

/**
 * The options with the format that they or the file name give.
 * @throws Problem VALIDATION_ERROR for options that contradict the format or cannot be followed
 */
export function completeReading(fileName: string, options: ReadingOptions): Reading {
  const format = options.format ?? formatOf(fileName);
  const errors: ProblemDetail[] = [];
  for (const [name, formats, where] of ONLY_FOR) {
    if (formats.includes(format) || options[name] === undefined) continue;
    errors.push({ pointer: `/${name}`, detail: `${name} is for ${where} only. Leave it out.` });
  }
  if (format === 'xlsx' && isCompressed(fileName)) {
    errors.push({
      pointer: '/format',
      detail: 'A workbook is not read out of gzip. Upload it under a name that ends in .xlsx.',
    });
  }
  const { delimiter, quote, encoding, locale } = options;
  if (locale !== undefined && !isLocale(locale)) {
    errors.push({
      pointer: '/locale',
      detail: `The region ${JSON.stringify(locale)} is not known here. Name one such as en-US, de or zh-CN.`,
    });
  }
  if (delimiter !== undefined && !isDelimiter(delimiter)) {
    errors.push({
      pointer: '/delimiter',
      detail: 'The delimiter is one ASCII character other than a quote or a line break.',
    });
  }
  if (quote !== undefined && quote === delimiter) {
    errors.push({ pointer: '/quote', detail: 'The delimiter cannot be the quote as well.' });
  }
  if (encoding !== undefined && encodingOf(encoding) === undefined) {
    errors.push({
      pointer: '/encoding',
      detail: `The encoding ${JSON.stringify(encoding)} is not known here. Save the file as UTF-8.`,
    });
  }
  if (errors.length > 0) throw invalid(errors);
  return { ...options, format };
}

/** Options that not every format has, and how a message names those that have it. */
const ONLY_FOR: readonly (readonly [
  Exclude<keyof ReadingOptions, 'format'>,
  readonly SourceFormat[],
  string,
])[] = [
  ['delimiter', ['csv'], 'CSV'],
  ['quote', ['csv'], 'CSV'],
  ['headerRow', ['csv', 'xlsx'], 'CSV and workbooks'],
  ['encoding', ['csv', 'json', 'jsonl'], 'text'],
  ['sheet', ['xlsx'], 'workbooks'],
  ['values', ['xlsx'], 'workbooks'],
  ['hidden', ['xlsx'], 'workbooks'],
  ['locale', ['xlsx'], 'workbooks'],
];

/** The CSV tokenizer works on bytes, so a delimiter is a single byte of UTF-8. */
const isDelimiter = (delimiter: string) =>
  delimiter.charCodeAt(0) < 0x80 && !['"', '\r', '\n'].includes(delimiter);

const invalid = (errors: ProblemDetail[]) =>
  new Problem('VALIDATION_ERROR', errors.map(({ detail }) => detail).join(' '), { errors });
