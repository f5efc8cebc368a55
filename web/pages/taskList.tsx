/** All tasks, newest first: filtered, searched, acted upon, and patched in place while they work. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { StreamEvent } from '../../client/events.ts';
import { PAGE_LIMIT_MAX } from '../../shared/limits.ts';
import type { TaskStatus } from '../../shared/schemas/common.ts';
import type { Progress, Snapshot } from '../../shared/schemas/stream.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { isFinal } from '../../shared/tasks/lifeCycle.ts';
import { useApp } from '../app/app.ts';
import { useFollow } from '../app/follow.ts';
import { useAnnounced, useNarrow, useNow, useTitle } from '../app/hooks.ts';
import { useListing } from '../app/listing.ts';
import { changeParams, go, hrefOf, type Route } from '../app/router.ts';
import { Bar, percentOf } from '../parts/bar.tsx';
import { Button, ErrorNote, Heading, Loading } from '../parts/basics.tsx';
import { Icon } from '../parts/icons.tsx';
import { LivenessMark } from '../parts/liveness.tsx';
import { Status } from '../parts/status.tsx';
import { VirtualTable } from '../parts/virtualList.tsx';
import { FirstVisit } from './firstVisit.tsx';
import { TaskActions } from './taskActions.tsx';

const FILTERS = {
  active: ['running', 'pausing', 'assembling', 'cancelling'],
  waiting: ['pending', 'scheduled', 'queued', 'paused'],
  troubled: ['partially_completed', 'failed'],
  finished: ['completed', 'cancelled'],
} as const satisfies Record<string, readonly TaskStatus[]>;
type Filter = keyof typeof FILTERS;
const isFilter = (name: string | null): name is Filter =>
  name !== null && Object.hasOwn(FILTERS, name);

/** Those that a snapshot of all tasks holds. */
const AT_WORK: ReadonlySet<TaskStatus> = new Set([...FILTERS.active, 'queued']);

const ROW_HEIGHT = 60;
const ROW_HEIGHT_NARROW = 104;

