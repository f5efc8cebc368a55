import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobEvent, Outcome } from '../../../cli/generate/jobEvents.ts';
import { createProgressFile } from '../../../cli/generate/progressFile.ts';
import { createReporter, reportText } from '../../../cli/generate/report.ts';
import { exitCodeOf, summaryLines, totalsOf } from '../../../cli/generate/summary.ts';
import type { Progress } from '../../../shared/schemas/stream.ts';

const TASK_ID = 'task_01JDA4V5P0W8QZ6Y3M2T7R9KXC';

const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  ...{ job: 'letters', taskId: TASK_ID, ending: 'made', total: 1_000, made: 1_000 },
  ...{ failed: 0, skipped: 0, reused: 0, seconds: 5.06, causes: [], areAllCauses: true },
  saved: [{ what: 'archive', path: 'letters.zip', bytes: 7_812_345, documents: 1_000 }],
  message: undefined,
  ...changes,
});

const partial = outcome({
  ...{ ending: 'in part', made: 998, failed: 2 },
  causes: [
    {
      code: 'MISSING_VALUE',
      tag: '{a}',
      detail: '=No "value", <b>here</b>',
      count: 2,
      rows: [3, 7],
    },
  ],
});

const progress = (current: number): Progress => ({
  ...{ taskId: TASK_ID, progress: 10, current, total: 1_000, succeeded: current, failed: 0 },
  ...{ skipped: 0, ratePerSecond: 10, etaSeconds: 3, stage: 'rendering' as const, message: '' },
});

const summary = (...outcomes: Outcome[]) => summaryLines(outcomes, totalsOf(outcomes, 10));

describe('the summary', () => {
  it('says once how long it took, and how fast where that means something', () => {
    expect(summary(outcome())).toEqual([
      'Documents  1,000 in 5.1 s, 198 a second',
      'Archive    letters.zip · 7.8 MB, every entry read back and checked',
    ]);
    expect(summary(outcome({ made: 2, seconds: 2.6 }))[0]).toBe('Documents  2 in 2.6 s');
    expect(summary(outcome({ made: 1_000_000, seconds: 125 }))[0]).toBe(
      'Documents  1,000,000 in 2 min 5 s, 8,000 a second',
    );
    expect(summary(outcome({ reused: 990, skipped: 5 }))[0]).toMatch(
      /\(990 taken over unchanged, 5 skipped\)$/,
    );
  });

  it('has the causes of failures, with their first rows', () => {
    expect(summary(partial).slice(2)).toEqual([
      'Failed     2 documents, all of them in _failures.csv:',
      '           MISSING_VALUE, 2 rows (3, 7): =No "value", <b>here</b>',
    ]);
  });

  it('says of several tasks what of each is worth saying', () => {
    const lines = summary(outcome(), { ...partial, job: 'notes' }, outcome({ ending: 'failed' }));
    expect(lines.slice(0, 4)).toEqual([
      'Tasks      3, 1 of them not done',
      'Documents  2,998 in 10.0 s, 300 a second',
      'Failed     2',
      'notes:',
    ]);
  });
});

describe('the exit code', () => {
  it.each([
    [[outcome()], false, 0],
    [[outcome(), outcome()], true, 0],
    [[partial], false, 3],
    [[outcome(), outcome({ ending: 'failed', made: 0 })], false, 3],
    [[outcome({ ending: 'failed', made: 0 })], false, 1],
    [[outcome({ ending: 'faulty', made: 0 })], false, 4],
    [[outcome({ ending: 'paused', made: 0 })], false, 3],
    [[outcome({ ending: 'paused' })], true, 130],
    [[outcome({ ending: 'cancelled', made: 0 })], false, 1],
    [[outcome({ ending: 'left', made: 0, taskId: undefined })], true, 130],
  ] as const)('of %j, interrupted: %s, is %i', (outcomes, isInterrupted, code) => {
    expect(exitCodeOf(outcomes, isInterrupted)).toBe(code);
  });
});

