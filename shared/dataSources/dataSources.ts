/** Data sources, from the upload on. What is read is stored as rows (rows.ts); the upload is not used again. */
import { isDeepStrictEqual } from 'node:util';
import type { Columns } from '../columns/fill.ts';
import type { Creation } from '../creation.ts';
import { deleteUpload } from '../deletion/deleteUpload.ts';
import { uploadNotes } from '../deletion/dueNotes.ts';
import { executionNames, objectKeys, ownerPartitions } from '../keys.ts';
import { AWAITING_UPLOAD_SECONDS, MAX_SOURCE_BYTES, PREVIEW_BYTES } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { readingFiles } from '../missingFiles.ts';
import { Problem } from '../problems.ts';
import type { Page, PageQuery, ReadingOptions, UploadTarget } from '../schemas/common.ts';
import type {
  CreateDataSource,
  DataSourceView,
  PreviewQuery,
  PreviewRow,
} from '../schemas/dataSourceApi.ts';
import type { DataSourceItem } from '../schemas/items.ts';
import type { IngestRun } from '../schemas/workflow.ts';
import { parseRowSpans } from '../selection/rowSpans.ts';
import { dataSourceStore, inStatus, isReading } from './dataSourceStore.ts';
import { completeReading, mediaTypeOf } from './reading.ts';
import { uploadTarget } from '../uploadTarget.ts';
import { readFaults } from './rowFaults.ts';
import {
  allRows,
  readIndex,
  readRows,
  typedValues,
  type NumberedRow,
  type RowsIndex,
} from './rows.ts';
import { readRowsAt } from './rowsAt.ts';

/**
 * Makes a data source that awaits its file. One that is never completed is forgotten after a day.
 * @throws Problem VALIDATION_ERROR for a file name of another format
 */
export async function createDataSource(
  ports: Pick<Ports, 'table' | 'clock'>,
  ownerId: string,
  { name, fileName }: CreateDataSource,
  { id: dataSourceId, isRepeat }: Creation,
): Promise<DataSourceView> {
  const before = isRepeat ? await dataSourceStore.find(ports, dataSourceId) : undefined;
  if (before) return viewOf(before);
  mediaTypeOf(fileName);
  const createdAt = ports.clock.now();
  const source = {
    dataSourceId,
    ownerId,
    ownerKey: ownerPartitions.dataSources(ownerId),
    ownerSort: dataSourceId,
    name,
    fileName,
    status: 'awaiting_upload' as const,
    createdAt,
    expiresAt: Math.floor(createdAt / 1000) + AWAITING_UPLOAD_SECONDS,
  };
  await uploadNotes.note(ports, { id: dataSourceId, dueAt: source.expiresAt });
  return viewOf(await dataSourceStore.add(ports, dataSourceId, source));
}

/** A link to upload the file of a data source to. @throws Problem VALIDATION_ERROR (the file's name) */
export const sourceUpload = (
  ports: Pick<Ports, 'objects' | 'clock'>,
  { dataSourceId, fileName }: Pick<DataSourceView, 'dataSourceId' | 'fileName'>,
): Promise<UploadTarget> =>
  uploadTarget(ports, objectKeys.sourceUpload(dataSourceId), mediaTypeOf(fileName));

/**
 * Has the uploaded file read. Repeatable: a data source that is being read, or is ready, is answered as it
 * is, with the options that it was completed with first; one that is invalid is read again with other
 * options, or when another file was uploaded since.
 * @throws Problem DATA_SOURCE_NOT_FOUND, VALIDATION_ERROR (options), INVALID_STATE when nothing was
 *   uploaded, PAYLOAD_TOO_LARGE
 */
export async function completeDataSource(
  ports: Pick<Ports, 'table' | 'objects' | 'workflow'>,
  ownerId: string,
  dataSourceId: string,
  options: ReadingOptions,
): Promise<DataSourceView> {
  const found = await dataSourceStore.load(ports, ownerId, dataSourceId);
  const reading = completeReading(found.fileName, options);
  const isOpen = found.status === 'awaiting_upload' || found.status === 'invalid';
  const source = isOpen ? await beginIngestion(ports, found, reading) : found;
  if (source.status === 'ingesting') {
    const run: IngestRun = { dataSourceId, read: source.reads };
    // Started on every call: the one before may have ended between the table and the workflow.
    await ports.workflow.start('ingest', executionNames.ingest(run), run);
  }
  return viewOf(source);
}