export function TaskList({ route }: { readonly route: Route }): JSX.Element {
  const { texts, announce } = useApp();
  useTitle(texts.tasks.title);
  const list = useTasks();
  const now = useNow(30_000);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const isNarrow = useNarrow();

  const given = route.params.get('state');
  const filter = isFilter(given) ? given : undefined;
  const search = route.params.get('q') ?? '';
  const { items: tasks, isComplete } = list;
  const wanted = search.trim().toLocaleLowerCase();
  const shown = useMemo(
    () =>
      tasks.filter(
        ({ status, name }) =>
          (!filter || FILTERS[filter].some((one) => one === status)) &&
          (wanted === '' || name.toLocaleLowerCase().includes(wanted)),
      ),
    [tasks, filter, wanted],
  );
  // The service lists by time alone: to search is to go through all.
  const isFiltered = wanted !== '' || filter !== undefined;
  const isSearching = isFiltered && !isComplete;
  useEffect(() => {
    // Also through those that were only announced so far.
    if (isFiltered && list.unseen > 0) list.refresh();
  }, [isFiltered]);
  useEffect(() => {
    if (isSearching) list.more();
  }, [isSearching, tasks.length]);
  const isFound = isFiltered && !isSearching;
  useAnnounced(`${wanted}/${filter}`, isFound ? texts.tasks.count(shown.length) : undefined);
  useEffect(() => {
    // That there are some, and not each that comes.
    if (list.unseen > 0) announce(texts.tasks.more(list.unseen));
  }, [list.unseen > 0]);
  const marked = useMemo(() => tasks.filter(({ taskId }) => chosen.has(taskId)), [tasks, chosen]);

  if (list.error !== undefined && tasks.length === 0) {
    return (
      <>
        <Heading title={texts.tasks.title} />
        <ErrorNote error={list.error} onRetry={list.refresh} />
      </>
    );
  }
  if (tasks.length === 0 && !isComplete) return <Loading />;
  if (tasks.length === 0) return <FirstVisit onStarted={(taskId) => go(['tasks', taskId])} />;

  const choose = (taskId: string) =>
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(taskId)) after.add(taskId);
      return after;
    });
  const isAllChosen = shown.length > 0 && shown.every(({ taskId }) => chosen.has(taskId));

  return (
    <>
      <Heading title={texts.tasks.title}>
        <LivenessMark liveness={list.liveness} />
      </Heading>
      <div class="list-tools">
        <label class="search">
          <span class="visually-hidden">{texts.tasks.search}</span>
          <Icon name="search" />
          <input
            type="search"
            placeholder={texts.tasks.search}
            value={search}
            onInput={({ currentTarget }) => changeParams({ q: currentTarget.value })}
          />
        </label>
        <Filters tasks={tasks} filter={filter} isComplete={isComplete} />
      </div>
      <div class="list-state">
        {list.unseen > 0 && (
          <button type="button" class="pill" onClick={list.refresh}>
            {texts.tasks.more(list.unseen)} · {texts.tasks.showNew}
          </button>
        )}
        {isSearching && <span>{texts.tasks.searching(tasks.length)}</span>}
      </div>
      {marked.length > 0 && (
        <section class="bulk" aria-label={texts.tasks.bulk}>
          <strong>{texts.tasks.selected(marked.length)}</strong>
          <TaskActions
            tasks={marked}
            onDone={(taskId, task) => {
              list.take(taskId, task);
              if (!task) setChosen((before) => new Set([...before].filter((id) => id !== taskId)));
            }}
          />
          <Button kind="quiet" onClick={() => setChosen(new Set())}>
            {texts.tasks.unselect}
          </Button>
        </section>
      )}
      {shown.length === 0 ? (
        <div class="empty">
          <p>{texts.tasks.noneFound}</p>
          {!isSearching && (
            <Button onClick={() => changeParams({ q: undefined, state: undefined })}>
              {texts.tasks.clear}
            </Button>
          )}
        </div>
      ) : (
        <VirtualTable
          label={texts.tasks.title}
          className="tasks"
          rowHeight={isNarrow ? ROW_HEIGHT_NARROW : ROW_HEIGHT}
          count={shown.length}
          onNearEnd={list.more}
          columns={[
            {
              key: 'choose',
              head: (
                <input
                  type="checkbox"
                  aria-label={texts.tasks.selectAll}
                  checked={isAllChosen}
                  onChange={() =>
                    setChosen(isAllChosen ? new Set() : new Set(shown.map(({ taskId }) => taskId)))
                  }
                />
              ),
            },
            { key: 'name', head: texts.tasks.name },
            { key: 'state', head: texts.tasks.status },
            { key: 'progress', head: texts.tasks.progress },
            { key: 'created', head: texts.tasks.created },
          ]}
          row={(index) => {
            const task = shown[index];
            if (!task) return { key: String(index), cells: [] };
            return {
              key: task.taskId,
              isMarked: chosen.has(task.taskId),
              cells: taskCells(task, chosen.has(task.taskId), () => choose(task.taskId), now),
            };
          }}
        />
      )}
      {list.error !== undefined && <ErrorNote error={list.error} onRetry={list.more} />}
      <p class="list-end">
        {isComplete ? texts.tasks.count(shown.length) : list.isLoading && texts.app.loading}
      </p>
    </>
  );
}

function taskCells(
  task: TaskView,
  isChosen: boolean,
  onChoose: () => void,
  now: number,
): JSX.Element[] {
  return [
    <Choose key="choose" task={task} isChosen={isChosen} onChoose={onChoose} />,
    <a key="name" class="name" dir="auto" title={task.name} href={hrefOf(['tasks', task.taskId])}>
      {task.name}
    </a>,
    <Status key="state" status={task.status} />,
    <Progression key="progress" task={task} />,
    <Age key="created" task={task} now={now} />,
  ];
}

function Choose({
  task,
  isChosen,
  onChoose,
}: {
  readonly task: TaskView;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}): JSX.Element {
  const { texts } = useApp();
  return (
    <input
      type="checkbox"
      aria-label={texts.tasks.select(task.name)}
      checked={isChosen}
      onChange={onChoose}
    />
  );
}

function Progression({ task }: { readonly task: TaskView }): JSX.Element {
  const { formats, texts } = useApp();
  const counts = { ...task, total: task.totalDocuments };
  return (
    <div class="progression">
      <Bar counts={counts} isMoving={task.status === 'running'} />
      <span class="numbers">
        {isFinal(task.status) || task.status === 'pending'
          ? texts.counts.documents(task.totalDocuments)
          : `${percentOf(counts)} %`}
        {task.failed > 0 && (
          <span class="bad">
            {' · '}
            {formats.number(task.failed)} {texts.counts.failed}
          </span>
        )}
      </span>
    </div>
  );
}

function Age({ task, now }: { readonly task: TaskView; readonly now: number }): JSX.Element {
  const { formats } = useApp();
  return (
    <time dateTime={task.createdAt} title={formats.date(task.createdAt)}>
      {formats.since(task.createdAt, now)}
    </time>
  );
}

