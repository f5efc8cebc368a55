/**
 * What is done with the rows of a shard, as those see it who look after shards: they take the lease,
 * count, checkpoint and stop, and know nothing of documents. One value of this kind is a stage.
 */
import type { Ports } from '../ports.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { Segment, ShardItem, TaskItem } from '../schemas/items.ts';
import type { ShardRow } from './shardRows.ts';

/** What became of one part of a row. `label` names the part to people: the template's label. */
export type PartOutcome =
  | { readonly status: 'succeeded' | 'skipped' }
  | { readonly status: 'failed'; readonly label: string; readonly failure: RowFailure }
  /** It did not end within the time that was left, which was less than it may have: try it again. */
  | { readonly status: 'unfinished' };

/** Work on a shard from one checkpoint to the next; rows come in order. @throws WorkOtherwise */
export interface WorkSession {
  /**
   * Begins a row.
   * @param from the first of its parts that is to be done, from 0
   */
  row(row: ShardRow, from: number): void;
  /**
   * Does the row's next part.
   * @param timeMs what is left for it; never more than it may have
   */
  part(timeMs: number): PartOutcome | Promise<PartOutcome>;
  /** Enough is buffered: await `flush` before going on. */
  readonly full: boolean;
  flush(): Promise<void>;
  /** Writes what was done, lines of the whole shard included. */
  finish(): Promise<Segment>;
  /** Gives it up and forgets what was written; safe to repeat. */
  abort(): Promise<void>;
}

/**
 * What a session relied upon turned out wrong, and nothing that it did since the last checkpoint counts: the
 * attempt goes on from there with other work, which does not rely upon it.
 */
export class WorkOtherwise extends Error {
  readonly work: Work;
  constructor(work: Work, cause: unknown) {
    super('The work is to be done otherwise.', { cause });
    this.name = 'WorkOtherwise';
    this.work = work;
  }
}

export interface Work {
  /** Parts of a row, each with an outcome of its own. */
  readonly parts: number;
  /** The longest that a part may take, in ms. */
  readonly partMs: number;
  /**
   * Begins to write at `key`.
   * @param before the shard's last segment, whose lines are carried on
   */
  open(key: string, before: Segment | undefined): Promise<WorkSession>;
}

/** Makes a stage ready for a shard of a task: loads and compiles what it needs. */
export type PrepareWork = (
  ports: Pick<Ports, 'objects' | 'table' | 'log'>,
  task: TaskItem,
  shard: Pick<ShardItem, 'layer' | 'firstRow' | 'rowCount'>,
) => Promise<Work>;
