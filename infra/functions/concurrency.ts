/**
 * How the executions that Lambda allows an account at a time are shared between rendering, which takes
 * all that it gets, and those whom somebody waits for.
 */
import type { FunctionName } from '../../shared/names.ts';

/** What the API and the stream keep for themselves, whatever is rendered. It is also their most. */
const RESERVED = {
  /** 1,000 requests a second (the stage's limit) of 50 ms are 50; the rest for templates being checked. */
  api: 100,
  /** Keys are remembered for a minute, and looked up in 10 ms. */
  apiAuthorizer: 20,
  /** 1,000 messages a second of 50 ms. */
  stream: 50,
  /** 500 new connections a second, which API Gateway allows, of 40 ms. */
  streamAuthorizer: 20,
} as const satisfies Partial<Record<FunctionName, number>>;

const RESERVED_SUM = Object.values(RESERVED).reduce((sum, count) => sum + count, 0);

/**
 * From here on executions are reserved: five times what is reserved, so that rendering is not what goes
 * short. AWS wants at least 100 to stay unreserved; a new account, which has 10, can reserve none.
 */
const RESERVING_FROM = 5 * RESERVED_SUM;

/** With nothing reserved a task leaves half: one of concurrency 10 would take all that a new account has. */
const SHARE_OF_ONE_TASK = 1 / 2;

export interface Concurrency {
  /** Shards of one task at a time, at most. */
  readonly ofTask: number;
  /** Executions reserved for a function; undefined for none. */
  readonly reserved: (name: FunctionName) => number | undefined;
}

/** @param account executions at a time that Lambda allows the account in the region */
export function shareConcurrency(account: number): Concurrency {
  if (account < RESERVING_FROM) {
    const ofTask = Math.max(1, Math.floor(account * SHARE_OF_ONE_TASK));
    return { ofTask, reserved: () => undefined };
  }
  const reserved: Partial<Record<FunctionName, number>> = RESERVED;
  return { ofTask: account - RESERVED_SUM, reserved: (name) => reserved[name] };
}
