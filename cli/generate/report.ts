/** The report of a command: what was made, how fast, and what failed why. A page, a value, or a table. */
import { cell, MARK } from '../../shared/archive/reports.ts';
import type { JobEvent, Outcome } from './jobEvents.ts';
import type { Moment, Report } from './reportContent.ts';
import { reportPage } from './reportPage.ts';
import { totalsOf } from './summary.ts';

/** Moments that are kept; when there are more, every other one goes. */
const MOST_MOMENTS = 400;

export interface Reporter {
  tell(event: JobEvent): void;
  /** @param command what was typed */
  report(outcomes: readonly Outcome[], exitCode: number, command: string): Report;
}

/** @param now of the wall, and `seconds` of a clock that never goes back */
export function createReporter(now: () => Date, seconds: () => number): Reporter {
  const startedAt = now().toISOString();
  const begun = seconds();
  const tried = new Map<string, number>();
  let course: Moment[] = [{ at: 0, tried: 0 }];
  let pause = 0.1;
  const note = (at: number) => {
    const sum = [...tried.values()].reduce((all, each) => all + each, 0);
    course.push({ at, tried: sum });
    if (course.length <= MOST_MOMENTS) return;
    course = course.filter((_, index) => index % 2 === 0);
    pause *= 2;
  };
  return {
    tell(event) {
      if (event.type === 'progress') tried.set(event.job, event.progress.current);
      else if (event.type === 'ended') {
        const { made, failed, skipped } = event.outcome;
        tried.set(event.job, made + failed + skipped);
      } else return;
      const at = seconds() - begun;
      if (event.type === 'ended' || at - (course.at(-1)?.at ?? 0) >= pause) note(at);
    },
    report(tasks, exitCode, command) {
      const took = seconds() - begun;
      note(took);
      const totals = totalsOf(tasks, took);
      const endedAt = now().toISOString();
      return { ...{ command, startedAt, endedAt, exitCode, totals, tasks }, course };
    },
  };
}

/** @param path its ending says what the report is written as: .html, .json or .csv */
export function reportText(report: Report, path: string): string {
  if (/\.json$/i.test(path)) return `${JSON.stringify(report, null, 2)}\n`;
  return /\.csv$/i.test(path) ? table(report) : reportPage(report);
}

const HEADER = `${MARK}task,taskId,kind,name,documents,rows,detail\n`;

/** A line for each count of a task, and for each cause of failures. */
function table({ tasks }: Report): string {
  const lines = tasks.flatMap((task) => {
    const line = (kind: string, name: string, documents: number, rows = '', detail = '') =>
      [task.job, task.taskId ?? '', kind, name, String(documents), rows, detail]
        .map(cell)
        .join(',');
    return [
      line('count', 'made', task.made),
      line('count', 'failed', task.failed),
      line('count', 'skipped', task.skipped),
      line('ending', task.ending, task.total, '', task.message),
      ...task.causes.map(({ code, count, rows, detail }) =>
        line('failure', code, count, rows.join(' '), detail),
      ),
    ];
  });
  return `${HEADER}${lines.join('\n')}\n`;
}
