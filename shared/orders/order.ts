/**
 * What is to be made of which rows: what a task has alike with what is tried before one. Rows and templates
 * are checked and compared when it is taken; from then on it does not change.
 */
import type { TaskItem } from '../schemas/items.ts';
import type { CreateTask } from '../schemas/taskApi.ts';

/** As somebody asks for it. */
export type OrderBody = Pick<
  CreateTask,
  'templateIds' | 'dataSourceId' | 'data' | 'fileName' | 'options'
>;

/** As it is kept. */
export type Order = Pick<
  TaskItem,
  | 'templates'
  | 'dataSourceId'
  | 'rowsKey'
  | 'indexKey'
  | 'ungrouped'
  | 'rowCount'
  | 'fileName'
  | 'options'
>;
