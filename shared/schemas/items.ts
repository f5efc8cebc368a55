/**
 * Items as the table holds them. Read through these schemas by the stores (tasks/taskStore.ts and its
 * like), so that an item of an older or broken shape is found at the boundary.
 */
import * as z from 'zod';
import { OWED_PREFIX } from '../keys.ts';
import {
  CountsSchema,
  type Counts,
  DataProblemSchema,
  DataSourceStatusSchema,
  FoundReadingSchema,
  FoundSheetSchema,
  EngineSchema,
  TriedEngineSchema,
  ModeSchema,
  OutputFormatSchema,
  ReadingOptionsSchema,
  StageSchema,
  TagSchema,
  TaskOptionsSchema,
  TaskStatusSchema,
  TemplateStatusSchema,
} from './common.ts';
import { CheckStatusSchema, CheckSummarySchema } from './checks.ts';
import { OwedEventSchema } from './events.ts';
import { SamplesSummarySchema } from './samples.ts';
import { CallFiguresSchema } from './stepAnswers.ts';

const NOTHING: Counts = { succeeded: 0, failed: 0, skipped: 0 };

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
  /** The engine that was tried at the upload. */
  tried: TriedEngineSchema.optional(),
});

/** What the item of a task knows of a row step. */
export const OrderedStepSchema = z.object({
  name: z.string(),
  /** Whether it gives the archive a file for each row. */
  hasFile: z.boolean(),
  /** Columns that it gives, as tags name them: `step.column`. */
  gives: z.array(z.string()),
  /** Names that it reads. */
  reads: z.array(z.string()),
  /** Calls a second that it may make, and what one costs in millionths of a dollar, when the order was taken. */
  perSecond: z.number(),
  microUsd: z.int().min(0),
  connectionId: z.string().optional(),
});

export const TaskErrorSchema = z.object({ code: z.string(), message: z.string() });

export const ArchiveSchema = z.object({
  bytes: z.int(),
  fileName: z.string(),
  documents: z.int(),
});

/** A call for a retry that a run began with. */
export const RetrySchema = z.object({
  /** The run that it began: the number of its layer. */
  run: z.int().min(1),
  /** Its run, and what it asks for as a hash: the same call again is known by it. */
  id: z.string(),
  /** Whether it replaced the rows: what older layers have not tried is tried in this one. */
  replacesRows: z.boolean().optional(),
  /** Rows of its layer, and what was counted before for their documents; absent until it is planned. */
  rowCount: z.int().min(0).optional(),
  before: CountsSchema.optional(),
});
export type Retry = z.infer<typeof RetrySchema>;

/** Owed events are attributes of their own in the table (events/owed.ts); here they are one, by key. */
function gatherOwed(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  const owed = Object.entries(item)
    .filter(([name]) => name.startsWith(OWED_PREFIX))
    .map(([name, event]) => [name.slice(OWED_PREFIX.length), event as unknown]);
  return owed.length === 0 ? item : { ...item, owed: Object.fromEntries(owed) as unknown };
}

