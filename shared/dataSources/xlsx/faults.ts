/** What is wrong with a workbook as a whole, in the words of whoever uploaded it. */
import { SourceFault } from '../sourceFault.ts';

const SAVE_AS = 'Open it in Excel, save it as "Excel Workbook (.xlsx)" and upload that.';

export const damaged = (what: string) =>
  new SourceFault({ code: 'FILE_DAMAGED', detail: `The workbook is damaged: ${what} ${SAVE_AS}` });

/** A part that is not there, or cannot be read. @param part its name in the file */
export const damagedPart = (part: string, problem = 'cannot be read') =>
  damaged(`its part ${JSON.stringify(part.slice(0, 200))} ${problem}.`);

export const unsafePart = (part: string, problem: string) =>
  new SourceFault({
    code: 'FILE_UNSAFE',
    detail: `The part ${JSON.stringify(part.slice(0, 200))} of the workbook ${problem}, which Excel never writes. ${SAVE_AS}`,
  });

export const partTooLarge = (part: string, bytes: number) =>
  new SourceFault({
    code: 'FILE_TOO_LARGE',
    detail: `The part ${JSON.stringify(part.slice(0, 200))} of the workbook has more than ${bytes} bytes. Save the table as CSV (UTF-8) and upload that.`,
  });

export const noWorkbook = (detail: string) =>
  new SourceFault({ code: 'FILE_NOT_WORKBOOK', detail });

export { SAVE_AS };

/** Rows or cells that are out of order. @param line the row */
export const misplaced = (what: string, line: number) =>
  new SourceFault({
    code: 'CELL_MISPLACED',
    line,
    detail: `${what} The workbook is damaged. Open it in Excel, save it and upload that.`,
  });
