/** The rate of a task over time, in as few points as a line of it needs. */

export interface RatePoint {
  /** In ms. */
  readonly at: number;
  /** Documents a second. */
  readonly rate: number;
}

/** Points of a line; with more, each two become one, so that those of hours are no more than those of minutes. */
const MOST_POINTS = 240;
/** Between two points; what comes sooner replaces the last. */
const APART_MS = 500;

export function addRate(points: readonly RatePoint[], point: RatePoint): readonly RatePoint[] {
  const last = points.at(-1);
  const before = points.at(-2);
  if (last && before && point.at - before.at < APART_MS) return [...points.slice(0, -1), point];
  const all = [...points, point];
  return all.length > MOST_POINTS ? halved(all) : all;
}

/** Each two as one, by their mean; the last stays, as it is now. */
function halved(points: readonly RatePoint[]): RatePoint[] {
  const pairs: RatePoint[] = [];
  for (let i = 0; i + 1 < points.length - 1; i += 2) {
    const [a, b] = [points[i], points[i + 1]];
    if (a && b) pairs.push({ at: a.at, rate: (a.rate + b.rate) / 2 });
  }
  const last = points.at(-1);
  return last ? [...pairs, last] : pairs;
}
