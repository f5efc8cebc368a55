/** Every key of the table and of the bucket: pure functions of ids, built nowhere else. */
import { MAX_PRIORITY, REPORT_ATTEMPT_MS } from './limits.ts';
import type { ItemKey } from './ports.ts';
import type { ResultsFormat } from './schemas/common.ts';
import type { ResultsRun, ScheduledStart } from './schemas/workflow.ts';

/** Rows are zero-padded, so that lexical order is numeric order: up to MAX_ROWS = 100,000,000. */
const paddedRow = (row: number) => String(row).padStart(9, '0');

/** Layers are numbered by runs; MAX_RETRIES_PER_TASK and every resume between them have 6 digits. */
const paddedLayer = (layer: number) => String(layer).padStart(6, '0');

/** Of attempts at a shard, and of what one writes: a shard that waits for a week is looked at a thousand times. */
const paddedAttempt = (n: number) => String(n).padStart(6, '0');

/** An event every millisecond for a year has 11 digits. */
const EVENT_DIGITS = 12;

/** Seconds since 1970, for the next 30,000 years. */
const SECOND_DIGITS = 12;

/** Milliseconds since 1970, for five thousand years. */
const TIME_DIGITS = 15;

/** Highest first: 100 is 000. */
const invertedPriority = (priority: number) => String(MAX_PRIORITY - priority).padStart(3, '0');

/** The place of a task among those of its owner that wait. */
export interface QueuePlace {
  readonly taskId: string;
  readonly priority: number;
  /** When it began to wait, in ms. */
  readonly queuedAt: number;
}

/** What a service calls back for. */
export interface CallbackPlace {
  readonly taskId: string;
  /** 1-based number of the row in the task. */
  readonly row: number;
  readonly step: string;
  /** Fingerprint of the request, as it is without the URL (rowSteps/request.ts). */
  readonly request: string;
  /** The run whose failure the request follows; 0 for none. What came for that one is no answer to this. */
  readonly after: number;
}

