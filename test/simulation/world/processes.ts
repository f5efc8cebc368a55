/** Starts processes, and lets faults strike their calls. */
import { WORKFLOW_ERRORS } from '../../../shared/names.ts';
import { WorkflowError } from '../../../shared/problems.ts';
import { mixed } from '../random.ts';
import type { CallFault, Scenario } from '../scenario.ts';
import { byNumber } from './faults.ts';
import { enter, type Outside, type Process } from './process.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

/** A call takes from this on to so much more, in ms. */
const [CALL_MS, CALL_JITTER_MS] = [2, 10];
/** Between the first and the second effect of a call that is made twice, in ms. */
const TWICE_MS = 150;

/** A process as Lambda has it. */
export interface LiveProcess extends Process {
  /** When it is ended, in ms since 1970. */
  readonly endsAt: number;
  /** It has answered: its timeout is over. */
  finish(): void;
  readonly isAlive: () => boolean;
  /** No fault has struck it. */
  readonly isWell: () => boolean;
}

export interface Launch {
  /** Such as renderShard 3. */
  readonly name: string;
  /** Its timeout. */
  readonly seconds: number;
  /** How wrong its clock is. */
  readonly skewMs: number;
  /** Whether it goes on behind its timeout when it was frozen. */
  readonly canOutlive: boolean;
  readonly onEnd: (end: 'died' | 'timedOut') => void;
}

export interface Processes {
  start(launch: Launch): LiveProcess;
  /** Calls so far. */
  calls(): number;
  /** When a process called something last, but for those that only look. */
  workedAt(): number;
  /** From now on no call fails. */
  calmDown(): void;
}

/**
 * Where monotonic clocks stand when a world begins: behind everything that an earlier world has noted in
 * this thread, as a connection that is slow.
 */
let monotonicBase = 0;
const LONGEST_MS = 1e12;

const unavailable = (service: string) =>
  new WorkflowError(
    WORKFLOW_ERRORS.serviceUnavailable,
    `${service} did not answer as it should (simulated).`,
  );

/** What a call that fails tells: what the port says of it, or the workflow's error. */
function failureOf(name: string, hasHappened: boolean): unknown {
  if (name === 'connections.send' && hasHappened) return 'unanswered';
  if (name === 'web.request') return { failure: hasHappened ? 'broken' : 'unreachable' };
  throw unavailable(name.split('.', 1)[0] ?? name);
}

/** What may be sent again by the client of a service, unasked. */
const isRepeatable = (name: string) =>
  !['connections.send', 'web.request', 'upload.complete'].includes(name);

async function settled<T>(effect: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  try {
    return { status: 'fulfilled', value: await effect() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

interface Ground {
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly outside: Outside;
  /** Told of each fault that strikes. */
  readonly onFault: (kind: string) => void;
}

export function createProcesses({
  scenario,
  timeline,
  trace,
  outside,
  onFault,
}: Ground): Processes {
  const begun = timeline.now();
  monotonicBase += LONGEST_MS;
  const base = monotonicBase;
  let callFaults = byNumber(scenario.callFaults);
  let calls = 0;
  let worked = begun;

  function start({ name, seconds, skewMs, canOutlive, onEnd }: Launch): LiveProcess {
    let alive = true;
    /** It has computed up to here. */
    let local = timeline.now();
    let frozenUntil = 0;
    let outlivesTimeout = false;
    let isWell = true;
    const startedAt = timeline.now();
    const endsAt = startedAt + seconds * 1000;
    const time = () => Math.max(local, timeline.now());
    const end = (how: 'died' | 'timedOut') => {
      if (!alive) return;
      alive = false;
      trace.note(name, how === 'died' ? 'is killed' : 'runs into its timeout');
      onEnd(how);
    };
    const takeBack = timeline.at(endsAt, () => {
      if (!outlivesTimeout) end('timedOut');
    });
    /** Goes on with it at a moment, or when it is not frozen any more. */
    const resume = (moment: number, then: () => void) => {
      const at = Math.max(moment, frozenUntil);
      const go = () => {
        if (!alive) return;
        if (frozenUntil > timeline.now()) return resume(frozenUntil, then);
        local = Math.max(local, timeline.now());
        enter(process);
        then();
      };
      if (at <= timeline.now()) go();
      else timeline.at(at, go);
    };

    function call<T>(called: string, about: string, effect: () => Promise<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (!alive) return;
        const number = ++calls;
        if (!/^(sweep|eventStream)/.test(name)) worked = timeline.now();
        const fault = callFaults.get(number);
        const kind: CallFault | undefined =
          fault?.kind === 'twice' && !isRepeatable(called) ? undefined : fault?.kind;
        if (fault && kind) {
          onFault(kind);
          isWell = false;
        }
        trace.call(number, name, called, about, kind);
        if (kind === 'dieBefore') return end('died');
        if (fault && kind === 'freeze') {
          frozenUntil = time() + fault.ms;
          outlivesTimeout = canOutlive;
        }
        const answer = (outcome: PromiseSettledResult<T>, moment: number) => {
          resume(moment, () => {
            if (outcome.status === 'fulfilled') resolve(outcome.value);
            else reject(outcome.reason as Error);
          });
        };
        const happen = async () => {
          if (kind === 'failBefore') return settled(async () => failureOf(called, false) as T);
          const outcome = await settled(effect);
          if (kind === 'failBehind') return settled(async () => failureOf(called, true) as T);
          return outcome;
        };
        timeline.at(time() + CALL_MS + (mixed(scenario.seed, number) % CALL_JITTER_MS), () => {
          void happen().then((outcome) => {
            const now = timeline.now();
            if (kind === 'dieBehind') return end('died');
            if (kind === 'twice') {
              timeline.at(now + TWICE_MS, () => {
                void settled(effect).then((again) => answer(again, timeline.now()));
              });
              return;
            }
            answer(outcome, fault && kind === 'slow' ? now + fault.ms : now);
          });
        });
      });
    }

    const process: LiveProcess = {
      outside,
      startedAt,
      endsAt,
      finish() {
        takeBack();
        enter(undefined);
      },
      isWell: () => isWell,
      isAlive: () => alive,
      now: () => Math.floor(time()) + skewMs,
      monotonicMs() {
        local = time() + scenario.lookMs;
        return local - begun + base;
      },
      sleep: (ms) => new Promise((resolve) => resume(time() + ms, resolve)),
      turn: (then) => resume(time(), then),
      call,
    };
    return process;
  }

  return {
    start,
    calls: () => calls,
    workedAt: () => worked,
    calmDown: () => void (callFaults = new Map()),
  };
}
