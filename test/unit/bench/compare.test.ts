import { describe, expect, it } from 'vitest';
import { compare, type Contender } from '../../../bench/measure/compare.ts';
import {
  measured,
  measuredOf,
  median,
  timesAsFast,
  withRatios,
} from '../../../bench/measure/comparison.ts';
import { comparisonTable } from '../../../bench/measure/table.ts';

describe('comparing contenders', () => {
  const calls: string[] = [];
  const contender = (name: string, role: Contender['role']): Contender => ({
    name,
    role,
    run(units) {
      calls.push(`${name} ${units}`);
      return units * 10;
    },
  });
  const contest = {
    title: 'Work',
    unit: 'piece',
    peer: 'theirs',
    contenders: [
      contender('ours', 'ours'),
      contender('theirs', 'peer'),
      { name: 'other', role: 'peer', absent: 'it cannot do this' },
    ],
  } as const;

  it('lets each take its turn in every round, after a warm-up', async () => {
    calls.length = 0;
    const comparison = await compare({ ...contest, units: 7 }, { rounds: 3 });
    expect(calls.slice(0, 2)).toEqual(['ours 7', 'theirs 7']);
    for (const round of [1, 2, 3]) {
      expect(calls.slice(2 * round, 2 * round + 2).sort()).toEqual(['ours 7', 'theirs 7']);
    }
    expect(calls).toHaveLength(8);
    expect(comparison.contenders[2]).toEqual(contest.contenders[2]);
    expect(measuredOf(comparison, 'ours')).toMatchObject({ bytesPerUnit: 10, role: 'ours' });
    expect(measuredOf(comparison, 'ours')?.rounds).toHaveLength(3);
    expect(measuredOf(comparison, 'other')).toBeUndefined();
  });

  it('finds how many units make a turn where it is left open', async () => {
    let time = 0;
    const steady = (name: string, milliseconds: number): Contender => ({
      name,
      role: 'ours',
      run(units) {
        calls.push(`${name} ${units}`);
        time += milliseconds * units;
        return 0;
      },
    });
    const comparison = await compare(
      { title: 'Work', unit: 'piece', contenders: [steady('quick', 0.5), steady('slow', 1_000)] },
      { rounds: 2, now: () => time },
    );
    expect(calls.slice(-4).sort()).toEqual(['quick 300', 'quick 300', 'slow 1', 'slow 1']);
    expect(measuredOf(comparison, 'quick')?.rounds).toEqual([0.0005, 0.0005]);
  });

  it('ends with what a contender throws', async () => {
    const broken: Contender = {
      name: 'broken',
      role: 'peer',
      run: () => Promise.reject(new Error('Broken.')),
    };
    await expect(compare({ title: 'Work', unit: 'piece', contenders: [broken] })).rejects.toThrow(
      'Broken.',
    );
  });
});

describe('what follows from the times', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[5], 5],
    [[], NaN],
  ])('the median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('takes ratios within rounds: a slow time of the machine slows both', () => {
    const ours = { rounds: [1, 10, 1] };
    const theirs = { rounds: [3, 30, 4] };
    expect(timesAsFast(ours, theirs)).toBe(3);
    expect(timesAsFast(theirs, ours)).toBeCloseTo(1 / 3);
  });

  const comparison = withRatios({
    title: 'Work',
    unit: 'piece',
    peer: 'theirs',
    floor: 'copying',
    contenders: [
      measured({ name: 'ours', role: 'ours' }, [0.002, 0.002], 1e6),
      measured({ name: 'theirs', role: 'peer' }, [0.02, 0.02], 1e6),
      measured({ name: 'copying', role: 'floor' }, [0.001, 0.001], 1e6),
      { name: 'other', role: 'peer', absent: 'it cannot do this' },
    ],
    figures: [{ name: 'peak memory', value: 120, unit: 'MB' }],
  });

  it('gives the ratios to peer and floor', () => {
    expect(measuredOf(comparison, 'ours')).toMatchObject({
      secondsPerUnit: 0.002,
      unitsPerSecond: 500,
      timesPeer: 10,
      timesFloor: 0.5,
    });
    expect(measuredOf({ ...comparison, peer: 'nobody' }, 'nobody')).toBeUndefined();
  });

  it('shows them in columns', () => {
    const lines = comparisonTable(comparison).split('\n');
    expect(lines[0]).toMatch(/Work +time\/piece +pieces\/s +bytes\/piece +MB\/s +× peer +× floor$/);
    expect(lines[1]).toMatch(/ours +2\.00 ms +500 +1,000,000 +500 +10 +0\.50$/);
    expect(lines[3]).toMatch(/floor: copying +1\.00 ms/);
    expect(lines[4]).toMatch(/peer: other +it cannot do this$/);
    expect(lines).toContain('  peak memory: 120 MB');
    const [header = '', ...rows] = lines.slice(0, 4);
    for (const row of rows) expect(row).toHaveLength(header.length);
  });
});
