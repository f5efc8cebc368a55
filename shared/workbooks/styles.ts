/** The few looks that cells of our workbooks have, each in every format (ECMA-376 part 1, 18.8). */

/** How a cell looks. */
export const LOOKS = [
  'plain',
  'header',
  'title',
  'instruction',
  'example',
  'error',
  'warning',
  'link',
] as const;
export type Look = (typeof LOOKS)[number];

/**
 * How its value is shown. Of `text` cells Excel takes whatever is typed as a text, so that zeros stay;
 * `long` cells break their lines.
 */
const CELL_FORMATS = ['general', 'text', 'date', 'dateTime', 'long'] as const;
export type CellFormat = (typeof CELL_FORMATS)[number];

export interface CellStyle {
  readonly look?: Look;
  readonly format?: CellFormat;
}

/** Built-in ids (18.8.30), and our own from 164 on. */
const NUMBER_FORMAT: Readonly<Record<CellFormat, number>> = {
  general: 0,
  text: 49,
  date: 164,
  dateTime: 165,
  long: 49,
};
const OWN_FORMATS =
  '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>';

const FONTS = [
  '<font><sz val="11"/><name val="Calibri"/><family val="2"/></font>',
  '<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/><family val="2"/></font>',
  '<font><b/><sz val="16"/><name val="Calibri"/><family val="2"/></font>',
  '<font><i/><sz val="11"/><color rgb="FF5F6B7A"/><name val="Calibri"/><family val="2"/></font>',
  '<font><u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/><family val="2"/></font>',
] as const;
const solid = (rgb: string) =>
  `<fill><patternFill patternType="solid"><fgColor rgb="FF${rgb}"/><bgColor indexed="64"/></patternFill></fill>`;
const FILLS = [
  // The first two are these in every workbook.
  '<fill><patternFill patternType="none"/></fill>',
  '<fill><patternFill patternType="gray125"/></fill>',
  solid('1F4E79'),
  solid('F2F4F7'),
  solid('FFC7CE'),
  solid('FFEB9C'),
] as const;

/** Font, fill and whether lines break, by look. */
const LOOK: Readonly<Record<Look, readonly [font: number, fill: number, wraps: boolean]>> = {
  plain: [0, 0, false],
  header: [1, 2, true],
  title: [2, 0, false],
  instruction: [0, 0, true],
  example: [3, 3, false],
  error: [0, 4, false],
  warning: [0, 5, false],
  link: [4, 0, false],
};

/** The number of a style among those of the workbook. */
export const styleIndex = ({ look = 'plain', format = 'general' }: CellStyle): number =>
  LOOKS.indexOf(look) * CELL_FORMATS.length + CELL_FORMATS.indexOf(format);

function cellFormat(look: Look, format: CellFormat): string {
  const [font, fill, breaksLines] = LOOK[look];
  const wraps = breaksLines || format === 'long';
  return (
    `<xf numFmtId="${NUMBER_FORMAT[format]}" fontId="${font}" fillId="${fill}" borderId="0" xfId="0"` +
    ' applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">' +
    `<alignment vertical="top"${wraps ? ' wrapText="1"' : ''}/></xf>`
  );
}

/** The part with all styles. */
export function stylesPart(): string {
  const formats = LOOKS.flatMap((look) => CELL_FORMATS.map((format) => cellFormat(look, format)));
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
    OWN_FORMATS +
    `<fonts count="${FONTS.length}">${FONTS.join('')}</fonts>` +
    `<fills count="${FILLS.length}">${FILLS.join('')}</fills>` +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
    `<cellXfs count="${formats.length}">${formats.join('')}</cellXfs>` +
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>' +
    '</styleSheet>'
  );
}
