/** What is made of a row: its parts, each with an outcome of its own. Reports name a part by its label. */
import type { Order } from '../schemas/items.ts';

export interface RowPart {
  /** A document of a template, the file of a row step, or what the row steps answered. */
  readonly kind: 'document' | 'file' | 'answers';
  /** Unique in the task: the label of the template, the name of the step. */
  readonly label: string;
}

/** The parts of a row, in their order: one or more. */
export function partsOf({ templates, steps = [] }: Pick<Order, 'templates' | 'steps'>): RowPart[] {
  const parts = [
    ...templates.map(({ label }): RowPart => ({ kind: 'document', label })),
    ...steps
      .filter(({ hasFile }) => hasFile)
      .map(({ name }): RowPart => ({ kind: 'file', label: name })),
  ];
  return parts.length > 0 ? parts : [{ kind: 'answers', label: steps.at(-1)?.name ?? '' }];
}

export const labelsOf = (order: Pick<Order, 'templates' | 'steps'>): string[] =>
  partsOf(order).map(({ label }) => label);
