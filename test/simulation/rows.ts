/** The rows of simulated tasks, and what should become of them. */
import type { Row } from '../../shared/schemas/common.ts';
import type { TaskPlan } from './scenario.ts';

/** In a value of every row, and nowhere else: where it is found besides, a row has leaked. */
export const MARKER = 'zq7-of-a-row';

/** What the paragraphs of each template hold; the last needs nothing that a bad row lacks. */
export const TEMPLATE_TEXTS = [
  ['Dear {name}'],
  ['Number {n}', 'of {name}'],
  ['{n} of all', '{#rows}{n} {/rows}'],
] as const;
/** Index of the template that is filled by every row. */
const UNDEMANDING = 2;

/** How a row is, by its number from 1. */
export type RowKind = 'good' | 'bad' | 'fixed';

/** A row; no document with its name can be made of a bad one: it holds a character that XML has not. */
export function rowOf(row: number, kind: RowKind): Row {
  const name = { good: `Person ${row}`, fixed: `Corrected ${row}`, bad: `\u0001 ${row}` }[kind];
  return { name: `${name} ${MARKER}`, n: row };
}

/** Whether values are those of a row that was corrected, in a task whose rows are others than those of an earlier one. */
export const kindOf = (
  { badRows, changedRows = [] }: Pick<TaskPlan, 'badRows' | 'changedRows'>,
  row: number,
): RowKind => (badRows.includes(row) ? 'bad' : changedRows.includes(row) ? 'fixed' : 'good');

/** The number that a row's values have: rows that were taken away at the beginning leave theirs. */
export const numberOf = ({ shift = 0 }: Pick<TaskPlan, 'shift'>, row: number): number =>
  row + shift;

/** The column by which rows are grouped. */
export const GROUP_COLUMN = 'team';
const teamOf = (row: number, groupsOf: number) => Math.ceil(row / groupsOf);

export const rowsOf = (plan: TaskPlan): Row[] =>
  Array.from({ length: plan.rows }, (_, i) => {
    const values = rowOf(numberOf(plan, i + 1), kindOf(plan, i + 1));
    const { groupsOf } = plan;
    return groupsOf === undefined
      ? values
      : { ...values, [GROUP_COLUMN]: `Team ${teamOf(i + 1, groupsOf)}` };
  });

const isSelected = ({ selection }: TaskPlan, row: number): boolean =>
  !selection || (selection.from <= row && row <= selection.to);

/**
 * How many rows the document of a row is made of: those of its group that are selected, for the first of them; 0 for
 * a row of which no document is made.
 */
export function rowsInDocument(plan: TaskPlan, row: number): number {
  if (!isSelected(plan, row)) return 0;
  const { groupsOf } = plan;
  if (groupsOf === undefined) return 1;
  const team = teamOf(row, groupsOf);
  const isOfGroup = (other: number) =>
    other >= 1 && other <= plan.rows && teamOf(other, groupsOf) === team && isSelected(plan, other);
  if (isOfGroup(row - 1)) return 0;
  let last = row;
  while (isOfGroup(last + 1)) last++;
  return last - row + 1;
}

/** Options of its creation, and of samples of the same. */
export const selectionOptions = (plan: TaskPlan) => {
  const { selection, groupsOf, check } = plan;
  const [from, to] = selection
    ? [numberOf(plan, selection.from), numberOf(plan, selection.to)]
    : [];
  return {
    ...(selection?.by === 'rows' && { rows: `${selection.from}-${selection.to}` }),
    ...(selection?.by === 'filter' && { filter: `number(n) >= ${from} && number(n) <= ${to}` }),
    ...(groupsOf !== undefined && { groupBy: GROUP_COLUMN }),
    ...(check !== undefined && { check }),
  };
};

/** Whether a row of this kind gives a document of the template. */
export const canBeMade = (kind: RowKind, template: number) =>
  kind !== 'bad' || template === UNDEMANDING;
