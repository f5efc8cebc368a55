/**
 * What must hold of single items at every moment. Each write is held against what the item was before, so that a
 * violation is seen where it begins, and one that is made good until the end is seen at all.
 */
import { reservedDocuments, tasksAtWork } from '../../../shared/queue/quota.ts';
import type { Item } from '../../../shared/ports.ts';
import type { ShardItem, TaskItem, TrialItem } from '../../../shared/schemas/items.ts';
import { QuotaItemSchema } from '../../../shared/schemas/quota.ts';
import type { TaskStatus } from '../../../shared/schemas/common.ts';
import { isFinal, nextStatus, TRANSITION_NAMES } from '../../../shared/tasks/lifeCycle.ts';
import { counterViolations } from './counts.ts';

export interface StepWatch {
  /** Told of each item that was written or deleted. */
  written(before: Item | undefined, after: Item | undefined): void;
  /** Somebody has looked at samples of a task, and says so. */
  approved(taskId: string): void;
  /** Each sentence once. */
  readonly violations: ReadonlySet<string>;
}

/**
 * Items as they stand in the table. They are looked at without their schemas, which would take longer than all else
 * that is done about a write.
 */
type StoredTask = Pick<
  TaskItem,
  'taskId' | 'totalDocuments' | 'succeeded' | 'failed' | 'skipped' | 'run' | 'seq'
> &
  Partial<Pick<TaskItem, 'status' | 'options' | 'retries'>>;
type StoredTrial = Pick<TrialItem, 'status' | 'summary'>;
type StoredShard = Pick<ShardItem, 'taskId' | 'layer' | 'firstRow' | 'rowCount' | 'attempt'> &
  Partial<Pick<ShardItem, 'reached' | 'segments'>>;

/** Rows of a layer of a task that one shard has published: from the first to the last, both included. */
interface Covered {
  readonly from: number;
  readonly to: number;
}

export function createStepWatch(): StepWatch {
  const violations = new Set<string>();
  /** By task and layer, then by the key of the shard. */
  const covered = new Map<string, Map<string, Covered>>();
  const approved = new Set<string>();
  /** By the key of their partition: tasks that make nothing before a check found no errors, and what it found. */
  const strict = new Map<string, 'unknown' | 'fit' | 'unfit'>();

  function shardWritten(sk: string, before: Item | undefined, after: Item | undefined): string[] {
    const shard = (after ?? before) as unknown as StoredShard;
    const layer = `${shard.taskId} ${shard.layer ?? 0}`;
    const shards = covered.get(layer) ?? new Map<string, Covered>();
    covered.set(layer, shards);
    if (!after) {
      shards.delete(sk);
      return [];
    }
    const mine = rowsOf(shard);
    shards.delete(sk);
    const others = [...shards.values()];
    // One that has published nothing has no row, wherever others were cut since.
    const isNothing = mine.to < mine.from;
    if (!isNothing) shards.set(sk, mine);
    const twice = !isNothing && others.find(({ from, to }) => from <= mine.to && mine.from <= to);
    return [
      ...shardViolations(before as StoredShard | undefined, shard),
      ...(twice ? [`Rows ${mine.from} to ${mine.to} of ${layer} are published twice.`] : []),
    ];
  }

  function look(before: Item | undefined, after: Item | undefined): string[] {
    const { pk, sk } = after ?? before ?? {};
    if (typeof pk !== 'string' || typeof sk !== 'string') return [];
    if (sk === 'QUOTA') return after ? quotaViolations(pk, after) : [];
    if (!pk.startsWith('TASK#')) return [];
    if (/^(SHARD|RETRY)#/.test(sk)) {
      const found = strict.get(pk) ?? 'fit';
      const isEarly = after && found !== 'fit';
      return [
        ...shardWritten(sk, before, after),
        ...(isEarly ? [`${pk} is worked on, and its check is ${found}.`] : []),
      ];
    }
    if (sk === 'CHECK' && after && strict.has(pk)) {
      const { status, summary } = after as unknown as StoredTrial;
      if (status === 'done') strict.set(pk, summary?.errors === 0 ? 'fit' : 'unfit');
      if (status === 'failed') strict.set(pk, 'unfit');
    }
    if (sk === 'META' && after) {
      const task = after as unknown as StoredTask;
      const { options, retries = [], run, taskId } = task;
      if (!before && options?.check === 'strict') strict.set(pk, strict.get(pk) ?? 'unknown');
      // Who retries it says that it is to be made all the same.
      if (retries.length > 0) strict.delete(pk);
      return [
        ...taskViolations(before as StoredTask | undefined, task),
        ...(options?.approval && run > 0 && !approved.has(taskId)
          ? [`${taskId} began, and nobody had looked at samples of it.`]
          : []),
      ];
    }
    return sk.startsWith('EVENT#') && before && after ? eventViolations(before, after) : [];
  }

  return {
    violations,
    approved: (taskId) => void approved.add(taskId),
    written(before, after) {
      for (const sentence of look(before, after)) violations.add(sentence);
    },
  };
}

