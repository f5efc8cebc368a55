/** A process of the simulated world: one invocation of a function, which can die, stand still, be wrong about the time. */
import type {
  Connections,
  Log,
  ObjectStore,
  Random,
  Table,
  WebAnswer,
  WebRequest,
  Workflow,
} from '../../../shared/ports.ts';

export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: unknown;
}

/** Answers that come piece by piece, by the ids of the requests. */
export interface Answers {
  begin(requestId: string, status: number): void;
  write(requestId: string, text: string): void;
}

/** What is outside of all processes. */
export interface Outside {
  readonly table: Table;
  readonly objects: ObjectStore;
  readonly connections: Connections;
  readonly workflow: Workflow;
  readonly web: {
    /** @param startedAt when the process that asks was started */
    request(request: WebRequest, startedAt: number): Promise<WebAnswer>;
  };
  /** Where functions that stream their answers write to. */
  readonly answers: Answers;
  readonly random: Random;
  /** What a process writes into its log. */
  write(line: LogLine): void;
}

export interface Process {
  readonly outside: Outside;
  /** In ms since 1970, by a clock that is right. */
  readonly startedAt: number;
  /** Milliseconds since 1970, as its machine believes. */
  now(): number;
  /** A look at the clock takes its time, in place of work. */
  monotonicMs(): number;
  sleep(ms: number): Promise<void>;
  /** Goes on when others had their turn. */
  turn(then: () => void): void;
  /**
   * Calls a port. A process that is dead never goes on behind it.
   * @param name such as table.update
   * @param about what it is called for, without any value of a row
   */
  call<T>(name: string, about: string, effect: () => Promise<T>): Promise<T>;
}

/**
 * Which process is running. A step of the timeline resumes one process at most, and whatever follows from it runs
 * before the next step (passTime.ts): so a variable does, and costs less than a store that follows every promise.
 */
let current: Process | undefined;

export const currentProcess = (): Process | undefined => current;
/** From here to the end of the step this process runs; undefined: none does. */
export const enter = (process: Process | undefined): void => void (current = process);

/** @throws Error for code that runs in no process */
export function thisProcess(): Process {
  if (current) return current;
  throw new Error('A port was used outside of every process.');
}
