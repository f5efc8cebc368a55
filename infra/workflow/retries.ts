/**
 * Which errors a step tries again, how often, and how long it waits. Step Functions takes the first
 * retrier that names the error, and counts each retrier's attempts by themselves.
 */
import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { WORKFLOW_ERRORS } from '../../shared/names.ts';
import { CALL_ROWS_SECONDS, LEASE_SECONDS, RENDER_SHARD_SECONDS } from './timing.ts';

/** Faults of Lambda itself or on the way to it, and of services that our functions call. */
const PASSING_FAULTS = [
  'Lambda.ClientExecutionTimeoutException', // no answer in time: the call may have run
  'Lambda.ServiceException', // 5xx of Lambda
  'Lambda.AWSLambdaException', // the same, as older documents name it
  'Lambda.SdkClientException', // the connection to Lambda broke
  WORKFLOW_ERRORS.serviceUnavailable, // DynamoDB, S3 or API Gateway failed in a way that may pass
];

/** The function ran into its timeout, or was lost. */
const TIMEOUTS = [
  'Sandbox.Timedout', // the function's timeout, by newer runtimes
  'Lambda.Unknown', // the same, by older ones
  'States.Timeout', // the step's: the call got lost
];

/** Lambda has no room: many shards at once, or a new account's low limit. */
const THROTTLED = ['Lambda.TooManyRequestsException'];

/**
 * Another attempt holds the shard's lease. It either finishes, and the next try finds the shard done,
 * or it is dead, and its lease runs out at the latest a timeout and a lease after now. The wait is a
 * promise, so no jitter: 33 × 4 s = 132 s ≥ 120 s + 10 s.
 */
const BUSY_INTERVAL_SECONDS = 4;
const untilShardIsFree: RetryProps = {
  errors: [WORKFLOW_ERRORS.shardBusy, WORKFLOW_ERRORS.leaseLost],
  interval: Duration.seconds(BUSY_INTERVAL_SECONDS),
  backoffRate: 1,
  maxAttempts: Math.ceil((RENDER_SHARD_SECONDS + LEASE_SECONDS) / BUSY_INTERVAL_SECONDS),
  jitterStrategy: JitterType.NONE,
};

/** Waits 1, 2, 4, … s, never more than `maxDelaySeconds`; with full jitter half of it on average. */
function backoff(errors: string[], maxAttempts: number, maxDelaySeconds: number): RetryProps {
  return {
    errors,
    interval: Duration.seconds(1),
    backoffRate: 2,
    maxAttempts,
    maxDelay: Duration.seconds(maxDelaySeconds),
    jitterStrategy: JitterType.FULL,
  };
}

/** One more try, after a second at most. */
const once = (errors: string[]): RetryProps => ({
  errors,
  interval: Duration.seconds(1),
  maxAttempts: 1,
  jitterStrategy: JitterType.FULL,
});

/** RenderShard, within the 300 s of its child. */
export const RENDER_SHARD_RETRIES: readonly RetryProps[] = [
  { errors: [WORKFLOW_ERRORS.retriesExhausted], maxAttempts: 0 },
  untilShardIsFree,
  // At most 1 + 2 + 4 + 8 + 16 + 7 × 20 = 171 s: a whole attempt of 120 s still fits after it.
  backoff(THROTTLED, 12, 20),
  // One: a third attempt of 120 s has no room in the child.
  once(TIMEOUTS),
  // Whatever else. The function counts the attempts at its shard, and ends them with
  // RetriesExhausted after 1 + maxRetries; 10 is the highest maxRetries a task may ask for.
  // At most 1 + 2 + 4 + 7 × 8 = 63 s of waiting.
  backoff(['States.ALL'], 10, 8),
];

/** CallRows: a STANDARD child has all the time that it needs. */
export const CALL_ROWS_RETRIES: readonly RetryProps[] = [
  { errors: [WORKFLOW_ERRORS.retriesExhausted], maxAttempts: 0 },
  {
    ...untilShardIsFree,
    maxAttempts: Math.ceil((CALL_ROWS_SECONDS + LEASE_SECONDS) / BUSY_INTERVAL_SECONDS),
  },
  backoff(THROTTLED, 12, 60),
  backoff(TIMEOUTS, 3, 30),
  backoff(['States.ALL'], 10, 30),
];

/** AwaitCallbacks: that nobody told it in time is how a round of waiting ends. */
export const AWAIT_RETRIES: readonly RetryProps[] = [
  { errors: ['States.Timeout'], maxAttempts: 0 },
  backoff(['States.ALL'], 10, 30),
];

/** RecordShardFailure: at most 1 + 2 + 4 = 7 s of waiting, at the end of a child's life. */
export const RECORD_SHARD_FAILURE_RETRIES: readonly RetryProps[] = [backoff(['States.ALL'], 3, 4)];

/** Steps outside of the map: they have all the time that they need. */
export const STEP_RETRIES: readonly RetryProps[] = [
  // At most 1 + 2 + 4 + 8 + 16 + 32 + 6 × 60 = 423 s: a burst of shards has passed by then.
  backoff(THROTTLED, 12, 60),
  // At most 1 + 2 + 4 + 8 + 16 + 30 = 61 s.
  backoff(PASSING_FAULTS, 6, 30),
  // The steps are safe to repeat, but a second timeout would rarely be the last.
  once(TIMEOUTS),
  // Unknown errors are rarely passing ones: two tries more, then the failure is recorded.
  backoff(['States.ALL'], 2, 4),
];

/** CheckRows of a task: that its rows have errors is no reason to check them again. */
export const CHECK_ROWS_RETRIES: readonly RetryProps[] = [
  { errors: [WORKFLOW_ERRORS.checkFailed], maxAttempts: 0 },
  ...STEP_RETRIES,
];

/**
 * StartScheduled. A task says that it waits after the wait has begun: should its time come before that, it is
 * asked again for 5 + 10 + 20 + 40 + 80 = 155 s. Whoever was to write it has long ended then: a function of the API takes
 * 29 s at most.
 */
export const SCHEDULE_RETRIES: readonly RetryProps[] = [
  {
    errors: [WORKFLOW_ERRORS.scheduleUnknown],
    interval: Duration.seconds(5),
    backoffRate: 2,
    maxAttempts: 5,
    jitterStrategy: JitterType.NONE,
  },
  ...STEP_RETRIES,
];

/**
 * What nobody else makes up for, and nobody waits for: a delivery, and the word that a task or a data source failed,
 * without which it would be at work for ever. Waiting is free.
 * At most 1 + 2 + 4 + … + 512 + 14 × 600 s = 2.6 hours.
 */
export const PATIENT_RETRIES: readonly RetryProps[] = [backoff(['States.ALL'], 24, 600)];

/**
 * A stage's map as a whole: a new map run over all shards, of which those that are done answer at once.
 */
export const MAP_RETRIES: readonly RetryProps[] = [backoff(['States.ItemReaderFailed'], 2, 4)];

/** The map's result files are for people only: failing to write them costs nothing. */
export const RESULT_WRITER_FAILED = 'States.ResultWriterFailed';