/** A report over a minute, in which something happened each half second. */
function report(...outcomes: Outcome[]) {
  let time = 100;
  const reporter = createReporter(
    () => new Date(Date.UTC(2026, 10, 27, 8, 0, 0)),
    () => time,
  );
  for (let i = 1; i <= 120; i++) {
    time += 0.5;
    reporter.tell({ type: 'progress', job: 'letters', progress: progress(i * 8) });
  }
  for (const each of outcomes) reporter.tell({ type: 'ended', job: each.job, outcome: each });
  return reporter.report(outcomes, 3, 'sheaf generate <x>');
}

describe('the report', () => {
  it('as JSON is everything, with a course of bounded length', () => {
    const told: unknown = JSON.parse(reportText(report(partial), 'r.json'));
    expect(told).toMatchObject({
      exitCode: 3,
      totals: { jobs: 1, made: 998, failed: 2, seconds: 60 },
      tasks: [{ job: 'letters', causes: [{ rows: [3, 7] }] }],
    });
    const { course } = report(partial);
    expect(course.at(-1)).toEqual({ at: 60, tried: 1_000 });
    let time = 0;
    const long = createReporter(
      () => new Date(0),
      () => (time += 1),
    );
    for (let i = 0; i < 100_000; i++) {
      long.tell({ type: 'progress', job: 'letters', progress: progress(i) });
    }
    const moments = long.report([], 0, '').course;
    expect(moments.length).toBeLessThanOrEqual(402);
    expect(moments.map(({ at }) => at)).toEqual(moments.map(({ at }) => at).sort((a, b) => a - b));
  });

  it('as a table runs no formula in a spreadsheet', () => {
    const lines = reportText(report({ ...partial, job: '=cmd()' }), 'r.csv').split('\n');
    expect(lines[0]).toBe('\ufefftask,taskId,kind,name,documents,rows,detail');
    expect(lines).toContain(
      `'=cmd(),${TASK_ID},failure,MISSING_VALUE,2,3 7,"'=No ""value"", <b>here</b>"`,
    );
    expect(lines).toContain(`'=cmd(),${TASK_ID},count,failed,2,,`);
  });

  it('as a page is text wherever it came from outside, and asks nobody for anything', () => {
    const page = reportText(report({ ...partial, job: '<img src=x onerror=y>' }), 'r.html');
    expect(page).toContain('&lt;img src=x onerror=y&gt;');
    expect(page).toContain('&lt;b&gt;here&lt;/b&gt;');
    expect(page).toContain('sheaf generate &lt;x&gt;');
    expect(page).not.toMatch(/<img|<b>|<script|<link|src=(?!x )|href=|url\(/);
    expect(page).toMatch(/<svg .*aria-label="At most [\d,]+ documents a second/);
    expect(page).toMatch(/default-src 'none'/);
  });

  it('of nothing says so', () => {
    const page = reportText(report(), 'r.html');
    expect(page).toContain('0 documents made');
    expect(
      createReporter(
        () => new Date(0),
        () => 0,
      ).report([], 1, '').course,
    ).toHaveLength(2);
  });
});

describe('the progress file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sheaf-progress-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is whole whenever it is read, and ends with how it ended', async () => {
    const path = join(folder, 'progress.json');
    const file = createProgressFile(path, ['letters', 'notes'], () => new Date(0));
    const tell = (event: JobEvent) => file.tell(event);
    tell({ type: 'task', job: 'letters', taskId: TASK_ID, documents: 1_000, warnings: [] });
    tell({ type: 'progress', job: 'letters', progress: progress(500) });
    const read = async (): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));
    await expect
      .poll(() => read().catch(() => undefined))
      .toMatchObject({
        status: 'working',
        tasks: [
          { job: 'letters', taskId: TASK_ID, status: 'working', made: 500, total: 1_000 },
          { job: 'notes', status: 'waiting' },
        ],
      });
    tell({ type: 'ended', job: 'letters', outcome: partial });
    await file.end(3);
    expect(await read()).toMatchObject({
      ...{ status: 'ended', exitCode: 3 },
      tasks: [{ status: 'in part', made: 998, failed: 2, saved: ['letters.zip'] }, {}],
    });
  });
});
