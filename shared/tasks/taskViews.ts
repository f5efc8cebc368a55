/** A task as clients see it. */
import { linkTo, taskPaths } from '../api/paths.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { TaskView } from '../schemas/taskApi.ts';
import { progressOf, shownCounts, tried } from './progress.ts';

const iso = (ms: number) => new Date(ms).toISOString();

/** Links to a task's routes. */
const taskLinks = (taskId: string): TaskView['links'] => {
  const link = (path: string) => linkTo(path, { taskId });
  return {
    self: link(taskPaths.task),
    start: link(taskPaths.start),
    pause: link(taskPaths.pause),
    resume: link(taskPaths.resume),
    cancel: link(taskPaths.cancel),
    retry: link(taskPaths.retry),
    progress: link(taskPaths.progress),
    download: link(taskPaths.download),
    results: link(taskPaths.results),
    documents: link(taskPaths.documents),
    failures: link(taskPaths.failures),
  };
};

/** @param warnings as of its creation, where they are to be shown */
export function taskView(task: TaskItem, warnings?: readonly string[]): TaskView {
  const counts = shownCounts(task);
  return {
    taskId: task.taskId,
    name: task.name,
    status: task.status,
    run: task.run,
    stage: task.stage,
    progress: progressOf(task).progress,
    mode: task.mode,
    outputFormat: task.outputFormat,
    templateIds: task.templates.map((template) => template.templateId),
    dataSourceId: task.dataSourceId ?? null,
    baseTaskId: task.baseTaskId ?? null,
    fileName: task.fileName,
    options: task.options,
    metadata: task.metadata,
    totalDocuments: task.totalDocuments,
    ...counts,
    pending: task.totalDocuments - tried(counts),
    reused: task.reused ?? 0,
    createdAt: iso(task.createdAt),
    startAt: task.status === 'scheduled' && task.startAt !== undefined ? iso(task.startAt) : null,
    startedAt: task.startedAt === undefined ? null : iso(task.startedAt),
    finishedAt: task.finishedAt === undefined ? null : iso(task.finishedAt),
    expiresAt: task.expiresAt === undefined ? null : iso(task.expiresAt * 1000),
    error: task.error ?? null,
    ...(warnings && { warnings: [...warnings] }),
    links: taskLinks(task.taskId),
  };
}
