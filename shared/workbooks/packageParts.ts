/** The parts that hold a workbook together: its list of sheets, relationships and content types. */
import { attributeText } from './cellText.ts';

/** A sheet that was written. */
export interface WrittenSheet {
  readonly name: string;
  readonly isHidden: boolean;
  readonly hasComments: boolean;
}

/** A name for cells: `'Sheet'!$A$1`. */
export interface DefinedName {
  readonly name: string;
  readonly refersTo: string;
  /** The sheet that it belongs to, 0-based. */
  readonly sheet?: number;
  readonly isHidden?: boolean;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const SPREADSHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

export const WORKBOOK_PART = 'xl/workbook.xml';
export const STYLES_PART = 'xl/styles.xml';
/** Parts of a sheet, by its number from 1. */
export const sheetPartNames = (number: number) => ({
  sheet: `xl/worksheets/sheet${number}.xml`,
  relationships: `xl/worksheets/_rels/sheet${number}.xml.rels`,
  comments: `xl/comments${number}.xml`,
  boxes: `xl/drawings/vmlDrawing${number}.vml`,
});

/** Id of the relationship from a sheet to the boxes of its comments. */
export const BOXES_ID = 'rId1';

/** Relationships of the package, of its workbook, and of a sheet with comments. */
export const packageRelationships = (): string =>
  relationships([`rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml`]);

export const workbookRelationships = (sheets: readonly WrittenSheet[]): string =>
  relationships([
    ...sheets.map(
      (_, i) => `rId${i + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${i + 1}.xml`,
    ),
    `rId${sheets.length + 1}" Type="${OFFICE}/styles" Target="styles.xml`,
  ]);

export const sheetRelationships = (number: number): string =>
  relationships([
    `${BOXES_ID}" Type="${OFFICE}/vmlDrawing" Target="../drawings/vmlDrawing${number}.vml`,
    `rId2" Type="${OFFICE}/comments" Target="../comments${number}.xml`,
  ]);

const relationships = (each: readonly string[]) =>
  `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each
    .map((attributes) => `<Relationship Id="${attributes}"/>`)
    .join('')}</Relationships>`;

export function contentTypesPart(sheets: readonly WrittenSheet[]): string {
  const overrides = sheets.flatMap(({ hasComments }, i) => {
    const names = sheetPartNames(i + 1);
    return [
      [names.sheet, `${SPREADSHEET}.worksheet+xml`] as const,
      ...(hasComments ? [[names.comments, `${SPREADSHEET}.comments+xml`] as const] : []),
    ];
  });
  const all = [
    [WORKBOOK_PART, `${SPREADSHEET}.sheet.main+xml`] as const,
    [STYLES_PART, `${SPREADSHEET}.styles+xml`] as const,
    ...overrides,
  ];
  return (
    `${HEAD}<Types xmlns="${PACKAGE}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>' +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    all.map(([part, type]) => `<Override PartName="/${part}" ContentType="${type}"/>`).join('') +
    '</Types>'
  );
}

/** @param activeSheet the sheet that is shown first, 0-based */
export function workbookPart(
  sheets: readonly WrittenSheet[],
  names: readonly DefinedName[],
  activeSheet: number,
): string {
  return (
    `${HEAD}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${OFFICE}">` +
    `<bookViews><workbookView activeTab="${activeSheet}"/></bookViews>` +
    `<sheets>${sheets
      .map(
        ({ name, isHidden }, i) =>
          `<sheet name="${attributeText(name)}" sheetId="${i + 1}"${isHidden ? ' state="hidden"' : ''} r:id="rId${i + 1}"/>`,
      )
      .join('')}</sheets>` +
    (names.length === 0 ? '' : `<definedNames>${names.map(nameElement).join('')}</definedNames>`) +
    '</workbook>'
  );
}

const nameElement = ({ name, refersTo, sheet, isHidden }: DefinedName) =>
  `<definedName name="${attributeText(name)}"${sheet === undefined ? '' : ` localSheetId="${sheet}"`}${isHidden ? ' hidden="1"' : ''}>${attributeText(refersTo)}</definedName>`;
