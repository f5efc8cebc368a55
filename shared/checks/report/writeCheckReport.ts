/**
 * The report of a check as a workbook: the one that was uploaded, with the cells marked that something is wrong
 * with; or else one of the rows as they were read.
 */
import { createObjectWriter, type ObjectWriter } from '../../archive/objectWriter.ts';
import { completeReading, isText } from '../../dataSources/reading.ts';
import { sourceFile } from '../../dataSources/sourceFile.ts';
import { objectKeys } from '../../keys.ts';
import { MAX_REPORT_MARKS } from '../../limits.ts';
import { ObjectMissing, type Ports } from '../../ports.ts';
import type { DataSourceItem } from '../../schemas/items.ts';
import { AS_TOLD, type Locate } from './groupedPlaces.ts';
import type { CellMark, ReportFinding } from './marks.ts';
import { markWorkbook, NotMarkable, type WorkbookMarks } from './ownWorkbook/markWorkbook.ts';
import { writeRowsWorkbook } from './rowsWorkbook.ts';

/** What was checked, and what was found. */
export interface CheckReport {
  /** The data source that was checked; undefined for rows that came with a request. */
  readonly source: DataSourceItem | undefined;
  readonly rowsKey: string;
  readonly indexKey: string;
  /** At most MAX_REPORT_MARKS are shown; several of one cell become one comment. */
  readonly marks: readonly CellMark[];
  readonly findings: readonly ReportFinding[];
  /** False when more cells are at fault than have marks. */
  readonly markedAll: boolean;
  /** How many are not, where that is known. */
  readonly unmarked?: number | undefined;
  /** Where what marks and findings name stands in the rows. */
  readonly locate?: Locate;
  /** Key of the object that is written. */
  readonly to: string;
}

const CHANGED = 'it was deleted or replaced since it was read';

/**
 * Writes the report. Repeatable: the same findings give the same bytes.
 * @throws what the bucket throws
 */
export async function writeCheckReport(
  ports: Pick<Ports, 'objects'>,
  report: CheckReport,
): Promise<void> {
  const { source, rowsKey, indexKey, findings, locate = AS_TOLD, to } = report;
  const marks = report.marks.slice(0, MAX_REPORT_MARKS).map((mark): CellMark => {
    const { row, column = mark.column } = locate(mark.row, mark.column);
    return { ...mark, row, column };
  });
  const markedAll = report.markedAll && marks.length === report.marks.length;
  const cut = report.marks.length - marks.length;
  const unmarked = report.unmarked === undefined ? undefined : report.unmarked + cut;
  const marked = { marks, findings, markedAll, unmarked, locate };
  const hindrance =
    source && isWorkbook(source) ? await tryMarking(ports, source, marked, to) : undefined;
  if (hindrance === DONE) return;
  const notes =
    hindrance === undefined
      ? []
      : [
          `The workbook itself could not be marked: ${hindrance}. These are its rows as they were read.`,
        ];
  await writeObject(ports, to, (object) =>
    writeRowsWorkbook(
      ports,
      { keys: { rowsKey, indexKey }, columns: source?.columns ?? [], ...marked, notes },
      object,
    ),
  );
}

const isWorkbook = ({ fileName, reading }: DataSourceItem) =>
  !isText(completeReading(fileName, reading ?? {}));

const DONE = Symbol('done');

/** Marks the upload; answers why it cannot, as the end of a sentence. */
async function tryMarking(
  ports: Pick<Ports, 'objects'>,
  source: DataSourceItem,
  marked: WorkbookMarks,
  to: string,
): Promise<typeof DONE | string> {
  const key = objectKeys.sourceUpload(source.dataSourceId);
  const upload = await ports.objects.head(key);
  if (upload?.etag !== source.uploadEtag || !upload) return CHANGED;
  try {
    await writeObject(ports, to, async (object) => {
      await markWorkbook(sourceFile(ports, key, upload.bytes), source, marked, object);
      // What was read while it was replaced is neither the one nor the other.
      if ((await ports.objects.head(key))?.etag !== upload.etag) throw new NotMarkable(CHANGED);
    });
    return DONE;
  } catch (error) {
    if (error instanceof NotMarkable) return error.message;
    if (error instanceof ObjectMissing && error.key === key) return CHANGED;
    throw error;
  }
}

/** Writes an object as a whole, or not at all. */
async function writeObject(
  ports: Pick<Ports, 'objects'>,
  key: string,
  write: (object: ObjectWriter) => Promise<void>,
) {
  const object = createObjectWriter(ports, key);
  try {
    await write(object);
  } catch (error) {
    await object.abort();
    throw error;
  }
  await object.finish();
}
