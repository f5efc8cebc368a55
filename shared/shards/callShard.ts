/**
 * One attempt at calling the row steps of a shard's rows: many rows are under way at a time, most of them waiting. What
 * comes is kept every few seconds, so a worker that is killed loses no more than that; and what is lost is asked again under
 * the same Idempotency-Key. Rows end in any order: `reached` is how far all of them did, and what others beyond were
 * answered is found in their answers.
 */
import { setMaxListeners } from 'node:events';
import { readFaults } from '../dataSources/rowFaults.ts';
import { isBlankRow } from '../dataSources/rows.ts';
import type { ListenerPorts } from '../events/listener.ts';
import { publishProgress } from '../events/publish.ts';
import { createTurnWatch } from '../events/turn.ts';
import { objectKeys } from '../keys.ts';
import {
  ANSWERS_BYTES,
  ANSWERS_MS,
  CALL_LAST_ROW_MS,
  CALL_RESERVE_MS,
  FILE_ROWS_UNDER_WAY,
  ROWS_UNDER_WAY,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import { askService, type Asked, type Question } from '../rowSteps/askService.ts';
import { createDoubts } from '../rowSteps/doubts.ts';
import { resolveRow } from '../rowSteps/resolveRow.ts';
import { openServices, type Services, type ServicePorts } from '../rowSteps/services.ts';
import { loadSteps, type LoadedSteps } from '../rowSteps/taskSteps.ts';
import type { Counts } from '../schemas/common.ts';
import type { Reached, ShardItem, TaskItem } from '../schemas/items.ts';
import type { ShardOutcome, ShardRef } from '../schemas/workflow.ts';
import { createAnswersBuffer } from '../stepAnswers/answersObject.ts';
import { haltsItself, pauseItself } from '../tasks/pauseItself.ts';
import { unreported } from '../tasks/progress.ts';
import { AT_WORK } from '../tasks/lifeCycle.ts';
import { changeRun, inStatus, isOpen, taskStore } from '../tasks/taskStore.ts';
import type { AttemptLimits } from './attempt.ts';
import { restOf } from './coverage.ts';
import {
  outcomeOf,
  overtaken,
  publishCheckpoint,
  releaseShard,
  renewLease,
  takeShard,
  untouched,
} from './lease.ts';
import { NO_ANSWERS } from '../stepAnswers/rowAnswers.ts';
import { readAnsweredRows, type ShardRow } from './shardRows.ts';
import { withTypedValues } from './typedRow.ts';

export type CallShardPorts = ListenerPorts &
  ServicePorts &
  Pick<Ports, 'objects' | 'web' | 'random'>;

/** A row of the attempt, in order. */
interface Entry {
  /** Where it ends, in bytes of what was left of the shard. */
  readonly endsAt: () => number;
  /** What became of it; undefined while it is under way. */
  status?: keyof Counts;
}

/** No further call is to begin: the row stays as it is. */
class Stopped extends Error {}

const plus = (counts: Counts, status: keyof Counts): Counts => ({
  ...counts,
  [status]: counts[status] + 1,
});

/** An attempt while it works. */
function createAttempt(
  ports: CallShardPorts,
  task: TaskItem,
  taken: ShardItem,
  loaded: LoadedSteps,
  services: Services,
  limits: AttemptLimits,
) {
  const { taskId, run, options } = task;
  const now = () => ports.clock.monotonicMs();
  const startedAt = now();
  const endsAt = startedAt + limits.remainingMs() - CALL_RESERVE_MS;
  const most = loaded.steps.some(({ step }) => step.response.file)
    ? FILE_ROWS_UNDER_WAY
    : ROWS_UNDER_WAY;
  const watch = createTurnWatch(ports);
  const buffer = createAnswersBuffer();
  const stop = new AbortController();
  // Every call that is under way listens.
  setMaxListeners(0, stop.signal);
  const doubts = createDoubts(() => underWay);
  /** From the first row of which is not known that it ended. */
  const entries: Entry[] = [];
  let shard = taken;
  let reached: Reached = shard.reached;
  /** Of the rows that it reached, and of all that ended. */
  let counts: Counts = shard.counts;
  let ended: Counts = shard.counts;
  let spentMicroUsd = 0;
  let failedRows = 0;
  let underWay = 0;
  let workedFrom = startedAt;
  let failure: unknown;
  /** Who waits for a row to end, or for something to be written. */
  let listeners: (() => void)[] = [];

  const rung = () => new Promise<void>((resolve) => void listeners.push(resolve));
  function ring(): void {
    const called = listeners;
    listeners = [];
    for (const listener of called) listener();
  }
  const isStopped = () => stop.signal.aborted;
  const halt = (reason: unknown = new Stopped()) => stop.abort(reason);

  /** What all rows up to the first that is under way came to. */
  function advance(): void {
    let last: Entry | undefined;
    let rows = 0;
    for (let [entry] = entries; entry?.status !== undefined; [entry] = entries) {
      counts = plus(counts, entry.status);
      last = entries.shift();
      rows++;
    }
    if (!last) return;
    const bytes = taken.reached.bytes + last.endsAt();
    reached = { rows: reached.rows + rows, parts: 0, bytes, begunBytes: bytes };
  }

  /** Keeps what came since the last time, and learns whether the task is to stop. */
  async function keep(status: ShardItem['status']): Promise<void> {
    const { answers = [], attempt, firstRow, layer, reported, workMs } = shard;
    advance();
    const checkpoint = { status, reached, counts };
    const delta = unreported(reported, ended);
    const [spent, failed] = [spentMicroUsd, failedRows];
    spentMicroUsd = 0;
    failedRows = 0;
    const key = objectKeys.answers(taskId, firstRow, attempt, answers.length, layer);
    const object = await buffer.write(ports, key);
    ring();
    shard = await renewLease(ports, shard, {
      succeeded: reported.succeeded + delta.succeeded,
      failed: reported.failed + delta.failed,
      skipped: reported.skipped + delta.skipped,
    });
    const figures = services.figures();
    const changed = await changeRun(
      ports,
      { taskId, run },
      {
        add: {
          calledRows: delta.succeeded + delta.failed + delta.skipped,
          ...(failed > 0 && { failedCalls: failed }),
          ...(spent > 0 && { spentMicroUsd: spent }),
        },
        ...(figures && { set: { callFigures: figures } }),
      },
      { all: [inStatus(AT_WORK), isOpen({ run })] },
    );
    if (!changed) throw overtaken(firstRow, attempt);
    const at = now();
    shard = await publishCheckpoint(ports, shard, {
      ...checkpoint,
      answers: object ? [...answers, object] : answers,
      workMs: workMs + (at - workedFrom),
    });
    workedFrom = at;
    if (changed.stopReason !== undefined) halt();
    else await brake(changed);
    await publishProgress(ports, changed, [], { watch });
  }

  /** Pauses the task where it went too far, or where nothing comes of its calls. */
  async function brake(present: TaskItem): Promise<void> {
    const why = doubts.why ?? haltsItself(present);
    if (why === undefined) return;
    halt();
    await pauseItself(ports, present, why);
  }

  /** Keeps answers as they come, until the rows have ended. */
  async function keepKeeping(isOver: () => boolean): Promise<void> {
    let keptAt = now();
    while (!isOver()) {
      await Promise.race([rung(), ports.clock.sleep(ANSWERS_MS / 4)]);
      if (now() >= endsAt) halt();
      doubts.look(isStopped());
      if (doubts.why !== undefined) halt();
      if (now() - keptAt < ANSWERS_MS && buffer.bytes < ANSWERS_BYTES) continue;
      await keep('working');
      keptAt = now();
    }
  }

  /** Asks for a step of a row, unless its failure is everybody's: then it is not known yet. */
  async function ask(at: Question): Promise<Asked> {
    const asked = await askService(ports, at, stop.signal);
    spentMicroUsd += asked.tries * at.service.microUsd;
    if (asked.ok || !asked.isGeneral) return asked;
    // A try that was cut short at the end of the attempt says nothing.
    if (now() >= endsAt || !(await doubts.settle(at.service, asked.failure))) throw new Stopped();
    return asked;
  }

  /** @throws Stopped */
  async function callRow(row: ShardRow): Promise<keyof Counts> {
    const { selected = true, answers: known = NO_ANSWERS } = row;
    if (selected === false || isBlankRow(row.values)) return 'skipped';
    if (selected !== true) return 'failed';
    const answers = new Map(known);
    // What failed in an earlier run is asked anew.
    for (const [step, answer] of known) {
      if (answer.failure && answer.run !== run) answers.delete(step);
    }
    const { missingValue } = options;
    const values = withTypedValues(row);
    const faults = readFaults(row.faults);
    for (;;) {
      const at = resolveRow(loaded, { row: row.row, values, missingValue, faults, answers });
      if (at.state === 'whole') return 'succeeded';
      if (at.state === 'failed') return 'failed';
      if (isStopped()) throw new Stopped();
      const { name, timeoutSeconds } = at.step.step;
      const timeoutMs = Math.max(1, Math.min(timeoutSeconds * 1_000, endsAt - now()));
      const asked = await ask({
        ...{ taskId, row: row.row, compiled: at.step, request: at.request, timeoutMs },
        service: services.of(at.step.step),
      });
      const line = { row: row.row, step: name, run, request: at.request.fingerprint };
      if (asked.ok) {
        const { file } = asked;
        buffer.add({ line: { ...line, values: asked.values }, ...(file && { file }) });
        answers.set(name, { ...line, values: asked.values });
      } else {
        failedRows++;
        buffer.add({ line: { ...line, failure: asked.failure } });
        answers.set(name, { ...line, failure: asked.failure });
      }
    }
  }

  async function begin(row: ShardRow, entry: Entry) {
    underWay++;
    try {
      entry.status = await callRow(row);
      ended = plus(ended, entry.status);
      if (entry.status === 'failed' && options.onError === 'stop') halt();
    } catch (error) {
      if (error instanceof Stopped || error === stop.signal.reason) return;
      failure ??= error;
      halt();
    } finally {
      underWay--;
      ring();
    }
  }

  /** Begins rows as long as there is room and time. @returns whether all were begun */
  async function beginRows(): Promise<boolean> {
    const range = restOf(shard);
    if (!range) return true;
    let isFirst = true;
    for await (const batch of readAnsweredRows(ports, task, shard.layer, range)) {
      for (const [i, row] of batch.rows.entries()) {
        while (!isStopped() && (underWay >= most || buffer.bytes > 2 * ANSWERS_BYTES)) {
          await Promise.race([rung(), ports.clock.sleep(ANSWERS_MS)]);
        }
        const isLate = !isFirst && now() > endsAt - CALL_LAST_ROW_MS;
        if (isStopped() || isLate) return false;
        isFirst = false;
        const entry: Entry = { endsAt: () => batch.endOf(i) };
        entries.push(entry);
        void begin(row, entry);
      }
    }
    return true;
  }

  return {
    get shard() {
      return shard;
    },
    async work(): Promise<void> {
      let isOver = false;
      const keeping = keepKeeping(() => isOver).catch((error: unknown) => {
        failure ??= error;
        halt();
      });
      let areAllBegun = false;
      try {
        areAllBegun = await beginRows();
      } catch (error) {
        failure ??= error;
        halt();
      }
      while (underWay > 0) await Promise.race([rung(), ports.clock.sleep(ANSWERS_MS)]);
      isOver = true;
      ring();
      await keeping;
      // What was paid for is kept, whatever went wrong beside it.
      const areAllDone = entries.every(({ status }) => status !== undefined);
      const isDone = failure === undefined && areAllBegun && areAllDone;
      await keep(failure !== undefined ? 'working' : isDone ? 'done' : 'stopped');
      if (failure !== undefined) throw failure as Error;
    },
  };
}

/**
 * Calls the row steps for what is left of the shard, or answers at once when there is nothing to do for it. A shard of which
 * something is left when it stops is taken up by the next plan.
 * @throws WorkflowError ShardBusy, LeaseLost, RetriesExhausted, ServiceUnavailable
 */
export async function callShard(
  ports: CallShardPorts,
  ref: ShardRef,
  limits: AttemptLimits,
): Promise<ShardOutcome> {
  const task = await taskStore.find(ports, ref.taskId);
  if (task?.run !== ref.run || task.stopReason !== undefined) return untouched(ref);
  const shard = await takeShard(ports, ref, task);
  if (!('attempt' in shard)) return shard;
  let attempt: ReturnType<typeof createAttempt> | undefined;
  let services: Services | undefined;
  try {
    const loaded = await loadSteps(ports, task);
    services = await openServices(ports, task, loaded.steps);
    attempt = createAttempt(ports, task, shard, loaded, services, limits);
    await attempt.work();
  } catch (error) {
    await releaseShard(ports, attempt?.shard ?? shard).catch(() => undefined);
    throw error;
  } finally {
    await services?.close();
  }
  return outcomeOf(attempt.shard, task);
}
