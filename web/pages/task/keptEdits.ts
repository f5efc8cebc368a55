/**
 * Corrections that were typed and not sent yet, for as long as the page is open: they are there again after a look at
 * another part of the task, or after signing in anew.
 */
import type { Edits } from './cells.ts';

const kept = new Map<string, Edits>();

/** @param cause key of the group of failures */
const keyOf = (taskId: string, cause: string) => `${taskId} ${cause}`;

/** @returns whether any are kept */
export function keepEdits(taskId: string, cause: string, edits: Edits): boolean {
  if (edits.size === 0) kept.delete(keyOf(taskId, cause));
  else kept.set(keyOf(taskId, cause), edits);
  return kept.size > 0;
}

export const keptEdits = (taskId: string, cause: string): Edits | undefined =>
  kept.get(keyOf(taskId, cause));
