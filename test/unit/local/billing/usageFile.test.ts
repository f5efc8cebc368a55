import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMeters } from '../../../../local/billing/meter.ts';
import { UsageSchema } from '../../../../local/billing/usage.ts';
import { keepUsageFile } from '../../../../local/billing/usageFile.ts';

const START = Date.parse('2026-11-22T08:00:00Z');

/** Longer than the file may lag behind. */
const A_WHILE_MS = 5_000;

describe('usage.json', () => {
  beforeEach(() => vi.useFakeTimers({ now: START }));
  afterEach(() => vi.useRealTimers());

  function keep(write?: (text: string) => void) {
    const now = () => Date.now();
    const meters = createMeters(now);
    const texts: string[] = [];
    const errors: unknown[] = [];
    const end = keepUsageFile({
      meters,
      storedBytes: () => 42,
      now,
      write: write ?? ((text) => void texts.push(text)),
      onError: (error) => void errors.push(error),
    });
    const last = () => UsageSchema.parse(JSON.parse(texts.at(-1) ?? ''));
    return { meters, texts, errors, end, last };
  }

  it('is there from the start', () => {
    const { last } = keep();
    expect(last()).toMatchObject({
      pid: process.pid,
      since: '2026-11-22T08:00:00.000Z',
      s3: { requests: {}, storedBytes: 42 },
      dynamoDb: {},
      lambda: {},
    });
  });

  it('follows what is used, and is left alone while nothing is', () => {
    const { meters, texts, last } = keep();
    vi.advanceTimersByTime(A_WHILE_MS);
    expect(texts).toHaveLength(1);
    meters.http.request(1, 1);
    vi.advanceTimersByTime(A_WHILE_MS);
    expect(texts).toHaveLength(2);
    expect(last().httpApi.requests).toBe(1);
  });

  it('is written a last time at the end, and no more', () => {
    const { meters, texts, end, last } = keep();
    meters.table.call('GetItem', 0.5, 0);
    end();
    expect(last().dynamoDb).toEqual({ GetItem: { calls: 1, readUnits: 0.5, writeUnits: 0 } });
    meters.table.call('GetItem', 0.5, 0);
    vi.advanceTimersByTime(A_WHILE_MS);
    expect(texts).toHaveLength(2);
  });

  it('is tried again when it could not be written', () => {
    let full = true;
    const written: string[] = [];
    const { errors, end } = keep((text) => {
      if (full) throw new Error('no space left');
      written.push(text);
    });
    vi.advanceTimersByTime(10 * A_WHILE_MS);
    expect(errors).toEqual([new Error('no space left')]);
    full = false;
    vi.advanceTimersByTime(A_WHILE_MS);
    expect(written).toHaveLength(1);
    end();
  });
});
