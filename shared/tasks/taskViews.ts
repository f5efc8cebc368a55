/** A task as clients see it. */
import { API_BASE_PATH } from '../names.ts';
import type { TaskItem } from '../schemas/items.ts';
import type { TaskView } from '../schemas/taskApi.ts';
import { progressOf, tried } from './progress.ts';

const iso = (ms: number) => new Date(ms).toISOString();

/** Paths of a task's routes. */
export function taskLinks(taskId: string): TaskView['links'] {
  const self = `${API_BASE_PATH}/batch/tasks/${taskId}`;
  return {
    self,
    start: `${self}/start`,
    cancel: `${self}/cancel`,
    progress: `${self}/progress`,
    download: `${self}/download/zip`,
    documents: `${self}/documents`,
    failures: `${self}/failures`,
  };
}

export function taskView(task: TaskItem): TaskView {
  return {
    taskId: task.taskId,
    name: task.name,
    status: task.status,
    stage: task.stage,
    progress: progressOf(task).progress,
    mode: task.mode,
    outputFormat: task.outputFormat,
    templateIds: task.templates.map((template) => template.templateId),
    dataSourceId: task.dataSourceId ?? null,
    fileName: task.fileName,
    options: task.options,
    metadata: task.metadata,
    totalDocuments: task.totalDocuments,
    succeeded: task.succeeded,
    failed: task.failed,
    skipped: task.skipped,
    pending: Math.max(0, task.totalDocuments - tried(task)),
    createdAt: iso(task.createdAt),
    startedAt: task.startedAt === undefined ? null : iso(task.startedAt),
    finishedAt: task.finishedAt === undefined ? null : iso(task.finishedAt),
    expiresAt: iso(task.expiresAt * 1000),
    error: task.error ?? null,
    links: taskLinks(task.taskId),
  };
}
