/** What is left behind: of tasks that are gone, of slots and places in the queue, of the values of rows. */

/** As GET /usage answers. */
export interface FoundUsage {
  readonly tasksRunning: number;
  readonly tasksQueued: number;
  readonly documents: { readonly reserved: number };
}

/** Violations of what an owner has in use when no task of theirs works or waits. */
export function restViolations({ tasksRunning, tasksQueued, documents }: FoundUsage): string[] {
  const violations: string[] = [];
  if (tasksRunning !== 0) violations.push(`${tasksRunning} slots are held by nobody.`);
  if (tasksQueued !== 0) violations.push(`${tasksQueued} places in the queue are left.`);
  if (documents.reserved !== 0) {
    violations.push(`${documents.reserved} documents are reserved for nobody.`);
  }
  return violations;
}

/**
 * Keys that still name a task that was deleted.
 * @param keys of items (`pk sk`) and of objects; a claim of an idempotency key may outlive its task, and
 *   is not to be among them
 */
export function deletionViolations(taskId: string, keys: Iterable<string>): string[] {
  return [...keys].filter((key) => key.includes(taskId)).map((key) => `${key} outlived its task.`);
}

/** Something that may not hold the value of a row: a log, an item, a history, an event. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/**
 * Places that hold the value of a row.
 * @param marker a string that every row has in one of its values, and nothing else
 */
export function leakViolations(marker: string, places: Iterable<Place>): string[] {
  return [...places]
    .filter(({ text }) => text.includes(marker))
    .map(({ name }) => `${name} holds the value of a row.`);
}
