import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSideWork, runLanes } from '../../shared/boundedWork.ts';

describe('runLanes', () => {
  it('does all work of every lane, each within its bound, side by side', async () => {
    const busy = { a: 0, b: 0 };
    const most = { a: 0, b: 0, together: 0 };
    const done: string[] = [];
    const work = (lane: 'a' | 'b', count: number) =>
      Array.from({ length: count }, (_, index) => async () => {
        busy[lane]++;
        most[lane] = Math.max(most[lane], busy[lane]);
        most.together = Math.max(most.together, busy.a + busy.b);
        await tick();
        busy[lane]--;
        done.push(`${lane}${index}`);
      });
    await runLanes([
      { atOnce: 3, work: work('a', 10) },
      { atOnce: 2, work: work('b', 5) },
      { atOnce: 4, work: [] },
    ]);
    expect(most).toEqual({ a: 3, b: 2, together: 5 });
    expect(new Set(done).size).toBe(15);
  });

  it('after a failure awaits what is under way, begins nothing more and throws the first error', async () => {
    const begun: number[] = [];
    let ended = 0;
    const slow = async () => {
      begun.push(0);
      for (let i = 0; i < 5; i++) await tick();
      ended++;
    };
    const work = (n: number) => async () => {
      begun.push(n);
      await tick();
      throw new Error(`failure ${n}`);
    };
    await expect(
      runLanes([
        { atOnce: 1, work: [slow, work(1), work(1)] },
        { atOnce: 1, work: [work(2), work(2)] },
      ]),
    ).rejects.toThrow('failure 2');
    expect(begun).toEqual([0, 2]);
    expect(ended).toBe(1);
  });
});

describe('createSideWork', () => {
  /** Work that ends when it is told to. */
  function controlled() {
    const ends: (() => void)[] = [];
    return { work: () => new Promise<void>((resolve) => ends.push(resolve)), ends };
  }

  it('begins at once while there is room, and waits for room otherwise', async () => {
    const side = createSideWork(2);
    const { work, ends } = controlled();
    await side.begin(work);
    expect(side.free).toBe(true);
    await side.begin(work);
    expect(side.free).toBe(false);
    const third = side.begin(work);
    await tick();
    expect(ends).toHaveLength(2);
    ends.shift()?.();
    await third;
    expect(ends).toHaveLength(2);
    let settled = false;
    const settling = side.settle().then(() => (settled = true));
    ends.shift()?.();
    await tick();
    expect(settled).toBe(false);
    ends.shift()?.();
    await settling;
    expect(side.free).toBe(true);
  });

  it('throws at the next look what befell, begins nothing more, and ends what is under way', async () => {
    const side = createSideWork(2);
    const { work, ends } = controlled();
    await side.begin(work);
    await side.begin(() => Promise.reject(new Error('first')));
    await tick();
    expect(side.free).toBe(true);
    await expect(side.begin(work)).rejects.toThrow('first');
    expect(ends).toHaveLength(1);
    let ended = false;
    const settling = side.settle().catch((error: unknown) => {
      ended = true;
      throw error;
    });
    await tick();
    expect(ended).toBe(false);
    ends.shift()?.();
    await expect(settling).rejects.toThrow('first');
  });
});
