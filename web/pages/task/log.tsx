/** What happened to a task, oldest first. */
import type { JSX } from 'preact';
import { PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import { OwedEventSchema, type LogEntry } from '../../../shared/schemas/events.ts';
import { useApp } from '../../app/app.ts';
import { usePages } from '../../app/pages.ts';
import { Button, ErrorNote, Loading } from '../../parts/basics.tsx';
import type { PartProps } from './part.ts';

export function TaskLog({ live, stamp }: PartProps): JSX.Element {
  const { texts, formats, client } = useApp();
  const { taskId } = live.task;
  const log = usePages(
    (cursor, signal) =>
      client.readLog({ taskId, limit: PAGE_LIMIT_MAX, ...(cursor && { cursor }) }, { signal }),
    [client, taskId],
    stamp,
  );
  const sentenceOf = ({ message, ...entry }: LogEntry) => {
    const event = OwedEventSchema.safeParse({ ...entry, key: '' });
    // Of a kind that this page does not know yet, the sentence is all that is to be said.
    return event.success ? texts.log.says(event.data, message) : message;
  };
  if (log.items.length === 0) {
    if (log.error !== undefined) return <ErrorNote error={log.error} onRetry={log.retry} />;
    return log.isComplete ? <p class="empty">{texts.log.none}</p> : <Loading />;
  }
  return (
    <section class="card" aria-labelledby="log">
      <h2 id="log">{texts.task.log}</h2>
      <ol class="log">
        {log.items.map((entry) => (
          <li key={entry.seq}>
            <time dateTime={entry.at}>{formats.moment(entry.at)}</time>
            <span>
              {sentenceOf(entry)}{' '}
              {entry.by !== undefined && <span class="hint">{texts.log.by(entry.by)}</span>}
            </span>
          </li>
        ))}
      </ol>
      <ErrorNote error={log.error} onRetry={log.retry} />
      {!log.isComplete && (
        <Button isBusy={log.isLoading} onClick={log.more}>
          {texts.log.more}
        </Button>
      )}
    </section>
  );
}
