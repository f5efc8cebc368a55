/**
 * The sweeper: comes every minute and mends what processes that died have left. What it does may be done at any
 * time, by several at once, and broken off anywhere; so much is done in one call as there is time for, and
 * the next one goes on there.
 */
import { runLanes } from '../boundedWork.ts';
import { expireUploads } from '../deletion/deleteUpload.ts';
import { SWEPT_OWNERS, tableKeys } from '../keys.ts';
import { SWEEP_LANES, SWEEP_PAGE, SWEEP_RESERVE_MS } from '../limits.ts';
import { OWNER_INDEXES, type OwnerIndexName } from '../names.ts';
import type { Ports } from '../ports.ts';
import type { QueuePorts } from '../queue/runs.ts';
import { sweepOwner } from '../queue/sweep.ts';
import {
  type ConnectionSweepPorts,
  sweepConnections,
} from '../serviceConnections/sweepConnections.ts';
import { type DeletionPorts, expireTasks } from '../tasks/deleteTask.ts';
import * as z from 'zod';
import { tellDue } from '../events/tellDue.ts';

const INDEX = 'activeByOwner' satisfies OwnerIndexName;
const { sort: OWNER_ID } = OWNER_INDEXES[INDEX];

/** An owner whom it looks after, as the index has it. */
const ListedSchema = z.object({ [OWNER_ID]: z.string() });

/** SWEEP / CURSOR: where the next call goes on. */
const CursorSchema = z.object({ after: z.string() });

interface Time {
  /** Milliseconds until the call is ended from outside. */
  readonly remainingMs: () => number;
}

/**
 * Looks after the owners who have slots, or tasks that wait, and deletes what is due: tasks whose time has passed,
 * templates and data sources that were deleted, or whose file never came, and secrets of connections that are none.
 * @throws what a part of it threw, once the others are done
 */
export async function sweep(
  ports: QueuePorts & DeletionPorts & ConnectionSweepPorts,
  { remainingMs }: Time,
): Promise<void> {
  const untilMs = ports.clock.monotonicMs() + remainingMs() - SWEEP_RESERVE_MS;
  const failures: unknown[] = [];
  const attempt = (work: Promise<unknown>) =>
    work.catch((error: unknown) => void failures.push(error));
  await attempt(sweepOwners(ports, { untilMs, attempt }));
  await attempt(tellDue(ports, { untilMs }));
  await attempt(expireTasks(ports, { untilMs }));
  await attempt(expireUploads(ports, { untilMs }));
  await attempt(sweepConnections(ports, { untilMs }));
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be mended.');
}

interface Sweep {
  /** No further page is begun after this, by the monotonic clock. */
  readonly untilMs: number;
  /** Goes on although it fails. */
  readonly attempt: (work: Promise<unknown>) => Promise<unknown>;
}

async function sweepOwners(ports: QueuePorts, { untilMs, attempt }: Sweep): Promise<void> {
  let after = await begunAt(ports);
  const goesOn = after !== undefined;
  do {
    const page = await ports.table.query({
      index: INDEX,
      partition: SWEPT_OWNERS,
      limit: SWEEP_PAGE,
      ...(after !== undefined && { after }),
    });
    const work = page.items.map((item) => async () => {
      const { [OWNER_ID]: ownerId } = ListedSchema.parse(item);
      await attempt(sweepOwner(ports, ownerId));
    });
    await runLanes([{ atOnce: SWEEP_LANES, work }]);
    after = page.next;
  } while (after !== undefined && ports.clock.monotonicMs() < untilMs);

  if (after !== undefined) await ports.table.put(tableKeys.sweep, { after });
  else if (goesOn) await ports.table.delete(tableKeys.sweep);
}

async function begunAt({ table }: Pick<Ports, 'table'>): Promise<string | undefined> {
  const item = await table.get(tableKeys.sweep);
  return item && CursorSchema.parse(item).after;
}
