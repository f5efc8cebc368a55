/** What comparing a task's tags with its columns gave: kept from its creation on, apart from its item. */
import {
  TaskSpellingsSchema,
  type ComparedNames,
  type StoredSpellings,
} from '../columns/compareTask.ts';
import type { Spellings } from '../columns/spellings.ts';
import { writeEvent } from '../events/eventLog.ts';
import { warningsEvent } from '../events/taskEvents.ts';
import { objectKeys, tableKeys } from '../keys.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import { TaskWarningsItemSchema, type TaskItem } from '../schemas/items.ts';

/** Keeps them before the task itself is there: whoever finds it finds them. */
export async function keepNames(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskItem,
  warnings: readonly string[],
  spellings: StoredSpellings | undefined,
): Promise<void> {
  const { taskId } = task;
  await Promise.all([
    spellings && ports.objects.put(objectKeys.taskSpellings(taskId), bytesOf(spellings)),
    ...(warnings.length === 0
      ? []
      : [
          ports.table.put(tableKeys.taskWarnings(taskId), { warnings: [...warnings] }),
          writeEvent(ports, task, warningsEvent(task, warnings)),
        ]),
  ]);
}

/** The same for a retry that compared them anew; it counts once the task names it. */
export async function keepComparedNames(
  ports: Pick<Ports, 'table' | 'objects'>,
  task: TaskItem,
  retryId: string,
  { warnings, spellings }: ComparedNames,
): Promise<void> {
  const { taskId } = task;
  const item = { warnings: [...warnings] };
  await Promise.all([
    spellings && ports.objects.put(objectKeys.retrySpellings(taskId, retryId), bytesOf(spellings)),
    warnings.length > 0 && ports.table.put(tableKeys.taskWarnings(taskId, retryId), item),
  ]);
}

const bytesOf = (value: StoredSpellings) => Buffer.from(JSON.stringify(value));

/** The warnings of a task's creation, or of the retry that compared its names last. */
export async function loadWarnings(
  { table }: Pick<Ports, 'table'>,
  { taskId, comparedBy, warningCount = 0 }: TaskItem,
): Promise<string[]> {
  if (warningCount === 0) return [];
  const item = await table.get(tableKeys.taskWarnings(taskId, comparedBy));
  return item ? TaskWarningsItemSchema.parse(item).warnings : [];
}

/** Spellings of a task, by template. */
export interface TaskSpellings {
  readonly templates: readonly (Spellings | undefined)[];
  readonly fileName?: Spellings;
}

/** How the tags of a task are spelt in its columns. @throws ObjectMissing */
export async function loadSpellings(
  ports: Pick<Ports, 'objects'>,
  { taskId, comparedBy, hasSpellings = false }: TaskItem,
): Promise<TaskSpellings> {
  if (!hasSpellings) return { templates: [] };
  const key =
    comparedBy === undefined
      ? objectKeys.taskSpellings(taskId)
      : objectKeys.retrySpellings(taskId, comparedBy);
  const { templates, fileName, mapping } = TaskSpellingsSchema.parse(await readJson(ports, key));
  const mapped = mapping && new Map(Object.entries(mapping));
  const spellings = (record: Record<string, string[]>): Spellings => {
    const further = new Map(Object.entries(record));
    return mapped ? { get: (name) => further.get(name), mapped } : further;
  };
  return { templates: templates.map(spellings), fileName: spellings(fileName) };
}
