/** Counts of a Map Run, and when its failures are too many. */

/** How a child execution ended. */
export type ChildStatus = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** As DescribeMapRun tells them, of items or of child executions. */
export interface Counts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  total: number;
  resultsWritten: number;
  failuresNotRedrivable: number;
  pendingRedrive: number;
}

const FIELD = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
} as const satisfies Record<ChildStatus, keyof Counts>;

/** All of `total` still pending. */
export function newCounts(total: number): Counts {
  return {
    pending: total,
    running: 0,
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    aborted: 0,
    total,
    resultsWritten: 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
}

/** `amount` begin to run. */
export function countStarted(counts: Counts, amount: number): void {
  counts.pending -= amount;
  counts.running += amount;
}

/** `amount` that were running have ended. */
export function countEnded(counts: Counts, status: ChildStatus, amount: number): void {
  counts.running -= amount;
  counts[FIELD[status]] += amount;
  // Step Functions counts here even when nothing is exported.
  counts.resultsWritten += amount;
}

/** The limits that the definition sets; undefined where it sets none. */
export interface Tolerance {
  readonly count: number | undefined;
  readonly percentage: number | undefined;
}

/** Whether more items have failed than are tolerated; without any limit one failure is too many. */
export function exceedsTolerance(counts: Counts, { count, percentage }: Tolerance): boolean {
  const failed = counts.failed + counts.timedOut + counts.aborted;
  if (count === undefined && percentage === undefined) return failed > 0;
  return (
    (count !== undefined && failed > count) ||
    (percentage !== undefined && failed * 100 > percentage * counts.total)
  );
}
