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

/** Streams of events, which hold an execution each, are at most a fifth: two of ten. */
const SHARE_OF_STREAMS = 1 / 5;
/** Reserved beside them: enough to tell those who are too many that they are, which takes 50 ms. */
const BESIDE_STREAMS = 5;

export interface Concurrency {
  /** Shards of one task at a time, at most. */
  readonly ofTask: number;
  /** Streams of server-sent events at a time, at most. */
  readonly streams: number;
  /** Executions reserved for a function; undefined for none. */
  readonly reserved: (name: FunctionName) => number | undefined;
}

/**
 * @param account executions at a time that Lambda allows the account in the region
 * @param wantedStreams streams of server-sent events at a time that are wanted
 */
export function shareConcurrency(account: number, wantedStreams: number): Concurrency {
  const share = (part: number) => Math.max(1, Math.floor(account * part));
  const streams = Math.min(wantedStreams, share(SHARE_OF_STREAMS));
  if (account < RESERVING_FROM) {
    return { ofTask: share(SHARE_OF_ONE_TASK), streams, reserved: () => undefined };
  }
  const eventStream = streams + BESIDE_STREAMS;
  const reserved: Partial<Record<FunctionName, number>> = { ...RESERVED, eventStream };
  const ofTask = account - RESERVED_SUM - eventStream;
  return { ofTask, streams, reserved: (name) => reserved[name] };
}
