/** Which executions there are: found at the start, added, forgotten when they are old. */
import { executionFolders, readEnd, readStart, removeExecution } from './executionFiles.ts';
import type { EndStatus, ExecutionEnd, ExecutionStart } from './executionFiles.ts';
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
  /** Notes that an execution has ended; it is kept as long as prune keeps it. */
  ended(entry: Entry<Active>, end: Pick<ExecutionEnd, 'status' | 'endedAt'>): void;
  /** The latest start first. */
  all(): Entry<Active>[];
  /**
   * Forgets what ended longest ago, beyond what is kept; never an execution that `isUsed`. Takes time
   * by what it forgets, not by what there is.
   */
  prune(now: number, isUsed: (executionArn: string) => boolean): void;
}

/** Finds what earlier engines have left in the folder, and makes room for these state machines. */
export function openRegistry<Active>(
  dataDir: string,
  machineNames: readonly string[],
): ExecutionRegistry<Active> {
  const entries = new Map<string, Entry<Active>>();
  /** Those that have ended, by state machine, in the order of their ends. */
  const endings = new Map<string, Entry<Active>[]>();
  const noteEnd = (entry: Entry<Active>) => {
    const { stateMachineArn } = entry.summary;
    const all = endings.get(stateMachineArn);
    if (all) all.push(entry);
    else endings.set(stateMachineArn, [entry]);
  };
  for (const folder of executionFolders(dataDir, machineNames)) {
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
  const endedAt = ({ summary }: Entry<Active>) => summary.endedAt ?? Infinity;
  [...entries.values()]
    .filter(({ summary }) => summary.status !== 'RUNNING')
    .sort((a, b) => endedAt(a) - endedAt(b))
    .forEach(noteEnd);
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
    ended(entry, { status, endedAt }) {
      entry.summary = { ...entry.summary, status, endedAt };
      noteEnd(entry);
    },
    prune(now, isUsed) {
      const oldest = now - ENDED_EXECUTION_DAYS * 24 * 3600 * 1000;
      for (const ended of endings.values()) {
        // Mostly nothing, or the first one: this is asked at every end.
        for (let i = 0; i < ended.length;) {
          const entry = ended[i];
          if (!entry || (ended.length <= ENDED_EXECUTIONS_KEPT && endedAt(entry) >= oldest)) break;
          if (isUsed(entry.summary.executionArn)) {
            i += 1;
            continue;
          }
          ended.splice(i, 1);
          entries.delete(entry.summary.executionArn);
          removeExecution(entry.folder);
        }
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
