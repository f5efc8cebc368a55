/** The rows of simulated tasks, and what should become of them. */
import type { Row } from '../../shared/schemas/common.ts';
import type { TaskPlan } from './scenario.ts';

/** In a value of every row, and nowhere else: where it is found besides, a row has leaked. */
export const MARKER = 'zq7-of-a-row';

/** What the paragraphs of each template hold; the last needs nothing that a bad row lacks. */
export const TEMPLATE_TEXTS = [
  ['Dear {name}'],
  ['Number {n}', 'of {name}'],
  ['{n} of all'],
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

export const kindOf = ({ badRows }: Pick<TaskPlan, 'badRows'>, row: number): 'good' | 'bad' =>
  badRows.includes(row) ? 'bad' : 'good';

export const rowsOf = (plan: TaskPlan): Row[] =>
  Array.from({ length: plan.rows }, (_, i) => rowOf(i + 1, kindOf(plan, i + 1)));

/** Whether a row of this kind gives a document of the template. */
export const canBeMade = (kind: RowKind, template: number) =>
  kind !== 'bad' || template === UNDEMANDING;
