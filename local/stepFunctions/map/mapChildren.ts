/** Cuts the items of a distributed map into the inputs of its children. */
import { STATE_BYTES_MAX } from '../../../shared/limits.ts';
import { selectItem } from '../states/branches.ts';
import type { Evaluation } from '../language/intrinsics.ts';
import type { Json, JsonObject } from '../json.ts';
import { jsonBytes, limitedText } from '../limits.ts';
import type { MapItems } from './mapItems.ts';
import type { DistributedMapState, ItemBatcher } from '../language/program.ts';
import { numberSetting } from '../states/visit.ts';

export interface MapChildren {
  readonly count: number;
  /** How many items child `index` gets. */
  itemsOf(index: number): number;
  /** The input of child `index`, as JSON text; States.DataLimitExceeded above 256 KiB. */
  inputOf(index: number): string;
}

/** One child per item, or, with an ItemBatcher, one per run of items. */
export function cutChildren(
  state: DistributedMapState,
  items: MapItems,
  input: Evaluation,
): MapChildren {
  const select = (index: number): Json => {
    const item: JsonObject = { Index: index, Value: items.at(index), Source: items.source };
    return selectItem(state, input, item);
  };
  if (!state.batcher) {
    return {
      count: items.count,
      itemsOf: () => 1,
      inputOf: (index) => limitedText(select(index), state.name),
    };
  }
  const batchInput = state.batcher.batchInput?.(input);
  const shape = (selected: Json[]): JsonObject => ({
    ...(batchInput !== undefined && { BatchInput: batchInput }),
    Items: selected,
  });
  const starts = cutBatches(state.batcher, input, {
    count: items.count,
    emptyBytes: jsonBytes(JSON.stringify(shape([]))),
    bytesOf: (index) => jsonBytes(JSON.stringify(select(index))),
  });
  const range = (index: number): [number, number] => [
    starts[index] ?? items.count,
    starts[index + 1] ?? items.count,
  ];
  return {
    count: starts.length,
    itemsOf(index) {
      const [start, end] = range(index);
      return end - start;
    },
    inputOf(index) {
      const [start, end] = range(index);
      const selected = Array.from({ length: end - start }, (_, i) => select(start + i));
      return limitedText(shape(selected), state.name);
    },
  };
}

/** Indices of the items that begin a batch: each holds as many items as both limits allow. */
function cutBatches(
  batcher: ItemBatcher,
  input: Evaluation,
  items: { count: number; emptyBytes: number; bytesOf: (index: number) => number },
): number[] {
  const mostItems = numberSetting(batcher.maxItems, input) || Infinity;
  const mostBytes = Math.min(
    numberSetting(batcher.maxBytes, input) || STATE_BYTES_MAX,
    STATE_BYTES_MAX,
  );
  const starts: number[] = [];
  let count = 0;
  let bytes = 0;
  for (let index = 0; index < items.count; index++) {
    // Items are joined by a comma.
    const more = items.bytesOf(index) + 1;
    if (starts.length === 0 || count + 1 > mostItems || bytes + more > mostBytes) {
      starts.push(index);
      count = 0;
      bytes = items.emptyBytes - 1;
    }
    count += 1;
    bytes += more;
  }
  return starts;
}
