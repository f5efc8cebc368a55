/** Inputs and outputs of the workflows' states: ids and counts, never row data. */
import * as z from 'zod';
import {
  CheckIdSchema,
  DataSourceIdSchema,
  DeliveryIdSchema,
  EndpointIdSchema,
  ResultsFormatSchema,
  SampleIdSchema,
  TaskIdSchema,
} from './common.ts';

/** What every state that works on the whole task gets. */
export const TaskRunSchema = z.object({ taskId: TaskIdSchema, run: z.int().min(1) });
export type TaskRun = z.infer<typeof TaskRunSchema>;

/**
 * A run goes in rounds: what is left is planned, worked on and looked at, until nothing is left. Input
 * of PlanShards, and of a task's execution, which begins with round 1.
 */
export const RoundSchema = TaskRunSchema.extend({ round: z.int().min(1) });
export type Round = z.infer<typeof RoundSchema>;

/** Input of a task's execution: whether it begins with a check of its rows. */
export const TaskStartSchema = RoundSchema.extend({ check: z.boolean() });
export type TaskStart = z.infer<typeof TaskStartSchema>;

/** One item of the manifest, and what a stage works on: where a shard's rows are. */
export const ShardRefSchema = RoundSchema.extend({
  /** What is done with its rows; absent: they are rendered. */
  stage: z.literal('call').optional(),
  /** The run whose retry its rows belong to; absent: the task's own rows. */
  layer: z.int().min(1).optional(),
  /** In its layer, as the count of its rows is. */
  firstRow: z.int().min(1),
  rowCount: z.int().min(1),
  byteOffset: z.int().min(0),
  byteLength: z.int().min(1),
  /** Work for so long at most, in ms, and leave the rest to the next plan. */
  budgetMs: z.int().min(1).optional(),
});
export type ShardRef = z.infer<typeof ShardRefSchema>;

/** Output of PlanShards: the map reads the manifest at `manifestKey`. */
export const PlanSchema = RoundSchema.extend({
  manifestKey: z.string(),
  /** The task's prefix for the map's result files. */
  resultsPrefix: z.string(),
  concurrency: z.int().min(1),
  /** What is done with the rows of its shards. */
  stage: z.enum(['call', 'render']),
  shards: z.int().min(0),
  /** The only shard, which takes no map. */
  shard: ShardRefSchema.optional(),
});
export type Plan = z.infer<typeof PlanSchema>;

/** Output of a stage's function and of RecordShardFailure. */
export const ShardOutcomeSchema = z.object({
  firstRow: z.int(),
  status: z.enum(['done', 'stopped', 'failed']),
  succeeded: z.int(),
  failed: z.int(),
  skipped: z.int(),
});
export type ShardOutcome = z.infer<typeof ShardOutcomeSchema>;

/** Output of the stage that calls: of a shard that waits for callbacks, for how long at the most. */
export const CallOutcomeSchema = ShardOutcomeSchema.extend({
  status: z.enum([...ShardOutcomeSchema.shape.status.options, 'waiting']),
  waitSeconds: z.int().min(0),
});
export type CallOutcome = z.infer<typeof CallOutcomeSchema>;

/** Input of AwaitCallbacks: a shard that waits, and the token that its execution waits by. */
export const AwaitingSchema = z.object({ shard: ShardRefSchema, token: z.string() });
export type Awaiting = z.infer<typeof AwaitingSchema>;

/** Input of AssembleArchive: the round that has ended. */
export const EndedRoundSchema = RoundSchema.extend({
  /** What was done in it; absent: rows were rendered. */
  stage: PlanSchema.shape.stage.optional(),
  shards: z.int().min(0),
});
export type EndedRound = z.infer<typeof EndedRoundSchema>;

/** Output of AssembleArchive: the next round, and whether there is anything left for it. */
export const AssembledSchema = RoundSchema.extend({ left: z.boolean() });
export type Assembled = z.infer<typeof AssembledSchema>;

/** What a Catch puts at $.error (Amazon States Language, "Error representation"). */
export const CaughtErrorSchema = z.object({ Error: z.string(), Cause: z.string().default('') });

/** Input of RecordShardFailure: the shard, and what the Catch of its step says. */
export const FailedShardSchema = z.object({ shard: ShardRefSchema, error: CaughtErrorSchema });
export type FailedShard = z.infer<typeof FailedShardSchema>;

/** A task that starts later: input of the workflow that waits, and of StartScheduled. */
export const ScheduledStartSchema = z.object({
  taskId: TaskIdSchema,
  /** How many times were set for the task, this one included. */
  revision: z.int().min(1),
  /** When, in whole seconds. */
  startAt: z.iso.datetime(),
});
export type ScheduledStart = z.infer<typeof ScheduledStartSchema>;

/** Input of FailTask. */
export const FailedTaskSchema = TaskRunSchema.extend({ error: CaughtErrorSchema });
export type FailedTask = z.infer<typeof FailedTaskSchema>;

/** Input of the ingest workflow; `error` is there when IngestSource itself failed for good. */
export const IngestRunSchema = z.object({
  dataSourceId: DataSourceIdSchema,
  /** Which reading of it this is, from 1: a late step of an earlier one changes nothing. */
  read: z.int().min(1),
  error: CaughtErrorSchema.optional(),
});
export type IngestRun = z.infer<typeof IngestRunSchema>;

/** The results of a task that are wanted, as it is in this revision. */
export const ResultsRunSchema = z.object({ format: ResultsFormatSchema, revision: z.int().min(0) });
export type ResultsRun = z.infer<typeof ResultsRunSchema>;

/** Input of the trial workflow, and of the step of a task that checks its rows. */
export const TrialRunSchema = z.object({
  /** The trial, or the task that it is part of. */
  of: z.union([CheckIdSchema, SampleIdSchema, TaskIdSchema]),
  /** The run of the task whose step it is. */
  run: z.int().min(1).optional(),
  /** Whether nothing but the report of a check is wanted, which was made before. */
  reportOnly: z.boolean().default(false),
  /** Whether nothing but the results of a task are wanted; null, or absent as in a step of a task, for no. */
  results: ResultsRunSchema.nullish(),
  /** There when the function itself failed for good. */
  error: CaughtErrorSchema.optional(),
});
export type TrialRun = z.infer<typeof TrialRunSchema>;

/** Input of the delivery workflow: one sending of one delivery. */
export const SendingSchema = z.object({
  /** Whose delivery it is: a task's, or, of a test, an endpoint's. */
  of: z.union([TaskIdSchema, EndpointIdSchema]),
  deliveryId: DeliveryIdSchema,
  sending: z.int().min(1),
});
export type Sending = z.infer<typeof SendingSchema>;

/** Output of SendWebhook: whether there is another attempt, and after how long. */
export const SentSchema = SendingSchema.extend({
  again: z.boolean(),
  pauseSeconds: z.int().min(0),
});
export type Sent = z.infer<typeof SentSchema>;
