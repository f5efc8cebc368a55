/**
 * Names that two sides must spell alike: infra/ writes them into the template, functions/ and local/
 * read them back; documents must not take what the archive keeps for itself. This module imports nothing.
 */

/** Environment variables of the functions. Each is set by infra/ in the call that also grants access. */
export const ENV = {
  table: 'TABLE_NAME',
  bucket: 'BUCKET_NAME',
  taskWorkflow: 'TASK_WORKFLOW_ARN',
  ingestWorkflow: 'INGEST_WORKFLOW_ARN',
  scheduleWorkflow: 'SCHEDULE_WORKFLOW_ARN',
  deliveryWorkflow: 'DELIVERY_WORKFLOW_ARN',
  trialWorkflow: 'TRIAL_WORKFLOW_ARN',
  /** ARN of the secret that the secrets of webhooks are derived from. */
  webhookSecret: 'WEBHOOK_SECRET_ARN',
  /** How the ARNs of the secrets of connections begin; the rest are their names. */
  connectionSecrets: 'CONNECTION_SECRETS_ARN',
  /** Hosts that connections and row steps may name, separated by commas; * is any. */
  serviceHosts: 'SERVICE_HOSTS',
  /** Shards of one task at a time, at most. */
  taskConcurrency: 'TASK_CONCURRENCY',
  /** https:// address of the API, with its base path. */
  apiUrl: 'API_URL',
  /** wss:// address that clients connect to; tickets are appended as ?ticket=… */
  websocketUrl: 'WEBSOCKET_URL',
  /** https:// address that server-sent events come from; tickets are appended as ?ticket=… */
  eventsUrl: 'EVENTS_URL',
  /** Streams of server-sent events at a time, at most. */
  eventStreams: 'EVENT_STREAMS',
  /** https:// address of @connections, where the server posts messages. */
  websocketManagementUrl: 'WEBSOCKET_MANAGEMENT_URL',
  /** Where the files of the console are put, and the distribution that serves them. */
  consoleBucket: 'CONSOLE_BUCKET_NAME',
  consoleDistribution: 'CONSOLE_DISTRIBUTION_ID',
} as const;

/** Type of the resource that stands for the files of the console in the template. */
export const CONSOLE_RESOURCE = 'Custom::SheafConsole';

/** A setting of the person at this machine that the local cloud hands on to functions: 1 for yes. */
export const ALLOW_LOOPBACK_TARGETS = 'SHEAF_ALLOW_LOOPBACK_TARGETS';

/**
 * The global secondary indexes, by their names: what an owner has, newest last; and of that, the tasks
 * that have not ended, which alone have the attribute it is sorted by.
 */
export const OWNER_INDEXES = {
  byOwner: { partition: 'ownerKey', sort: 'ownerSort' },
  activeByOwner: { partition: 'ownerKey', sort: 'activeSort' },
} as const;
export type OwnerIndexName = keyof typeof OWNER_INDEXES;

/**
 * What the indexes hold beside keys: enough to search by state, and nothing that changes often. All
 * tasks of an owner share a partition of an index, and a write that changes none of this is none there
 * (docs/adr/0044-owner-indexes-without-counters.md).
 */
export const INDEXED_ATTRIBUTES = ['status', 'expiresAt'] as const;

/** Key attributes of the table, and the attribute that DynamoDB's TTL reads (epoch seconds). */
export const TABLE_KEYS = { partition: 'pk', sort: 'sk', expiry: 'expiresAt' } as const;

/** The functions, one folder of functions/ each. */
export const FUNCTIONS = [
  'api',
  'apiAuthorizer',
  'streamAuthorizer',
  'stream',
  'eventStream',
  'ingestSource',
  'runTrial',
  'planShards',
  'callRows',
  'awaitCallbacks',
  'renderShard',
  'recordShardFailure',
  'assembleArchive',
  'finishTask',
  'failTask',
  'sweep',
  'startScheduled',
  'sendWebhook',
  'publishConsole',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Error names that our own code throws and that the workflow's Retry and Catch match. */
export const WORKFLOW_ERRORS = {
  /** Another attempt holds the shard's lease: wait for it to finish or to expire. */
  shardBusy: 'ShardBusy',
  /** The lease went to another attempt while this one worked: its result does not count. */
  leaseLost: 'LeaseLost',
  /** The shard was tried 1 + maxRetries times: stop trying. */
  retriesExhausted: 'RetriesExhausted',
  /** The task does not say that it waits for this time, or does not say so yet. */
  scheduleUnknown: 'ScheduleUnknown',
  /** The rows have errors, and the task is not to be made then. */
  checkFailed: 'CheckFailed',
  /** An outside service failed in a way that may pass. */
  serviceUnavailable: 'ServiceUnavailable',
} as const;

/**
 * Every name that an ErrorEquals in the workflows may hold: ours, those that Step Functions defines
 * and those that Lambda raises. A test compares the synthesized workflows with this list.
 */
export const KNOWN_ERROR_NAMES: readonly string[] = [
  ...Object.values(WORKFLOW_ERRORS),
  'States.ALL',
  'States.DataLimitExceeded',
  'States.ItemReaderFailed',
  'States.ResultWriterFailed',
  'States.TaskFailed',
  'States.Timeout',
  'Lambda.AWSLambdaException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.SdkClientException',
  'Lambda.ServiceException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Runtime.ExitError',
  'Runtime.OutOfMemory',
  'Sandbox.Timedout',
];

/** Metrics, in the namespace below; dimensions are never ids or row values. */
export const METRICS_NAMESPACE = 'Sheaf';
export const METRICS = {
  documentsRendered: 'DocumentsRendered',
  documentsFailed: 'DocumentsFailed',
  shardsRendered: 'ShardsRendered',
  shardsFailed: 'ShardsFailed',
  archiveBytes: 'ArchiveBytes',
  rowsIngested: 'RowsIngested',
  rowsChecked: 'RowsChecked',
  tasksFinished: 'TasksFinished',
  webhooksDelivered: 'WebhooksDelivered',
  webhooksFailed: 'WebhooksFailed',
} as const;

/** Base path of the HTTPS API, and the stage name of the WebSocket API. */
export const API_BASE_PATH = '/api/v2';
export const STREAM_STAGE = 'v2';
/** Route keys of the WebSocket API besides $connect, $disconnect and $default. */
export const STREAM_ACTIONS = ['subscribe', 'unsubscribe', 'ping'] as const;

/** Reports in the archive, beside its documents. */
export const MANIFEST_NAME = '_manifest.csv';
export const FAILURES_NAME = '_failures.csv';
