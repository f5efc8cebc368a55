/** Where the work is, as a file that is always whole: for programs that look from time to time. */
import { replaceFile } from '../files/replaceFile.ts';
import type { Ending, JobEvent, Outcome } from './jobEvents.ts';

/** What the file holds (docs/cli.md). */
export interface ProgressReport {
  readonly status: 'working' | 'ended';
  readonly startedAt: string;
  readonly updatedAt: string;
  /** What the process ends with. */
  readonly exitCode?: number;
  readonly tasks: readonly TaskProgress[];
}

interface TaskProgress {
  readonly job: string;
  readonly taskId?: string;
  readonly status: 'waiting' | 'working' | 'saving' | Ending;
  readonly total: number;
  readonly made: number;
  readonly failed: number;
  readonly skipped: number;
  readonly progress: number;
  readonly ratePerSecond: number;
  readonly etaSeconds: number | null;
  readonly saved: readonly string[];
  readonly message?: string;
}

export interface ProgressFile {
  tell(event: JobEvent): void;
  /** Writes the last state. @throws what the file system says */
  end(exitCode: number): Promise<void>;
}

const PAUSE_MS = 500;

/** @param jobs their labels, in their order */
export function createProgressFile(
  path: string,
  jobs: readonly string[],
  now: () => Date,
): ProgressFile {
  const startedAt = now().toISOString();
  const tasks = new Map<string, TaskProgress>(
    jobs.map((job) => [
      job,
      {
        ...{ job, status: 'waiting', total: 0, made: 0, failed: 0, skipped: 0, progress: 0 },
        ...{ ratePerSecond: 0, etaSeconds: null, saved: [] },
      },
    ]),
  );
  const report = (more: Pick<ProgressReport, 'status' | 'exitCode'>): ProgressReport => ({
    ...more,
    startedAt,
    updatedAt: now().toISOString(),
    tasks: [...tasks.values()],
  });
  const write = (value: ProgressReport) => replaceFile(path, `${JSON.stringify(value, null, 2)}\n`);

  let writing = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const writeSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      // What cannot be written now is told at the end.
      writing = writing.then(() => write(report({ status: 'working' }))).catch(() => undefined);
    }, PAUSE_MS);
  };
  const change = (job: string, more: Partial<TaskProgress>) => {
    const before = tasks.get(job);
    if (before) tasks.set(job, { ...before, ...more });
    writeSoon();
  };
  return {
    tell(event) {
      const { job } = event;
      switch (event.type) {
        case 'task':
          change(job, { taskId: event.taskId, status: 'working', total: event.documents });
          break;
        case 'progress': {
          const { total, succeeded, failed, skipped, progress, ratePerSecond, etaSeconds } =
            event.progress;
          change(job, {
            total,
            made: succeeded,
            failed,
            skipped,
            progress,
            ratePerSecond,
            etaSeconds,
          });
          break;
        }
        case 'saving':
          change(job, { status: 'saving' });
          break;
        case 'ended':
          change(job, endOf(event.outcome));
          break;
        default:
          break;
      }
    },
    async end(exitCode) {
      clearTimeout(timer);
      await writing;
      await write(report({ status: 'ended', exitCode }));
    },
  };
}

const endOf = ({ ending, total, made, failed, skipped, saved, message }: Outcome) => ({
  ...{ status: ending, total, made, failed, skipped },
  progress: ending === 'made' || ending === 'in part' ? 100 : 0,
  ratePerSecond: 0,
  etaSeconds: null,
  saved: saved.map(({ path }) => path),
  ...(message !== undefined && { message }),
});