export const tableKeys = {
  task: (taskId: string): ItemKey => ({ pk: `TASK#${taskId}`, sk: 'META' }),
  /**
   * A shard is known by its layer and its first row in it, whatever the cut of its run.
   * @param layer 0: the task's own rows; else those of the retry that this run began
   */
  shard: (taskId: string, firstRow: number, layer = 0): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `${shardsPrefix(layer)}${paddedRow(firstRow)}`,
  }),
  /** A shard whose rows are called. @param layer as of other shards */
  callShard: (taskId: string, firstRow: number, layer = 0): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `${callShardsPrefix(layer)}${paddedRow(firstRow)}`,
  }),
  /** An object of what rows were answered. @param shard its first row, as of the shard @param n of the attempt */
  answers: (
    taskId: string,
    shard: { readonly layer?: number | undefined; readonly firstRow: number },
    attempt: number,
    n: number,
  ): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `${answersPrefix(shard.layer)}${paddedRow(shard.firstRow)}#${paddedAttempt(attempt)}-${paddedAttempt(n)}`,
  }),
  /** What a shard waits for whose rows are called. @param layer as of other shards */
  callWait: (taskId: string, firstRow: number, layer = 0): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `${sortPrefixes.callWaits}${paddedLayer(layer)}#${paddedRow(firstRow)}`,
  }),
  /** How fast a connection to a service of others may be called: one item for all workers. */
  pace: (connectionId: string): ItemKey => ({ pk: `PACE#${connectionId}`, sk: 'META' }),
  /** The same for a step of a task that names no connection. */
  stepPace: (taskId: string, step: string): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `PACE#${step}`,
  }),
  /** A connection's subscription to one task. */
  taskSubscriber: (taskId: string, connectionId: string): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `SUB#${connectionId}`,
  }),
  /** A connection's subscription to all tasks of an owner. */
  ownerSubscriber: (ownerId: string, connectionId: string): ItemKey => ({
    pk: `OWNER#${ownerId}`,
    sk: `SUB#${connectionId}`,
  }),
  /** How many tasks and documents an owner may have, and has. */
  quota: (ownerId: string): ItemKey => ({ pk: `OWNER#${ownerId}`, sk: 'QUOTA' }),
  /** A task that waits: by priority, then by age. */
  queued: (ownerId: string, { taskId, priority, queuedAt }: QueuePlace): ItemKey => ({
    pk: `OWNER#${ownerId}`,
    sk: `${sortPrefixes.queue}${invertedPriority(priority)}#${String(queuedAt).padStart(TIME_DIGITS, '0')}#${taskId}`,
  }),
  /** How far the sweeper came. */
  sweep: { pk: 'SWEEP', sk: 'CURSOR' } satisfies ItemKey,
  /** An event that lasts. */
  event: (taskId: string, seq: number): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `${sortPrefixes.events}${String(seq).padStart(EVENT_DIGITS, '0')}`,
  }),
  /** Events that do not last, of one push; known by the number of the first. */
  passing: (taskId: string, seq: number): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `${sortPrefixes.passing}${String(seq).padStart(EVENT_DIGITS, '0')}`,
  }),
  /** What was to be told when the task was created, or a retry compared its names anew. */
  taskWarnings: (taskId: string, retryId?: string): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: retryId === undefined ? 'WARNINGS' : `WARNINGS#${retryId}`,
  }),
  /** Marks that what is known by this key became an event. */
  eventOnce: (taskId: string, key: string): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `ONCE#${key}`,
  }),
  /** Who tells connections of the end of a task's run, one of a few items of connections. */
  endTold: (taskId: string, run: number, item: number): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `TOLD#${run}#${item}`,
  }),
  /** That something is due to be deleted, from this second on. */
  due: (prefix: string, dueAt: number, id: string): ItemKey => ({
    pk: 'DUE',
    sk: `${prefix}${String(dueAt).padStart(SECOND_DIGITS, '0')}#${id}`,
  }),
  /** That a task uses a template or data source. */
  use: (id: string, taskId: string): ItemKey => ({
    pk: itemOf(id).pk,
    sk: `${sortPrefixes.uses}${taskId}`,
  }),
  /** Where the events of this one task are sent to. */
  taskWebhook: (taskId: string): ItemKey => ({ pk: `TASK#${taskId}`, sk: 'WEBHOOK' }),
  /** Where the events of all tasks of an owner are sent to. */
  endpoint: (ownerId: string, endpointId: string): ItemKey => ({
    pk: `OWNER#${ownerId}`,
    sk: `${sortPrefixes.endpoints}${endpointId}`,
  }),
  /** How a service is called, and where: what an owner calls a connection. */
  serviceConnection: (ownerId: string, connectionId: string): ItemKey => ({
    pk: `OWNER#${ownerId}`,
    sk: `${sortPrefixes.serviceConnections}${connectionId}`,
  }),
  /** An event on its way to an endpoint; of a task, or of an endpoint that is tested. */
  delivery: (of: string, deliveryId: string): ItemKey => ({
    pk: of.startsWith('task_') ? `TASK#${of}` : `ENDPOINT#${of}`,
    sk: `${sortPrefixes.deliveries}${deliveryId}`,
  }),
  /** How many deliveries a task has. */
  deliveryCount: (taskId: string): ItemKey => ({ pk: `TASK#${taskId}`, sk: 'DELIVERIES' }),
  /** What is tried of an order before a document is made; of a task, the check that it begins with. */
  trial: (of: string): ItemKey =>
    of.startsWith('task_') ? { pk: `TASK#${of}`, sk: 'CHECK' } : { pk: `TRIAL#${of}`, sk: 'META' },
  /** Why results of a task could not be written in a format. */
  resultsFailure: (taskId: string, format: ResultsFormat): ItemKey => ({
    pk: `TASK#${taskId}`,
    sk: `RESULTS#${format}`,
  }),
  connection: (connectionId: string): ItemKey => ({ pk: `CONN#${connectionId}`, sk: 'META' }),
  /** What a connection subscribed to, for its removal: the scope is a task id, or * for all. */
  connectionScope: (connectionId: string, scope: string): ItemKey => ({
    pk: `CONN#${connectionId}`,
    sk: `SCOPE#${scope}`,
  }),
  template: (templateId: string): ItemKey => ({ pk: `TPL#${templateId}`, sk: 'META' }),
  dataSource: (dataSourceId: string): ItemKey => ({ pk: `DS#${dataSourceId}`, sk: 'META' }),
  apiKey: (keyHash: string): ItemKey => ({ pk: `KEY#${keyHash}`, sk: 'META' }),
  /** What was asked for with an Idempotency-Key: keys belong to an owner and a route. */
  idempotency: (ownerId: string, operationId: string, keyHash: string): ItemKey => ({
    pk: `IDEM#${ownerId}#${operationId}#${keyHash}`,
    sk: 'META',
  }),
  /** A ticket for server-sent events. */
  eventsTicket: (ticketHash: string): ItemKey => ({ pk: `EVENTS#${ticketHash}`, sk: 'META' }),
  /** The streams of server-sent events that are open. */
  openStreams: { pk: 'STREAMS', sk: 'META' } satisfies ItemKey,
  ticket: (ticketHash: string): ItemKey => ({ pk: `TICKET#${ticketHash}`, sk: 'META' }),
} as const;

