/** Tasks: create, list, look at, start, cancel, retry. */
import type { taskRoutes } from '../../../shared/api/tasks.ts';
import { cancelTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { countActiveTasks, getTask, listTasks } from '../../../shared/tasks/readTasks.ts';
import type { Handlers } from '../route.ts';

export const taskHandlers: Handlers<typeof taskRoutes> = {
  createTask: async (ports, { ownerId, body }) => ({
    data: await createTask(ports, ownerId, body),
  }),
  listTasks: (ports, { ownerId, query }) => listTasks(ports, ownerId, query),
  countActiveTasks: async (ports, { ownerId }) => ({
    data: await countActiveTasks(ports, ownerId),
  }),
  getTask: async (ports, { ownerId, params }) => ({
    data: await getTask(ports, ownerId, params.taskId),
  }),
  startTask: async (ports, { ownerId, params }) => ({
    data: await startTask(ports, ownerId, params.taskId),
  }),
  cancelTask: async (ports, { ownerId, params }) => ({
    data: await cancelTask(ports, ownerId, params.taskId),
  }),
  retryTask: async (ports, { ownerId, params }) => ({
    data: await retryTask(ports, ownerId, params.taskId),
  }),
};
