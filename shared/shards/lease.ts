/**
 * The lease on a shard: one attempt works on it at a time, and only that attempt's writes count. Every
 * write here is conditional on the attempt's number, so a worker that was taken for dead, but goes on,
 * cannot change anything.
 *
 * A worker of an older run, frozen for long, may begin a shard that the present run cut otherwise. So
 * whoever holds a lease writes to the task, conditional on its run, before it publishes: a lease that is
 * older than the present run shows when that run is planned, and a later one never comes to publish.
 */
import { tableKeys } from '../keys.ts';
import { LEASE_MS, MAX_VANISHED_ATTEMPTS } from '../limits.ts';
import { WORKFLOW_ERRORS } from '../names.ts';
import type { Change, Condition, Ports } from '../ports.ts';
import { WorkflowError } from '../problems.ts';
import { ShardItemSchema, type ShardItem, type TaskItem } from '../schemas/items.ts';
import type { ShardOutcome, ShardRef } from '../schemas/workflow.ts';
import { outcomesOf } from './coverage.ts';
import { partsOf } from '../tasks/parts.ts';

type LeasePorts = Pick<Ports, 'table' | 'clock'>;

/** What a shard answers that nobody works on (any more in this round). One that calls tells of rows. */
export const outcomeOf = (shard: ShardItem, task: TaskItem): ShardOutcome => ({
  firstRow: shard.firstRow,
  status: shard.status === 'working' ? 'stopped' : shard.status,
  ...(shard.stage === 'call' ? shard.counts : outcomesOf(shard, partsOf(task).length)),
});

/** What a shard answers that is not for this step to work on. */
export const untouched = ({ firstRow }: ShardRef): ShardOutcome => ({
  firstRow,
  status: 'stopped',
  succeeded: 0,
  failed: 0,
  skipped: 0,
});

/** Where a shard is in the table. */
export const keyOfShard = ({
  taskId,
  stage,
  layer,
  firstRow,
}: Pick<ShardRef, 'taskId' | 'stage' | 'layer' | 'firstRow'>) =>
  stage === 'call'
    ? tableKeys.callShard(taskId, firstRow, layer)
    : tableKeys.shard(taskId, firstRow, layer);

/** The shard's item, or undefined when it was never begun. */
async function loadShard(
  { table }: Pick<Ports, 'table'>,
  ref: ShardRef,
): Promise<ShardItem | undefined> {
  const item = await table.get(keyOfShard(ref));
  return item && ShardItemSchema.parse(item);
}

/** Whether an item is of the plan that the step belongs to. */
const isOfPlan = (shard: ShardItem, { run, round }: ShardRef) =>
  shard.run === run && shard.round === round;

const ofPlan = ({ run, round }: ShardRef): Condition => ({
  all: [
    { attribute: 'run', is: '=', value: run },
    { attribute: 'round', is: '=', value: round },
  ],
});

const beforePlan = ({ run, round }: ShardRef): Condition => ({
  any: [
    { absent: 'pk' },
    { attribute: 'run', is: '<', value: run },
    {
      all: [
        { attribute: 'run', is: '=', value: run },
        { attribute: 'round', is: '<', value: round },
      ],
    },
  ],
});

/** A lease longer than any is one of a clock that was set back since: it binds nobody. */
const LONGEST_LEASE_MS = 6 * LEASE_MS;

const isFree = (now: number): Condition => ({
  any: [
    { attribute: 'leaseUntil', is: '<=', value: now },
    { attribute: 'leaseUntil', is: '>', value: now + LONGEST_LEASE_MS },
  ],
});

/** The first attempt of a plan at a shard: whatever an older one holds is taken over. */
function firstAttempt(ports: LeasePorts, ref: ShardRef) {
  const { taskId, stage, layer, run, round, firstRow, rowCount, byteOffset, byteLength } = ref;
  const identity = {
    taskId,
    ...(stage && { stage }),
    ...(layer !== undefined && { layer }),
    ...{ run, round, firstRow, rowCount, byteOffset, byteLength },
  };
  return ports.table.update(
    keyOfShard(ref),
    {
      set: {
        ...identity,
        status: 'working',
        tries: 1,
        brokenTries: 0,
        leaseUntil: ports.clock.now() + LEASE_MS,
      },
      add: { attempt: 1 },
      remove: ['error', 'lost'],
    },
    beforePlan(ref),
  );
}

/** A further attempt of the same plan. */
function nextAttempt(ports: LeasePorts, ref: ShardRef, maxRetries: number) {
  const now = ports.clock.now();
  return ports.table.update(
    keyOfShard(ref),
    { set: { leaseUntil: now + LEASE_MS }, add: { attempt: 1, tries: 1 } },
    {
      all: [
        ofPlan(ref),
        { attribute: 'status', is: '=', value: 'working' },
        isFree(now),
        { attribute: 'tries', is: '<=', value: maxRetries + MAX_VANISHED_ATTEMPTS },
        { attribute: 'brokenTries', is: '<=', value: maxRetries },
      ],
    },
  );
}

/**
 * Begins an attempt at a shard.
 * @returns the shard with its new attempt number, or the outcome of one that is not to be worked on
 * @throws WorkflowError ShardBusy while another attempt holds it, RetriesExhausted after
 *   1 + maxRetries attempts that broke, or MAX_VANISHED_ATTEMPTS more whose workers vanished, since the
 *   shard last came on
 */
