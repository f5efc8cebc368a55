/**
 * One attempt at calling the row steps of a shard's rows: many rows are under way at a time, most of them waiting. What
 * comes is kept every few seconds, so a worker that is killed loses no more than that; and what is lost is asked again under
 * the same Idempotency-Key. Rows end in any order: `reached` is how far all of them did, and what others beyond were
 * answered is found in their answers.
 */
import { setMaxListeners } from 'node:events';
import { readFaults } from '../dataSources/rowFaults.ts';
import { isBlankRow } from '../dataSources/rows.ts';
import {
  callbackUntil,
  takeCalledBack,
  tryMs,
  withCallbackUrl,
  type CallbackPorts,
} from '../callbacks/callbackSteps.ts';
import { findCallback } from '../callbacks/callbackBodies.ts';
import { createWaitingRows } from '../callbacks/waitingRows.ts';
import { expectCallbacks, expectNothing, wakeAll } from '../callbacks/waits.ts';
import type { ListenerPorts } from '../events/listener.ts';
import { publishProgress } from '../events/publish.ts';
import { createTurnWatch } from '../events/turn.ts';
import { objectKeys, tableKeys, type CallbackPlace } from '../keys.ts';
import {
  ANSWERS_BYTES,
  ANSWERS_MS,
  CALLBACK_LOOK_MS,
  CALL_RESERVE_MS,
  FILE_ROWS_UNDER_WAY,
  ROW_BYTES_UNDER_WAY,
  ROWS_UNDER_WAY,
} from '../limits.ts';
import type { Ports } from '../ports.ts';
import {
  askService,
  sendRequest,
  type Asked,
  type Question,
  type Sent,
  type Taken,
} from '../rowSteps/askService.ts';
import { NoTimeLeft } from '../rowSteps/callService.ts';
import { createDoubts, whyOf } from '../rowSteps/doubts.ts';
import { resolveRow, type Resolved } from '../rowSteps/resolveRow.ts';
import type { WholeAnswer } from '../rowSteps/response.ts';
import { openServices, type Services, type ServicePorts } from '../rowSteps/services.ts';
import { loadSteps, type LoadedSteps } from '../rowSteps/taskSteps.ts';
import type { Counts } from '../schemas/common.ts';
import type { RowStep } from '../schemas/rowSteps.ts';
import type { Reached, ShardItem, TaskItem } from '../schemas/items.ts';
import type { CallOutcome, ShardRef } from '../schemas/workflow.ts';
import { createAnswersBuffer, writeAnswers } from '../stepAnswers/answersObject.ts';
import { haltsItself, pauseItself } from '../tasks/pauseItself.ts';
import { unreported } from '../tasks/progress.ts';
import { AT_WORK } from '../tasks/lifeCycle.ts';
import { changeRun, inStatus, isOpen, taskStore } from '../tasks/taskStore.ts';
import type { AttemptLimits } from './attempt.ts';
import { restOf } from './coverage.ts';
import {
  outcomeOf,
  overtaken,
  endAttempt,
  publishCheckpoint,
  releaseShard,
  takeShard,
  untouched,
} from './lease.ts';
import { answerKey, NO_ANSWERS } from '../stepAnswers/rowAnswers.ts';
import { readAnsweredRows, type ShardRow } from './shardRows.ts';
import { withTypedValues } from './typedRow.ts';

export type CallShardPorts = ListenerPorts & ServicePorts & CallbackPorts & Pick<Ports, 'random'>;

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

/** A step that is to be called next. */
type Next = Extract<Resolved, { state: 'waiting' }>;

