/**
 * How long calls of AWS services may take, and how often one that hangs is tried again. What a service
 * answers, throttling included, is the client's to retry (clients/); here is what does not answer at all:
 * a connection whose other end is gone, a host that stopped. Without a limit such a call would last
 * until its function is ended, and take the work of the function with it.
 */

import { SEND_MS } from '../../shared/limits.ts';

export interface CallLimit {
  /** Of one try, with the client's retries within it. */
  readonly ms: number;
  readonly tries: number;
}

/** TCP's first packet is sent again after 1 s: this allows one that got lost. */
export const CONNECT_MS = 2_500;

export interface CallLimits {
  /** One item, or a page of 1 MB at most: some 10 ms, a throttled one 2 s. 2 × 4 s are less than a lease. */
  readonly table: CallLimit;
  /** StartExecution: some 50 ms. Twice within the 29 s of the API, beside its other calls. */
  readonly start: CallLimit;
  /** GetSecretValue: some 20 ms; CreateSecret and DeleteSecret: some 100 ms. */
  readonly secret: CallLimit;
  /** PostToConnection: some 15 ms. Not tried again: it may have arrived, and the next event is newer. */
  readonly post: CallLimit;
  /** S3 without a body to send, until its answer begins: some 50 ms. 2 × 10 s fit into the API's 29. */
  readonly object: CallLimit;
  /** PutObject of 50 MB at most, and parts of 8 MiB, in the largest archives 128: at 5 MB/s 27 s. */
  readonly send: CallLimit;
  /** UploadPartCopy of 5 GiB at most: at 100 MB/s 54 s, and three times that. Twice: 360 s. */
  readonly copy: CallLimit;
  /**
   * CompleteMultipartUpload, of which S3 says that it may take minutes. Once, as a second one may meet
   * that the first has done it: the step as a whole is repeated. 360 + 300 s are within the 900 of its
   * function.
   */
  readonly complete: CallLimit;
  /** The longest pause between two pieces of an object's body, until it is asked for again. */
  readonly idleBodyMs: number;
}

export const CALL_LIMITS: CallLimits = {
  table: { ms: 4_000, tries: 2 },
  start: { ms: 5_000, tries: 2 },
  secret: { ms: 3_000, tries: 2 },
  post: { ms: SEND_MS, tries: 1 },
  object: { ms: 10_000, tries: 2 },
  send: { ms: 30_000, tries: 2 },
  copy: { ms: 180_000, tries: 2 },
  complete: { ms: 300_000, tries: 1 },
  idleBodyMs: 10_000,
};
