/** `sheaf task`: tasks that there are, and what can be done with them. */
import type { Command } from 'commander';
import { createGroup, type Runner } from '../command.ts';
import { cancelTasks, pauseTasks, resumeTasks, startTasks } from './task/control.ts';
import { deleteTasks } from './task/delete.ts';
import { listDocuments } from './task/documents.ts';
import { downloadTask, saveTaskResults } from './task/download.ts';
import { listFailures } from './task/failures.ts';
import { listTasks, showTask } from './task/list.ts';
import { readLog } from './task/log.ts';
import { retryTask } from './task/retry.ts';
import { watchTasks } from './task/watch.ts';

/** `sheaf task` with all that is below it. */
export const createTaskGroup = (runner: Runner): Command =>
  createGroup('task', 'tasks: list, look at, control, download', [
    listTasks(runner),
    showTask(runner),
    startTasks(runner),
    pauseTasks(runner),
    resumeTasks(runner),
    cancelTasks(runner),
    retryTask(runner),
    watchTasks(runner),
    readLog(runner),
    listFailures(runner),
    listDocuments(runner),
    downloadTask(runner),
    saveTaskResults(runner),
    deleteTasks(runner),
  ]);
