/**
 * Items as the table holds them. Read through these schemas by the stores (tasks/taskStore.ts and its
 * like), so that an item of an older or broken shape is found at the boundary.
 */
import * as z from 'zod';
import {
  CountsSchema,
  DataProblemSchema,
  DataSourceStatusSchema,
  EngineSchema,
  ModeSchema,
  OutputFormatSchema,
  ReadingOptionsSchema,
  StageSchema,
  TagSchema,
  TaskOptionsSchema,
  TaskStatusSchema,
  TemplateStatusSchema,
} from './common.ts';

const epochMs = z.int().min(0);
const epochSeconds = z.int().min(0);

/** Attributes that put an item into the owner index. */
const ownedFields = { ownerId: z.string(), ownerKey: z.string(), ownerSort: z.string() };

export const TaskTemplateSchema = z.object({
  templateId: z.string(),
  /** Unique among the task's templates; the {template} of file names. */
  label: z.string(),
  /** SHA-256 of the checked file, in hex: what compiled templates are cached by. */
  sha256: z.string(),
});

export const TaskErrorSchema = z.object({ code: z.string(), message: z.string() });

export const ArchiveSchema = z.object({
  bytes: z.int(),
  fileName: z.string(),
  documents: z.int(),
});

/** TASK#id / META. */
export const TaskItemSchema = z.object({
  ...ownedFields,
  taskId: z.string(),
  name: z.string(),
  status: TaskStatusSchema,
  stage: StageSchema,
  mode: ModeSchema,
  outputFormat: OutputFormatSchema,
  templates: z.array(TaskTemplateSchema).min(1),
  dataSourceId: z.string().optional(),
  /** Where rows.jsonl and rows.idx are. */
  rowsKey: z.string(),
  indexKey: z.string(),
  rowCount: z.int().min(1),
  totalDocuments: z.int().min(1),
  fileName: z.string(),
  options: TaskOptionsSchema,
  metadata: z.record(z.string(), z.string()),
  /** Number of the present run, from 1; 0 before the first start. */
  run: z.int().min(0),
  shardCount: z.int().optional(),
  /** Live counters: close, never above the total; exact once the task is finished. */
  succeeded: z.int(),
  failed: z.int(),
  skipped: z.int(),
  /** Set when the task is to end early: by cancel, or by onError "stop". */
  stopReason: z.enum(['cancel', 'error']).optional(),
  /** Number of the last push; rises by 1 each. */
  seq: z.int(),
  /** When the last push was made, in ms, and what was counted then: the base of the rate. */
  pushedAt: epochMs,
  pushedCount: z.int(),
  ratePerSecond: z.number(),
  /** Until when a pusher holds the right to push, in ms. */
  pushLeaseUntil: epochMs,
  createdAt: epochMs,
  startedAt: epochMs.optional(),
  finishedAt: epochMs.optional(),
  error: TaskErrorSchema.optional(),
  archive: ArchiveSchema.optional(),
  expiresAt: epochSeconds,
});
export type TaskItem = z.infer<typeof TaskItemSchema>;

/**
 * What a finished shard wrote, in one object: [local entries][directory records][manifest lines]
 * [failure lines], in this order without gaps; sizes in bytes.
 */
export const SegmentSchema = z.object({
  key: z.string(),
  documents: z.int(),
  entriesBytes: z.int(),
  directoryBytes: z.int(),
  manifestBytes: z.int(),
  /** CRC-32 of the manifest lines, unsigned: combined over all shards without reading them. */
  manifestCrc: z.int(),
  /** How many failure lines there are: a line may hold line breaks, so they cannot be counted. */
  failures: z.int(),
  failuresBytes: z.int(),
  failuresCrc: z.int(),
});
export type Segment = z.infer<typeof SegmentSchema>;

/** TASK#id / SHARD#00012. */
export const ShardItemSchema = z.object({
  taskId: z.string(),
  /** 0-based number of the shard. */
  shard: z.int().min(0),
  /** 1-based number of its first row. */
  firstRow: z.int().min(1),
  rowCount: z.int().min(1),
  run: z.int(),
  /** working: leased. stopped: ended early, keeps what it made. failed: given up. */
  status: z.enum(['working', 'done', 'stopped', 'failed']),
  /** The attempt that holds the lease, from 1. */
  attempt: z.int().min(1),
  /** Attempts that broke and said so. Of the others the worker vanished, which is no fault of the rows. */
  brokenAttempts: z.int().default(0),
  leaseUntil: epochMs,
  /** What was added to the task's live counters for this shard so far, over all attempts. */
  reported: CountsSchema.default({ succeeded: 0, failed: 0, skipped: 0 }),
  /** Exact counts, once ended. */
  counts: CountsSchema.optional(),
  segment: SegmentSchema.optional(),
  error: TaskErrorSchema.optional(),
  expiresAt: epochSeconds,
});
export type ShardItem = z.infer<typeof ShardItemSchema>;

/** TPL#id / META. */
export const TemplateItemSchema = z.object({
  ...ownedFields,
  templateId: z.string(),
  name: z.string(),
  fileName: z.string(),
  status: TemplateStatusSchema,
  tags: z.array(TagSchema).optional(),
  engine: EngineSchema.optional(),
  warnings: z.array(z.string()).optional(),
  bytes: z.int().optional(),
  sha256: z.string().optional(),
  createdAt: epochMs,
  expiresAt: epochSeconds.optional(),
});
export type TemplateItem = z.infer<typeof TemplateItemSchema>;

/** DS#id / META. */
export const DataSourceItemSchema = z.object({
  ...ownedFields,
  dataSourceId: z.string(),
  name: z.string(),
  fileName: z.string(),
  status: DataSourceStatusSchema,
  reading: ReadingOptionsSchema.optional(),
  /** Entity tag of the upload that is read: the link outlives the completion. */
  uploadEtag: z.string().optional(),
  columns: z.array(z.string()).optional(),
  rowCount: z.int().optional(),
  bytes: z.int().optional(),
  problems: z.array(DataProblemSchema).optional(),
  /** How many problems there are in all, when more than are listed. */
  problemCount: z.int().optional(),
  createdAt: epochMs,
  expiresAt: epochSeconds.optional(),
});
export type DataSourceItem = z.infer<typeof DataSourceItemSchema>;

/** KEY#hash / META. The hash is the SHA-256 of the key, in hex. */
export const ApiKeyItemSchema = z.object({
  ownerId: z.string().min(1),
  keyHash: z.string().length(64),
  name: z.string(),
  createdAt: epochMs,
});

/** TICKET#hash / META: deleted by its first use. */
export const TicketItemSchema = z.object({ ownerId: z.string(), expiresAt: epochSeconds });

/** CONN#id / META. */
export const ConnectionItemSchema = z.object({
  ownerId: z.string(),
  connectionId: z.string(),
  connectedAt: epochMs,
  expiresAt: epochSeconds,
});
export type ConnectionItem = z.infer<typeof ConnectionItemSchema>;

/** TASK#id / SUB#conn and OWNER#id / SUB#conn. */
export const SubscriberItemSchema = z.object({
  connectionId: z.string(),
  ownerId: z.string(),
  /** False until the snapshot was sent: events before it are not for this subscriber. */
  active: z.boolean(),
  /** The task's seq in that snapshot: events up to it are old news. */
  sinceSeq: z.int().default(0),
  expiresAt: epochSeconds,
});
export type SubscriberItem = z.infer<typeof SubscriberItemSchema>;
