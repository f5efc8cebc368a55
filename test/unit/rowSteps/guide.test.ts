/** docs/row-steps.md says what the code does. */
import { describe, expect, it } from 'vitest';
import * as limits from '../../../shared/limits.ts';
import type { ProblemDetail } from '../../../shared/problems.ts';
import { compileSteps } from '../../../shared/rowSteps/compileSteps.ts';
import { USUAL_LIMIT } from '../../../shared/rowSteps/services.ts';
import { judge } from '../../../shared/rowSteps/verdict.ts';
import { TaskOptionsSchema } from '../../../shared/schemas/common.ts';
import { RowStepSchema } from '../../../shared/schemas/rowSteps.ts';
import { CreateConnectionSchema } from '../../../shared/schemas/serviceConnectionApi.ts';
import { guideExamples, rowStepsGuide } from '../../support/rowStepsGuide.ts';

/** The cells of the tables under a heading, those of headings left out. */
function tableOf(title: string): string[][] {
  const [, text = ''] = rowStepsGuide.split(`\n## ${title}\n`);
  const [section = ''] = text.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
const bare = (cell = '') => cell.replaceAll('`', '');

/** By its path, such as response.file; undefined where there is none. */
const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (found, name) => (found as Record<string, unknown> | undefined)?.[name],
      value,
    );

describe('docs/row-steps.md', () => {
  it('has examples that are taken as they stand', () => {
    // Where the guide has `$dify` and the like.
    const connectionId = 'conn_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
    const examples = guideExamples();
    expect(examples.length).toBeGreaterThanOrEqual(6);
    for (const example of examples) {
      if (!example.steps) {
        CreateConnectionSchema.parse(example);
        continue;
      }
      const steps = example.steps.map((step) =>
        RowStepSchema.parse({
          ...step,
          ...(step['connectionId'] !== undefined && { connectionId }),
        }),
      );
      const faults: ProblemDetail[] = [];
      compileSteps(steps, () => 'https://api.example.com/v1', faults);
      expect(faults).toEqual([]);
    }
  });

  it('lists every field with its default', () => {
    const rows = tableOf('Fields');
    const fields = rows.map(([field]) => bare(field));
    const { request, response } = RowStepSchema.shape;
    const expected = [
      ...Object.keys(RowStepSchema.shape).filter((name) => !['request', 'response'].includes(name)),
      ...Object.keys(request.shape).map((name) => `request.${name}`),
      ...Object.keys(response.unwrap().shape).map((name) => `response.${name}`),
    ];
    expect(fields.filter((field) => expected.includes(field)).sort()).toEqual(expected.sort());
    const least = { ...RowStepSchema.parse({ name: 'a', request: {} }), rateLimit: USUAL_LIMIT };
    const options = { options: TaskOptionsSchema.parse({}) };
    for (const [field, told] of rows) {
      if (told === '' || told === 'default') continue;
      const value = at(field?.includes('options.') ? options : least, bare(field));
      const written = JSON.stringify(value ?? {});
      const said = written === '{}' ? 'none' : written.replace(/^"(.*)"$/, '$1');
      expect([field, bare(told).replaceAll(/([:,]) /g, '$1')]).toEqual([field, said]);
    }
  });

  it('tells which answers are tried again', () => {
    const rows = tableOf('When calls fail');
    const statusesOf = (i: number) =>
      [...(rows[i]?.[0] ?? '').matchAll(/\b[345]\d\d\b/g)].map(Number);
    const verdictOf = (status: number) =>
      judge({ status, headers: {}, body: new Uint8Array(), isWhole: true }, 0).verdict;
    expect(statusesOf(1).map(verdictOf)).toEqual(statusesOf(1).map(() => 'again'));
    expect(statusesOf(1)).toContain(409);
    expect(verdictOf(429)).toBe('throttled');
    expect(statusesOf(3).map(verdictOf)).toEqual(statusesOf(3).map(() => 'refused'));
    expect(statusesOf(3).length).toBeGreaterThan(5);
  });

  it('has the limits and pauses of the code', () => {
    const count = (n: number) => n.toLocaleString('en-US');
    expect(
      tableOf('Limits')
        .slice(1)
        .map(([, most]) => most),
    ).toEqual([
      count(limits.MAX_STEPS),
      count(limits.MAX_STEP_COLUMNS),
      `${count(limits.MAX_STEP_REQUEST_CHARACTERS)} characters`,
      `${limits.MAX_STEP_VALUE_BYTES / 1024} KiB a row and step`,
      `${limits.MAX_STEP_FILE_BYTES / 1024 ** 2} MiB`,
      '840 s',
      `${count(limits.ROWS_UNDER_WAY)}; ${limits.FILE_ROWS_UNDER_WAY}`,
      count(limits.CALL_WORKERS),
      count(limits.MAX_CONNECTIONS),
      `${limits.MAX_TOLD_CHARACTERS} characters`,
    ]);
    for (const told of [
      `once ${limits.BREAKER_ROWS} rows of a worker have failed`,
      `succeeded for ${limits.BREAKER_MS / 1_000} seconds`,
      `up to ${limits.MAX_THROTTLED_TRIES} times`,
      `4, … ${limits.STEP_PAUSE_MAX_MS / 1_000} seconds`,
      `lowers the pace to ${limits.RATE_FALL * 100} %`,
      `rises by ${limits.RATE_RISE_PER_SECOND * 100} % of the full pace`,
      `under way for ${limits.PACE_HOLD_MS / 1_000} seconds more`,
      `one for each ${count(limits.CALL_SHARD_ROWS)} rows`,
    ]) {
      expect(rowStepsGuide).toContain(told);
    }
    const isTaken = (timeoutSeconds: number) =>
      RowStepSchema.safeParse({ name: 'a', request: {}, timeoutSeconds }).success;
    expect([840, 841].map(isTaken)).toEqual([true, false]);
    expect(limits.STUCK_MS).toBe(5 * 60_000);
    expect(limits.ANSWERS_MS).toBe(2_000);
    expect(limits.LEASE_MS).toBe(10_000);
  });
});
