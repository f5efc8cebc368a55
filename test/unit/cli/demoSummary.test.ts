import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../client/errors.ts';
import { parseOptions, type DemoOptions } from '../../../cli/demo/options.ts';
import { explain, summary } from '../../../cli/demo/runDemo.ts';

const options = (...args: string[]) => parseOptions(['--data', 'a.csv', ...args]) as DemoOptions;
const firstLine = (documents: number, seconds: number) =>
  summary({ documents, seconds, failures: [], failed: 0, bytes: 1_000 }, options()).split('\n')[1];

describe('summary', () => {
  it('says once how long it took, and how fast where that means something', () => {
    expect(firstLine(998, 5.06)).toBe('Documents 998 in 5.1 s, 197 a second');
    expect(firstLine(2, 2.6)).toBe('Documents 2 in 2.6 s');
    expect(firstLine(1_000_000, 125)).toBe('Documents 1,000,000 in 2 min 5 s, 8,000 a second');
  });
});

describe('explain', () => {
  it('lists the faults behind a message, but not the only one twice', () => {
    const error = (...details: string[]) =>
      new ApiError(422, 'first', { errors: details.map((detail) => ({ pointer: '', detail })) });
    expect(explain(error('first'))).toBe('first');
    expect(explain(error('first', 'second'))).toBe('first\n  first\n  second');
  });
});
