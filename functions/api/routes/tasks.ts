/** Tasks: create, list, look at, control. */
import { issueTicket } from '../../../shared/access/tickets.ts';
import type { taskRoutes } from '../../../shared/api/tasks.ts';
import { cancelTask, pauseTask, resumeTask, startTask } from '../../../shared/tasks/controlTask.ts';
import { retryTask } from '../../../shared/tasks/retryTask.ts';
import { changeDetails } from '../../../shared/tasks/changeDetails.ts';
import { deleteTask } from '../../../shared/tasks/deleteTask.ts';
import { createTask } from '../../../shared/tasks/createTask.ts';
import { countActiveTasks, getTask, listTasks } from '../../../shared/tasks/readTasks.ts';
import { secretOf } from '../../../shared/webhooks/signing.ts';
import type { Handlers } from '../route.ts';

export const taskHandlers: Handlers<typeof taskRoutes> = {
  createTask: {
    make: (ports, { ownerId, body }, creation) => createTask(ports, ownerId, body, creation),
    fresh: async (ports, { ownerId, body }, { taskId }) => {
      const { url: websocketUrl } = await issueTicket(ports, ownerId);
      if (body.webhookUrl === undefined) return { websocketUrl };
      return { websocketUrl, webhookSecret: await secretOf(ports, taskId) };
    },
  },
  listTasks: (ports, { ownerId, query }) => listTasks(ports, ownerId, query),
  countActiveTasks: async (ports, { ownerId }) => ({
    data: await countActiveTasks(ports, ownerId),
  }),
  getTask: async (ports, { ownerId, params }) => ({
    data: await getTask(ports, ownerId, params.taskId),
  }),
  changeTask: async (ports, { ownerId, params, body }) => ({
    data: await changeDetails(ports, ownerId, params.taskId, body),
  }),
  deleteTask: async (ports, { ownerId, params }) => {
    await deleteTask(ports, ownerId, params.taskId);
    return { empty: true };
  },
  startTask: async (ports, { ownerId, params, body }) => ({
    data: await startTask(ports, ownerId, params.taskId, body),
  }),
  pauseTask: async (ports, { ownerId, params }) => ({
    data: await pauseTask(ports, ownerId, params.taskId),
  }),
  resumeTask: async (ports, { ownerId, params }) => ({
    data: await resumeTask(ports, ownerId, params.taskId),
  }),
  cancelTask: async (ports, { ownerId, params }) => ({
    data: await cancelTask(ports, ownerId, params.taskId),
  }),
  retryTask: async (ports, { ownerId, params, body }) => ({
    data: await retryTask(ports, ownerId, params.taskId, body),
  }),
};
