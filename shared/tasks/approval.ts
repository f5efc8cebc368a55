/** Tasks that are not begun before somebody has looked at samples: options.approval. */
import { readingFiles } from '../missingFiles.ts';
import type { Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import { orderHash } from '../samples/orderHash.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { CreateTask } from '../schemas/taskApi.ts';

const refused = (pointer: string, detail: string) =>
  new Problem('VALIDATION_ERROR', detail, { errors: [{ pointer, detail }] });

const startsByItself = (pointer: string) =>
  refused(
    pointer,
    'A task with options.approval is started by a call that gives the hash of its samples, and never by itself. Leave this out.',
  );

/**
 * Refuses a new task that waits for an approval and is to begin without.
 * @throws Problem VALIDATION_ERROR
 */
export function requireNoStart({
  options,
  autoStart,
  startAt,
}: Pick<CreateTask, 'options' | 'autoStart' | 'startAt'>): void {
  if (!options.approval) return;
  if (autoStart) throw startsByItself('/autoStart');
  if (startAt !== undefined) throw startsByItself('/startAt');
}

/**
 * The same of a task that is there and is given a time.
 * @throws Problem VALIDATION_ERROR
 */
export function requireNoTime({ options }: TaskItem, startAt: string | null | undefined): void {
  if (options.approval && typeof startAt === 'string') throw startsByItself('/startAt');
}

/**
 * Refuses to begin a task that was not approved, or whose approval is of something else. A hash is compared
 * for every task that is started with one.
 * @param approval hash of the samples that somebody has looked at
 * @throws Problem INVALID_STATE without one, VALIDATION_ERROR with another one, DOWNLOAD_FAILED
 */
export async function requireApproval(
  ports: Pick<Ports, 'objects'>,
  task: TaskItem,
  approval: string | undefined,
): Promise<void> {
  if (approval === undefined) {
    if (!task.options.approval) return;
    throw new Problem(
      'INVALID_STATE',
      `The task is ${task.status} and waits for an approval. Make samples with its templates, rows, fileName and options (POST /batch/samples), look at them, and start it with their hash: {"approval": "<hash>"}.`,
    );
  }
  const wanted = await readingFiles('of the task', () => orderHash(ports, task));
  if (approval === wanted) return;
  throw refused(
    '/approval',
    'This is not the hash of what the task makes: its templates, rows, fileName or options are others than those of the samples. Make samples with the very same ones, look at them, and start it with their hash.',
  );
}