/** Of a shard of which nothing is published: none. */
const rowsOf = ({ firstRow, reached }: StoredShard): Covered => ({
  from: firstRow,
  to: firstRow + (reached?.rows ?? 0) - 1,
});

/** Where a state may lead to. */
const isAllowed = (from: TaskStatus, to: TaskStatus) =>
  TRANSITION_NAMES.some((transition) => nextStatus(from, transition) === to);

function taskViolations(before: StoredTask | undefined, after: StoredTask): string[] {
  const { taskId, status, totalDocuments: total, succeeded, failed, skipped, run } = after;
  // What marks the place of a task that was deleted is none.
  if (status === undefined) return [];
  const violations: string[] = [];
  // Live counters may run ahead where a call was sent again; they are exact once the task has ended.
  if (isFinal(status)) {
    violations.push(...counterViolations({ total, succeeded, failed, skipped }, total));
  }
  if (before?.status !== undefined) {
    const was = before.status;
    if (after.seq < before.seq) violations.push(`seq is ${after.seq} after ${before.seq}.`);
    if (run < before.run) violations.push(`The run is ${run} after ${before.run}.`);
    if (was !== status && !isAllowed(was, status)) {
      violations.push(`It is ${status} after it was ${was}.`);
    }
    if (isFinal(was) && status === 'running' && run === before.run) {
      violations.push(`It runs again although run ${run} has ended.`);
    }
  }
  return violations.map((sentence) => `${taskId}: ${sentence}`);
}

function shardViolations(before: StoredShard | undefined, after: StoredShard): string[] {
  const { taskId, firstRow, rowCount, attempt, reached, segments = [] } = after;
  const violations: string[] = [];
  const rows = reached?.rows ?? 0;
  if (rows > rowCount) violations.push(`${rows} of ${rowCount} rows are done.`);
  if (before && attempt < before.attempt) {
    violations.push(`Attempt ${attempt} follows attempt ${before.attempt}.`);
  }
  if (new Set(segments.map(({ key }) => key)).size < segments.length) {
    violations.push('A segment is published twice.');
  }
  return violations.map((sentence) => `Shard ${firstRow} of ${taskId}: ${sentence}`);
}

/** Slots never exceed the limit, nor documents the budget: whoever takes a slot has seen that there is room. */
function quotaViolations(pk: string, item: Item): string[] {
  const quota = QuotaItemSchema.parse(item);
  const { taskLimit, documentBudget, used } = quota;
  const violations: string[] = [];
  const slots = tasksAtWork(quota);
  if (slots > taskLimit) violations.push(`${slots} tasks have slots, and ${taskLimit} may.`);
  if (used < 0) violations.push(`${used} documents are used.`);
  const taken = used + reservedDocuments(quota);
  if (documentBudget !== undefined && taken > documentBudget) {
    violations.push(`${taken} documents are used or reserved of ${documentBudget}.`);
  }
  return violations.map((sentence) => `${pk}: ${sentence}`);
}

/** What was told is told again in the same words. */
const eventViolations = (before: Item, after: Item): string[] =>
  before['type'] === after['type'] && before['seq'] === after['seq'] && before['at'] === after['at']
    ? []
    : [`${String(after['pk'])} ${String(after['sk'])} became another event.`];
