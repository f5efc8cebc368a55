/** What the engine needs from outside, and what every flow carries with it. */
import type { Log, Random } from '../../shared/ports.ts';
import type { WorkflowMeter } from '../billing/meter.ts';
import { Interrupted } from './failures.ts';
import type { Recorder } from './history.ts';
import type { Json, JsonObject } from './json.ts';
import type { DistributedMapState } from './language/program.ts';
import type { ChildPlace, WaitingTasks } from './taskTokens.ts';

/** Time. A plain Clock port will do; the optional parts let waits be given up. */
export interface WorkflowClock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Waits of Wait states and retries; may reject once `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Time limits: calls `ring` after `ms` unless the returned function is called before. Default: a
   * timer that does not keep the process alive.
   */
  alarm?(ms: number, ring: () => void): () => void;
}

/** On whose behalf a call is made, so that the role of that state machine can be checked. */
export interface Caller {
  readonly stateMachineArn: string;
}

/**
 * How a function's invocation ended. An `errorType` that begins with `Lambda.` is a failure of the
 * service, whose cause is the message alone; any other is the function's own, whose cause is its
 * error payload as JSON text.
 */
export type InvokeOutcome =
  | { readonly ok: true; readonly payload: unknown }
  | {
      readonly ok: false;
      readonly errorType: string;
      readonly errorMessage: string;
      readonly trace?: readonly string[];
    };

/** Invokes a function, named as in the definition, and waits for its answer. */
export type InvokeFunction = (
  functionArn: string,
  payload: unknown,
  caller: Caller,
) => Promise<InvokeOutcome>;

/** The object store as item readers and result writers use it; both reject with a plain Error. */
export interface WorkflowObjects {
  read(bucket: string, key: string, caller: Caller): Promise<Uint8Array>;
  write(bucket: string, key: string, body: Uint8Array, caller: Caller): Promise<void>;
}

export interface Services {
  readonly clock: WorkflowClock;
  readonly random: Random;
  readonly invoke: InvokeFunction;
  readonly objects: WorkflowObjects;
  readonly log: Log;
  /**
   * Waits until one more child of a distributed map may run; the answer gives its place back. Default:
   * there is always room. Where functions wait for each other, children would spend their time limits
   * waiting.
   */
  readonly admitChild?: () => Promise<() => void>;
  /** Told of all that Step Functions would bill. */
  readonly meter?: WorkflowMeter;
  /** Told that an execution could not be recorded: it stands where it was until the next start. */
  readonly onUnrecorded?: (error: unknown) => void;
}

/** Who is running: an execution, or a child execution of a Map Run. */
export interface ExecutionFacts {
  readonly arn: string;
  readonly name: string;
  readonly input: Json;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
}

/** What every flow of an execution shares. */
export interface Run {
  readonly services: Services;
  readonly execution: ExecutionFacts;
  readonly caller: Caller;
  readonly recorder: Recorder;
  /** Aborted, with an Interrupted as its reason, when the flow must end where it stands. */
  readonly signal: AbortSignal;
  /** Tasks that wait for somebody to answer their token. */
  readonly waiting: WaitingTasks;
  /** Of a child of a map. */
  readonly child?: ChildPlace;
  /** $$.Map.Item of the iteration of an inline map that the flow is in. */
  readonly mapItem?: JsonObject;
  /** Runs a distributed map; children have none. */
  readonly distributedMap?: RunDistributedMap;
}

/** Runs (or goes on with) a distributed map state; gives its result before ResultSelector. */
export type RunDistributedMap = (visit: MapVisit, state: DistributedMapState) => Promise<Json>;

/** The visit of a state, as far as a distributed map needs it. */
export interface MapVisit {
  readonly run: Run;
  /** After InputPath. */
  readonly input: Json;
  /** The context object, $$. */
  readonly context: JsonObject;
  /** The Map Run that was under way when the engine before this one was stopped. */
  readonly mapRunArn: string | undefined;
  readonly emit: (type: string, details?: JsonObject) => number;
  /** To be called when the Map Run has begun: from then on a failure is one of the map's work. */
  readonly onWork: () => void;
}

/** Settles as `work` does, unless `signal` is aborted first; then rejects with its reason. */
export async function interruptible<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => {
      reject(interruption(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

/** The reason of an aborted signal, which is always an Interrupted. */
export function interruption(signal: AbortSignal): Interrupted {
  return signal.reason instanceof Interrupted ? signal.reason : new Interrupted('engine closed');
}

/** Timers take at most 2^31 − 1 ms: longer waits are made of days. */
const LONGEST_SLEEP_MS = 24 * 3600 * 1000;

/** Waits until `at` (milliseconds since 1970); rejects when the flow is interrupted. */
export async function sleepUntil(run: Run, at: number): Promise<void> {
  const { clock } = run.services;
  for (let left = at - clock.now(); left > 0; left -= LONGEST_SLEEP_MS) {
    const ms = Math.min(left, LONGEST_SLEEP_MS);
    const slept = clock.sleep(ms, run.signal);
    // An aborted sleep may reject after the race is lost.
    slept.catch(() => undefined);
    await interruptible(slept, run.signal);
  }
}

/** Calls `ring` after `ms`, unless the returned function is called before. */
export function setAlarm({ clock }: Services, ms: number, ring: () => void): () => void {
  if (clock.alarm) return clock.alarm(ms, ring);
  let timer: NodeJS.Timeout | undefined;
  const set = (left: number) => {
    const step = Math.min(left, LONGEST_SLEEP_MS);
    timer = setTimeout(() => {
      if (left > step) set(left - step);
      else ring();
    }, step);
    timer.unref();
  };
  set(ms);
  return () => {
    clearTimeout(timer);
  };
}
