/** Events in sentences, as the log of a task shows them. No value of a row is in any of them. */
import type { LastingEvent } from '../schemas/events.ts';

const number = (n: number) => n.toLocaleString('en-US');

/** What happened, in a sentence. */
export function messageOf(event: LastingEvent): string {
  switch (event.type) {
    case 'warnings_found':
      return `The task was created, with what should be looked at: ${event.payload.warnings.join(' ')}`;
    case 'start_requested':
      return 'The task was started.';
    case 'retry_requested':
      return 'It was asked to go on with the task.';
    case 'pause_requested':
      return 'It was asked to pause the task.';
    case 'cancel_requested':
      return 'It was asked to cancel the task.';
    case 'task_queued':
      return `The task waits for its turn, at place ${number(event.payload.position)}: as many tasks are at work as may be.`;
    case 'task_scheduled':
      return `The task starts by itself at ${event.payload.startAt}.`;
    case 'task_started':
      return `Rendering of ${number(event.payload.totalDocuments)} documents has begun.`;
    case 'shard_failed': {
      const { firstRow, rowCount, cause } = event.payload;
      return `Rows ${number(firstRow)} to ${number(firstRow + rowCount - 1)} were given up together: ${cause}. The other rows go on.`;
    }
    case 'task_paused':
    case 'task_resumed':
    case 'task_cancelled':
      return event.payload.message;
    case 'documents_kept': {
      const { count, rows } = event.payload;
      const [documents, their] = count === 1 ? ['document', 'its'] : ['documents', 'their'];
      const of = rows.length === 1 ? 'row' : 'rows, among others, ';
      return `${number(count)} ${documents} could not be made anew, and ${their} older ones were kept: of ${of} ${rows.map(number).join(', ')}.`;
    }
    case 'task_completed': {
      const { successful, failed, skipped, reused } = event.payload.result;
      const taken =
        reused === undefined ? '' : ` (${number(reused)} of them taken over from the earlier task)`;
      return `The task has ended: ${number(successful)} documents were made${taken}, ${number(failed)} failed, ${number(skipped)} were skipped.`;
    }
    case 'task_failed':
      return event.payload.error.message;
  }
}