/** Whether the options and the file are those with which it was found to be invalid, through its own fault. */
const isAsBefore = (found: DataSourceItem, reading: ReadingOptions, etag: string) =>
  found.status === 'invalid' &&
  found.problems?.[0]?.code !== 'FILE_UNREAD' &&
  found.uploadEtag === etag &&
  isDeepStrictEqual(completeReading(found.fileName, found.reading ?? {}), reading);

async function beginIngestion(
  ports: Pick<Ports, 'table' | 'objects'>,
  found: DataSourceItem,
  reading: ReadingOptions,
): Promise<DataSourceItem> {
  const { ownerId, dataSourceId, status, reads } = found;
  const upload = await ports.objects.head(objectKeys.sourceUpload(dataSourceId));
  if (!upload) {
    throw new Problem(
      'INVALID_STATE',
      `Nothing was uploaded for the data source ${dataSourceId}. PUT the file to its upload link first.`,
    );
  }
  if (upload.bytes > MAX_SOURCE_BYTES) {
    throw new Problem(
      'PAYLOAD_TOO_LARGE',
      `The file has ${upload.bytes} bytes; a data source may have ${MAX_SOURCE_BYTES}. Split it.`,
    );
  }
  if (isAsBefore(found, reading, upload.etag)) return found;
  const begun = await dataSourceStore.change(
    ports,
    dataSourceId,
    {
      set: { status: 'ingesting', reading, uploadEtag: upload.etag, reads: reads + 1 },
      remove: ['expiresAt', 'problems', 'problemCount', 'sheets'],
    },
    { all: [inStatus(status), isReading(reads)] },
  );
  // Another call was first: what it has begun counts.
  return begun ?? (await dataSourceStore.load(ports, ownerId, dataSourceId));
}

/** @throws Problem DATA_SOURCE_NOT_FOUND */
export const getDataSource = async (
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  dataSourceId: string,
): Promise<DataSourceView> => viewOf(await dataSourceStore.load(ports, ownerId, dataSourceId));

/**
 * Deletes a data source. It is not there any more at once; tasks that were made with it go on.
 * @throws Problem DATA_SOURCE_NOT_FOUND
 */
export async function deleteDataSource(
  ports: Pick<Ports, 'table' | 'objects' | 'clock' | 'log'>,
  ownerId: string,
  dataSourceId: string,
): Promise<void> {
  await dataSourceStore.load(ports, ownerId, dataSourceId);
  await deleteUpload(ports, dataSourceId);
}

/** The owner's data sources, newest first. */
export async function listDataSources(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  query: PageQuery,
): Promise<Page<DataSourceView>> {
  const { items, next } = await dataSourceStore.page(ports, ownerId, query);
  return { data: items.map(viewOf), nextCursor: next ?? null };
}

/**
 * A data source that a task can use.
 * @throws Problem DATA_SOURCE_NOT_FOUND, INVALID_STATE before it is ready, DATA_INVALID
 */
export async function requireReadyDataSource(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  dataSourceId: string,
): Promise<DataSourceItem> {
  const source = await dataSourceStore.load(ports, ownerId, dataSourceId);
  switch (source.status) {
    case 'ready':
      return source;
    case 'invalid':
      throw new Problem(
        'DATA_INVALID',
        `The data source ${dataSourceId} cannot be used: its file has problems. Complete it again with other options, or correct the file, upload it again and complete it.`,
      );
    case 'ingesting':
      throw new Problem(
        'INVALID_STATE',
        `The data source ${dataSourceId} is still being read. Try again when its status is "ready".`,
      );
    case 'awaiting_upload':
      throw new Problem(
        'INVALID_STATE',
        `The data source ${dataSourceId} awaits its file. Upload it and complete the data source first.`,
      );
  }
}

