/** What Step Functions allows (Service quotas), and the bounds of this engine. */
import { STATE_BYTES_MAX } from '../../shared/limits.ts';
import { dataLimitExceeded } from './failures.ts';
import type { Json } from './json.ts';

/** An execution whose history reaches this many events is ended by the event with this number. */
export const MAX_HISTORY_EVENTS = 25_000;
/** An Express child ends after 5 minutes, its retries included. */
export const EXPRESS_CHILD_MS = 5 * 60 * 1000;
/** Children of one Map Run that run at once when the definition sets no limit, and at most. */
export const MAX_CHILDREN_AT_ONCE = 10_000;
/** Iterations of an inline Map that run at once when the definition sets no limit. */
export const MAX_ITERATIONS_AT_ONCE = 40;
/** Step Functions begins a new result file past 5 GB; here one is held in memory until it is written. */
export const RESULT_FILE_BYTES = 64 * 1024 * 1024;
/** Executions that have ended are kept for describing: at most these many of a state machine … */
export const ENDED_EXECUTIONS_KEPT = 1_000;
/** … and at most as long as Step Functions keeps them. */
export const ENDED_EXECUTION_DAYS = 90;

/** Bytes of the value as compact JSON in UTF-8, which is how Step Functions measures. */
export function jsonBytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** The value as JSON text; States.DataLimitExceeded, told of `source`, above 256 KiB. */
export function limitedText(value: Json, source: string): string {
  const text = JSON.stringify(value);
  // A character takes at most 3 bytes, so short text needs no counting.
  if (text.length * 3 > STATE_BYTES_MAX && jsonBytes(text) > STATE_BYTES_MAX) {
    throw dataLimitExceeded(source);
  }
  return text;
}
