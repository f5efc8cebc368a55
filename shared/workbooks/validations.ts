/** What may be typed into cells, and what Excel says about it (ECMA-376 part 1, 18.3.1.32). */
import { clip } from '../clip.ts';
import { columnLetters } from '../office/cellReference.ts';
import { attributeText } from './cellText.ts';
import { quoteSheetName } from './sheetNames.ts';

/** What a cell may hold; an empty one always may be. */
export type ValidationRule =
  /** One of these; none holds a comma, and all together have MAX_LIST characters. */
  | { readonly kind: 'list'; readonly values: readonly string[] }
  /** What cells of a sheet of this workbook hold; rows are 1-based, the column 0-based. */
  | {
      readonly kind: 'listOf';
      readonly sheet: string;
      readonly column: number;
      readonly firstRow: number;
      readonly lastRow: number;
    }
  | { readonly kind: 'whole'; readonly min: number; readonly max: number }
  | { readonly kind: 'decimal' }
  | { readonly kind: 'date' }
  | { readonly kind: 'textLength'; readonly max: number }
  /** Anything: for a prompt alone. */
  | { readonly kind: 'any' };

interface Message {
  readonly title: string;
  readonly text: string;
}

/** A rule for cells of one column. */
export interface Validation {
  /** 0-based. */
  readonly column: number;
  /** 1-based. */
  readonly firstRow: number;
  readonly lastRow: number;
  readonly rule: ValidationRule;
  /** Shown when the cell is chosen. */
  readonly prompt?: Message;
  /** Shown when something else is typed; `stop` does not take it, `warning` asks. */
  readonly refusal?: Message & { readonly severity: 'stop' | 'warning' };
}

/** What Excel takes: of the values of a list with the commas between them, of titles and of texts. */
const MAX_LIST = 255;
const MAX_TITLE = 32;
const MAX_PROMPT = 255;
const MAX_REFUSAL = 225;
/** Each sheet has as many rules as columns, at the most. */
const LARGEST = '1E+300';
/** 1 January 1900 and 31 December 9999. */
const FIRST_DAY = 1;
const LAST_DAY = 2_958_465;

function formulas(rule: ValidationRule): readonly string[] {
  switch (rule.kind) {
    case 'list': {
      const joined = rule.values.join(',');
      if (joined.length > MAX_LIST || rule.values.some((value) => value.includes(',')))
        throw new RangeError('The values are too long for a list; put them into cells.');
      return [`"${joined.replaceAll('"', '""')}"`];
    }
    case 'listOf': {
      const letters = columnLetters(rule.column);
      return [
        `${quoteSheetName(rule.sheet)}!$${letters}$${rule.firstRow}:$${letters}$${rule.lastRow}`,
      ];
    }
    case 'whole':
      return [String(rule.min), String(rule.max)];
    case 'decimal':
      return [`-${LARGEST}`, LARGEST];
    case 'date':
      return [String(FIRST_DAY), String(LAST_DAY)];
    case 'textLength':
      return ['0', String(rule.max)];
    case 'any':
      return [];
  }
}

const TYPE = { listOf: 'list', any: 'none' } as const;

function validationElement({ column, firstRow, lastRow, rule, prompt, refusal }: Validation) {
  const type = rule.kind === 'listOf' || rule.kind === 'any' ? TYPE[rule.kind] : rule.kind;
  const letters = columnLetters(column);
  const attributes = [
    `type="${type}"`,
    ...(refusal?.severity === 'warning' ? ['errorStyle="warning"'] : []),
    'allowBlank="1"',
    ...(prompt ? ['showInputMessage="1"'] : []),
    ...(refusal ? ['showErrorMessage="1"'] : []),
    ...(refusal
      ? [
          `errorTitle="${attributeText(clip(refusal.title, MAX_TITLE))}"`,
          `error="${attributeText(clip(refusal.text, MAX_REFUSAL))}"`,
        ]
      : []),
    ...(prompt
      ? [
          `promptTitle="${attributeText(clip(prompt.title, MAX_TITLE))}"`,
          `prompt="${attributeText(clip(prompt.text, MAX_PROMPT))}"`,
        ]
      : []),
    `sqref="${letters}${firstRow}:${letters}${lastRow}"`,
  ];
  const inner = formulas(rule).map((formula, i) => {
    const name = `formula${i + 1}`;
    return `<${name}>${attributeText(formula)}</${name}>`;
  });
  return `<dataValidation ${attributes.join(' ')}>${inner.join('')}</dataValidation>`;
}

/** The element with all rules of a sheet; nothing without any. */
export const validationsElement = (validations: readonly Validation[]): string =>
  validations.length === 0
    ? ''
    : `<dataValidations count="${validations.length}">${validations.map(validationElement).join('')}</dataValidations>`;