const TaskFieldsSchema = z.object({
  ...ownedFields,
  /** Its id, as long as it has not ended: sorts the index of active tasks. */
  activeSort: z.string().optional(),
  taskId: z.string(),
  name: z.string(),
  status: TaskStatusSchema,
  stage: StageSchema,
  mode: ModeSchema,
  outputFormat: OutputFormatSchema,
  /** None where its row steps are all that it does. */
  templates: z.array(TaskTemplateSchema),
  dataSourceId: z.string().optional(),
  /** The earlier task whose documents are taken over where nothing of them changed. */
  baseTaskId: z.string().optional(),
  /** Documents that were, of those that its shards have; absent before any. */
  reused: z.int().min(0).optional(),
  /** Where rows.jsonl and rows.idx are. */
  rowsKey: z.string(),
  indexKey: z.string(),
  /** Where the rows are that it groups; its own are written when it is planned first. */
  ungrouped: z.object({ rowsKey: z.string(), indexKey: z.string() }).optional(),
  rowCount: z.int().min(1),
  totalDocuments: z.int().min(1),
  fileName: z.string(),
  options: TaskOptionsSchema,
  /** Its row steps; the whole of them is an object of its own (rowSteps/steps.ts). */
  steps: z.array(OrderedStepSchema).min(1).optional(),
  metadata: z.record(z.string(), z.string()),
  /** How many warnings its item of warnings holds; that is not read otherwise. */
  warningCount: z.int().optional(),
  /** Whether some tag is spelt otherwise than its column: then an object says how. */
  hasSpellings: z.boolean().optional(),
  /** Its events are sent to a URL of its own, too (schemas/webhookItems.ts). */
  hasWebhook: z.boolean().optional(),
  /** Retries, the oldest first. */
  retries: z.array(RetrySchema).optional(),
  /** The retry whose object has every correction so far; absent when no row was corrected. */
  correctedBy: z.string().optional(),
  /** The retry that compared names anew, for other templates or data; absent: the task's creation. */
  comparedBy: z.string().optional(),
  /** The run up to whose end the segments of all shards have what retries made. */
  mergedRun: z.int().min(1).optional(),
  /** Number of the present run, from 1; 0 before the first start. */
  run: z.int().min(0),
  /** Number of the run's last plan, from 1; 0 before the first. */
  round: z.int().min(0).default(0),
  /** How many shards that round may work on at a time at the most; absent when it has no map of its own. */
  mapMost: z.int().min(1).optional(),
  /** Documents that were tried when that plan was made, and how many plans in a row found no more. */
  triedAtPlan: z.int().min(0).default(0),
  idleRounds: z.int().min(0).default(0),
  /** The last run of which nothing that is published counts any more, although rows are left. */
  closedRun: z.int().min(1).optional(),
  /** Live counters: close, never above the total; exact once the task is finished. */
  succeeded: z.int(),
  failed: z.int(),
  skipped: z.int(),
  /**
   * Rises with every change of its state, and whenever what others have begun with it is to be in vain: who
   * saw it in this revision changes it only if it is still so.
   */
  revision: z.int().min(0).optional(),
  /** The slot of its present run, or of the last that had one, as the owner's item has it. */
  slot: z.string().optional(),
  /** Documents that were made when it last came to rest: what it has used of its owner's budget. */
  charged: z.int().min(0).optional(),
  /** When it is to start, in ms, while it is scheduled; and how many such times were set. */
  startAt: epochMs.optional(),
  scheduleRevision: z.int().min(1).optional(),
  /** While it waits: since when, and from which state it came. */
  queuedAt: epochMs.optional(),
  queuedFrom: TaskStatusSchema.optional(),
  /** Set when the run is to end early: by pause or cancel, or by onError "stop". */
  stopReason: z.enum(['pause', 'cancel', 'error']).optional(),
  /** Number of the last event; rises by 1 each. */
  seq: z.int(),
  /** Events that last and that not every listener has, by their key. */
  owed: z.record(z.string(), OwedEventSchema).optional(),
  /** The run whose end became an event. */
  endedRun: z.int().optional(),
  /** seq of that end, once it has one. */
  endSeq: z.int().optional(),
  /** Rows whose steps are called, those of retries once more; how many of them came to an end, and in this run failed. */
  rowsToCall: z.int().min(0).optional(),
  calledRows: z.int().min(0).optional(),
  failedCalls: z.int().min(0).optional(),
  /** What its calls cost in this run, in millionths of a dollar. */
  spentMicroUsd: z.int().min(0).optional(),
  /** How its calls went when a worker told of them last. */
  callFigures: CallFiguresSchema.optional(),
  /** Why it paused by itself. */
  pausedBecause: z.string().optional(),
  /** When the last push was made, in ms, and what was counted then: the base of the rate. */
  pushedAt: epochMs,
  /** When the next push of progress may be made, in ms: the later, the more the last one cost. */
  pushDueAt: epochMs.optional(),
  pushedCount: z.int(),
  ratePerSecond: z.number(),
  /** Until when a teller holds the turn to tell, in ms. */
  pushLeaseUntil: epochMs,
  createdAt: epochMs,
  startedAt: epochMs.optional(),
  finishedAt: epochMs.optional(),
  error: TaskErrorSchema.optional(),
  archive: ArchiveSchema.optional(),
  /** Absent while the task waits or works: then it does not expire. */
  expiresAt: epochSeconds.optional(),
});

