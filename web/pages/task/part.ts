/** Parts of the page of a task. */
import type { TaskView } from '../../../shared/schemas/taskApi.ts';
import type { Route } from '../../app/router.ts';
import type { LiveTask } from './live.ts';

/** What every part of the page is given. */
export interface PartProps {
  readonly route: Route;
  readonly live: LiveTask;
  /** Another one means that lists of the task may have more. */
  readonly stamp: number;
  readonly onTask: (task: TaskView) => void;
}
