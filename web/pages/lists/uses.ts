/** Which tasks use a template or a table: the service tells it of each task, so the tasks are gone through. */
import { useEffect, useState } from 'preact/hooks';
import { PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import { useApp } from '../../app/app.ts';

/** 2,000 tasks: what is used by older ones alone shows as used by no newer one. */
const MOST_PAGES = 20;

type User = Pick<TaskView, 'taskId' | 'name' | 'status'>;

export interface Uses {
  /** Tasks that use it, newest first. */
  readonly of: (id: string) => readonly User[];
  /** Whether all tasks were looked at. */
  readonly isComplete: boolean;
  readonly isLoading: boolean;
  /** How many tasks were looked at. */
  readonly count: number;
}

const NONE: readonly User[] = [];

export function useUses(): Uses {
  const { client } = useApp();
  const [state, setState] = useState({
    users: new Map<string, readonly User[]>(),
    isComplete: false,
    isLoading: true,
    count: 0,
  });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const read = async () => {
      const users = new Map<string, User[]>();
      let count = 0;
      let cursor: string | null | undefined;
      for (let page = 0; page < MOST_PAGES && cursor !== null; page++) {
        const at = cursor === undefined ? {} : { cursor };
        const { data, nextCursor } = await client.listTasks(
          { limit: PAGE_LIMIT_MAX, ...at },
          { signal },
        );
        for (const { taskId, name, status, templateIds, dataSourceId } of data) {
          for (const id of new Set([...templateIds, dataSourceId ?? ''])) {
            const known = users.get(id);
            if (known) known.push({ taskId, name, status });
            else users.set(id, [{ taskId, name, status }]);
          }
        }
        count += data.length;
        cursor = nextCursor;
        if (signal.aborted) return;
        const isEnd = cursor === null;
        setState({
          users: new Map(users),
          isComplete: isEnd,
          isLoading: !isEnd && page + 1 < MOST_PAGES,
          count,
        });
      }
    };
    read().catch(() => {
      // The list itself says what is wrong; here it is not known who uses what.
      if (!signal.aborted) setState((before) => ({ ...before, isLoading: false }));
    });
    return () => controller.abort();
  }, [client]);
  return { ...state, of: (id) => state.users.get(id) ?? NONE };
}
