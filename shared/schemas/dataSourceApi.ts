/** Requests and views of the data-source routes (docs/api.md). */
import * as z from 'zod';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '../limits.ts';
import {
  DataProblemSchema,
  DataSourceIdSchema,
  DataSourceStatusSchema,
  FoundReadingSchema,
  FoundSheetSchema,
  RowFaultSchema,
  RowSchema,
  TextSchema,
  UploadTargetSchema,
} from './common.ts';

/** What the name of an uploaded file must end in. */
export const SOURCE_FILE_NAME = /[^/\\]\.(?:(csv|json|jsonl)(\.gz)?|(xlsx))$/i;
/** What to say of another file name. */
export function sourceFileNameAdvice(fileName: unknown): string {
  const name = typeof fileName === 'string' ? fileName : '';
  if (/\.xl(?:s[mb]?|t[xm]?|am)$/i.test(name))
    return 'Open the workbook in Excel, save it as "Excel Workbook (.xlsx)" and upload that.';
  if (/\.xlsx\.gz$/i.test(name))
    return 'A workbook is compressed already: upload it under a name that ends in .xlsx.';
  if (/\.(ods|fods|numbers)$/i.test(name))
    return 'Save or export the table as an Excel workbook (.xlsx) or as CSV (UTF-8) and upload that.';
  if (/\.(tsv|tab|txt)$/i.test(name))
    return 'Give a table of text a name that ends in .csv: tabs and semicolons between its cells are found.';
  if (/\.(docx?|dotx?|odt|rtf|pdf|html?|pptx?)$/i.test(name))
    return 'This is no table: rows come from a file ending in .csv, .xlsx, .json or .jsonl, and Word documents are uploaded as templates.';
  return 'The name of a table file, ending in .csv, .xlsx, .json or .jsonl, or in .csv.gz, .json.gz or .jsonl.gz.';
}

/** Body of POST /data-sources. */
export const CreateDataSourceSchema = z.strictObject({
  name: TextSchema.trim()
    .min(1)
    .max(200)
    .describe('A name for people.')
    .meta({ example: 'New colleagues' }),
  fileName: TextSchema.trim()
    .max(255)
    .regex(SOURCE_FILE_NAME, { error: ({ input }) => sourceFileNameAdvice(input) })
    .describe(
      'Name of the file that will be uploaded: .csv, .xlsx, .json or .jsonl; with .gz behind it when gzip has compressed one of text.',
    )
    .meta({ example: 'people.csv' }),
});
export type CreateDataSource = z.infer<typeof CreateDataSourceSchema>;

/** A data source as clients see it. */
export const DataSourceViewSchema = z.object({
  dataSourceId: DataSourceIdSchema,
  name: z.string(),
  fileName: z.string(),
  status: DataSourceStatusSchema,
  columns: z
    .array(z.string())
    .optional()
    .describe('Once ready: names of the columns, or of the fields of the objects.')
    .meta({ example: ['name', 'address.city'] }),
  rowCount: z.int().min(0).optional().describe('Once ready: blank rows included.'),
  warnings: z
    .array(z.string())
    .optional()
    .describe('Once ready: what was taken otherwise than it is written, and should be looked at.')
    .meta({ example: ['3 lines have fewer cells than the header: the missing ones are empty.'] }),
  found: FoundReadingSchema.optional().describe('Once ready: how the file was read.'),
  sheets: z
    .array(FoundSheetSchema)
    .optional()
    .describe('Of a workbook, once it was looked at: its sheets in the order of their tabs.'),
  problems: z
    .array(DataProblemSchema)
    .optional()
    .describe('When invalid: the first problems of the file.'),
  problemCount: z.int().min(1).optional().describe('When invalid: how many there are in all.'),
  createdAt: z.iso.datetime(),
});
export type DataSourceView = z.infer<typeof DataSourceViewSchema>;

/** Answer of POST /data-sources. */
export const CreatedDataSourceSchema = DataSourceViewSchema.extend({ upload: UploadTargetSchema });

/** Of rows that are named in an address: as many as a page may have, and their commas. */
const ROWS_CHARACTERS = 1_000;

/** `?limit=&rows=` of GET /data-sources/{id}/rows. */
export const PreviewQuerySchema = z.object({
  limit: z.coerce
    .number<number>()
    .int()
    .min(1)
    .max(PAGE_LIMIT_MAX)
    .default(PAGE_LIMIT_DEFAULT)
    .describe('How many rows, from the first on; fewer come when they are large.'),
  rows: TextSchema.trim()
    .min(1)
    .max(ROWS_CHARACTERS)
    .optional()
    .describe('Rows that are shown instead, by their numbers: the first `limit` of them.')
    .meta({ example: '3,7-9' }),
});

export type PreviewQuery = z.infer<typeof PreviewQuerySchema>;

/** A row in a preview. */
export const PreviewRowSchema = z.object({
  row: z.int().min(1).describe('1-based number of the row.'),
  values: RowSchema,
  typed: RowSchema.optional().describe(
    'Of a workbook: the numbers, and dates in ISO 8601, behind the values that are shown.',
  ),
  problems: z
    .array(RowFaultSchema)
    .optional()
    .describe(
      'Of a workbook: cells that cannot be read, or show an error; documents that read them fail.',
    ),
});
export type PreviewRow = z.infer<typeof PreviewRowSchema>;