/** The columns of a data source, with what is known of the fields inside of them. */
export function columnsOf({
  columns = [],
  nestedColumns,
  reading,
  fileName,
  found,
}: DataSourceItem): Columns {
  const { format } = completeReading(fileName, reading ?? {});
  const isTable = format === 'csv' || format === 'xlsx';
  // A workbook may have lists on further sheets.
  return isTable && found?.lists === undefined
    ? { names: columns, areAll: true }
    : withFields({ columns, nestedColumns });
}

/** Columns of JSON: those that hold further fields are named by these. */
export function withFields({
  columns,
  nestedColumns,
}: {
  readonly columns: readonly string[];
  readonly nestedColumns?: readonly string[] | undefined;
}): Columns {
  if (nestedColumns === undefined) return { names: columns, areAll: false };
  const holders = new Set(
    nestedColumns.flatMap((path) =>
      Array.from(path.matchAll(/[.[]/g), ({ index }) => path.slice(0, index)),
    ),
  );
  const others = columns.filter((column) => !holders.has(column));
  return { names: [...others, ...nestedColumns], areAll: true };
}

/**
 * The first rows, or those of `rows`: at most `limit`, and fewer when they are large.
 * @throws Problem DATA_SOURCE_NOT_FOUND, INVALID_STATE before it is ready, DATA_INVALID, VALIDATION_ERROR for rows
 *   that there are not
 */
export async function previewRows(
  ports: Pick<Ports, 'table' | 'objects'>,
  ownerId: string,
  dataSourceId: string,
  query: PreviewQuery,
): Promise<PreviewRow[]> {
  await requireReadyDataSource(ports, ownerId, dataSourceId);
  return readingFiles('of the data source', () => readPreview(ports, dataSourceId, query));
}

async function readPreview(
  ports: Pick<Ports, 'objects'>,
  dataSourceId: string,
  { limit, rows }: PreviewQuery,
): Promise<PreviewRow[]> {
  const rowsKey = objectKeys.sourceRows(dataSourceId);
  const index = await readIndex(ports, objectKeys.sourceIndex(dataSourceId));
  const wanted =
    rows === undefined
      ? firstRows(ports, rowsKey, index)
      : readRowsAt(ports, { rowsKey }, index, namedRows(rows, index.rowCount, limit));
  const preview: PreviewRow[] = [];
  let size = 0;
  // The stream is closed by leaving the loop: no more is read than is shown.
  for await (const row of wanted) {
    size += JSON.stringify(row.values).length;
    if (size > PREVIEW_BYTES && preview.length > 0) break;
    preview.push({ row: row.row, values: row.values, ...withTyped(row), ...withFaults(row) });
    if (preview.length === limit) break;
  }
  return preview;
}

async function* firstRows(ports: Pick<Ports, 'objects'>, rowsKey: string, index: RowsIndex) {
  for await (const { rows } of readRows(ports, rowsKey, allRows(index))) yield* rows;
}

/**
 * The numbers of the first `limit` of them.
 * @throws Problem VALIDATION_ERROR
 */
function namedRows(text: string, rowCount: number, limit: number): number[] {
  const parsed = parseRowSpans(text, rowCount);
  if ('fault' in parsed) {
    const { fault: detail } = parsed;
    throw new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer: '/rows', detail }] });
  }
  const rows: number[] = [];
  for (const [first, last] of parsed.spans) {
    for (let row = first; row <= last && rows.length < limit; row++) rows.push(row);
  }
  return rows;
}

function withTyped(row: NumberedRow): Pick<PreviewRow, 'typed'> {
  const typed = typedValues(row);
  return typed ? { typed } : {};
}

function withFaults({ faults }: NumberedRow): Pick<PreviewRow, 'problems'> {
  return faults === undefined ? {} : { problems: readFaults(faults) };
}

function viewOf(source: DataSourceItem): DataSourceView {
  const { dataSourceId, name, fileName, status, createdAt } = source;
  const { columns, rowCount, warnings, found, sheets, problems, problemCount } = source;
  return {
    dataSourceId,
    name,
    fileName,
    status,
    ...(columns && { columns }),
    ...(rowCount !== undefined && { rowCount }),
    ...(warnings && { warnings }),
    ...(found && { found }),
    ...(sheets && { sheets }),
    ...(problems && { problems }),
    ...(problemCount !== undefined && { problemCount }),
    createdAt: new Date(createdAt).toISOString(),
  };
}
