/**
 * The report of a check as a workbook: the one that was uploaded, with the cells marked that something is wrong
 * with; or else one of the rows as they were read.
 */
import { MAX_REPORT_MARKS } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import type { DataSourceItem } from '../../schemas/items.ts';
import { AS_TOLD, type Locate } from './groupedPlaces.ts';
import type { CellMark, ReportFinding } from './marks.ts';
import { changeUpload, DONE, isWorkbook, writeObject } from './ownWorkbook/changeUpload.ts';
import { markWorkbook } from './ownWorkbook/markWorkbook.ts';
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
    source && isWorkbook(source)
      ? await changeUpload(ports, source, to, (file, object) =>
          markWorkbook(file, source, marked, object),
        )
      : undefined;
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
