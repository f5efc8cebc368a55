/** What the sheet with instructions says, in English and Chinese. */
import type { Cell } from '../workbooks/cells.ts';
import { KEY_COLUMN } from '../columns/listColumns.ts';
import type { ColumnKind, PlannedSheet, SheetColumn } from './sheetsOfTags.ts';
import { listHeader } from './sheetsOfTags.ts';

export const INSTRUCTIONS_SHEET = 'Instructions 说明';
export const ROWS_SHEET = 'Data 数据';
export const CHOICES_SHEET = 'Choices 选项';

/** A sheet under the name that it has in the workbook. */
export interface NamedSheet extends PlannedSheet {
  readonly name: string;
}

/** What to write into a column, and an example of it. */
interface Advice {
  readonly en: string;
  readonly zh: string;
  readonly example: string;
}

const ADVICE: Readonly<Record<ColumnKind, Advice>> = {
  text: {
    en: 'Text, as the document is to show it',
    zh: '文字，文档中原样显示',
    example: 'Ada Lovelace · 00123 · 王小明',
  },
  date: { en: 'A date', zh: '日期', example: '2026-11-25' },
  number: {
    en: 'A number, amount or percentage',
    zh: '数字、金额或百分比',
    example: '1234.5 · 12.5%',
  },
  condition: {
    en: 'TRUE or FALSE, from the list; empty means no',
    zh: '从下拉列表选 TRUE（是）或 FALSE（否）；留空为否',
    example: 'TRUE',
  },
};
const OWN_KEY: Advice = {
  en: 'A key for each row that has entries on other sheets: each once',
  zh: '每行一个不重复的编号，供其他表引用',
  example: '1',
};
const listKey = (outer: string): Advice => ({
  en: `The key that the row has in column ${KEY_COLUMN} of "${outer}"`,
  zh: `所属行在“${outer}”表 ${KEY_COLUMN} 列中的编号`,
  example: '1',
});
const OUTER_TOO = { en: ' (empty: as in the row)', zh: '（留空则取该行的值）' };

export const adviceOf = ({ kind, isOuterToo }: SheetColumn): Advice => {
  const { en, zh, example } = ADVICE[kind];
  if (!isOuterToo) return { en, zh, example };
  return { en: en + OUTER_TOO.en, zh: zh + OUTER_TOO.zh, example };
};

/** Columns of keys, which stand before the others. @param outer name of the sheet that a list belongs to */
export function keyColumns(sheet: PlannedSheet, outer: string): { name: string; advice: Advice }[] {
  return [
    ...(sheet.lists.length > 0 ? [{ name: listHeader(sheet.lists), advice: listKey(outer) }] : []),
    ...(sheet.hasLists ? [{ name: KEY_COLUMN, advice: OWN_KEY }] : []),
  ];
}

/** The sheet that the entries of a list belong to. */
export const outerSheet = (sheets: readonly NamedSheet[], { lists }: PlannedSheet): string =>
  sheets.find((each) => listHeader(each.lists) === listHeader(lists.slice(0, -1)))?.name ?? '';

/** The rows of the sheet. */
export function instructions(
  templateName: string,
  sheets: readonly NamedSheet[],
  unfillable: readonly string[],
): Cell[][] {
  const rows = sheets[0]?.name ?? ROWS_SHEET;
  const steps: [string, ...string[]][] = [
    [
      `Each row of the sheet "${rows}" becomes one document. Keep the first row as it is.`,
      `“${rows}”表的每一行生成一份文档。请不要修改第一行。`,
    ],
  ];
  if (sheets.length > 1) {
    steps.push([
      `Lists stand on sheets of their own, one row for each entry. Column ${KEY_COLUMN} of "${rows}" gives each row a key,`,
      'and the first column of a list repeats the key of the row that the entry belongs to.',
      `列表写在单独的表中，每项一行。“${rows}”表的 ${KEY_COLUMN} 列给每行一个编号，列表的第一列填写所属行的编号。`,
    ]);
  }
  if (sheets.some(({ columns }) => columns.some(({ kind }) => kind === 'condition'))) {
    steps.push([
      'Yes or no: choose TRUE or FALSE. Any other text counts as yes, also "no".',
      '是或否：请选择 TRUE 或 FALSE。其他任何文字（包括“否”）都算“是”。',
    ]);
  }
  steps.push([
    'Save the workbook as .xlsx and upload it as a data source. Nothing has to be mapped. This sheet is not read.',
    '保存为 .xlsx 并作为数据源上传，无需映射。本说明表不会被读取。',
  ]);
  if (unfillable.length > 0) {
    const names = unfillable.map((name) => `{${name}}`).join(', ');
    steps.push([`No column can fill these tags · 以下标签无法用列填写: ${names}`]);
  }
  return [
    [{ value: 'How to fill in this workbook · 填写说明', look: 'title' }],
    [],
    [{ value: `Template · 模板: ${templateName}`, format: 'text' }],
    [],
    ...steps.flatMap(([first, ...others], i) => [
      [`${i + 1}. ${first}`],
      ...others.map((line) => [`    ${line}`]),
    ]),
    [],
    ['Sheet · 表', 'Column · 列', 'What to write', '填写内容', 'Example · 示例'].map(
      (value) => ({ value, look: 'header' }) as const,
    ),
    ...sheets.flatMap((sheet) =>
      [
        ...keyColumns(sheet, outerSheet(sheets, sheet)),
        ...sheet.columns.map((column) => ({ name: column.name, advice: adviceOf(column) })),
      ].map(({ name, advice: { en, zh, example } }): Cell[] => [
        { value: sheet.name, format: 'text' },
        { value: name, format: 'text' },
        { value: en, format: 'text' },
        { value: zh, format: 'text' },
        { value: example, look: 'example', format: 'text' },
      ]),
    ),
  ];
}