/** What a task has alike with what is tried before one (orders/order.ts). */
export const OrderSchema = TaskFieldsSchema.pick({
  templates: true,
  dataSourceId: true,
  rowsKey: true,
  indexKey: true,
  ungrouped: true,
  rowCount: true,
  fileName: true,
  options: true,
  steps: true,
});
export type Order = z.infer<typeof OrderSchema>;

/** TRIAL#id / META, or TASK#id / CHECK for the check that a task begins with. */
export const TrialItemSchema = z.object({
  ownerId: z.string(),
  status: CheckStatusSchema,
  order: OrderSchema,
  /** Of a check that is done, and of samples that are. */
  /** Of a task: the run in which it became known. */
  run: z.int().min(1).optional(),
  summary: CheckSummarySchema.optional(),
  samples: SamplesSummarySchema.optional(),
  /** Rows that samples were asked for by name. */
  named: z.string().optional(),
  error: TaskErrorSchema.optional(),
  /** Why the report of a check could not be written when it was last tried, and when that was. */
  reportFailure: z.object({ cause: z.enum(['gone', 'fault']), at: epochMs }).optional(),
  createdAt: epochMs,
  finishedAt: epochMs.optional(),
  /** Absent for that of a task, which goes with it. */
  expiresAt: epochSeconds.optional(),
});
export type TrialItem = z.infer<typeof TrialItemSchema>;

/** TASK#id / RESULTS#format: why results could not be written, when that was, and of which revision of the task. */
export const ResultsFailureItemSchema = z.object({
  revision: z.int().min(0),
  cause: z.enum(['gone', 'tooMuch', 'time', 'fault']),
  /** What is too much. */
  detail: z.string().optional(),
  at: epochMs,
});
export type ResultsFailureItem = z.infer<typeof ResultsFailureItemSchema>;

/** TASK#id / WARNINGS: apart from the task, whose item every report of progress writes. */
export const TaskWarningsItemSchema = z.object({ warnings: z.array(z.string()) });

/** TASK#id / META. */
export const TaskItemSchema = z.preprocess(gatherOwed, TaskFieldsSchema);
export type TaskItem = z.infer<typeof TaskItemSchema>;

/**
 * What was written of a shard up to one checkpoint, in one object: [local entries][directory records]
 * [manifest lines][failure lines][origins], in this order without gaps; sizes in bytes. The entries and
 * their origins are those made since the segment before; the lines are those of the whole shard
 * so far.
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
  /** What the entries were made from (archive/origins.ts); absent in segments that do not tell. */
  originsBytes: z.int().min(1).optional(),
  /** CRC-32 of the directory records and the origins, unsigned; present with them. */
  originsCrc: z.int().optional(),
  /** How many of the entries were taken over from another task; absent for none. */
  reused: z.int().min(1).optional(),
});
export type Segment = z.infer<typeof SegmentSchema>;

/** How far the work on a shard came, as its segments hold it. */
export const ReachedSchema = z.object({
  /** Rows that are done. */
  rows: z.int().min(0),
  /** Parts of the next row that are done: documents, one a template. */
  parts: z.int().min(0),
  /** Bytes of the rows that are done. */
  bytes: z.int().min(0),
  /** Bytes of the rows that were begun: the same, or with the next row. */
  begunBytes: z.int().min(0),
});
export type Reached = z.infer<typeof ReachedSchema>;

/** Documents that were made before, and of which a retry failed: the older ones stay. */
export const KeptDocumentsSchema = z.object({
  count: z.int().min(0),
  /** Their rows, the first few. */
  rows: z.array(z.int().min(1)),
});
export type KeptDocuments = z.infer<typeof KeptDocumentsSchema>;