export async function takeShard(
  ports: LeasePorts,
  ref: ShardRef,
  task: TaskItem,
): Promise<ShardItem | ShardOutcome> {
  const { maxRetries } = task.options;
  const taken = (await firstAttempt(ports, ref)) ?? (await nextAttempt(ports, ref, maxRetries));
  if (taken) return ShardItemSchema.parse(taken);

  const shard = await loadShard(ports, ref);
  if (!shard || !isOfPlan(shard, ref)) return untouched(ref);
  if (shard.status !== 'working') return outcomeOf(shard, task);
  if (shard.leaseUntil <= ports.clock.now() && isExhausted(shard, maxRetries)) {
    throw new WorkflowError(
      WORKFLOW_ERRORS.retriesExhausted,
      `The shard from row ${ref.firstRow} on was tried ${shard.tries} times, which is all that maxRetries allows.`,
    );
  }
  throw new WorkflowError(
    WORKFLOW_ERRORS.shardBusy,
    `The shard from row ${ref.firstRow} on is being worked on by another attempt.`,
  );
}

const isExhausted = ({ tries, brokenTries }: ShardItem, maxRetries: number) =>
  brokenTries > maxRetries || tries > maxRetries + MAX_VANISHED_ATTEMPTS;

/**
 * Takes a shard whose step was given up, from whoever holds its lease.
 * @returns the shard, or the outcome of one that has ended or is of another plan
 */
export async function claimShard(
  ports: LeasePorts,
  ref: ShardRef,
  task: TaskItem,
): Promise<ShardItem | ShardOutcome> {
  const key = keyOfShard(ref);
  const claimed =
    (await firstAttempt(ports, ref)) ??
    (await ports.table.update(
      key,
      { set: { leaseUntil: ports.clock.now() + LEASE_MS }, add: { attempt: 1 } },
      { all: [ofPlan(ref), { attribute: 'status', is: '=', value: 'working' }] },
    ));
  if (claimed) return ShardItemSchema.parse(claimed);
  const shard = await loadShard(ports, ref);
  if (!shard || !isOfPlan(shard, ref) || shard.status === 'working') return untouched(ref);
  return outcomeOf(shard, task);
}

const mine = (attempt: number): Condition => ({
  all: [
    { attribute: 'attempt', is: '=', value: attempt },
    { attribute: 'status', is: '=', value: 'working' },
  ],
});

async function changeMine(ports: LeasePorts, shard: ShardItem, change: Change): Promise<ShardItem> {
  const { firstRow, attempt } = shard;
  const item = await ports.table.update(keyOfShard(shard), change, mine(attempt));
  if (item) return ShardItemSchema.parse(item);
  throw overtaken(firstRow, attempt);
}

/** What an attempt does not count for: another one, or another run, has begun since. */
export const overtaken = (firstRow: number, attempt: number) =>
  new WorkflowError(
    WORKFLOW_ERRORS.leaseLost,
    `Attempt ${attempt} at the shard from row ${firstRow} on was overtaken by another one.`,
  );

/**
 * Holds the lease longer and notes what will have been added to the task's live counters.
 * @throws WorkflowError LeaseLost
 */
export const renewLease = (
  ports: LeasePorts,
  shard: ShardItem,
  reported: ShardItem['reported'],
): Promise<ShardItem> =>
  changeMine(ports, shard, { set: { reported, leaseUntil: ports.clock.now() + LEASE_MS } });

/** What a checkpoint writes: how far the shard came, and whether the attempt ends with it. */
export type Checkpoint = Pick<ShardItem, 'status' | 'reached' | 'counts' | 'workMs'> &
  Partial<Pick<ShardItem, 'superseded' | 'kept' | 'segments' | 'firstFailedRow' | 'reported'>>;

/**
 * Publishes what the attempt made: from here on it counts. Attempts are counted anew.
 * @throws WorkflowError LeaseLost: it does not count
 */
export function publishCheckpoint(
  ports: LeasePorts,
  shard: ShardItem,
  checkpoint: Checkpoint,
): Promise<ShardItem> {
  const leaseUntil = checkpoint.status === 'working' ? ports.clock.now() + LEASE_MS : 0;
  return changeMine(ports, shard, {
    set: { ...checkpoint, leaseUntil, tries: 0, brokenTries: 0 },
  });
}

/** Ends an attempt with nothing new, or gives the shard up. @throws WorkflowError LeaseLost */
export const endAttempt = (
  ports: LeasePorts,
  shard: ShardItem,
  end: Pick<ShardItem, 'status' | 'error' | 'lost'>,
): Promise<ShardItem> => changeMine(ports, shard, { set: { ...end, leaseUntil: 0 } });

/**
 * Ends the attempt of a worker that nobody waits for any more: what it would publish later does not count. One that has
 * ended meanwhile is left as it is.
 */
export async function endAbandoned(ports: LeasePorts, shard: ShardItem): Promise<void> {
  const change = { set: { status: 'stopped', leaseUntil: 0 }, add: { attempt: 1 } };
  await ports.table.update(keyOfShard(shard), change, mine(shard.attempt));
}

/** Ends an attempt that broke: the next one may begin at once. Losing the lease is no matter. */
export async function releaseShard(ports: LeasePorts, shard: ShardItem): Promise<void> {
  const key = keyOfShard(shard);
  const change = { set: { leaseUntil: 0 }, add: { brokenTries: 1 } };
  await ports.table.update(key, change, mine(shard.attempt));
}
