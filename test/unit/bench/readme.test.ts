import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { benchmarksPart, loadAll, withPart, type AllResults } from '../../../bench/readme.ts';
import { measured, withRatios } from '../../../bench/measure/comparison.ts';

const NONE: AllResults = {
  rendering: undefined,
  archive: undefined,
  join: undefined,
  ingest: undefined,
  job: undefined,
  million: undefined,
};
const machine = { cpus: 2, model: 'A processor', node: 'v20.19.0' };

const ingested = withRatios({
  title: 'CSV',
  unit: 'row',
  peer: 'csv-parse',
  floor: 'counting',
  contenders: [
    measured({ name: 'Sheaf', role: 'ours' }, [1e-6], 100),
    measured({ name: 'csv-parse', role: 'peer' }, [4e-6], 100),
    measured({ name: 'papaparse', role: 'peer' }, [2.5e-6], 100),
    { name: 'other', role: 'peer', absent: 'it cannot' },
    measured({ name: 'counting', role: 'floor' }, [2e-7], 100),
  ],
});

describe("README.md's table of benchmarks", () => {
  it('is what the last results give: run `npm run bench -- readme`', async () => {
    const readme = await readFile('README.md', 'utf8');
    expect(withPart(readme, await benchmarksPart(loadAll()))).toBe(readme);
  });

  it('compares with each peer that took part, and with the floor', async () => {
    const part = await benchmarksPart({ ...NONE, ingest: { machine, result: [ingested] } });
    const cells = part
      .split('\n')[2]
      ?.split('|')
      .map((cell) => cell.trim());
    expect(cells?.slice(2, 4)).toEqual([
      '1,000,000 rows/s',
      '4.0 × csv-parse, 2.5 × papaparse; 20 % of counting',
    ]);
    expect(part).toContain('A processor, 2 cores, Node.js v20.19.0');
  });

  it('names every machine once', async () => {
    const result = [ingested];
    const part = await benchmarksPart({
      ...NONE,
      ingest: { machine, result },
      million: {
        machine: { ...machine, cpus: 8 },
        result: [
          {
            run: {
              rows: 1_000_000,
              documentsPerSecond: 5_000,
              archiveBytes: 9.5e9,
              peakMemory: { localCloud: null },
            },
            bill: { runningCost: 0.256 },
          },
        ],
      },
    });
    expect(part.match(/A processor, \d cores/g)).toEqual([
      'A processor, 2 cores',
      'A processor, 8 cores',
    ]);
    expect(part).toMatch(/\| 5,000 documents\/s +\| archive 9.5 GB; would cost \$0.26 in AWS +\|/);
  });

  it('refuses results that lack the contender it is about', async () => {
    const result = [{ ...ingested, contenders: ingested.contenders.slice(1) }];
    await expect(benchmarksPart({ ...NONE, ingest: { machine, result } })).rejects.toThrow(
      'The results of "CSV" lack Sheaf.',
    );
  });

  it('leaves the rest of the file as it is', () => {
    const readme = 'a $& <!-- benchmarks -->\nold\n<!-- /benchmarks --> z';
    expect(withPart(readme, "new $' text\n")).toBe(
      "a $& <!-- benchmarks -->\n\nnew $' text\n\n<!-- /benchmarks --> z",
    );
    expect(() => withPart('no marks', '')).toThrow('README.md has no <!-- benchmarks -->');
  });
});
