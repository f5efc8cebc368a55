import { describe, expect, it } from 'vitest';
import type { FunctionInstance } from '../../../../local/lambda/functionInstance.ts';
import { createIdleInstances } from '../../../../local/lambda/idleInstances.ts';

/** An hour: nothing is retired by time. */
const LONG = 3_600_000;

const instance = (usable = true): FunctionInstance => ({
  usable,
  invoke: () => Promise.reject(new Error('unused')),
  stop: () => Promise.resolve(),
});

function idleInstances(idleMs: number, maxIdle: number) {
  const retired: FunctionInstance[] = [];
  const memory = { isRoomy: true };
  const idle = createIdleInstances({
    idleMs,
    maxIdle,
    maxIdleWhenFull: 1,
    isRoomy: () => memory.isRoomy,
    retire: (_, one) => retired.push(one),
  });
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
    const { idle, retired } = idleInstances(LONG, 2);
    const [warm, a, b, c] = [instance(), instance(), instance(), instance()];
    idle.put({}, warm, true);
    for (const one of [a, b, c]) idle.put({}, one, false);
    expect(retired).toEqual([a]);
  });

  it('keeps fewer once memory is short', () => {
    const { idle, retired, memory } = idleInstances(LONG, 10);
    const [a, b, c] = [instance(), instance(), instance()];
    for (const one of [a, b]) idle.put({}, one, false);
    memory.isRoomy = false;
    idle.put({}, c, false);
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
