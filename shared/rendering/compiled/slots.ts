/** Numbers for what a document must remember while it is written, over all of its parts. */
import { SERIES, type SeriesName, type TakenIds } from '../repairs/ids.ts';

/** Ids of one kind in one part. */
export interface Series {
  /** Number of the counter that new ids come from. */
  readonly counter: number;
  readonly first: number;
  readonly idOf: (number: number) => string;
  readonly taken: ReadonlySet<string>;
}

export interface Slots {
  /** The slot of a thing of one part, such as an id: the same one each time. */
  of(part: string, thing: string): number;
  series(part: string, name: SeriesName, taken: TakenIds): Series;
  /** How many slots and counters there are. */
  readonly size: number;
}

export function createSlots(): Slots {
  const numbers = new Map<string, number>();
  function of(part: string, thing: string): number {
    const key = JSON.stringify([part, thing]);
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  }
  return {
    of,
    series: (part, name, taken) => ({
      counter: of(part, `counter of ${name}`),
      ...SERIES[name],
      taken: taken[name],
    }),
    get size() {
      return numbers.size;
    },
  };
}