/** What a shard of a retry that was given up did not come to. */
export const LostRetrySchema = z.object({
  superseded: CountsSchema,
  kept: KeptDocumentsSchema,
  /** Numbers of its first and its last row, in the task. */
  firstRow: z.int().min(1),
  lastRow: z.int().min(1),
});

/**
 * TASK#id / SHARD#000000012, RETRY#000002#000000012: known by its layer and its first row. One whose rows are called has
 * a sort key of its own, CALL#000000#000000012, and counts rows.
 */
export const ShardItemSchema = z.object({
  taskId: z.string(),
  /** What is done with its rows; absent: they are rendered. */
  stage: z.literal('call').optional(),
  /** The run whose retry its rows belong to; absent: the task's own rows. */
  layer: z.int().min(1).optional(),
  /** 1-based number of its first row, among the rows of its layer. */
  firstRow: z.int().min(1),
  rowCount: z.int().min(1),
  /** Where its rows lie in rows.jsonl. */
  byteOffset: z.int().min(0),
  byteLength: z.int().min(1),
  /** The run that works on it, or did so last, and the round of that run (its plan). */
  run: z.int().min(1),
  round: z.int().min(1),
  /**
   * working: leased. done: every row was tried. stopped: ended before; what it reached stays, and a
   * later plan takes up the rest. failed: given up; its rest counts as failed.
   */
  status: z.enum(['working', 'done', 'stopped', 'failed']),
  /** The attempt that holds the lease or held it last, from 1 over all runs: only its writes count. */
  attempt: z.int().min(1),
  /** Attempts of this round since the shard last came on. */
  tries: z.int().min(0),
  /** Those of them that broke and said so. Of the others the worker vanished, no fault of the rows. */
  brokenTries: z.int().min(0),
  leaseUntil: epochMs,
  reached: ReachedSchema.default({ rows: 0, parts: 0, bytes: 0, begunBytes: 0 }),
  /** Exact counts of what it reached; an older document that stays counts as succeeded. */
  counts: CountsSchema.default(NOTHING),
  /** Of a retry: what was counted before for the same documents. */
  superseded: CountsSchema.default(NOTHING),
  kept: KeptDocumentsSchema.default({ count: 0, rows: [] }),
  /** Of a retry that was given up: the same for the documents that it lost, and the rows they are of. */
  lost: LostRetrySchema.optional(),
  /** The run up to whose end its segments have what retries made. */
  mergedRun: z.int().min(1).optional(),
  /** The first row of what it reached of which a document failed. */
  firstFailedRow: z.int().min(1).optional(),
  /** What was added to the task's live counters for this shard so far, over all attempts. */
  reported: CountsSchema.default(NOTHING),
  /** Time that went into what it reached, in ms. */
  workMs: z.number().min(0).default(0),
  /** In the order of rows: the entries of all count, the lines of the last. */
  segments: z.array(SegmentSchema).default([]),
  /** Of a shard that calls: the retry for which it last began anew, by its run. */
  begunAnewIn: z.int().min(1).optional(),
  error: TaskErrorSchema.optional(),
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
  /** The build of the engines that tried that one; absent for one that has no name. */
  engineBuild: z.string().optional(),
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
  /** How often reading it was begun. */
  reads: z.int().min(0).default(0),
  /** Entity tag of the upload that is read: the link outlives the completion. */
  uploadEtag: z.string().optional(),
  columns: z.array(z.string()).optional(),
  /** Fields inside of the columns of JSON; absent in CSV, and when they are too many. */
  nestedColumns: z.array(z.string()).optional(),
  warnings: z.array(z.string()).optional(),
  /** How it was read, and the sheets that there are. */
  found: FoundReadingSchema.optional(),
  sheets: z.array(FoundSheetSchema).optional(),
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

/** EVENTS#hash / META: good until it expires. */
export const EventsTicketItemSchema = z.object({ ownerId: z.string(), expiresAt: epochSeconds });

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
  /** seq of each task in that snapshot, by its id: events up to it are old news. */
  since: z.record(z.string(), z.int()).default({}),
  expiresAt: epochSeconds,
});
export type SubscriberItem = z.infer<typeof SubscriberItemSchema>;