/** Prefixes of sort keys, for queries within a partition. */
export const sortPrefixes = {
  shards: 'SHARD#',
  /** Shards of all retries: by layer, then row. */
  retriedShards: 'RETRY#',
  /** Shards whose rows are called: by layer, then row. */
  callShards: 'CALL#',
  /** Objects of what rows were answered: by layer, then shard. */
  answers: 'ANSWERS#',
  /** Of shards that are called, what those wait for that do. */
  callWaits: 'AWAIT#',
  subscribers: 'SUB#',
  scopes: 'SCOPE#',
  events: 'EVENT#',
  queue: 'QUEUE#',
  passing: 'PASSING#',
  endpoints: 'ENDPOINT#',
  serviceConnections: 'SERVICE#',
  deliveries: 'DELIVERY#',
  uses: 'USE#',
} as const;

/** Prefixes of the notes of what is due to be deleted, by what it is. */
export const duePrefixes = {
  task: 'TASK#',
  upload: 'UPLOAD#',
  connection: 'SERVICE#',
  tell: 'TELL#',
} as const;

/** The item of a template, data source or trial. */
export function itemOf(id: string): ItemKey {
  if (id.startsWith('tpl_')) return tableKeys.template(id);
  return id.startsWith('ds_') ? tableKeys.dataSource(id) : tableKeys.trial(id);
}

/** Prefix of the shards of one layer. */
export const shardsPrefix = (layer: number): string =>
  layer === 0 ? sortPrefixes.shards : `${sortPrefixes.retriedShards}${paddedLayer(layer)}#`;

/** Prefix of what rows of a layer were answered; with a row, of that shard of it. */
export const answersPrefix = (layer = 0): string => `${sortPrefixes.answers}${paddedLayer(layer)}#`;

/** Where the answers of shards from this first row on begin, and those up to it end, among those of their layer. */
export const answersFrom = (layer: number | undefined, firstRow: number): string =>
  `${answersPrefix(layer)}${paddedRow(firstRow)}`;
export const answersUpTo = (layer: number | undefined, firstRow: number): string =>
  `${answersPrefix(layer)}${paddedRow(firstRow)}#~`;

/** The same of shards whose rows are called. */
export const callShardsPrefix = (layer: number): string =>
  `${sortPrefixes.callShards}${paddedLayer(layer)}#`;

/** Attributes of a task's item that hold an event that is owed begin with this. */
export const OWED_PREFIX = 'owed#';

/** Attributes of an owner's quota that hold a slot of a task begin with this. */
export const SLOT_PREFIX = 'slot#';

/** Partition of the index of what is active that lists the owners whom the sweeper looks after. */
export const SWEPT_OWNERS = 'OWNERS#SWEPT';

