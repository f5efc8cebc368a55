/**
 * What row steps add to the table of results: further columns, behind those of the rows and before what became of
 * their documents. Everything that writes results knows of steps only through this module.
 */
import type { Ports } from '../ports.ts';
import type { Row } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';

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

const NONE: readonly StepValue[] = [];

/** The columns of the steps of a task on which nobody works. No task has steps yet. */
export const openStepColumns = (
  _ports: Pick<Ports, 'table' | 'objects'>,
  _task: TaskItem,
): StepColumns => ({ names: [], valuesOf: () => Promise.resolve(NONE) });
