import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { awsBill, priceTable } from '../../../bench/awsBill.ts';
import { costSection } from '../../../bench/million/costSection.ts';
import { createMeters } from '../../../local/billing/meter.ts';
import { type Usage, UsageSchema } from '../../../local/billing/usage.ts';

/** What is read of the kept results. */
const KeptSchema = z.object({
  result: z.array(
    z.object({
      run: z.object({ rows: z.int(), archiveBytes: z.int(), usage: UsageSchema }),
    }),
  ),
});

const { s3, ...others } = createMeters(() => 0).read();
const NOTHING: Usage = {
  pid: 1,
  since: '2026-11-22T08:00:00.000Z',
  until: '2026-11-22T08:00:00.000Z',
  s3: { ...s3, storedBytes: 0 },
  ...others,
};

/** A million of everything, or what makes an even sum; each cost is the price list's own figure. */
const ROUND: Usage = {
  ...NOTHING,
  s3: {
    requests: { PutObject: 400_000, UploadPart: 600_000, HeadObject: 1_000_000, DeleteObject: 9e9 },
    storedBytes: 30e9,
    sentBytes: 9e15,
    sentByLinkBytes: 10e9,
  },
  dynamoDb: {
    GetItem: { calls: 7, readUnits: 400_000, writeUnits: 0 },
    Query: { calls: 7, readUnits: 600_000, writeUnits: 0 },
    UpdateItem: { calls: 7, readUnits: 0, writeUnits: 1_000_000 },
  },
  stepFunctions: {
    executions: 7,
    transitions: 1_000_000,
    mapChildren: 7,
    expressRequests: 1_000_000,
    // 16,000 s of 64 MB are 1,000 GB-seconds.
    expressMs: 16_000_000,
  },
  lambda: {
    // 900 s and 100 s of 1 GB; 500 s of 2 GB: 2,000 GB-seconds by duration, 520 by processor time.
    One: {
      memoryMegabytes: 1024,
      invocations: 400_000,
      billedMs: 900_000,
      cpuMs: 300_000,
      coldStarts: 7,
      initMs: 100_000,
      initCpuMs: 20_000,
    },
    Two: {
      memoryMegabytes: 2048,
      invocations: 600_000,
      billedMs: 500_000,
      cpuMs: 100_000,
      coldStarts: 0,
      initMs: 0,
      initCpuMs: 0,
    },
  },
  httpApi: { requests: 7, units: 1_000_000, sentBytes: 4e9 },
  webSocketApi: {
    messages: 7,
    units: 1_000_000,
    sentBytes: 6e9,
    connections: 7,
    connectionMs: 60_000_000_000,
  },
  logs: { bytes: 10e9 },
};

const costs = (usage: Usage) =>
  Object.fromEntries(
    awsBill(usage, 'duration').running.map(({ service, item, cost }) => [
      `${service}, ${item}`,
      Number(cost.toFixed(9)),
    ]),
  );

describe('the bill', () => {
  it('multiplies each quantity by its price', () => {
    expect(costs(ROUND)).toEqual({
      'Lambda arm64, time × memory': 0.0266668,
      'Lambda, calls': 0.2,
      'Step Functions Standard, transitions': 25,
      'Step Functions Express, executions': 1,
      'Step Functions Express, time × memory': 0.01667,
      'S3, writes, copies, lists': 5,
      'S3, reads': 0.4,
      'DynamoDB on demand, writes': 0.625,
      'DynamoDB on demand, reads': 0.125,
      'API Gateway HTTP, requests of 512 KB': 1,
      'API Gateway WebSocket, messages of 32 KB': 1,
      'API Gateway WebSocket, connections': 0.25,
      'CloudWatch Logs, taking in': 5,
      'Data transfer, answers and events': 0.9,
    });
  });

  it('adds up what running costs, and keeps storage and download apart', () => {
    const bill = awsBill(ROUND, 'duration');
    expect(bill.runningCost).toBeCloseTo(40.5433368, 9);
    // 30 GB for 7 of 30 days.
    expect(bill.storage).toMatchObject({ service: 'S3', unit: 'GB-months', quantity: 7 });
    expect(bill.storage.cost).toBeCloseTo(0.161, 9);
    expect(bill.download).toMatchObject({ quantity: 10, unitPrice: 0.09 });
    expect(bill.download.cost).toBeCloseTo(0.9, 9);
  });

  it('can count the processor time of functions instead of their duration', () => {
    const [time] = awsBill(ROUND, 'processor').running;
    expect(time).toMatchObject({ service: 'Lambda arm64', quantity: 520 });
    expect(time?.cost).toBeCloseTo(520 * 0.0000133334, 12);
  });

  it('is empty for nothing', () => {
    const { running, runningCost, storage, download } = awsBill(NOTHING, 'duration');
    expect({ running, runningCost }).toEqual({ running: [], runningCost: 0 });
    expect([storage.cost, download.cost]).toEqual([0, 0]);
  });

  it('refuses an operation whose price it does not know', () => {
    const usage = { ...NOTHING, s3: { ...NOTHING.s3, requests: { RestoreObject: 1 } } };
    expect(() => awsBill(usage, 'duration')).toThrow('RestoreObject');
  });
});

describe('the operations guide', () => {
  const guide = readFileSync('docs/operations.md', 'utf8');

  it('tells the prices that the bill is made with', () => {
    expect(guide).toContain(priceTable());
  });

  it('shows the bill of the usage that was kept last', () => {
    const { result } = KeptSchema.parse(
      JSON.parse(readFileSync('bench/results/million.json', 'utf8')),
    );
    const run = result.at(-1)?.run;
    if (!run) throw new Error('No run was kept.');
    const section = costSection({
      run,
      bill: awsBill(run.usage, 'duration'),
      billOfProcessorTime: awsBill(run.usage, 'processor'),
    });
    expect(guide).toContain(`<!-- bill -->\n${section}<!-- /bill -->`);
  });
});
