/**
 * Notes of when tasks are due to be deleted. A note is written before the task says that it expires then,
 * so no crash leaves one that nobody deletes; a note whose task turned out to be wanted is dropped. They
 * have no expiry of their own, unlike the task's item, which the table may clear away before anybody has
 * looked for what belongs to it.
 */
import * as z from 'zod';
import { everyItem } from '../everyItem.ts';
import { sortPrefixes, tableKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';

const DueItemSchema = z.object({
  taskId: z.string(),
  /** When it is due, in seconds since 1970. */
  dueAt: z.int().min(0),
  /** When that was noted, in ms, where what it is of follows at once. */
  notedAt: z.int().min(0).optional(),
  /** Whether everything was deleted once. */
  isSecond: z.boolean().optional(),
});
export type DueTask = z.infer<typeof DueItemSchema>;

/** Notes when a task is due; the same note again is the same item. */
export async function noteDue({ table }: Pick<Ports, 'table'>, due: DueTask): Promise<void> {
  await table.put(tableKeys.due(due.dueAt, due.taskId), due);
}

/** Every note of what is due at this time, in seconds since 1970, the oldest first. */
export async function* dueTasks(
  { table }: Pick<Ports, 'table'>,
  now: number,
): AsyncGenerator<DueTask, void, undefined> {
  const { pk, sk: to } = tableKeys.due(now, '~');
  const query = { partition: pk, prefix: sortPrefixes.due, to, limit: 100 };
  for await (const item of everyItem({ table }, query)) yield DueItemSchema.parse(item);
}

export async function dropNote(
  { table }: Pick<Ports, 'table'>,
  { dueAt, taskId }: DueTask,
): Promise<void> {
  await table.delete(tableKeys.due(dueAt, taskId));
}
