/** A task followed until it has ended or rests, with its check as soon as that is done. */
import type { SheafClient } from '../../client/client.ts';
import { platformClock } from '../../client/clock.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import type { Cause, Tell } from './jobEvents.ts';

/** Failures that are read to be grouped. */
const MOST_READ = 10_000;
/** Rows that a cause names. */
const NAMED_ROWS = 10;
const FIRST_LOOK_MS = 150;
const LONGEST_LOOK_MS = 2_000;

/**
 * @param websocketUrl with a ticket, such as came with the task
 * @returns the task as it is then: ended, or paused, and why that
 * @throws ApiError, ConnectionFailed
 */
export async function followJob(
  client: SheafClient,
  job: string,
  taskId: string,
  websocketUrl: string | undefined,
  tell: Tell,
): Promise<{ task: TaskView; why: string | undefined }> {
  const controller = new AbortController();
  const check = tellCheck(client, job, taskId, tell, controller.signal);
  let why: string | undefined;
  try {
    why = await untilRest(client, job, taskId, websocketUrl, tell);
  } finally {
    controller.abort();
  }
  await check;
  return { task: await client.getTask({ taskId }), why };
}

/** @returns why it rests, if it does */
async function untilRest(
  client: SheafClient,
  job: string,
  taskId: string,
  websocketUrl: string | undefined,
  tell: Tell,
): Promise<string | undefined> {
  for await (const event of client.events({ taskId, websocketUrl })) {
    switch (event.type) {
      case 'snapshot':
        for (const progress of event.tasks) {
          tell({ type: 'progress', job, progress });
          if (progress.status === 'paused') return progress.message;
        }
        break;
      case 'task_progress':
        tell({ type: 'progress', job, progress: event.payload });
        break;
      case 'document_failed':
        tell({ type: 'document_failed', job, failure: event.payload });
        break;
      case 'task_queued':
        tell({
          type: 'note',
          job,
          text: `Waits for its turn: ${event.payload.position === 1 ? 'it is the next' : `${event.payload.position - 1} before it`}.`,
        });
        break;
      case 'task_paused':
        return event.payload.message;
      default:
        break;
    }
  }
  return undefined;
}

/** Waits for the check that a task begins with, and tells what it found. */
async function tellCheck(
  client: SheafClient,
  job: string,
  taskId: string,
  tell: Tell,
  over: AbortSignal,
): Promise<void> {
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(2 * wait, LONGEST_LOOK_MS)) {
    const isOver = over.aborted;
    const { check } = await client.getTask({ taskId });
    if (check?.status === 'done') {
      const { summary, findings } = await client.getCheck({ checkId: check.checkId });
      if (summary) tell({ type: 'check', job, summary, findings });
      return;
    }
    if (check?.status !== 'checking' || isOver) return;
    await platformClock.sleep(wait, over).catch(() => undefined);
  }
}

/** Failures of a task, grouped by what is wrong. */
export async function causesOf(
  client: SheafClient,
  { taskId, failed }: TaskView,
): Promise<{ causes: Cause[]; areAll: boolean }> {
  if (failed === 0) return { causes: [], areAll: true };
  const causes = new Map<string, Cause & { rows: number[]; count: number }>();
  let read = 0;
  for await (const { row, code, tag, column, detail } of client.each('listFailures', { taskId })) {
    if (read++ === MOST_READ) break;
    const key = JSON.stringify([code, tag, column]);
    const cause = causes.get(key) ?? { code, tag, detail, count: 0, rows: [] };
    cause.count++;
    if (cause.rows.length < NAMED_ROWS) cause.rows.push(row);
    causes.set(key, cause);
  }
  const sorted = [...causes.values()].sort((a, b) => b.count - a.count);
  return { causes: sorted, areAll: read <= MOST_READ };
}
