/** Inputs and outputs of the workflows' states: ids and counts, never row data. */
import * as z from 'zod';
import { DataSourceIdSchema, TaskIdSchema } from './common.ts';

/** Input of a task's execution, and of every state that works on the whole task. */
export const TaskRunSchema = z.object({ taskId: TaskIdSchema, run: z.int().min(1) });
export type TaskRun = z.infer<typeof TaskRunSchema>;

/** Output of PlanShards: the map reads the manifest at `manifestKey`. */
export const PlanSchema = TaskRunSchema.extend({
  manifestKey: z.string(),
  /** The task's prefix for the map's result files. */
  resultsPrefix: z.string(),
  concurrency: z.int().min(1),
  shards: z.int().min(0),
});
export type Plan = z.infer<typeof PlanSchema>;

/** One item of the manifest, and the input of RenderShard: where a shard's rows are. */
export const ShardRefSchema = TaskRunSchema.extend({
  shard: z.int().min(0),
  firstRow: z.int().min(1),
  rowCount: z.int().min(1),
  byteOffset: z.int().min(0),
  byteLength: z.int().min(1),
});
export type ShardRef = z.infer<typeof ShardRefSchema>;

/** Output of RenderShard and RecordShardFailure. */
export const ShardOutcomeSchema = z.object({
  shard: z.int(),
  status: z.enum(['done', 'stopped', 'failed']),
  succeeded: z.int(),
  failed: z.int(),
  skipped: z.int(),
});
export type ShardOutcome = z.infer<typeof ShardOutcomeSchema>;

/** What a Catch puts at $.error (Amazon States Language, "Error representation"). */
export const CaughtErrorSchema = z.object({ Error: z.string(), Cause: z.string().default('') });

/** Cause of an error that one of our functions threw (Lambda Developer Guide, Node.js, "Errors"). */
export const ThrownErrorSchema = z.object({ errorMessage: z.string() });

/** Input of RecordShardFailure: the shard's item, and what the map's Catch added. */
export const FailedShardSchema = ShardRefSchema.extend({ error: CaughtErrorSchema });
export type FailedShard = z.infer<typeof FailedShardSchema>;

/** Input of FailTask. */
export const FailedTaskSchema = TaskRunSchema.extend({ error: CaughtErrorSchema });
export type FailedTask = z.infer<typeof FailedTaskSchema>;

/** Input of the ingest workflow; `error` is there when IngestSource itself failed for good. */
export const IngestRunSchema = z.object({
  dataSourceId: DataSourceIdSchema,
  error: CaughtErrorSchema.optional(),
});
export type IngestRun = z.infer<typeof IngestRunSchema>;
