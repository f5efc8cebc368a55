/** Distributed maps: a Map Run from its events and items to its children and results. */
import { Interrupted, WorkflowFailure, failureDetails } from '../failures.ts';
import { childExecutionArn, childMachineArn, mapRunArn, mapRunId } from '../arns.ts';
import type { MachineName } from '../arns.ts';
import { arrayAt } from '../states/inlineMap.ts';
import type { Data } from '../language/paths.ts';
import type { Json } from '../json.ts';
import { MAX_CHILDREN_AT_ONCE, limitedText } from '../limits.ts';
import { childrenOf } from './mapChildren.ts';
import type { MapChildren } from './mapChildren.ts';
import { newCounts } from './mapCounts.ts';
import { countEnded, countStarted } from './mapCounts.ts';
import type { Tolerance } from './mapCounts.ts';
import { readItems } from './mapItems.ts';
import { collectResults, exportResults } from './mapResults.ts';
import { runChildren } from './mapRun.ts';
import type { MapRunSettings } from './mapRun.ts';
import { newMapRunSummary, updatedBy } from './mapRunFiles.ts';
import type { MapRunJournal, MapRunStore, MapRunSummary, MapRunUpdate } from './mapRunFiles.ts';
import type { DistributedMapState } from '../language/program.ts';
import { randomUuid } from '../randomness.ts';
import { interruptible, interruption } from '../services.ts';
import type { MapVisit, RunDistributedMap } from '../services.ts';
import { numberSetting } from '../states/visit.ts';
import type { RunFlow } from '../states/visit.ts';

/** The Map Runs that go on in this process, by ARN; a run may outlive its execution. */
export interface LiveMapRuns {
  readonly summaries: Map<string, MapRunSummary>;
  /** What changes the settings of each: in its journal, its summary and its work. */
  readonly updates: Map<string, (update: MapRunUpdate) => void>;
  /** Says of each whose journal is open whether a child of it was interrupted, and is not taken up yet. */
  readonly interrupted: Map<string, (index: number) => boolean>;
  readonly work: Set<Promise<unknown>>;
  /** Aborted when the engine closes: ends also the runs that have outlived their execution. */
  readonly closing: AbortSignal;
}

/** Where an execution keeps its Map Runs. */
interface Home {
  readonly store: MapRunStore;
  readonly machine: MachineName;
  readonly runFlow: RunFlow;
  readonly live: LiveMapRuns;
}

/** The runner of an execution's distributed maps. */
export function createDistributedMapRunner(home: Home): RunDistributedMap {
  return async (visit, state) => {
    const input: Data = { data: visit.input, context: visit.context };
    const maxConcurrency = numberSetting(state.maxConcurrency, input) ?? 0;
    if (visit.mapRunArn === undefined) tellStart(visit, state, input);
    // Recorded: a tolerance that cannot be read fails the state after its start is told.
    const tolerance = readTolerance(state, input);
    const arn = visit.mapRunArn ?? tellMapRun(home, visit, state);
    visit.run.recorder.commit();
    visit.onWork();
    const work = runMap(home, visit, state, { input, arn, maxConcurrency, tolerance });
    home.live.work.add(work);
    const forget = () => void home.live.work.delete(work);
    work.then(forget, forget);
    try {
      const result = await interruptible(work, visit.run.signal);
      visit.emit('MapRunSucceeded');
      visit.emit('MapStateSucceeded');
      return result;
    } catch (error) {
      if (error instanceof Interrupted) visit.emit('MapRunAborted');
      if (!(error instanceof WorkflowFailure)) throw error;
      visit.emit('MapRunFailed', { mapRunFailedEventDetails: failureDetails(error) });
      throw error;
    }
  };
}

function readTolerance(state: DistributedMapState, input: Data): Tolerance {
  return {
    count: numberSetting(state.toleratedFailureCount, input),
    percentage: numberSetting(state.toleratedFailurePercentage, input, { whole: false, most: 100 }),
  };
}

/** Tells the history that the state begins. */
function tellStart({ emit }: MapVisit, state: DistributedMapState, input: Data): void {
  // What an ItemReader will find is not known yet.
  const length = state.reader ? 0 : arrayAt(state, input).length;
  emit('MapStateStarted', { mapStateStartedEventDetails: { length } });
}

/** Tells the history of a new Map Run; its ARN. */
function tellMapRun(
  { machine }: Home,
  { run, emit }: MapVisit,
  { label }: DistributedMapState,
): string {
  const arn = mapRunArn(machine, label, randomUuid(run.services.random));
  emit('MapRunStarted', { mapRunStartedEventDetails: { mapRunArn: arn } });
  return arn;
}

interface MapRunPlan {
  readonly input: Data;
  readonly arn: string;
  /** 0 sets no limit. */
  readonly maxConcurrency: number;
  readonly tolerance: Tolerance;
}