/** Partitions of the owner index. The sort key is the id, which is time-ordered. */
export const ownerPartitions = {
  tasks: (ownerId: string) => `OWNER#${ownerId}#TASK`,
  templates: (ownerId: string) => `OWNER#${ownerId}#TPL`,
  dataSources: (ownerId: string) => `OWNER#${ownerId}#DS`,
  trials: (ownerId: string) => `OWNER#${ownerId}#TRIAL`,
} as const;

/** Partition of the owner index that holds the development key of the local cloud. */
export const developmentKeys = 'DEVELOPMENT#KEY';

/** Below which lies what belongs to the order of something. */
const folderOf = (id: string) => (id.startsWith('task_') ? `tasks/${id}/` : `trials/${id}/`);

/** Below which lies what a trial gives. @param of its id, or that of the task that it is part of */
const trialFolder = (of: string) => (of.startsWith('task_') ? `tasks/${of}/check/` : folderOf(of));

export const objectKeys = {
  /** What the client uploads. Its link outlives the check, so nothing but the check reads it. */
  templateUpload: (templateId: string) => `templates/${templateId}/upload`,
  /** The checked template: written once, at completion. */
  template: (templateId: string) => `templates/${templateId}/template`,
  /** A workbook to fill in for it: made anew whenever it is asked for. */
  dataSheet: (templateId: string) => `templates/${templateId}/data-sheet.xlsx`,
  sourceUpload: (dataSourceId: string) => `sources/${dataSourceId}/upload`,
  sourceRows: (dataSourceId: string) => `sources/${dataSourceId}/rows.jsonl`,
  sourceIndex: (dataSourceId: string) => `sources/${dataSourceId}/rows.idx`,
  /** Rows that came inline with an order. @param id of what it is the order of */
  inlineRows: (id: string) => `${folderOf(id)}rows.jsonl`,
  inlineIndex: (id: string) => `${folderOf(id)}rows.idx`,
  /** Rows of an order that groups them. */
  groupedRows: (id: string) => `${folderOf(id)}grouped.jsonl`,
  groupedIndex: (id: string) => `${folderOf(id)}grouped.idx`,
  /** How tags are spelt whose columns are spelt otherwise. */
  taskSpellings: (taskId: string) => `tasks/${taskId}/spellings.json`,
  /** The columns of the rows of a trial. */
  trialColumns: (of: string) => `${trialFolder(of)}columns.json`,
  checkFindings: (of: string) => `${trialFolder(of)}findings.json`,
  /** Cells that the report of a check is to mark. */
  checkMarks: (of: string) => `${trialFolder(of)}marks.json`,
  checkReport: (of: string) => `${trialFolder(of)}report.xlsx`,
  /** What is told of samples: their documents, and why their rows were chosen. */
  samples: (sampleId: string) => `${folderOf(sampleId)}samples.json`,
  /** Their documents as they were made, then each by itself, and all in one ZIP. */
  samplesSegment: (sampleId: string) => `${folderOf(sampleId)}segment`,
  sampleDocument: (sampleId: string, row: number, templateIndex: number) =>
    `${folderOf(sampleId)}documents/${row}-${templateIndex}`,
  samplesArchive: (sampleId: string) => `${folderOf(sampleId)}samples.zip`,
  samplesFailures: (sampleId: string) => `${folderOf(sampleId)}failures.csv`,
  manifest: (taskId: string, run: number, round: number) =>
    `tasks/${taskId}/manifest-${run}-${round}.json`,
  /** @param before how many segments the shard had before this one */
  segment: (taskId: string, firstRow: number, attempt: number, before: number, layer = 0) =>
    layer === 0
      ? `tasks/${taskId}/segments/${paddedRow(firstRow)}-${attempt}-${before}`
      : `tasks/${taskId}/retries/${layer}/segments/${paddedRow(firstRow)}-${attempt}-${before}`,
  /** The row steps of a task. */
  steps: (taskId: string) => `tasks/${taskId}/steps.json`,
  /** What rows of a shard were answered. @param n of the attempt */
  answers: (taskId: string, firstRow: number, attempt: number, n: number, layer = 0) =>
    `tasks/${taskId}/answers/${layer}/${paddedRow(firstRow)}-${attempt}-${n}`,
  /** What a service called back with. */
  callback: ({ taskId, row, step, request, after }: CallbackPlace) =>
    `tasks/${taskId}/callbacks/${paddedRow(row)}/${step}-${request}-${after}`,
  /** A shard's segments with what retries made anew in place of the older, up to this run. */
  mergedSegment: (taskId: string, firstRow: number, run: number) =>
    `tasks/${taskId}/segments/${paddedRow(firstRow)}-merged-${run}`,
  /** What a call asked to be retried. Calls of the same moment differ in their id: one of them counts. */
  retryRequest: (taskId: string, retryId: string) =>
    `tasks/${taskId}/retries/${retryId}/request.json`,
  /** Every correction of the task's rows so far. */
  corrections: (taskId: string, retryId: string) =>
    `tasks/${taskId}/retries/${retryId}/corrections.json`,
  retrySpellings: (taskId: string, retryId: string) =>
    `tasks/${taskId}/retries/${retryId}/spellings.json`,
  /** Rows that a retry makes anew, as the task's own are: rows.jsonl and rows.idx. */
  retryRows: (taskId: string, layer: number) => `tasks/${taskId}/retries/${layer}/rows.jsonl`,
  retryIndex: (taskId: string, layer: number) => `tasks/${taskId}/retries/${layer}/rows.idx`,
  /** What those rows are; written last. */
  retryTable: (taskId: string, layer: number) => `tasks/${taskId}/retries/${layer}/table.json`,
  archive: (taskId: string) => `tasks/${taskId}/archive.zip`,
  /** One document, taken out of its segment on demand. */
  document: (taskId: string, row: number, templateIndex: number) =>
    `tasks/${taskId}/documents/${row}-${templateIndex}`,
  failures: (taskId: string) => `tasks/${taskId}/reports/failures.csv`,
  /** @param revision of the task: whatever becomes of it since has another */
  results: (taskId: string, revision: number, format: ResultsFormat) =>
    `tasks/${taskId}/results/${revision}.${format}`,
} as const;

