/** The report of a check as a file: the sheet itself, a page, a value, or a table. */
import { cell, MARK } from '../../../shared/archive/reports.ts';
import type { CheckView, Finding } from '../../../shared/schemas/checkApi.ts';
import type { Context } from '../../context.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { saveFile } from '../../files/saveFile.ts';
import { withProgress } from '../saving.ts';
import { checkPage } from './page.ts';

/** @param path its ending says what the report is written as. @throws CliError, ApiError; what the file system says */
export async function saveCheckReport(
  context: Context,
  check: CheckView,
  path: string,
  label: string,
  force: boolean,
): Promise<void> {
  if (/\.xlsx$/i.test(path)) {
    const { client } = await context.target();
    const { signal } = context.interrupts;
    const { checkId } = check;
    const link = () => client.downloadCheckReport({ checkId }, { signal });
    await withProgress(context, force, (saving) => saveFile(link, path, saving));
  } else await replaceFile(path, reportText(check, path, label));
}

function reportText(check: CheckView, path: string, label: string): string {
  if (/\.json$/i.test(path)) return `${JSON.stringify(check, null, 2)}\n`;
  return /\.csv$/i.test(path) ? table(check.findings) : checkPage(check, label);
}

const HEADER = `${MARK}severity,code,tag,column,rows,firstRows,detail,suggestion\n`;

/** A line for each finding. */
const table = (findings: readonly Finding[]): string =>
  HEADER +
  findings
    .map(({ severity, code, tag = '', column = '', count, firstRows, detail, suggestion = '' }) =>
      [severity, code, tag, column, String(count), firstRows.join(' '), detail, suggestion]
        .map(cell)
        .join(','),
    )
    .map((line) => `${line}\n`)
    .join('');
