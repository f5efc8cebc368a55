/** What tasks are made from stays as long as they are there, though its owner has deleted it. */

/** A task that is there, and was not deleted. */
export interface UsingTask {
  readonly taskId: string;
  readonly templates: readonly { readonly templateId: string }[];
  readonly dataSourceId?: string | undefined;
}

/** Objects that documents are made from; what was uploaded is not read any more once it was taken. */
const READ = /^(?:templates|sources)\/([^/]+)\/(?:template|rows\.jsonl|rows\.idx)$/;

/** Violations of the deletion of an object. @param tasks all that are there at this moment */
export function useViolations(key: string, tasks: Iterable<UsingTask>): string[] {
  const [, id] = READ.exec(key) ?? [];
  if (id === undefined) return [];
  return [...tasks]
    .filter(
      ({ templates, dataSourceId }) =>
        dataSourceId === id || templates.some(({ templateId }) => templateId === id),
    )
    .map(({ taskId }) => `${key} was deleted, and ${taskId} is made from it.`);
}
