/** Which state of a task its results are of. */
import type { TaskItem } from '../schemas/items.ts';

/** Rises with every change of the task's state, and so with whatever may become of its rows. */
export const revisionOf = ({ revision = 0 }: Pick<TaskItem, 'revision'>): number => revision;
