/** Inline maps: a flow for each item, side by side within one execution. */
import { setMaxListeners } from 'node:events';
import { Interrupted, RuntimeFailure } from '../failures.ts';
import type { Json, JsonObject } from '../json.ts';
import { MAX_ITERATIONS_AT_ONCE, limitedText } from '../limits.ts';
import { readPath } from '../language/paths.ts';
import type { Data } from '../language/paths.ts';
import type { InlineMapState } from '../language/program.ts';
import { interruption } from '../services.ts';
import type { Run } from '../services.ts';
import { emit, numberSetting, retryCount } from './visit.ts';
import type { FlowEnd, RunFlow, Visit } from './visit.ts';

/** Runs the flow once per item; gives the list of its outputs, in the order of the items. */
export async function runInlineMap(
  visit: Visit,
  state: InlineMapState,
  runFlow: RunFlow,
  input: Data,
): Promise<Json> {
  const { thread } = visit;
  const items = arrayAt(state, input);
  const limit = numberSetting(state.maxConcurrency, input) || MAX_ITERATIONS_AT_ONCE;
  const started = emit(thread, 'MapStateStarted', {
    mapStateStartedEventDetails: { length: items.length },
  });
  visit.failureEvent = 'MapStateFailed';
  const outputs = await together(visit, items.length, limit, async (i, run) => {
    const item = { Index: i, Value: items[i] ?? null };
    const scope = scopeOf(visit, i);
    const position = run.recorder.position(scope);
    const tell = (type: string, previousEventId: number) =>
      run.recorder.event({
        scope: thread.scope,
        previousEventId,
        type: `MapIteration${type}`,
        details: { [`mapIteration${type}EventDetails`]: { index: i, name: state.name } },
      });
    const first = position ? position.lastEventId : tell('Started', started);
    try {
      const done = await runFlow(
        { ...run, mapItem: item },
        {
          flow: state.flow,
          scope,
          input: selectItem(state, input, item),
          previousEventId: first,
        },
      );
      return { ...done, lastEventId: tell('Succeeded', done.lastEventId) };
    } catch (error) {
      const aborted = error instanceof Interrupted && error.reason === 'sibling failed';
      tell(aborted ? 'Aborted' : 'Failed', first);
      throw error;
    }
  });
  emit(thread, 'MapStateSucceeded');
  return outputs;
}

/** The list that ItemsPath leads to. */
export function arrayAt({ itemsPath }: Pick<InlineMapState, 'itemsPath'>, input: Data): Json[] {
  const items = readPath(itemsPath, input);
  if (Array.isArray(items)) return items;
  throw new RuntimeFailure(`Reference path "${itemsPath.text}" must point to array.`);
}

/** What ItemSelector makes of an item; its `$` is the input of the Map, its `$$` knows the item. */
export function selectItem(
  { itemSelector }: Pick<InlineMapState, 'itemSelector'>,
  input: Data,
  item: JsonObject,
): Json {
  if (!itemSelector) return item.Value ?? null;
  return itemSelector({ ...input, context: { ...input.context, Map: { Item: item } } });
}

/** The scope of iteration `i`: of this attempt of this visit, and of no other. */
function scopeOf(visit: Visit, i: number): string {
  const { thread, enteredEventId } = visit;
  return `${thread.scope}/${enteredEventId}.${retryCount(visit)}#${i}`;
}

/**
 * Runs `work` for 0 … count − 1, at most `limit` at once. The first failure interrupts the others,
 * and is raised when all have ended.
 */
async function together(
  { thread, state }: Visit,
  count: number,
  limit: number,
  work: (i: number, run: Run) => Promise<FlowEnd>,
): Promise<Json[]> {
  const outputs: Json[] = new Array<Json>(count).fill(null);
  const siblings = new AbortController();
  const signal = AbortSignal.any([thread.run.signal, siblings.signal]);
  setMaxListeners(0, signal);
  let failure: Error | undefined;
  let next = 0;
  const worker = async () => {
    while (next < count && !signal.aborted) {
      const i = next++;
      try {
        const { output, lastEventId } = await work(i, { ...thread.run, signal });
        outputs[i] = output;
        thread.lastEventId = Math.max(thread.lastEventId, lastEventId);
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
        siblings.abort(new Interrupted('sibling failed'));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
  if (failure !== undefined) throw failure;
  if (signal.aborted) throw interruption(signal);
  limitedText(outputs, state.name);
  return outputs;
}
