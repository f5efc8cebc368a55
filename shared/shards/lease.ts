/**
 * The lease on a shard: one attempt works on it at a time, and only that attempt's result counts.
 * Every write here is conditional on the attempt's number, so a worker that was taken for dead, but
 * goes on, cannot change anything.
 */
import { tableKeys } from '../keys.ts';
import { LEASE_MS, MAX_VANISHED_ATTEMPTS } from '../limits.ts';
import { WORKFLOW_ERRORS } from '../names.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { WorkflowError } from '../problems.ts';
import type { Counts } from '../schemas/common.ts';
import { ShardItemSchema, type Segment, type ShardItem, type TaskItem } from '../schemas/items.ts';
import type { ShardOutcome, ShardRef } from '../schemas/workflow.ts';

type LeasePorts = Pick<Ports, 'table' | 'clock'>;

const NOTHING: Counts = { succeeded: 0, failed: 0, skipped: 0 };

/** What an ended shard answers. */
const outcomeOf = (shard: ShardItem, status: ShardOutcome['status']): ShardOutcome => ({
  shard: shard.shard,
  status,
  ...(shard.counts ?? NOTHING),
});

/** The outcome of a shard that has ended, or undefined while it has not. */
export const endedOutcome = (shard: ShardItem): ShardOutcome | undefined =>
  shard.status === 'working' ? undefined : outcomeOf(shard, shard.status);

/** Attributes that name a shard, for its first write. */
export const shardIdentity = (ref: ShardRef, task: TaskItem) => ({
  taskId: ref.taskId,
  shard: ref.shard,
  firstRow: ref.firstRow,
  rowCount: ref.rowCount,
  run: ref.run,
  expiresAt: task.expiresAt,
});

/** The shard's item, or undefined when it was never begun. */
export async function loadShard(
  { table }: Pick<Ports, 'table'>,
  taskId: string,
  shard: number,
): Promise<ShardItem | undefined> {
  const item = await table.get(tableKeys.shard(taskId, shard));
  return item && ShardItemSchema.parse(item);
}

/**
 * Begins an attempt at a shard.
 * @returns the shard with its new attempt number, or the outcome of one that has ended already
 * @throws WorkflowError ShardBusy while another attempt holds it, RetriesExhausted after
 *   1 + maxRetries attempts that broke, or MAX_VANISHED_ATTEMPTS more whose workers vanished
 */
export async function takeShard(
  ports: LeasePorts,
  ref: ShardRef,
  task: TaskItem,
): Promise<ShardItem | ShardOutcome> {
  const { maxRetries } = task.options;
  const now = ports.clock.now();
  const taken = await ports.table.update(
    tableKeys.shard(ref.taskId, ref.shard),
    {
      set: { ...shardIdentity(ref, task), status: 'working', leaseUntil: now + LEASE_MS },
      add: { attempt: 1 },
    },
    {
      any: [
        { absent: 'pk' },
        {
          all: [
            { attribute: 'status', is: '=', value: 'working' },
            { attribute: 'leaseUntil', is: '<=', value: now },
            { attribute: 'attempt', is: '<=', value: maxRetries + MAX_VANISHED_ATTEMPTS },
            {
              any: [
                { absent: 'brokenAttempts' },
                { attribute: 'brokenAttempts', is: '<=', value: maxRetries },
              ],
            },
          ],
        },
      ],
    },
  );
  if (taken) return ShardItemSchema.parse(taken);

  const shard = await loadShard(ports, ref.taskId, ref.shard);
  const outcome = shard && endedOutcome(shard);
  if (outcome) return outcome;
  if (shard && shard.leaseUntil <= now && isExhausted(shard, maxRetries)) {
    throw new WorkflowError(
      WORKFLOW_ERRORS.retriesExhausted,
      `Shard ${ref.shard} was tried ${shard.attempt} times, which is all that maxRetries allows.`,
    );
  }
  throw new WorkflowError(
    WORKFLOW_ERRORS.shardBusy,
    `Shard ${ref.shard} is being worked on by another attempt.`,
  );
}

const isExhausted = ({ attempt, brokenAttempts }: ShardItem, maxRetries: number) =>
  brokenAttempts > maxRetries || attempt > maxRetries + MAX_VANISHED_ATTEMPTS;

const mine = (attempt: number): Condition => ({
  all: [
    { attribute: 'attempt', is: '=', value: attempt },
    { attribute: 'status', is: '=', value: 'working' },
  ],
});

async function changeMine(
  ports: LeasePorts,
  { taskId, shard, attempt }: ShardItem,
  change: Change,
): Promise<ShardItem> {
  const item = await ports.table.update(tableKeys.shard(taskId, shard), change, mine(attempt));
  if (item) return ShardItemSchema.parse(item);
  throw new WorkflowError(
    WORKFLOW_ERRORS.leaseLost,
    `Attempt ${attempt} at shard ${shard} was overtaken by another one.`,
  );
}

/**
 * Holds the lease longer and notes what will have been added to the task's live counters.
 * @throws WorkflowError LeaseLost
 */
export const renewLease = (ports: LeasePorts, shard: ShardItem, reported: Counts) =>
  changeMine(ports, shard, { set: { reported, leaseUntil: ports.clock.now() + LEASE_MS } });

/**
 * Publishes the attempt's segment: from here on the shard has ended.
 * @throws WorkflowError LeaseLost: the segment does not count
 */
export const publishSegment = (
  ports: LeasePorts,
  shard: ShardItem,
  result: { status: 'done' | 'stopped'; counts: Counts; segment: Segment },
) => changeMine(ports, shard, { set: { ...result, leaseUntil: 0 } });

/** Ends an attempt that broke: the next one may begin at once. Losing the lease is no matter. */
export async function releaseShard(ports: LeasePorts, shard: ShardItem): Promise<void> {
  const key = tableKeys.shard(shard.taskId, shard.shard);
  const change = { set: { leaseUntil: 0 }, add: { brokenAttempts: 1 } };
  await ports.table.update(key, change, mine(shard.attempt));
}
