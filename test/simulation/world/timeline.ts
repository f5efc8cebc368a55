/** Virtual time: what is to happen, in the order of its moments; nothing happens between them. */

export interface Timeline {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Lets something happen at a moment; one that has passed is now. What is planned for the same moment
   * happens in the order of planning.
   * @returns takes it back
   */
  at(moment: number, happen: () => void): () => void;
  /** Goes on to the next moment and lets happen what was planned; false when nothing is. */
  step(): boolean;
  /** The next moment; undefined when nothing is planned. */
  nextAt(): number | undefined;
}

interface Plan {
  readonly moment: number;
  readonly order: number;
  happen: (() => void) | undefined;
}

const isBefore = (a: Plan, b: Plan) =>
  a.moment < b.moment || (a.moment === b.moment && a.order < b.order);

export function createTimeline(start: number): Timeline {
  let now = start;
  let planned = 0;
  /** A binary heap, the next one first. */
  const heap: Plan[] = [];

  function push(plan: Plan): void {
    let at = heap.push(plan) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || !isBefore(plan, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = plan;
  }

  function pop(): Plan | undefined {
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (!left) break;
      if (right && isBefore(right, left)) child++;
      const next = heap[child];
      if (!next || isBefore(last, next)) break;
      heap[at] = next;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  function dropTakenBack(): void {
    while (heap[0] && !heap[0].happen) pop();
  }

  return {
    now: () => now,
    at(moment, happen) {
      const plan: Plan = { moment: Math.max(now, moment), order: planned++, happen };
      push(plan);
      return () => void (plan.happen = undefined);
    },
    step() {
      dropTakenBack();
      const plan = pop();
      if (!plan?.happen) return false;
      now = plan.moment;
      plan.happen();
      return true;
    },
    nextAt() {
      dropTakenBack();
      return heap[0]?.moment;
    },
  };
}