/** Below which lies what belongs to one thing. */
export const objectPrefixes = {
  task: folderOf,
  trial: folderOf,
  template: (templateId: string) => `templates/${templateId}/`,
  source: (dataSourceId: string) => `sources/${dataSourceId}/`,
} as const;

/** Where the task workflow's ResultWriter puts its result files. */
export const mapResultsPrefix = (taskId: string) => `tasks/${taskId}/map-results`;

/** Step Functions execution names: idempotent starts (see docs/architecture.md). */
export const executionNames = {
  task: (taskId: string, run: number) => `${taskId}-${run}`,
  /** @param run.read how often the data source has been begun to be read, from 1 */
  ingest: ({ dataSourceId, read }: { dataSourceId: string; read: number }) =>
    `${dataSourceId}-${read}`,
  /** A time that is set anew has another number; calls at the same moment have other times. */
  schedule: ({ taskId, revision, startAt }: ScheduledStart) =>
    `${taskId}-${revision}-${Date.parse(startAt) / 1000}`,
  trial: (id: string) => id,
  /** @param at when it is asked for, in ms: one that broke is tried again in the next REPORT_ATTEMPT_MS */
  report: (of: string, at: number) => `${of}-report-${Math.floor(at / REPORT_ATTEMPT_MS)}`,
  /** The same of results. */
  results: (taskId: string, { format, revision }: ResultsRun, at: number) =>
    `${taskId}-${format}-${revision}-${Math.floor(at / REPORT_ATTEMPT_MS)}`,
  /** @param sending counts from 1: a delivery is sent anew when it is replayed */
  delivery: (deliveryId: string, sending: number) => `${deliveryId}-${sending}`,
} as const;