/** Runs the map to its end and notes the end, even after its execution has ended. */
async function runMap(
  home: Home,
  visit: MapVisit,
  state: DistributedMapState,
  plan: MapRunPlan,
): Promise<Json> {
  const { run } = visit;
  const { clock } = run.services;
  const id = mapRunId(plan.arn) ?? '';
  const summary = newMapRunSummary({
    mapRunArn: plan.arn,
    executionArn: run.execution.arn,
    stateMachineArn: childMachineArn(home.machine, state.label),
    startedAt: clock.now(),
    maxConcurrency: plan.maxConcurrency,
    toleratedFailurePercentage: plan.tolerance.percentage ?? 0,
    toleratedFailureCount: plan.tolerance.count ?? 0,
  });
  home.live.summaries.set(plan.arn, summary);
  const end = (status: 'SUCCEEDED' | 'FAILED' | 'ABORTED') => {
    Object.assign(summary, { status, endedAt: clock.now() });
    home.store.end(id, summary);
  };
  try {
    const result = await work(home, visit, state, plan, summary, id);
    end('SUCCEEDED');
    return result;
  } catch (error) {
    const closed = error instanceof Interrupted && error.reason === 'engine closed';
    if (!closed) end(error instanceof Interrupted ? 'ABORTED' : 'FAILED');
    throw error;
  } finally {
    home.live.summaries.delete(plan.arn);
    home.live.updates.delete(plan.arn);
    home.live.interrupted.delete(plan.arn);
  }
}

async function work(
  home: Home,
  { run }: MapVisit,
  state: DistributedMapState,
  { input, arn, maxConcurrency, tolerance }: MapRunPlan,
  summary: MapRunSummary,
  id: string,
): Promise<Json> {
  const items = await readItems(run, state, input);
  const children = childrenOf(state, items, input);
  summary.itemCounts = newCounts(items.count);
  summary.executionCounts = newCounts(children.count);
  const { digest } = items;
  const journal = home.store.open(id, { summary, digest, children: children.count });
  if (!journal) {
    throw new WorkflowFailure(
      'States.ItemReaderFailed',
      'The items are not those that the Map Run began with.',
    );
  }
  home.live.interrupted.set(arn, (index) => journal.isInterrupted(index));
  try {
    countFinished(summary, journal);
    const settings = settingsOf(home, { arn, maxConcurrency, tolerance }, summary, journal);
    const failure = await runChildren({
      run,
      state,
      closing: home.live.closing,
      runFlow: home.runFlow,
      mapRunId: id,
      children,
      journal,
      summary,
      settings,
      childArn: (name) => childExecutionArn(home.machine, state.label, name),
    });
    const outcome = {
      children: children.count,
      statusOf: (index: number) => journal.statusOf(index),
      child: (index: number) => journal.readChild(index),
      inputOf: (index: number) => inputOrNone(children, index),
      mapRunArn: arn,
      mapRunId: id,
      childArn: (name: string) => childExecutionArn(home.machine, state.label, name),
      childMachineArn: summary.stateMachineArn,
    };
    // What has been done is exported even when the run fails or was stopped.
    const exported = state.writer
      ? await exportResults(run, state.writer, input, outcome).catch((error: unknown) => {
          throw failure ?? error;
        })
      : undefined;
    if (run.signal.aborted) throw interruption(run.signal);
    if (failure) throw failure;
    const result = exported ?? collectResults(state, outcome);
    limitedText(result, state.name);
    return result;
  } finally {
    journal.close();
  }
}

/** The settings of a run, as it began with them and as they were updated since. */
function settingsOf(
  { live }: Home,
  { arn, ...begun }: Pick<MapRunPlan, 'arn' | 'maxConcurrency' | 'tolerance'>,
  summary: MapRunSummary,
  journal: MapRunJournal,
): MapRunSettings {
  let { maxConcurrency, tolerance } = begun;
  let changed = () => undefined as void;
  const take = (update: MapRunUpdate) => {
    Object.assign(summary, updatedBy(summary, update));
    maxConcurrency = update.maxConcurrency ?? maxConcurrency;
    tolerance = {
      count: update.toleratedFailureCount ?? tolerance.count,
      percentage: update.toleratedFailurePercentage ?? tolerance.percentage,
    };
  };
  take(journal.updates());
  live.updates.set(arn, (update) => {
    journal.writeUpdate(update);
    take(update);
    changed();
  });
  return {
    maxConcurrency: () => Math.min(maxConcurrency || MAX_CHILDREN_AT_ONCE, MAX_CHILDREN_AT_ONCE),
    tolerance: () => tolerance,
    onChange: (then) => void (changed = then),
  };
}

/** Counts the children that ended before a restart. */
function countFinished(summary: MapRunSummary, journal: MapRunJournal): void {
  for (let index = 0; index < summary.executionCounts.total; index++) {
    const status = journal.statusOf(index);
    if (!status) continue;
    countStarted(summary);
    countEnded(summary, status);
  }
}

function inputOrNone(children: MapChildren, index: number): string | undefined {
  try {
    return children.inputOf(index);
  } catch {
    return undefined;
  }
}
