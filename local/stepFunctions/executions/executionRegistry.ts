/** Which executions there are: found at the start, added, forgotten when they are old. */
import { executionFolders, readEnd, readStart, removeExecution } from './executionFiles.ts';
import type { EndStatus, ExecutionStart } from './executionFiles.ts';
import { ServiceFault } from '../failures.ts';
import { ENDED_EXECUTIONS_KEPT, ENDED_EXECUTION_DAYS } from '../limits.ts';

/** An execution, in short; times in milliseconds since 1970. */
export interface ExecutionSummary {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly status: EndStatus | 'RUNNING';
  readonly startedAt: number;
  readonly endedAt?: number;
}

/** An execution that is kept; `Active` is what it has while it runs in this process. */
export interface Entry<Active> {
  summary: ExecutionSummary;
  readonly folder: string;
  active?: Active;
}

export interface ExecutionRegistry<Active> {
  find(executionArn: string): Entry<Active> | undefined;
  /** @throws {ServiceFault} ExecutionDoesNotExist */
  get(executionArn: string): Entry<Active>;
  add(start: ExecutionStart, folder: string): Entry<Active>;
  /** The latest start first. */
  all(): Entry<Active>[];
  /** Forgets what ended longest ago, beyond what is kept; never an execution that `isUsed`. */
  prune(now: number, isUsed: (executionArn: string) => boolean): void;
}

/** Finds what earlier engines have left in the folder. */
export function openRegistry<Active>(dataDir: string): ExecutionRegistry<Active> {
  const entries = new Map<string, Entry<Active>>();
  for (const folder of executionFolders(dataDir)) {
    const start = readStart(folder);
    if (!start) {
      // Its start was never answered: the process was killed while it wrote the first line.
      removeExecution(folder);
      continue;
    }
    const end = readEnd(folder);
    const ended = end && { status: end.status, endedAt: end.endedAt };
    entries.set(start.arn, { summary: { ...runningSummary(start), ...ended }, folder });
  }
  return {
    find: (arn) => entries.get(arn),
    get(arn) {
      const entry = entries.get(arn);
      if (entry) return entry;
      throw new ServiceFault('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    },
    add(start, folder) {
      const entry = { summary: runningSummary(start), folder };
      entries.set(start.arn, entry);
      return entry;
    },
    all: () =>
      [...entries.values()].reverse().sort((a, b) => b.summary.startedAt - a.summary.startedAt),
    prune(now, isUsed) {
      const oldest = now - ENDED_EXECUTION_DAYS * 24 * 3600 * 1000;
      const kept = new Map<string, number>();
      const ended = [...entries.values()]
        .map(({ summary, folder }) => ({
          ...summary,
          folder,
          endedAt: summary.endedAt ?? Infinity,
        }))
        .filter(({ status }) => status !== 'RUNNING')
        .sort((a, b) => b.endedAt - a.endedAt);
      for (const { stateMachineArn, executionArn, endedAt, folder } of ended) {
        const count = (kept.get(stateMachineArn) ?? 0) + 1;
        kept.set(stateMachineArn, count);
        if ((endedAt >= oldest && count <= ENDED_EXECUTIONS_KEPT) || isUsed(executionArn)) continue;
        entries.delete(executionArn);
        removeExecution(folder);
      }
    },
  };
}

function runningSummary(start: ExecutionStart): ExecutionSummary {
  return {
    executionArn: start.arn,
    name: start.name,
    stateMachineArn: start.stateMachineArn,
    status: 'RUNNING',
    startedAt: start.startedAt,
  };
}
