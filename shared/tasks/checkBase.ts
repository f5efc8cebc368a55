/** The earlier task whose documents a new one takes over (baseTaskId), before anything of the new one is there. */
import { quoteName } from '../columns/quoteName.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import type { TaskItem } from '../schemas/items.ts';
import { isFinal } from './lifeCycle.ts';
import { shardsOf, taskNotFound, taskStore } from './taskStore.ts';

const POINTER = '/baseTaskId';

/** @throws Problem TASK_NOT_FOUND, INVALID_STATE (it has not ended) */
export async function requireBase(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  baseTaskId: string,
): Promise<TaskItem> {
  const base = await taskStore.find(ports, baseTaskId);
  if (base?.ownerId !== ownerId) {
    const { code, message } = taskNotFound(baseTaskId);
    throw new Problem(code, message, { errors: [{ pointer: POINTER, detail: message }] });
  }
  if (isFinal(base.status)) return base;
  const detail = `The task ${baseTaskId} is ${base.status}: documents can be taken over from a task that has ended. Wait for its end, cancel it, or leave baseTaskId out.`;
  throw new Problem('INVALID_STATE', detail, { errors: [{ pointer: POINTER, detail }] });
}

/** What is known already to be made anew, in sentences. */
export async function baseWarnings(
  ports: Pick<Ports, 'table'>,
  base: TaskItem,
  { templates, options }: Pick<TaskItem, 'templates' | 'options'>,
): Promise<string[]> {
  const all = (because: string) => [
    `All documents are made anew: ${because}, so that none of the task ${base.taskId} can be taken over.`,
  ];
  const others = templates.filter(
    ({ sha256 }) => !base.templates.some((template) => template.sha256 === sha256),
  );
  if (others.length === templates.length) {
    return all('it was made with other templates, or other files of them');
  }
  for (const option of ['missingValue', 'emptyParagraphs'] as const) {
    if (options[option] !== base.options[option]) {
      return all(`it was made with ${option} "${base.options[option]}"`);
    }
  }
  const notes = await notesOf(ports, base);
  if (notes === 'no documents') return all('it has no documents');
  if (notes === 'none') {
    return all('it was made when nobody noted yet what documents are made from');
  }
  if (others.length === 0) return [];
  const labels = others.map(({ label }) => quoteName(label)).join(', ');
  return [
    `The task ${base.taskId} was not made with ${labels}, or with another file of that name: those documents are made anew.`,
  ];
}

/** Whether its documents tell what they were made from, by the first shard that has some. */
async function notesOf(
  ports: Pick<Ports, 'table'>,
  { taskId }: TaskItem,
): Promise<'there' | 'none' | 'no documents'> {
  for await (const { segments } of shardsOf(ports, taskId)) {
    const made = segments.filter(({ documents }) => documents > 0);
    if (made.length === 0) continue;
    return made.some((segment) => segment.originsBytes !== undefined) ? 'there' : 'none';
  }
  return 'no documents';
}
