import { describe, expect, it } from 'vitest';
import type { FunctionInstance } from '../../../../local/lambda/functionInstance.ts';
import { createIdleInstances } from '../../../../local/lambda/idleInstances.ts';

/** An hour: nothing is retired by time. */
const LONG = 3_600_000;

const instance = (usable = true): FunctionInstance => ({
  usable,
  bytes: 1,
  invoke: () => Promise.reject(new Error('unused')),
  loaded: Promise.resolve(),
  stop: () => Promise.resolve(),
});

/** Each instance that has idled takes one of so many places until it is retired. */
function idleInstances(idleMs: number, places: number) {
  const retired: FunctionInstance[] = [];
  const memory = { places };
  const alive = new Set<FunctionInstance>();
  const created = createIdleInstances({
    idleMs,
    isFull: () => alive.size > memory.places,
    retire(_, one) {
      alive.delete(one);
      retired.push(one);
    },
  });
  const idle: typeof created = {
    ...created,
    put(group, one, keptWarm) {
      alive.add(one);
      created.put(group, one, keptWarm);
    },
  };
  return { idle, retired, memory };
}

describe('createIdleInstances', () => {
  it('gives the instance back that became idle last, of the group that asks', () => {
    const { idle } = idleInstances(LONG, 10);
    const [one, two, other] = [instance(), instance(), instance()];
    const group = {};
    idle.put(group, one, false);
    idle.put(group, two, false);
    idle.put({}, other, false);
    expect([idle.take(group), idle.take(group), idle.take(group)]).toEqual([two, one, undefined]);
  });

  it('does not give back an instance that has ended meanwhile', () => {
    const { idle, retired } = idleInstances(LONG, 10);
    const [ended, good] = [instance(false), instance()];
    const group = {};
    idle.put(group, good, false);
    idle.put(group, ended, false);
    expect(idle.take(group)).toBe(good);
    expect(retired).toEqual([ended]);
  });

  it('retires the longest idle when there are too many, but none that is kept warm', () => {
    const { idle, retired } = idleInstances(LONG, 3);
    const [warm, a, b, c] = [instance(), instance(), instance(), instance()];
    idle.put({}, warm, true);
    for (const one of [a, b, c]) idle.put({}, one, false);
    expect(retired).toEqual([a]);
  });

  it('retires a twin before the only one of its group, however long that idles', () => {
    const { idle, retired } = idleInstances(LONG, 3);
    const [only, older, newer, last] = [instance(), instance(), instance(), instance()];
    const group = {};
    idle.put({}, only, false);
    idle.put(group, older, false);
    idle.put(group, newer, false);
    idle.put({}, last, false);
    expect(retired).toEqual([older]);
  });

  it('keeps every step of a task loaded, whatever the order in which they take turns', () => {
    const { idle } = idleInstances(LONG, 6);
    const groups = Array.from({ length: 6 }, () => ({}));
    let started = 0;
    const start = () => {
      started++;
      return instance();
    };
    for (let turn = 0; turn < 100; turn++) {
      for (const group of groups) {
        // Two tasks at a time.
        const busy = [idle.take(group) ?? start(), idle.take(group) ?? start()];
        for (const one of busy) idle.put(group, one, false);
      }
    }
    // The second of each step is started anew; the first is there from the first turn on.
    expect(started).toBeLessThanOrEqual(6 + 100 * 6);
    for (const group of groups) expect(idle.take(group)).toBeDefined();
  });

  it('keeps one when others have taken all the memory', () => {
    const { idle, retired, memory } = idleInstances(LONG, 10);
    const [a, b, c] = [instance(), instance(), instance()];
    for (const one of [a, b]) idle.put({}, one, false);
    memory.places = 0;
    idle.put({}, c, false);
    expect(retired).toEqual([a, b]);
    idle.trim();
    expect(retired).toEqual([a, b]);
  });

  it('keeps one of a warm group, not more', async () => {
    const { idle, retired } = idleInstances(1, 10);
    const [first, second] = [instance(), instance()];
    const group = {};
    idle.put(group, first, true);
    idle.put(group, second, true);
    await expect.poll(() => retired).toEqual([first]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(retired).toEqual([first]);
    expect(idle.take(group)).toBe(second);
  });
});
