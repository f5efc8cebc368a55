/** What failed, by cause: each with its rows, which are corrected in place and retried. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import { useApp } from '../../app/app.ts';
import { save } from '../../app/download.ts';
import { useDoing, useHere } from '../../app/hooks.ts';
import { usePages } from '../../app/pages.ts';
import { changeParams } from '../../app/router.ts';
import { Button, ErrorNote, InEnglish, Loading, Note } from '../../parts/basics.tsx';
import { CorrectionGrid } from './correctionGrid.tsx';
import { groupFailures, type FailureGroup } from './failureGroups.ts';
import { hrefOfRow } from './rowInspector.tsx';
import type { PartProps } from './part.ts';

/** Failures that are listed before somebody asks for more. */
const AT_ONCE = 1_000;
/** Rows of a group that are named before somebody asks for more. */
const ROWS_NAMED = 24;

/** Whether a retry is taken. */
const canRetry = ({ status }: TaskView) =>
  status === 'paused' || (isFinal(status) && status !== 'cancelled');

export function Failures({ route, live, stamp, onTask }: PartProps): JSX.Element {
  const { texts, client, tell } = useApp();
  const words = texts.failures;
  const { task } = live;
  const { taskId } = task;
  const report = useDoing();
  const isHere = useHere();
  const list = usePages(
    async (cursor, signal) => {
      const page = await client.listFailures(
        { taskId, limit: PAGE_LIMIT_MAX, ...(cursor && { cursor }) },
        { signal },
      );
      if (!('nextCursor' in page)) throw new TypeError('A page was asked for.');
      return page;
    },
    [client, taskId],
    stamp,
    AT_ONCE,
  );
  const groups = useMemo(() => groupFailures(list.items), [list.items]);
  const open = route.params.get('fix');
  const download = () =>
    void report.run(async () => {
      const link = await client.listFailures({ taskId, format: 'csv' });
      if ('url' in link) save(link);
    });

  if (list.items.length === 0) {
    if (list.error !== undefined) return <ErrorNote error={list.error} onRetry={list.retry} />;
    if (!list.isComplete) return <Loading />;
    return (
      <div class="empty">
        <p>{isFinal(task.status) ? words.none : words.noneYet}</p>
      </div>
    );
  }
  return (
    <div class="stack">
      <div class="list-tools">
        {!list.isComplete && <p class="hint">{words.firstOnly(list.items.length)}</p>}
        {!canRetry(task) && task.status !== 'cancelled' && <p class="hint">{words.notNow}</p>}
        {isFinal(task.status) && (
          <Button icon="download" isBusy={report.isBusy} onClick={download}>
            {words.report}
          </Button>
        )}
      </div>
      <ErrorNote error={report.error ?? list.error} />
      {groups.map((group) => (
        <Group
          key={group.key}
          task={task}
          group={group}
          isComplete={list.isComplete}
          isOpen={open === group.key}
          onRetried={(changed, count) => {
            if (isHere()) changeParams({ fix: undefined });
            tell(words.retried(count));
            onTask(changed);
          }}
        />
      ))}
      {!list.isComplete && (
        <Button isBusy={list.isLoading} onClick={list.more}>
          {words.loadMore}
        </Button>
      )}
    </div>
  );
}

function Group({
  task,
  group,
  isComplete,
  isOpen,
  onRetried,
}: {
  readonly task: TaskView;
  readonly group: FailureGroup;
  /** Whether all failures are listed: otherwise the group may have more rows. */
  readonly isComplete: boolean;
  readonly isOpen: boolean;
  readonly onRetried: (task: TaskView, count: number) => void;
}): JSX.Element {
  const { texts } = useApp();
  const words = texts.failures;
  const [named, setNamed] = useState(ROWS_NAMED);
  const { code, column, tag, detail, rows, key } = group;
  const what = words.what[code];
  const about = column ?? tag;
  const cause = about === null ? what : `${what}${texts.signs.colon}${about}`;
  const left = rows.length - named;
  return (
    <section class="card failure-group" aria-label={cause}>
      <header>
        <h2 dir="auto">{cause}</h2>
        <span class="count bad">
          {words.rows(rows.length)}
          {!isComplete && '+'}
        </span>
      </header>
      <p>
        <InEnglish>{detail}</InEnglish>
      </p>
      {isOpen ? (
        <CorrectionGrid
          task={task}
          group={group}
          title={words.correctTitle(cause)}
          isPossible={canRetry(task)}
          onClose={() => changeParams({ fix: undefined })}
          onRetried={onRetried}
        />
      ) : (
        <>
          <ul class="row-links" aria-label={words.rowsAtFault}>
            {rows.slice(0, named).map((row) => (
              <li key={row}>
                <a href={hrefOfRow(row)} aria-label={texts.documents.lookAt(row)}>
                  {row}
                </a>
              </li>
            ))}
            {left > 0 && (
              <li>
                <button type="button" class="link" onClick={() => setNamed(named + 200)}>
                  {words.moreRows(left)}
                </button>
              </li>
            )}
          </ul>
          {column === null && tag !== null && <Note>{words.noColumn}</Note>}
          {canRetry(task) && (
            <div class="actions">
              <Button kind="main" icon="edit" onClick={() => changeParams({ fix: key })}>
                {words.correct}
              </Button>
            </div>
          )}
        </>
      )}
    </section>
  );
}
