/** The sheet "Check" as a part of a workbook. */
import { columnLetters } from '../../../office/cellReference.ts';
import { escapeXml } from '../../../office/xmlText.ts';
import { CHECK_WIDTHS, PLACES_COLUMN, type CheckLine, type LineKind } from '../findingsSheet.ts';
import { textElement } from '../../../workbooks/cellText.ts';
import { rowHeight } from '../../../workbooks/rowHeight.ts';

/** @param styles numbers of the styles of cells, by the line that they are in */
export function checkSheetPart(
  lines: readonly CheckLine[],
  {
    namespace,
    styles,
  }: {
    readonly namespace: string;
    readonly styles: Readonly<Record<LineKind, number>>;
  },
): string {
  const links: string[] = [];
  const rows = lines.map(({ kind, cells, lines: height, target }, i) => {
    const row = i + 1;
    if (target !== undefined) {
      const cell = target.slice(target.lastIndexOf('!') + 1);
      links.push(
        `<hyperlink ref="${columnLetters(PLACES_COLUMN)}${row}" location="${escapeXml(target)}" display="${cell}"/>`,
      );
    }
    const all = cells.map((cell, column) => {
      if (cell === '') return '';
      // Only the first cell of a finding has its colour.
      const style = styles[column > 0 && (kind === 'error' || kind === 'warning') ? 'info' : kind];
      const place = `r="${columnLetters(column)}${row}"${style > 0 ? ` s="${style}"` : ''}`;
      return typeof cell === 'number'
        ? `<c ${place}><v>${cell}</v></c>`
        : `<c ${place} t="inlineStr"><is>${textElement(cell)}</is></c>`;
    });
    return `<row r="${row}"${height > 1 ? rowHeight(height) : ''}>${all.join('')}</row>`;
  });
  const columns = CHECK_WIDTHS.map(
    (width, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`,
  );
  return [
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${namespace}">`,
    '<sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>',
    '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>',
    '<sheetFormatPr defaultRowHeight="15"/>',
    `<cols>${columns.join('')}</cols><sheetData>${rows.join('')}</sheetData>`,
    links.length > 0 ? `<hyperlinks>${links.join('')}</hyperlinks>` : '',
    '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>',
    '<pageSetup orientation="landscape" fitToHeight="0"/>',
    '</worksheet>',
  ].join('');
}
