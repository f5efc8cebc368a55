/** Writes the workbook that is filled in for a template, and comes back as a data source. */
import type { Cell } from '../workbooks/cells.ts';
import type { ColumnLayout } from '../workbooks/sheetParts.ts';
import { createSheetNames } from '../workbooks/sheetNames.ts';
import type { CellFormat } from '../workbooks/styles.ts';
import type { Validation } from '../workbooks/validations.ts';
import { createWorkbookWriter } from '../workbooks/workbookWriter.ts';
import type { Tag } from '../schemas/common.ts';
import type { ByteSink } from '../zip/deflatedEntries.ts';
import {
  adviceOf,
  CHOICES_SHEET,
  instructions,
  INSTRUCTIONS_SHEET,
  keyColumns,
  outerSheet,
  ROWS_SHEET,
  type NamedSheet,
} from './instructions.ts';
import { sheetsOfTags, type ColumnKind } from './sheetsOfTags.ts';

const FORMAT: Readonly<Record<ColumnKind, CellFormat>> = {
  text: 'text',
  date: 'date',
  number: 'general',
  condition: 'general',
};

/** Rows with rules for what is typed: more than people type, and some libraries make an object for each cell. */
const RULED_ROWS = 10_000;
/** Rows whose keys a list offers: Excel shows all of them, and blank ones, too. */
const OFFERED_KEYS = 1_000;
/** Widths in characters: of names, with room for the arrow of a list. */
const LEAST_WIDTH = 14;
const MOST_WIDTH = 40;
const WIDTH_BESIDE = 4;
const KEY_WIDTH = 14;
/** Characters that are as wide as two. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\u3000-\u303f\uff00-\uff60]/gu;

/** Writes it; the same tags and name give the same bytes. */
export async function writeDataSheet(
  sink: ByteSink,
  { name, tags }: { readonly name: string; readonly tags: readonly Tag[] },
): Promise<void> {
  const { sheets: planned, unfillable } = sheetsOfTags(tags);
  const nameOf = createSheetNames();
  const sheets = planned.map((sheet): NamedSheet => ({
    ...sheet,
    name: nameOf(sheet.lists.at(-1) ?? ROWS_SHEET),
  }));
  const instructionsName = nameOf(INSTRUCTIONS_SHEET);
  const choices = nameOf(CHOICES_SHEET);
  const workbook = createWorkbookWriter(sink);
  for (const sheet of sheets) await writeSheet(workbook, sheets, sheet, choices);
  await workbook.beginSheet({
    name: instructionsName,
    columns: [20, 34, 66, 46, 32].map((width) => ({ width })),
    fitsPage: true,
  });
  for (const row of instructions(name, sheets, unfillable)) workbook.row(row);
  await workbook.flush();
  if (sheets.some(({ columns }) => columns.some(({ kind }) => kind === 'condition'))) {
    await workbook.beginSheet({ name: choices, columns: [{ width: LEAST_WIDTH }], isHidden: true });
    workbook.row([true]);
    workbook.row([false]);
  }
  await workbook.finish();
}

async function writeSheet(
  workbook: ReturnType<typeof createWorkbookWriter>,
  sheets: readonly NamedSheet[],
  sheet: NamedSheet,
  choices: string,
): Promise<void> {
  const outer = outerSheet(sheets, sheet);
  const keys = keyColumns(sheet, outer);
  const isList = sheet.lists.length > 0;
  const columns: ColumnLayout[] = [
    ...keys.map(() => ({ width: KEY_WIDTH, format: 'text' as const })),
    ...sheet.columns.map(({ name, kind }) => ({ width: widthOf(name), format: FORMAT[kind] })),
  ];
  const header: Cell[] = [
    ...keys.map(({ name, advice }) => headerCell(name, advice)),
    ...sheet.columns.map((column) => headerCell(column.name, adviceOf(column))),
  ];
  const outerKeys = sheets.find(({ name }) => name === outer);
  const validations: Validation[] = [
    ...(isList && outerKeys ? [keyRule(outer, outerKeys.lists.length > 0 ? 1 : 0)] : []),
    ...sheet.columns.flatMap(({ kind }, i) => ruleOf(kind, keys.length + i, choices)),
  ];
  await workbook.beginSheet({
    name: sheet.name,
    columns,
    frozenRows: 1,
    frozenColumns: keys.length,
    validations,
  });
  const lines = Math.max(1, ...sheet.columns.map(({ name }) => linesOf(name)));
  workbook.row(header, { lines });
  await workbook.flush();
}

const headerCell = (value: string, { en, zh, example }: ReturnType<typeof adviceOf>): Cell => ({
  value,
  look: 'header',
  format: 'text',
  comment: `${en}.\n${zh}。\n${example}`,
});

/** Below the header. */
const below = (column: number) => ({ column, firstRow: 2, lastRow: RULED_ROWS + 1 });

/** @param column of the keys on the sheet that has them */
const keyRule = (sheet: string, column: number): Validation => ({
  ...below(0),
  rule: { kind: 'listOf', sheet, column, firstRow: 2, lastRow: OFFERED_KEYS + 1 },
  refusal: {
    severity: 'warning',
    title: 'Key · 编号',
    text: `No row of "${sheet}" among the first ${OFFERED_KEYS} has this key.\n“${sheet}”表前 ${OFFERED_KEYS} 行没有此编号。`,
  },
});

function ruleOf(kind: ColumnKind, column: number, choices: string): Validation[] {
  const at = below(column);
  switch (kind) {
    case 'text':
      return [];
    case 'date':
      return [
        {
          ...at,
          rule: { kind: 'date' },
          prompt: {
            title: 'Date · 日期',
            text: 'A date, such as 2026-11-25.\n日期，例如 2026-11-25。',
          },
          refusal: {
            severity: 'stop',
            title: 'Date · 日期',
            text: 'This is no date. Write it as 2026-11-25.\n不是日期，请写成 2026-11-25。',
          },
        },
      ];
    case 'number':
      return [
        {
          ...at,
          rule: { kind: 'decimal' },
          refusal: {
            severity: 'stop',
            title: 'Number · 数字',
            text: 'This is no number. Write it without a unit.\n不是数字，请不要写单位。',
          },
        },
      ];
    case 'condition':
      // Cells, and no list of words: Excel has other words for truth values in other languages.
      return [
        {
          ...at,
          rule: { kind: 'listOf', sheet: choices, column: 0, firstRow: 1, lastRow: 2 },
          prompt: {
            title: 'Yes or no · 是或否',
            text: 'TRUE for yes, FALSE or nothing for no.\nTRUE 为是，FALSE 或留空为否。',
          },
          refusal: {
            severity: 'stop',
            title: 'Yes or no · 是或否',
            text: 'Choose TRUE or FALSE.\n请选择 TRUE 或 FALSE。',
          },
        },
      ];
  }
}

/** In characters of common width. */
const widthOfText = (text: string) => text.length + (text.match(WIDE)?.length ?? 0) + WIDTH_BESIDE;

const widthOf = (name: string) => Math.min(Math.max(widthOfText(name), LEAST_WIDTH), MOST_WIDTH);
const linesOf = (name: string) => Math.ceil(widthOfText(name) / MOST_WIDTH);