const hasCallbacks = ({ steps }: LoadedSteps) => steps.some(({ step }) => step.mode === 'callback');

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
  const waiting = createWaitingRows(ports);
  let waitSeconds: number | undefined;
  /** There is no time left, though the task may go on. */
  let isOutOfTime = false;
  let areAllBegun = false;
  /** A look after callbacks while rows are begun. */
  let looking: Promise<unknown> | undefined;
  /** From the first row of which is not known that it ended. */
  const entries: Entry[] = [];
  let shard = taken;
  let reached: Reached = shard.reached;
  /** Of the rows that it reached, and of all that ended. */
  let counts: Counts = shard.counts;
  let ended: Counts = shard.counts;
  let spentMicroUsd = 0;
  let failedRows = 0;
  let hasFailed = false;
  /** Objects of answers that this attempt has begun to write. */
  let written = 0;
  /** Bytes of the rows that are under way. */
  let bytesUnderWay = 0;
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

  /** Writes the answers that came since the last time. They count whatever becomes of this attempt. */
  async function keepAnswers(): Promise<void> {
    const answers = buffer.take();
    if (answers.length === 0) return;
    const { attempt, firstRow, layer } = shard;
    const n = written++;
    try {
      const key = objectKeys.answers(taskId, firstRow, attempt, n, layer);
      const object = await writeAnswers(ports, key, answers);
      const at = tableKeys.answers(taskId, shard, attempt, n);
      await ports.table.put(at, { ...at, ...object });
    } catch (error) {
      buffer.putBack(answers);
      throw error;
    } finally {
      ring();
    }
  }

  /** Keeps what came since the last time, and learns whether the task is to stop. */
  async function keep(status: ShardItem['status']): Promise<void> {
    const { firstRow, attempt, reported, workMs } = shard;
    // What is reached has its answers among those that are written now, or before.
    advance();
    const checkpoint = { reached, counts };
    await keepAnswers();
    const delta = unreported(reported, ended);
    const at = now();
    shard = await publishCheckpoint(ports, shard, {
      ...checkpoint,
      status,
      reported: {
        succeeded: reported.succeeded + delta.succeeded,
        failed: reported.failed + delta.failed,
        skipped: reported.skipped + delta.skipped,
      },
      workMs: workMs + (at - workedFrom),
    });
    workedFrom = at;
    const [spent, failed] = [spentMicroUsd, failedRows];
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
        set: {
          ...(figures && { callFigures: figures }),
          ...(hasFailed && options.onError === 'stop' && { stopReason: 'error' }),
        },
      },
      { all: [inStatus(AT_WORK), isOpen({ run })] },
    );
    if (!changed) throw overtaken(firstRow, attempt);
    spentMicroUsd -= spent;
    failedRows -= failed;
    if (changed.stopReason !== undefined) {
      halt();
      // Others that wait learn at once what this one met.
      if (hasFailed && hasCallbacks(loaded)) await wakeAll(ports, taskId);
    } else await brake(changed);
    await publishProgress(ports, changed, [], { watch });
  }

  /** Pauses the task where it went too far, or where nothing comes of its calls. */
  async function brake(present: TaskItem): Promise<void> {
    const { stuck } = services;
    const why =
      doubts.why ?? (stuck && whyOf(stuck, 'It takes no calls for now.')) ?? haltsItself(present);
    if (why === undefined) return;
    halt();
    await pauseItself(ports, present, why);
    if (hasCallbacks(loaded)) await wakeAll(ports, taskId);
  }

  /** Keeps answers as they come, until the rows have ended. */
  async function keepKeeping(isOver: () => boolean): Promise<void> {
    let keptAt = now();
    let lookedAt = now();
    while (!isOver()) {
      await Promise.race([rung(), ports.clock.sleep(ANSWERS_MS / 4)]);
      if (now() >= endsAt) runOut();
      if (!areAllBegun && !looking && now() - lookedAt >= CALLBACK_LOOK_MS) {
        lookedAt = now();
        looking = waiting
          .look(room)
          .catch(fail)
          .finally(() => (looking = undefined));
      }
      doubts.look(isStopped());
      if (doubts.why !== undefined) halt();
      if (now() - keptAt < ANSWERS_MS && buffer.bytes < ANSWERS_BYTES) continue;
      await keep('working');
      keptAt = now();
    }
  }

  /** No further call is begun: the shard goes on in another attempt. */
  function runOut(): void {
    isOutOfTime ||= !isStopped();
    halt();
  }

  /** The attempt has failed: what is under way comes to its end. */
  function fail(error: unknown): void {
    failure ??= error;
    halt();
  }

  const isFull = (bytes: number) =>
    underWay >= most ||
    (underWay > 0 && bytesUnderWay + bytes > ROW_BYTES_UNDER_WAY) ||
    buffer.bytes > 2 * ANSWERS_BYTES;

  /** Comes when one more row may be under way, of so many bytes; or when none may any more. */
  async function room(bytes = 0): Promise<void> {
    while (!isStopped() && isFull(bytes)) {
      await Promise.race([rung(), ports.clock.sleep(ANSWERS_MS)]);
    }
  }

  /** How long a call that begins now may take; none is begun that could outlive the attempt. */
  function timeFor(step: RowStep): number | undefined {
    const timeoutMs = tryMs(step);
    return isStopped() || endsAt - now() < timeoutMs ? undefined : timeoutMs;
  }

  /** Asks for a step of a row, unless its failure is everybody's: then it is not known yet. */
  async function ask<A extends Asked | Sent>(
    at: Omit<Question, 'timeoutMs' | 'onCalled'>,
    send: (ports: CallShardPorts, at: Question, signal: AbortSignal) => Promise<A>,
  ): Promise<A> {
    const { service, compiled } = at;
    const asked = await send(
      ports,
      {
        ...at,
        timeoutMs: () => timeFor(compiled.step),
        onCalled: () => (spentMicroUsd += service.microUsd),
      },
      stop.signal,
    );
    if (asked.ok || !asked.isGeneral) return asked;
    if (!(await doubts.settle(service, asked.failure))) throw new Stopped();
    return asked;
  }

  /** What a row that waits is called back with; undefined when its time is over. It is not under way meanwhile. */
  function calledBack(place: CallbackPlace, until: number): Promise<WholeAnswer | undefined> {
    return new Promise((resolve) => {
      underWay--;
      const goOn = (came: WholeAnswer | undefined) => {
        underWay++;
        resolve(came);
      };
      waiting.add({ place, until, goOn });
      ring();
    });
  }

  /**
   * Sends the row to a service that calls back, unless that was done, and waits for it.
   * @param after the run whose failure this follows; 0 for none
   * @throws Stopped, NoTimeLeft
   */
  async function callBack(at: Next, row: number, after: number): Promise<Taken> {
    const { step } = at.step;
    const line = { row, step: step.name, run, request: at.request.fingerprint };
    const place = { taskId, row, step: step.name, request: line.request, after };
    let { sentAt } = at.sent ?? {};
    const goOn = (came: WholeAnswer | undefined) =>
      takeCalledBack(ports, at, came, () => timeFor(step));
    if (sentAt === undefined) {
      // A worker that died may have sent it: who was called back asks nothing.
      const early = shard.attempt > 1 ? await findCallback(ports, place) : undefined;
      if (early) return goOn(early);
      const filled = await withCallbackUrl(ports, at, place);
      if (!filled.ok) return { ...filled, isGeneral: false };
      const { request } = filled;
      const question = { taskId, row, compiled: at.step, request, service: services.of(step) };
      const sent = await ask(question, sendRequest);
      if (!sent.ok) {
        // Its answer broke, and it calls back all the same.
        const came = await findCallback(ports, place);
        return came ? goOn(came) : { ...sent, isGeneral: false };
      }
      sentAt = ports.clock.now();
      buffer.add({ line: { ...line, sentAt, ...(after > 0 && { after }) } });
    }
    const came = await calledBack(place, callbackUntil(step, sentAt));
    if (isStopped()) throw new Stopped();
    return goOn(came);
  }

  /** @throws Stopped, NoTimeLeft */
  async function callRow(row: ShardRow): Promise<keyof Counts> {
    const { selected = true, answers: known = NO_ANSWERS } = row;
    if (selected === false || isBlankRow(row.values)) return 'skipped';
    if (selected !== true) return 'failed';
    const answers = new Map(known);
    const failedIn = new Map<string, number>();
    // What failed in an earlier run is asked anew.
    for (const [key, answer] of known) {
      if (!answer.failure || answer.run === run) continue;
      answers.delete(key);
      failedIn.set(key, answer.run);
    }
    const { missingValue } = options;
    const values = withTypedValues(row);
    const faults = readFaults(row.faults);
    for (;;) {
      const at = resolveRow(loaded, { row: row.row, values, missingValue, faults, answers });
      if (at.state === 'whole') return 'succeeded';
      if (at.state === 'failed') return 'failed';
      if (isStopped()) throw new Stopped();
      const { name, mode } = at.step.step;
      const request = at.request.fingerprint;
      const line = { row: row.row, step: name, run, request };
      const key = answerKey(name, request);
      const question = { taskId, row: row.row, compiled: at.step, request: at.request };
      const asked =
        mode === 'callback'
          ? await callBack(at, row.row, (at.sent ? at.sent.after : failedIn.get(key)) ?? 0)
          : await ask({ ...question, service: services.of(at.step.step) }, askService);
      const rank = Number.MAX_SAFE_INTEGER;
      if (asked.ok) {
        const { file } = asked;
        buffer.add({ line: { ...line, values: asked.values }, ...(file && { file }) });
        answers.set(key, { ...line, rank, values: asked.values });
      } else {
        failedRows++;
        buffer.add({ line: { ...line, failure: asked.failure } });
        answers.set(key, { ...line, rank, failure: asked.failure });
      }
    }
  }

  async function begin(row: ShardRow, entry: Entry, bytes: number) {
    underWay++;
    bytesUnderWay += bytes;
    try {
      entry.status = await callRow(row);
      ended = plus(ended, entry.status);
      hasFailed ||= entry.status === 'failed';
      if (hasFailed && options.onError === 'stop') halt();
    } catch (error) {
      if (error instanceof Stopped) return;
      if (error instanceof NoTimeLeft) return runOut();
      if (error === stop.signal.reason) return;
      fail(error);
    } finally {
      underWay--;
      bytesUnderWay -= bytes;
      ring();
    }
  }

  /** Begins rows as long as there is room and time. */
  async function beginRows(): Promise<void> {
    const range = restOf(shard);
    let beganAt = 0;
    const batches = range ? readAnsweredRows(ports, task, shard.layer, range) : [];
    for await (const batch of batches) {
      const endedAt = batch.endOf(batch.rows.length - 1);
      const bytes = (endedAt - beganAt) / batch.rows.length;
      beganAt = endedAt;
      for (const [i, row] of batch.rows.entries()) {
        await room(bytes);
        if (now() >= endsAt) runOut();
        if (isStopped()) return;
        const entry: Entry = { endsAt: () => batch.endOf(i) };
        entries.push(entry);
        void begin(row, entry, bytes);
      }
    }
    areAllBegun = true;
  }

  /** Goes on with rows whose callbacks came, until nothing but callbacks is left. */
  async function lookForCallbacks(): Promise<void> {
    await looking;
    for (let all = waiting.all; all && !isStopped() && now() < endsAt; all = waiting.all) {
      // Said before it is looked: what comes later tells the shard.
      await expectCallbacks(ports, shard, all);
      if ((await waiting.look(room)) === 0) {
        waitSeconds = waiting.waitSeconds;
        return;
      }
      await allAtRest();
    }
  }

  async function allAtRest(): Promise<void> {
    while (underWay > 0) {
      await Promise.race([rung(), ports.clock.sleep(ANSWERS_MS)]);
      doubts.look(isStopped());
    }
  }

  return {
    get shard() {
      return shard;
    },
    /** There when nothing is to be done but to wait for callbacks: for so long at the most. */
    get waitSeconds() {
      return waitSeconds;
    },
    async work(): Promise<void> {
      let isOver = false;
      const keeping = keepKeeping(() => isOver).catch(fail);
      await beginRows().catch(fail);
      await allAtRest();
      if (areAllBegun) await lookForCallbacks().catch(fail);
      await looking;
      await allAtRest();
      isOver = true;
      ring();
      await keeping;
      // What was paid for is kept, whatever went wrong beside it.
      const areAllDone = entries.every(({ status }) => status !== undefined);
      const isDone = failure === undefined && areAllBegun && areAllDone;
      // What has more to do than there is time for goes on at once.
      if (isOutOfTime && !isDone) waitSeconds ??= 1;
      if (failure === undefined) {
        await keep(waitSeconds !== undefined ? 'working' : isDone ? 'done' : 'stopped');
        // Whoever is told that callbacks came may begin at once.
        if (waitSeconds !== undefined)
          shard = await endAttempt(ports, shard, { status: 'working' });
        else if (hasCallbacks(loaded)) await expectNothing(ports, shard);
      } else {
        await keep('working').catch(() => undefined);
        throw failure as Error;
      }
    },
  };
}

/**
 * Calls the row steps for what is left of the shard, or answers at once when there is nothing to do for it. A shard of which
 * something is left when it stops is taken up by the next plan; one that waits for callbacks, by the same one.
 * @throws WorkflowError ShardBusy, LeaseLost, RetriesExhausted, ServiceUnavailable
 */
export async function callShard(
  ports: CallShardPorts,
  ref: ShardRef,
  limits: AttemptLimits,
): Promise<CallOutcome> {
  const task = await taskStore.find(ports, ref.taskId);
  if (task?.run !== ref.run || task.stopReason !== undefined) {
    return { ...untouched(ref), waitSeconds: 0 };
  }
  const shard = await takeShard(ports, ref, task);
  if (!('attempt' in shard)) return { ...shard, waitSeconds: 0 };
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
  const { waitSeconds } = attempt;
  return {
    ...outcomeOf(attempt.shard, task),
    ...(waitSeconds === undefined ? { waitSeconds: 0 } : { status: 'waiting', waitSeconds }),
  };
}
