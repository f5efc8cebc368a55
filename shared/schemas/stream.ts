/** Messages of the WebSocket, both ways (docs/api.md, "Events"). */
import * as z from 'zod';
import {
  FailureCodeSchema,
  ModeSchema,
  StageSchema,
  TaskIdSchema,
  TaskStatusSchema,
} from './common.ts';

const CHANNELS = ['task_progress'] as const;
/** As many as a subscription may name; each counts once, and they come back in the answer. */
const MAX_CHANNELS = 16;
const subscription = {
  channels: z
    .array(z.enum(CHANNELS))
    .min(1)
    .max(MAX_CHANNELS)
    .transform((channels) => [...new Set(channels)])
    .default(['task_progress']),
  /** Without a taskId: all tasks of the owner. */
  filters: z.strictObject({ taskId: TaskIdSchema.optional() }).default({}),
};

export const ClientMessageSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('subscribe'), ...subscription }),
  z.object({ action: z.literal('unsubscribe'), ...subscription }),
  z.object({ action: z.literal('ping') }),
]);
export type ClientMessage = z.infer<typeof ClientMessageSchema>;

/** Numbers of a task at one moment: GET …/progress, snapshots and task_progress share them. */
export const ProgressSchema = z.object({
  taskId: TaskIdSchema,
  progress: z.int().min(0).max(100).describe('Per cent; 100 only when the task is finished.'),
  current: z.int().describe('Documents that were tried: succeeded, failed and skipped.'),
  total: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  skipped: z.int(),
  ratePerSecond: z.number().describe('Documents a second, lately.'),
  etaSeconds: z.number().nullable().describe('Seconds left; null while there is no rate.'),
  stage: StageSchema,
  message: z.string(),
  calls: z
    .object({
      called: z.int().describe('Rows whose steps came to an end, of retries once more.'),
      total: z.int().describe('Rows whose steps are called.'),
      failed: z.int(),
      waiting: z.int().describe('Calls that wait for their turn, in one of the workers.'),
      ratePerSecond: z.number().describe('Calls a second that may be made at present.'),
      learnedPerSecond: z
        .number()
        .optional()
        .describe('The same, where the service takes fewer than its limit says.'),
      spentUsd: z.number().describe('What the calls cost, by the prices of their connections.'),
    })
    .optional()
    .describe('How the row steps go; absent in a task without any.'),
});
export type Progress = z.infer<typeof ProgressSchema>;

export const SnapshotSchema = ProgressSchema.extend({
  status: TaskStatusSchema,
  seq: z.int(),
});
export type Snapshot = z.infer<typeof SnapshotSchema>;

const event = <T extends string, P extends z.ZodType>(type: T, payload: P) =>
  z.object({
    type: z.literal(type),
    seq: z.int().describe('Rises by task.'),
    at: z.iso.datetime(),
    payload,
  });

export const TaskStartedSchema = z.object({
  taskId: TaskIdSchema,
  mode: ModeSchema,
  totalDocuments: z.int(),
  estimatedDuration: z.number().describe('Seconds, from a few rows that were measured.'),
});

export const TaskScheduledSchema = z.object({
  taskId: TaskIdSchema,
  startAt: z.iso.datetime(),
});

export const TaskQueuedSchema = z.object({
  taskId: TaskIdSchema,
  position: z.int().min(1).describe('Among the tasks that wait, counted from 1.'),
});

/** How far the task is, for events that say little else. */
export const WhereaboutsSchema = z.object({
  taskId: TaskIdSchema,
  progress: z.int(),
  message: z.string(),
});

/** Payloads of the events that end a task, by type. */
export const ENDING_PAYLOADS = {
  task_cancelled: WhereaboutsSchema,
  task_completed: z.object({
    taskId: TaskIdSchema,
    status: TaskStatusSchema,
    result: z.object({
      total: z.int(),
      successful: z.int(),
      failed: z.int(),
      skipped: z.int(),
      duration: z.number().describe('Seconds from start to end.'),
      reused: z
        .int()
        .optional()
        .describe('Of a task with baseTaskId: how many of them were taken over.'),
    }),
    downloadUrl: z.string().describe('Path of the download route of the HTTPS API.'),
  }),
  task_failed: z.object({
    taskId: TaskIdSchema,
    error: z.object({ code: z.string(), message: z.string(), details: z.string().optional() }),
  }),
} as const;

/** Told to whoever listens, and then forgotten: the failures of the task have them all. */
export const DocumentFailedSchema = event(
  'document_failed',
  z.object({
    taskId: TaskIdSchema,
    row: z.int().min(1),
    template: z.string(),
    code: FailureCodeSchema,
    detail: z.string(),
  }),
);

export const TaskEventSchema = z.discriminatedUnion('type', [
  event('task_queued', TaskQueuedSchema),
  event('task_scheduled', TaskScheduledSchema),
  event('task_started', TaskStartedSchema),
  event('task_progress', ProgressSchema),
  DocumentFailedSchema,
  event('task_paused', WhereaboutsSchema),
  event('task_resumed', WhereaboutsSchema),
  event('task_cancelled', ENDING_PAYLOADS.task_cancelled),
  event('task_completed', ENDING_PAYLOADS.task_completed),
  event('task_failed', ENDING_PAYLOADS.task_failed),
]);
export type TaskEvent = z.infer<typeof TaskEventSchema>;

export const TASK_EVENT_TYPES = TaskEventSchema.options.map(({ shape }) => shape.type.value);

/** Answers to a client's own messages. */
export const ReplySchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('subscribed'),
    at: z.iso.datetime(),
    payload: z.object({
      channels: z.array(z.enum(CHANNELS)),
      taskId: TaskIdSchema.nullable(),
      tasks: z
        .array(SnapshotSchema)
        .describe('The task, or the tasks of the owner that are not finished.'),
    }),
  }),
  z.object({
    type: z.literal('unsubscribed'),
    at: z.iso.datetime(),
    payload: z.object({ channels: z.array(z.enum(CHANNELS)), taskId: TaskIdSchema.nullable() }),
  }),
  z.object({ type: z.literal('pong'), at: z.iso.datetime(), payload: z.object({}) }),
  z.object({
    type: z.literal('error'),
    at: z.iso.datetime(),
    payload: z.object({ code: z.string(), message: z.string() }),
  }),
]);
export type Reply = z.infer<typeof ReplySchema>;

export const ServerMessageSchema = z.union([ReplySchema, TaskEventSchema]);
export type ServerMessage = z.infer<typeof ServerMessageSchema>;
