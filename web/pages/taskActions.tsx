/** What can be done with tasks, one or many: named, asked about, done. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TaskStatus } from '../../shared/schemas/common.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { isFinal } from '../../shared/tasks/lifeCycle.ts';
import { useApp, type App } from '../app/app.ts';
import { useDoing } from '../app/hooks.ts';
import { Button, ErrorNote } from '../parts/basics.tsx';
import { Confirm, type Question } from '../parts/dialog.tsx';
import type { IconName } from '../parts/icons.tsx';

const ACTIONS = ['start', 'pause', 'resume', 'retry', 'cancel', 'remove'] as const;
type Action = (typeof ACTIONS)[number];

const ICONS: Readonly<Record<Action, IconName>> = {
  start: 'play',
  pause: 'pause',
  resume: 'play',
  retry: 'retry',
  cancel: 'stop',
  remove: 'trash',
};

type Counted = Pick<TaskView, 'status' | 'failed' | 'succeeded' | 'pending'>;

const STARTABLE: ReadonlySet<TaskStatus> = new Set(['pending', 'scheduled']);
const PAUSABLE: ReadonlySet<TaskStatus> = new Set(['running', 'queued']);

/** Whether it is of use in a state; whether it is allowed is decided by the service. */
const SUITS: Readonly<Record<Action, (task: Counted) => boolean>> = {
  start: ({ status }) => STARTABLE.has(status),
  pause: ({ status }) => PAUSABLE.has(status),
  resume: ({ status }) => status === 'paused' || status === 'pausing',
  retry: ({ status, failed }) => (isFinal(status) || status === 'paused') && failed > 0,
  cancel: ({ status }) => !isFinal(status) && status !== 'cancelling',
  remove: ({ status }) => isFinal(status) || STARTABLE.has(status) || status === 'paused',
};

/** Does it; a task that was deleted is no more. */
async function perform(
  { client }: App,
  action: Action,
  taskId: string,
): Promise<TaskView | undefined> {
  switch (action) {
    case 'start':
      return client.startTask({ taskId });
    case 'pause':
      return client.pauseTask({ taskId });
    case 'resume':
      return client.resumeTask({ taskId });
    case 'retry':
      return client.retryTask({ taskId });
    case 'cancel':
      return client.cancelTask({ taskId });
    case 'remove':
      return client.deleteTask({ taskId });
  }
}

/** What is asked before; undefined for what needs no asking. */
function questionOf(
  { texts }: App,
  action: Action,
  tasks: readonly Counted[],
): Omit<Question, 'onConfirm'> | undefined {
  if (action === 'start' || action === 'resume') return undefined;
  const sum = (of: (task: Counted) => number) => tasks.reduce((total, task) => total + of(task), 0);
  const made = texts.counts.documents(sum(({ succeeded }) => succeeded));
  const left = texts.counts.documents(sum(({ pending }) => pending));
  const words = texts.actions.confirm;
  const about = {
    pause: words.pause.text(made, left),
    cancel: words.cancel.text(made, left),
    retry: words.retry.text(sum(({ failed }) => failed)),
    remove: words.remove.text(made),
  }[action];
  const { title, action: name } = words[action];
  return {
    title,
    action: name,
    text: tasks.length > 1 ? `${words.many(tasks.length)} ${about}` : about,
    isDangerous: action === 'cancel' || action === 'remove',
  };
}

/**
 * Buttons for what can be done with these tasks.
 * @param onDone told of each task that changed; undefined for one that was deleted
 */
export function TaskActions({
  tasks,
  onDone,
}: {
  readonly tasks: readonly TaskView[];
  readonly onDone: (taskId: string, task: TaskView | undefined) => void;
}): JSX.Element {
  const app = useApp();
  const { texts, tell } = app;
  const doing = useDoing();
  const [asked, setAsked] = useState<Question>();
  const [current, setCurrent] = useState<Action>();

  const carryOut = (action: Action, suited: readonly TaskView[]) => {
    setCurrent(action);
    void doing.run(async () => {
      const [only] = suited;
      if (suited.length === 1 && only) {
        onDone(only.taskId, await perform(app, action, only.taskId));
        tell(texts.actions.done[action]);
        return;
      }
      let done = 0;
      for (const { taskId } of suited) {
        try {
          onDone(taskId, await perform(app, action, taskId));
          done++;
        } catch {
          // Counted: one that went on meanwhile refuses, and the others are none the worse for it.
        }
      }
      const refused = suited.length - done;
      if (refused === 0) tell(texts.actions.done[action]);
      else tell(texts.actions.someFailed(done, refused), 'failed');
    });
  };
  const begin = (action: Action) => {
    const suited = tasks.filter(SUITS[action]);
    const question = questionOf(app, action, suited);
    if (!question) carryOut(action, suited);
    else setAsked({ ...question, onConfirm: () => carryOut(action, suited) });
  };

  const offered = ACTIONS.filter((action) => tasks.some(SUITS[action]));
  return (
    <>
      <div class="actions">
        {offered.map((action) => (
          <Button
            key={action}
            icon={ICONS[action]}
            kind={action === 'start' || action === 'resume' ? 'main' : 'plain'}
            isBusy={doing.isBusy && current === action}
            isDisabled={doing.isBusy && current !== action}
            onClick={() => begin(action)}
          >
            {texts.actions[action]}
          </Button>
        ))}
      </div>
      <ErrorNote error={doing.error} />
      {asked && <Confirm question={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}
