/** Events that last, in the table and in the log of a task (docs/api.md, "What happened to a task"). */
import * as z from 'zod';
import { TaskIdSchema } from './common.ts';
import {
  ENDING_PAYLOADS,
  TaskQueuedSchema,
  TaskScheduledSchema,
  TaskStartedSchema,
  WhereaboutsSchema,
} from './stream.ts';

const lasting = <T extends string, P extends z.ZodType>(type: T, payload: P) =>
  z.object({
    type: z.literal(type),
    /** What happened is known by this within its task: the same key is the same event. */
    key: z.string(),
    at: z.iso.datetime(),
    /** The owner whose call it was. */
    by: z.string().optional(),
    /** Absent until it is numbered, which is when its turn to be told has come. */
    seq: z.int().optional(),
    payload,
  });

const AboutTaskSchema = z.object({ taskId: TaskIdSchema });

/** An event that the task's item owes to tell. It holds no value of a row. */
export const OwedEventSchema = z.discriminatedUnion('type', [
  lasting('warnings_found', AboutTaskSchema.extend({ warnings: z.array(z.string()) })),
  lasting('start_requested', AboutTaskSchema),
  lasting('retry_requested', AboutTaskSchema),
  lasting('pause_requested', AboutTaskSchema),
  lasting('cancel_requested', AboutTaskSchema),
  lasting('task_queued', TaskQueuedSchema),
  lasting('task_scheduled', TaskScheduledSchema),
  lasting('task_started', TaskStartedSchema),
  lasting(
    'shard_failed',
    z.object({
      taskId: TaskIdSchema,
      firstRow: z.int().min(1),
      rowCount: z.int().min(1),
      /** Why, as part of a sentence. */
      cause: z.string(),
    }),
  ),
  lasting('task_paused', WhereaboutsSchema),
  lasting('task_resumed', WhereaboutsSchema),
  lasting(
    'documents_kept',
    z.object({
      taskId: TaskIdSchema,
      count: z.int().min(1),
      /** Rows of the first of them. */
      rows: z.array(z.int().min(1)),
    }),
  ),
  lasting('task_cancelled', ENDING_PAYLOADS.task_cancelled),
  lasting('task_completed', ENDING_PAYLOADS.task_completed),
  lasting('task_failed', ENDING_PAYLOADS.task_failed),
]);
export type OwedEvent = z.infer<typeof OwedEventSchema>;

/** TASK#id / EVENT#seq. */
export const EventItemSchema = OwedEventSchema.and(z.object({ seq: z.int() }));
export type LastingEvent = z.infer<typeof EventItemSchema>;

/** One line of GET …/log. */
export const LogEntrySchema = z.object({
  at: z.iso.datetime(),
  seq: z.int().describe('Number of the event; rises by task.'),
  type: z.string().describe('What happened, such as task_started or cancel_requested.'),
  message: z.string().describe('The same in a sentence, without values of rows.'),
  payload: z
    .record(z.string(), z.unknown())
    .describe('What the sentence is made of, as the event of that type has it.'),
  by: z.string().optional().describe('The owner whose call it was.'),
});
export type LogEntry = z.infer<typeof LogEntrySchema>;
