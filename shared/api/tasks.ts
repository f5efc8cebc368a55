/** Tasks: create, list, look at, control. */
import {
  ActiveCountSchema,
  ChangeTaskSchema,
  CreatedTaskSchema,
  CreateTaskSchema,
  ListTasksQuerySchema,
  RetryTaskSchema,
  StartTaskSchema,
  TaskViewSchema,
} from '../schemas/taskApi.ts';
import { ORDER_PROBLEMS } from './orderProblems.ts';
import { taskParams } from './params.ts';
import { taskPaths } from './paths.ts';
import { defineRoutes } from './route.ts';

const tag = 'Tasks';
const task = { kind: 'data', status: 200, name: 'Task', schema: TaskViewSchema } as const;

export const taskRoutes = defineRoutes({
  createTask: {
    method: 'POST',
    path: taskPaths.tasks,
    tag,
    summary: 'Create a task: one or more templates, and rows for them',
    description:
      'Rows come from a data source (`dataSourceId`) or inline (`data`). With `autoStart` the task starts at once. With `baseTaskId` documents of an earlier task are taken over where nothing of them changed.',
    creates: { kind: 'task', fresh: ['websocketUrl', 'webhookSecret'] },
    body: { name: 'CreateTask', schema: CreateTaskSchema, rows: 'data' },
    answers: [{ kind: 'data', status: 201, name: 'CreatedTask', schema: CreatedTaskSchema }],
    problems: [...ORDER_PROBLEMS, 'TASK_NOT_FOUND', 'LIMIT_EXCEEDED'],
  },
  listTasks: {
    method: 'GET',
    path: taskPaths.tasks,
    tag,
    summary: 'List your tasks, newest first',
    query: ListTasksQuerySchema,
    answers: [{ kind: 'page', name: 'Task', schema: TaskViewSchema }],
    problems: [],
  },
  countActiveTasks: {
    method: 'GET',
    path: '/batch/active-count',
    tag,
    summary: 'Count your tasks that were started and have not ended',
    answers: [{ kind: 'data', status: 200, name: 'ActiveCount', schema: ActiveCountSchema }],
    problems: [],
  },
  getTask: {
    method: 'GET',
    path: taskPaths.task,
    tag,
    summary: 'Look at a task',
    params: taskParams,
    answers: [task],
    problems: [],
  },
  changeTask: {
    method: 'PATCH',
    path: taskPaths.task,
    tag,
    summary: 'Change what a task is called, how it is worked on, or when it starts',
    description:
      'What the body does not name stays as it is. `options.concurrency` holds for a task that runs, too: more shards begin at once, or those that are worked on come to their end before another one begins. `options.priority` moves a task that waits for its turn. `startAt` is for a task that was not started: it starts by itself then; `null` takes the time back.',
    params: taskParams,
    body: { name: 'ChangeTask', schema: ChangeTaskSchema },
    answers: [task],
    problems: ['INVALID_STATE'],
  },
  deleteTask: {
    method: 'DELETE',
    path: taskPaths.task,
    tag,
    summary: 'Delete a task and everything of it',
    description:
      'Of a task on which nobody works: cancel others first. It is not there any more at once; its documents and all else of it are removed within minutes. Links that were signed before lead nowhere then.',
    params: taskParams,
    answers: [{ kind: 'empty' }],
    problems: ['INVALID_STATE'],
  },
  startTask: {
    method: 'POST',
    path: taskPaths.start,
    tag,
    summary: 'Start a task',
    description:
      'As many of your tasks are at work at a time as `GET /usage` says; a further one is `queued`, and starts by itself by priority, then by age. A task that was started already is answered as it is. One with `options.approval` needs the `hash` of its samples as `approval`.',
    repeatable: true,
    params: taskParams,
    body: { name: 'StartTask', schema: StartTaskSchema, optional: true },
    answers: [task],
    problems: ['INVALID_STATE', 'DATA_INVALID', 'LIMIT_EXCEEDED', 'DOWNLOAD_FAILED'],
  },
  pauseTask: {
    method: 'POST',
    path: taskPaths.pause,
    tag,
    summary: 'Pause a task',
    description:
      'No new shard starts, working shards stop at their next document, and what was made is kept: then the task is `paused`, for as long as you like. Until then it is `pausing`. One that is paused already is answered as it is.',
    repeatable: true,
    params: taskParams,
    answers: [task],
    problems: ['INVALID_STATE'],
  },
  resumeTask: {
    method: 'POST',
    path: taskPaths.resume,
    tag,
    summary: 'Go on with a task that was paused',
    description:
      'Another run takes up the rows that were not tried; what was made is not made again. One that goes on already is answered as it is.',
    repeatable: true,
    params: taskParams,
    answers: [task],
    problems: ['INVALID_STATE'],
  },
  cancelTask: {
    method: 'POST',
    path: taskPaths.cancel,
    tag,
    summary: 'Cancel a task for good',
    description:
      'Working shards stop at their next document; what was made stays downloadable until the task expires. A cancelled task is answered as it is.',
    repeatable: true,
    params: taskParams,
    answers: [task],
    problems: ['INVALID_STATE'],
  },
  retryTask: {
    method: 'POST',
    path: taskPaths.retry,
    tag,
    summary: 'Make documents of a task anew: those that failed, or those of rows that are named',
    description:
      'Of a task that has ended or is paused. Another run makes the documents of the rows anew, with `corrections` laid over their values and, where they are given, other templates or another data source; it also takes up rows that were not tried, and those of shards that were given up. The archive is joined anew and holds the newest of every document; one that cannot be made anew stays as it was. The same call while its run goes on is answered with the task as it is.',
    repeatable: true,
    params: taskParams,
    body: { name: 'RetryTask', schema: RetryTaskSchema, optional: true },
    answers: [task],
    problems: [
      'INVALID_STATE',
      'TEMPLATE_NOT_FOUND',
      'DATA_SOURCE_NOT_FOUND',
      'TEMPLATE_INVALID',
      'DATA_INVALID',
      'LIMIT_EXCEEDED',
    ],
  },
});
