/** One task for as long as its page shows: loaded, followed, looked at anew when something changes. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../../client/errors.ts';
import type { StreamEvent } from '../../../client/events.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { isFinal } from '../../../shared/tasks/lifeCycle.ts';
import { useApp } from '../../app/app.ts';
import { useFollow, type Liveness } from '../../app/follow.ts';
import { isRefused } from '../../app/refused.ts';
import { changesView, takeEvent, withView, type LiveTask } from './live.ts';

/** Lists of a task that works are looked at anew this often, at most. */
const STAMP_MS = 4_000;

export interface FollowedTask {
  readonly live: LiveTask | undefined;
  readonly error: unknown;
  readonly isGone: boolean;
  readonly liveness: Liveness | undefined;
  /** Another one means that lists of the task may have more. */
  readonly stamp: number;
  readonly look: () => void;
  /** Takes what a call answered. */
  readonly take: (task: TaskView) => void;
}

export function useTask(taskId: string): FollowedTask {
  const { client, signOut } = useApp();
  const [live, setLive] = useState<LiveTask>();
  const [error, setError] = useState<unknown>();
  const [isGone, setGone] = useState(false);
  const looking = useRef<'no' | 'once' | 'again'>('no');
  const take = useCallback((task: TaskView) => setLive((before) => withView(before, task)), []);
  const look = useCallback(() => {
    if (looking.current !== 'no') {
      looking.current = 'again';
      return;
    }
    looking.current = 'once';
    setError(undefined);
    void client
      .getTask({ taskId })
      .then(
        (task) => {
          take(task);
          setError(undefined);
        },
        (caught: unknown) => {
          if (isRefused(caught)) signOut(true);
          else if (caught instanceof ApiError && caught.status === 404) setGone(true);
          else setError(caught);
        },
      )
      .finally(() => {
        const isAgain = looking.current === 'again';
        looking.current = 'no';
        if (isAgain) look();
      });
  }, [client, taskId]);
  useEffect(() => {
    look();
    // Elsewhere it may have been deleted, of which no event tells.
    const onVisible = () => {
      if (document.visibilityState === 'visible') look();
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, [look]);

  const status = live?.task.status;
  const hasEnded = status !== undefined && isFinal(status);
  // The events of one task end with it; those of all tasks tell when somebody retries it.
  const liveness = useFollow(
    status === undefined ? null : hasEnded ? undefined : taskId,
    (event: StreamEvent) => {
      setLive((before) => before && takeEvent(before, event, performance.now()));
      if (changesView(event, taskId) || event.type === 'snapshot') look();
    },
    isGone,
    look,
  );

  const [stamp, setStamp] = useState(0);
  const tried = live ? live.task.totalDocuments - live.task.pending : 0;
  const stampedAt = useRef(0);
  const stampNow = () => {
    stampedAt.current = performance.now();
    setStamp((before) => before + 1);
  };
  useEffect(() => {
    if (status !== undefined) stampNow();
  }, [status, live?.task.run]);
  useEffect(() => {
    const wait = Math.max(0, stampedAt.current + STAMP_MS - performance.now());
    if (tried === 0 || hasEnded) return undefined;
    const timer = setTimeout(stampNow, wait);
    return () => clearTimeout(timer);
  }, [tried]);
  return { live, error, isGone, liveness, stamp, look, take };
}
