/** One task: how far it is, what failed, its documents, what happened; followed while it shows. */
import type { ComponentType, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import { useApp } from '../../app/app.ts';
import { useHere, useTitle } from '../../app/hooks.ts';
import { go, hrefOf, type Route } from '../../app/router.ts';
import { percentOf } from '../../parts/bar.tsx';
import { ButtonLink, ErrorNote, Heading, InEnglish, Loading, Note } from '../../parts/basics.tsx';
import { LivenessMark } from '../../parts/liveness.tsx';
import { Status } from '../../parts/status.tsx';
import { TaskActions } from '../taskActions.tsx';
import { isTimeToSay, type Said } from './announcing.ts';
import { Deliveries } from './deliveries.tsx';
import { Documents } from './documents.tsx';
import { Failures } from './failures.tsx';
import type { LiveTask } from './live.ts';
import type { PartProps } from './part.ts';
import { TaskLog } from './log.tsx';
import { Overview } from './overview.tsx';
import { RowInspector } from './rowInspector.tsx';
import { useTask } from './useTask.ts';

const TABS = {
  overview: Overview,
  failures: Failures,
  documents: Documents,
  log: TaskLog,
  webhooks: Deliveries,
} as const satisfies Record<string, ComponentType<PartProps>>;
type Tab = keyof typeof TABS;
const TAB_NAMES = Object.keys(TABS) as Tab[];

export function TaskPage({ route }: { readonly route: Route }): JSX.Element {
  const { texts } = useApp();
  const [, taskId = ''] = route.path;
  const followed = useTask(taskId);
  const { live, stamp } = followed;
  useTitle(live ? live.task.name : texts.app.tasks);
  useAnnouncements(live);
  const isHere = useHere();

  if (followed.isGone) {
    return (
      <>
        <Heading title={texts.task.deleted} />
        <ButtonLink href={hrefOf(['tasks'])}>{texts.app.home}</ButtonLink>
      </>
    );
  }
  if (!live) {
    if (followed.error === undefined) return <Loading />;
    return (
      <>
        <Heading title={texts.app.tasks} />
        <ErrorNote error={followed.error} onRetry={followed.look} />
      </>
    );
  }
  const { task } = live;
  const tab = TAB_NAMES.find((name) => name === route.params.get('tab')) ?? 'overview';
  const Part = TABS[tab];
  return (
    <>
      <Heading
        title={
          <span dir="auto" class="task-name">
            {task.name}
          </span>
        }
      >
        <LivenessMark liveness={followed.liveness} />
      </Heading>
      <div class="task-state">
        <Status status={task.status} />
        <span class="hint">{texts.statusSays[task.status]}</span>
        <TaskActions
          tasks={[task]}
          onDone={(_, changed) => {
            if (changed) followed.take(changed);
            else if (isHere()) go(['tasks']);
          }}
        />
      </div>
      {task.error && (
        <Note kind="error" title={texts.status.failed}>
          <p>
            <InEnglish>{task.error.message}</InEnglish>
          </p>
        </Note>
      )}
      <Tabs task={task} current={tab} />
      <Part route={route} live={live} stamp={stamp} onTask={followed.take} />
      <RowInspector route={route} task={task} stamp={stamp} />
    </>
  );
}

function Tabs({ task, current }: { readonly task: TaskView; readonly current: Tab }): JSX.Element {
  const { texts, formats } = useApp();
  const counts: Partial<Record<Tab, number>> = {
    failures: task.failed,
    documents: task.totalDocuments - task.pending,
  };
  return (
    <nav class="tabs" aria-label={texts.task.tabs}>
      {TAB_NAMES.map((name) => {
        const count = counts[name] ?? 0;
        return (
          <a
            key={name}
            href={hrefOf(['tasks', task.taskId], { tab: name === 'overview' ? undefined : name })}
            aria-current={name === current ? 'page' : undefined}
          >
            {texts.task[name]}
            {count > 0 && (
              <span class={name === 'failures' ? 'count bad' : 'count'}>
                {' '}
                {formats.number(count)}
              </span>
            )}
          </a>
        );
      })}
    </nav>
  );
}

/** Says at quarters how far it is, and what became of it. */
function useAnnouncements(live: LiveTask | undefined): void {
  const { texts, formats, announce } = useApp();
  const said = useRef<Said>({ percent: 0, at: 0 });
  const before = useRef<TaskView['status'] | undefined>(undefined);
  const task = live?.task;
  const percent = task ? percentOf({ ...task, total: task.totalDocuments }) : 0;
  useEffect(() => {
    if (!task) return;
    const { status } = task;
    const isFirst = before.current === undefined;
    const hasChanged = before.current !== status;
    before.current = status;
    const now = performance.now();
    if (isFirst) {
      said.current = { percent, at: now };
    } else if (hasChanged && isFinal(status)) {
      const made = formats.number(task.succeeded);
      announce(texts.task.announceEnd(texts.status[status], made, formats.number(task.failed)));
    } else if (hasChanged) {
      announce(`${texts.status[status]}. ${texts.statusSays[status]}`);
      // Begun anew, it counts from where it is.
      said.current = { percent, at: now };
    } else if (isTimeToSay(said.current, percent, now)) {
      said.current = { percent, at: now };
      const eta = live?.etaSeconds ?? null;
      const left =
        eta === null ? '' : `${texts.task.timeLeft}${texts.signs.colon}${formats.duration(eta)}`;
      announce(texts.task.announce(percent, left));
    }
  }, [percent, task?.status]);
}
