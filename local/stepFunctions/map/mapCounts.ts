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

/** A Map Run counts items and child executions, which are as many: a child has one item. */
export interface MapRunCounts {
  readonly itemCounts: Counts;
  readonly executionCounts: Counts;
}

/** A child begins to run. */
export function countStarted({ itemCounts, executionCounts }: MapRunCounts): void {
  for (const counts of [itemCounts, executionCounts]) {
    counts.pending -= 1;
    counts.running += 1;
  }
}

/** A child that was running has ended. */
export function countEnded(
  { itemCounts, executionCounts }: MapRunCounts,
  status: ChildStatus,
): void {
  for (const counts of [itemCounts, executionCounts]) {
    counts.running -= 1;
    counts[FIELD[status]] += 1;
    // Step Functions counts here even when nothing is exported.
    counts.resultsWritten += 1;
  }
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
