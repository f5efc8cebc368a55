/** Following a task to its end, with what happens on the way. */
import type { Progress, Snapshot, TaskEvent } from '../shared/schemas/stream.ts';
import type { SheafClient } from './client.ts';

/** What happens while a task is followed. */
export interface TaskListener {
  progress(progress: Progress): void;
  documentFailed?(event: Extract<TaskEvent, { type: 'document_failed' }>['payload']): void;
}

/**
 * Follows a task until it has ended, through lost connections.
 * @param websocketUrl the address that came with the task; without it, one is fetched
 * @returns the final numbers
 * @throws ApiError, ConnectionFailed; the signal's reason
 */
export async function followTask(
  client: Pick<SheafClient, 'events' | 'getProgress'>,
  taskId: string,
  websocketUrl: string | undefined,
  listener: TaskListener,
  signal?: AbortSignal,
): Promise<Snapshot> {
  for await (const event of client.events({ taskId, websocketUrl, signal })) {
    if (event.type === 'snapshot') event.tasks.forEach((task) => listener.progress(task));
    if (event.type === 'task_progress') listener.progress(event.payload);
    if (event.type === 'document_failed') listener.documentFailed?.(event.payload);
  }
  const final = await client.getProgress({ taskId }, { ...(signal && { signal }) });
  listener.progress(final);
  return final;
}
