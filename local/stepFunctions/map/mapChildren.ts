/** Makes the items of a distributed map into the inputs of its children. */
import { selectItem } from '../states/inlineMap.ts';
import type { Data } from '../language/paths.ts';
import { limitedText } from '../limits.ts';
import type { MapItems } from './mapItems.ts';
import type { DistributedMapState } from '../language/program.ts';

export interface MapChildren {
  readonly count: number;
  /** The input of child `index`, as JSON text; States.DataLimitExceeded above 256 KiB. */
  inputOf(index: number): string;
}

/** One child per item. */
export function childrenOf(state: DistributedMapState, items: MapItems, input: Data): MapChildren {
  return {
    count: items.count,
    inputOf(index) {
      const item = { Index: index, Value: items.at(index), Source: items.source };
      return limitedText(selectItem(state, input, item), state.name);
    },
  };
}
