/** A process of the simulated world: one invocation of a function, which can die, stand still, be wrong about the time. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type {
  Connections,
  Log,
  ObjectStore,
  Random,
  Table,
  Web,
  Workflow,
} from '../../../shared/ports.ts';

export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: unknown;
}

/** What is outside of all processes. */
export interface Outside {
  readonly table: Table;
  readonly objects: ObjectStore;
  readonly connections: Connections;
  readonly workflow: Workflow;
  readonly web: Web;
  readonly random: Random;
  /** What a process writes into its log. */
  write(line: LogLine): void;
}

export interface Process {
  readonly outside: Outside;
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

/** Which process is running, wherever the code is that asks. */
export const running = new AsyncLocalStorage<Process>();

/** @throws Error for code that runs in no process */
export function thisProcess(): Process {
  const process = running.getStore();
  if (process) return process;
  throw new Error('A port was used outside of every process.');
}
