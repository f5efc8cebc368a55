/** How long steps and functions of the workflows may take, in seconds, and why. */
import { LEASE_MS, RENDER_SHARD_MS, WEBHOOK_TIMEOUT_MS } from '../../shared/limits.ts';

/** An EXPRESS child of the distributed map ends after this, all its retries included (AWS quota). */
export const CHILD_SECONDS = 300;

/**
 * One attempt at a shard. A child has time for a worker that hangs until its timeout, the wait for its
 * lease and a whole second attempt: 120 + 10 + 120 = 250 s of 300.
 */
export const RENDER_SHARD_SECONDS = RENDER_SHARD_MS / 1000;

/** What Lambda allows at most: an attempt mostly waits, for answers and for its turn. */
export const CALL_ROWS_SECONDS = 900;

/** A write, a read, and perhaps a call of Step Functions. */
export const AWAIT_CALLBACKS_SECONDS = 30;

/** One conditional write, and perhaps a push. Two tries of it fit into what is left of a child. */
export const RECORD_SHARD_FAILURE_SECONDS = 15;

/**
 * Cuts an index of at most 384 KiB into at most 9,000 shards and writes one manifest. A retry's rows are
 * copied before: at most MAX_RETRIED_ROWS, in some 370 s.
 */
export const PLAN_SHARDS_SECONDS = 600;

/**
 * What Lambda allows at most. The segments are copied 32 at a time, each in some 3 s: at most 9,000 in
 * 14 minutes, 3,500 of a hundred million letters in 5. Beside that some 200 bytes a document, of
 * directory and manifest, are read, joined and sent (docs/hundred-million.md).
 */
export const ASSEMBLE_ARCHIVE_SECONDS = 900;

/** Reads at most 9,000 shard items, in pages of 1 MB, and pushes the last event. */
export const FINISH_TASK_SECONDS = 60;
export const FAIL_TASK_SECONDS = 60;

/** Some 10 calls of the table, and perhaps telling some hundred subscribers. */
export const START_SCHEDULED_SECONDS = 30;
/** What kept a task from starting has had its retries, and lasts: an outage of the region, say. */
export const START_AGAIN_SECONDS = 300;

/** What Lambda allows at most: 5 GB of CSV at 10 MB/s are 500 s. */
export const INGEST_SOURCE_SECONDS = 900;

/** What Lambda allows at most: a check of a million rows takes some 15 s, and its report some 35. */
export const RUN_TRIAL_SECONDS = 900;

/** One request to somebody's server, and as long for the few calls around it. */
export const SEND_WEBHOOK_SECONDS = (2 * WEBHOOK_TIMEOUT_MS) / 1000;

/**
 * A step waits a little longer than its function may take, so that it is the function's timeout that
 * is seen, and a call that got lost is noticed all the same.
 */
export const STEP_MARGIN_SECONDS = 5;

/** A lease that nobody renews any more runs out after this. */
export const LEASE_SECONDS = LEASE_MS / 1000;
