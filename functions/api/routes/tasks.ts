/** Tasks: create, list, look at, start, cancel. */
import {
  ActiveCountSchema,
  CreatedTaskSchema,
  CreateTaskSchema,
  ListTasksQuerySchema,
  TaskViewSchema,
} from '../../../shared/schemas/taskApi.ts';
import { cancelTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { countActiveTasks, getTask, listTasks } from '../../../shared/tasks/readTasks.ts';
import { defineRoute, type Route } from '../route.ts';
import { taskParams } from './params.ts';

const tag = 'Tasks';
const task = { kind: 'data', status: 200, name: 'Task', schema: TaskViewSchema } as const;

export const taskRoutes: readonly Route[] = [
  defineRoute({
    operationId: 'createTask',
    method: 'POST',
    path: '/batch/tasks',
    tag,
    summary: 'Create a task: one or more templates, and rows for them',
    description:
      'Rows come from a data source (`dataSourceId`) or inline (`data`). With `autoStart` the task starts at once.',
    body: { name: 'CreateTask', schema: CreateTaskSchema },
    answers: [{ kind: 'data', status: 201, name: 'CreatedTask', schema: CreatedTaskSchema }],
    problems: [
      'TEMPLATE_NOT_FOUND',
      'DATA_SOURCE_NOT_FOUND',
      'INVALID_STATE',
      'TEMPLATE_INVALID',
      'DATA_INVALID',
      'LIMIT_EXCEEDED',
    ],
    handle: async (ports, { ownerId, body }) => ({ data: await createTask(ports, ownerId, body) }),
  }),
  defineRoute({
    operationId: 'listTasks',
    method: 'GET',
    path: '/batch/tasks',
    tag,
    summary: 'List your tasks, newest first',
    query: ListTasksQuerySchema,
    answers: [{ kind: 'page', name: 'Task', schema: TaskViewSchema }],
    problems: [],
    handle: (ports, { ownerId, query }) => listTasks(ports, ownerId, query),
  }),
  defineRoute({
    operationId: 'countActiveTasks',
    method: 'GET',
    path: '/batch/active-count',
    tag,
    summary: 'Count your tasks that were started and have not ended',
    answers: [{ kind: 'data', status: 200, name: 'ActiveCount', schema: ActiveCountSchema }],
    problems: [],
    handle: async (ports, { ownerId }) => ({ data: await countActiveTasks(ports, ownerId) }),
  }),
  defineRoute({
    operationId: 'getTask',
    method: 'GET',
    path: '/batch/tasks/{taskId}',
    tag,
    summary: 'Look at a task',
    params: taskParams,
    answers: [task],
    problems: [],
    handle: async (ports, { ownerId, params }) => ({
      data: await getTask(ports, ownerId, params.taskId),
    }),
  }),
  defineRoute({
    operationId: 'startTask',
    method: 'POST',
    path: '/batch/tasks/{taskId}/start',
    tag,
    summary: 'Start a pending task',
    description: 'A task that was started already is answered as it is.',
    params: taskParams,
    answers: [task],
    problems: ['INVALID_STATE'],
    handle: async (ports, { ownerId, params }) => ({
      data: await startTask(ports, ownerId, params.taskId),
    }),
  }),
  defineRoute({
    operationId: 'cancelTask',
    method: 'POST',
    path: '/batch/tasks/{taskId}/cancel',
    tag,
    summary: 'Cancel a task for good',
    description:
      'Working shards stop at their next document; what was made stays downloadable until the task expires. A cancelled task is answered as it is.',
    params: taskParams,
    answers: [task],
    problems: ['INVALID_STATE'],
    handle: async (ports, { ownerId, params }) => ({
      data: await cancelTask(ports, ownerId, params.taskId),
    }),
  }),
];