function Filters({
  tasks,
  filter,
  isComplete,
}: {
  readonly tasks: readonly TaskView[];
  readonly filter: Filter | undefined;
  readonly isComplete: boolean;
}): JSX.Element {
  const { texts, formats } = useApp();
  const countOf = (states: readonly TaskStatus[]) =>
    tasks.reduce((sum, { status }) => sum + Number(states.includes(status)), 0);
  const names = Object.keys(FILTERS).filter(isFilter);
  // Of a part of the tasks, a count says how many there are at least.
  const count = (value: number) => formats.number(value) + (isComplete ? '' : '+');
  return (
    <div class="filters" role="group" aria-label={texts.tasks.filter}>
      <button
        type="button"
        aria-pressed={!filter}
        onClick={() => changeParams({ state: undefined })}
      >
        {texts.tasks.all} <span>{count(tasks.length)}</span>
      </button>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={filter === name}
          onClick={() => changeParams({ state: name })}
        >
          {texts.tasks[name]} <span>{count(countOf(FILTERS[name]))}</span>
        </button>
      ))}
    </div>
  );
}

/** The tasks as far as they were listed, with what happens to them. */
function useTasks() {
  const { client } = useApp();
  const list = useListing(
    (cursor) => client.listTasks({ limit: PAGE_LIMIT_MAX, ...(cursor && { cursor }) }),
    ({ taskId }: TaskView) => taskId,
  );
  const { items: tasks, isComplete, patch, drop } = list;
  const [unseen, setUnseen] = useState<ReadonlySet<string>>(new Set());
  const known = useRef<ReadonlyMap<string, TaskStatus>>(new Map());
  known.current = useMemo(
    () => new Map(tasks.map(({ taskId, status }) => [taskId, status])),
    [tasks],
  );
  const refresh = () => {
    setUnseen(new Set());
    list.refresh();
  };

  const takeNumbers = (taskId: string, change: Partial<TaskView>) => {
    if (known.current.has(taskId)) {
      patch(taskId, change);
      return;
    }
    const [newest] = known.current.keys();
    if (newest === undefined) {
      // The first task of all, begun elsewhere; before the list is there, it will come with it.
      if (isComplete) refresh();
      return;
    }
    // Ids are ordered by time: an older one is further down in the list, where it was not loaded yet.
    if (taskId > newest) setUnseen((all) => (all.has(taskId) ? all : new Set([...all, taskId])));
  };
  const asked = useRef(new Map<string, number>());
  const again = (taskId: string) => {
    // Answers may overtake each other: that of the newest question is taken.
    const mine = (asked.current.get(taskId) ?? 0) + 1;
    asked.current.set(taskId, mine);
    void client.getTask({ taskId }).then(
      (task) => {
        if (asked.current.get(taskId) === mine) takeNumbers(taskId, task);
      },
      () => undefined,
    );
  };
  const liveness = useFollow(
    undefined,
    (event: StreamEvent) => {
      if (event.type === 'snapshot') {
        for (const task of event.tasks) takeNumbers(task.taskId, fromSnapshot(task));
        const present = new Set(event.tasks.map(({ taskId }) => taskId));
        // What was at work when it was listed, and is not now, ended in between.
        for (const [taskId, status] of known.current) {
          if (AT_WORK.has(status) && !present.has(taskId)) again(taskId);
        }
      } else if (event.type === 'task_progress') {
        const { taskId } = event.payload;
        takeNumbers(taskId, { status: 'running', ...numbersOf(event.payload) });
      } else if (event.type !== 'document_failed') {
        // What changes a state is rare: the task tells the rest. Of one that is not listed, that it is there is enough.
        const { taskId } = event.payload;
        if (known.current.has(taskId)) again(taskId);
        else takeNumbers(taskId, {});
      }
    },
    client,
  );

  return {
    ...list,
    unseen: unseen.size,
    liveness,
    refresh,
    /** @param task as it is now; undefined once it is deleted */
    take: (taskId: string, task: TaskView | undefined) =>
      task ? patch(taskId, task) : drop(taskId),
  };
}

const numbersOf = (progress: Progress) => ({
  succeeded: progress.succeeded,
  failed: progress.failed,
  skipped: progress.skipped,
  pending: progress.total - progress.current,
  progress: progress.progress,
  stage: progress.stage,
});

const fromSnapshot = (snapshot: Snapshot) => ({ status: snapshot.status, ...numbersOf(snapshot) });
