/**
 * What row steps add to the table of results: further columns, behind those of the rows and before what became of
 * their documents. Everything that writes results knows of steps only through this module.
 */
import type { Ports } from '../ports.ts';
import type { Row } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import {
  createAnswersReader,
  lastAnswer,
  NO_ANSWERS,
  type RowAnswers,
} from '../stepAnswers/rowAnswers.ts';

/** A value of a step: any JSON, or a file of the archive by its name there; undefined for none. */
export type StepValue = Row[string] | ArchivedFile | undefined;

/** A file of the archive. */
export class ArchivedFile {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The columns of a task's steps, in their order, and what rows have in them. */
export interface StepColumns {
  /** Such as `summary.text`. */
  readonly names: readonly string[];
  /**
   * The values of a row, one for each name.
   * @param row is asked for in ascending order, each once at the most
   */
  valuesOf(row: number): Promise<readonly StepValue[]>;
}

/** Rows whose answers are read together. */
const ROWS_AT_ONCE = 256;

/** The names of the columns of a task's steps. */
export const stepNamesOf = ({ steps = [] }: Pick<TaskItem, 'steps'>): string[] =>
  steps.flatMap(({ gives }) => gives);

/** The columns of the steps of a task on which nobody works, for one reading of its rows. */
export async function openStepColumns(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskItem,
): Promise<StepColumns> {
  const columns = (task.steps ?? []).flatMap(({ name: step, gives }) =>
    gives.map((name) => ({ name, step, column: name.slice(step.length + 1) })),
  );
  if (columns.length === 0) return { names: [], valuesOf: () => Promise.resolve([]) };
  const reader = await createAnswersReader(ports, task, { first: 1, last: task.rowCount });
  let upTo = 0;
  let answersOf: (row: number) => RowAnswers = () => NO_ANSWERS;
  return {
    names: columns.map(({ name }) => name),
    async valuesOf(row) {
      if (row > upTo) {
        upTo = row + ROWS_AT_ONCE - 1;
        answersOf = await reader.rows(Array.from({ length: ROWS_AT_ONCE }, (_, i) => row + i));
      }
      const answers = answersOf(row);
      return columns.map(({ step, column }) => lastAnswer(answers, step)?.values?.[column]);
    },
  };
}
