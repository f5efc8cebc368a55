/**
 * The simulated world: table, bucket, workflows, WebSocket gateway, clocks and other people's servers, and
 * processes in which the functions run. Time passes only between events, and all that is random follows from the
 * scenario's seed.
 */
import type { Context } from 'aws-lambda';
import { WORKFLOW_ERRORS } from '../../../shared/names.ts';
import { WorkflowError } from '../../../shared/problems.ts';
import type { InvokeOutcome } from '../../../local/stepFunctions/services.ts';
import { lambdaContext } from '../../support/gatewayEvents.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { createSeededRandom } from '../../support/memoryPorts.ts';
import { createMemoryTable } from '../../support/memoryTable.ts';
import { mixed } from '../random.ts';
import type { CallFault, Fault, InvocationFault, Scenario } from '../scenario.ts';
import { functions, isSimulated, type SimulatedFunction } from './functions.ts';
import { running, type LogLine, type Outside, type Process } from './process.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { createTrace, type Trace } from './trace.ts';
import { createWorkflows, type MachineDefinitions, type Workflows } from './workflows.ts';

/** What the simulator takes from the synthesized template. */
export interface Deployment {
  readonly machines: MachineDefinitions;
  /** By ARN as the definitions name it. */
  readonly functions: Readonly<Record<string, { readonly name: string; readonly seconds: number }>>;
}

/** When a simulation begins. */
const BEGINNING = Date.UTC(2026, 0, 1);
/** A call takes from this on to so much more, in ms. */
const [CALL_MS, CALL_JITTER_MS] = [2, 10];
/** Between the first and the second effect of a call that is made twice, in ms. */
const TWICE_MS = 150;
/** Within this Lambda tells that a function's process has ended, in ms. */
const EXIT_MS = 20;
/** A function without a workflow around it has so long, in seconds (API Gateway: 29). */
const GATEWAY_SECONDS = 29;
/** What a message of the WebSocket may hold. */
const MESSAGE_BYTES_MAX = 128 * 1024;

export interface World {
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly table: ReturnType<typeof createMemoryTable>;
  readonly objects: ReturnType<typeof createMemoryObjectStore>;
  readonly workflows: Workflows;
  /** Messages to each connection that is open, or was. */
  readonly connections: Map<string, { isOpen: boolean; readonly messages: string[] }>;
  /** Requests that servers of others were sent. */
  readonly requests: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly status: number;
  }[];
  readonly logged: LogLine[];
  /** How many calls and invocations there were, and faults that struck. */
  readonly counts: { calls: number; invocations: number; struck: Map<string, number> };
  /** Processes that lost a lease although no fault struck them. */
  readonly lostLeases: string[];
  /** Functions that ran with a wrong clock. */
  readonly skewed: string[];
  /** What went wrong with the simulation itself. */
  readonly broken: unknown[];
  /** When something happened last but for a sweep. */
  workedAt(): number;
  /** From now on nothing goes wrong any more. */
  calmDown(): void;
  /** Invokes a function as gateways and schedules do, and waits for its answer. */
  request(name: SimulatedFunction, event: unknown, seconds?: number): Promise<InvokeOutcome>;
  /** Waits, in virtual time. */
  pause(ms: number): Promise<void>;
}

const realImmediate = setImmediate;
/** Settled when everything has run that waits for nothing. */
const quiet = () => new Promise<void>((resolve) => void realImmediate(resolve));

/** Code in a process gives its turn to whatever happens meanwhile; outside of one all is as ever. */
globalThis.setImmediate = Object.assign(
  (then: (...args: unknown[]) => void, ...args: unknown[]) => {
    const process = running.getStore();
    if (!process) return realImmediate(then, ...args);
    process.turn(() => running.run(process, then, ...args));
    return undefined as unknown as NodeJS.Immediate;
  },
  { __promisify__: realImmediate.__promisify__ },
) as typeof setImmediate;

const unavailable = (service: string) =>
  new WorkflowError(
    WORKFLOW_ERRORS.serviceUnavailable,
    `${service} did not answer as it should (simulated).`,
  );

/** By number. */
const byNumber = <Kind extends string>(faults: readonly Fault<Kind>[]) =>
  new Map(faults.map((fault) => [fault.number, fault]));

export function createWorld(
  scenario: Scenario,
  deployment: Deployment,
  { keepsTrace }: { keepsTrace: boolean },
): World {
  const { seed } = scenario;
  const timeline = createTimeline(BEGINNING);
  const trace = createTrace(() => timeline.now() - BEGINNING, keepsTrace);
  const random = createSeededRandom(seed);
  const table = createMemoryTable({ now: () => Math.floor(timeline.now()) });
  const objects = createMemoryObjectStore();
  let callFaults = byNumber(scenario.callFaults);
  let faults = {
    step: byNumber(scenario.stepFaults),
    request: byNumber(scenario.requestFaults),
  };
  const invoked = { step: 0, request: 0 };
  const counts = { calls: 0, invocations: 0, struck: new Map<string, number>() };
  const connections: World['connections'] = new Map();
  const requests: World['requests'] = [];
  const logged: World['logged'] = [];
  const broken: unknown[] = [];
  const lostLeases: string[] = [];
  const skewed: string[] = [];
  let worked = timeline.now();

  const strike = (kind: string) => void counts.struck.set(kind, (counts.struck.get(kind) ?? 0) + 1);
  const pause = (ms: number) =>
    new Promise<void>((resolve) => void timeline.at(timeline.now() + ms, resolve));

  const outside: Outside = {
    table,
    objects,
    random,
    write: (line) => void logged.push(line),
    connections: {
      async send(connectionId, message) {
        const connection = connections.get(connectionId);
        if (!connection?.isOpen) return 'gone';
        if (Buffer.byteLength(message) > MESSAGE_BYTES_MAX)
          throw new Error('A message is too large.');
        connection.messages.push(message);
        return 'sent';
      },
    },
    workflow: {
      start: (...call) => workflows.start(...call),
      stop: (...call) => workflows.stop(...call),
      limitMaps: (...call) => workflows.limitMaps(...call),
    },
    web: {
      async request({ headers, body = '' }) {
        const status = scenario.receiver[requests.length] ?? 204;
        requests.push({ headers, body, status });
        if (status === 0) return { failure: 'timeout' };
        return { status, headers: {}, body: new Uint8Array(), isWhole: true };
      },
    },
  };

  /** What a call that fails tells: what the port says of it, or the workflow's error. */
  function failureOf(name: string, hasHappened: boolean): unknown {
    if (name === 'connections.send' && hasHappened) return 'unanswered';
    if (name === 'web.request') return { failure: hasHappened ? 'broken' : 'unreachable' };
    throw unavailable(name.split('.', 1)[0] ?? name);
  }

  /** What may be sent again by the client of a service, unasked. */
  const isRepeatable = (name: string) =>
    !['connections.send', 'web.request', 'upload.complete'].includes(name);

  interface LiveProcess extends Process {
    readonly endsAt: number;
    /** It has answered: its timeout is over. */
    finish(): void;
    readonly isAlive: () => boolean;
    /** No fault has struck it. */
    readonly isWell: () => boolean;
  }

  function createProcess(
    name: string,
    seconds: number,
    skewMs: number,
    onEnd: (end: 'died' | 'timedOut') => void,
  ): LiveProcess {
    let alive = true;
    /** It has computed up to here. */
    let local = timeline.now();
    let frozenUntil = 0;
    let outlivesTimeout = false;
    let isWell = true;
    const endsAt = timeline.now() + seconds * 1000;
    const time = () => Math.max(local, timeline.now());
    const end = (how: 'died' | 'timedOut') => {
      if (!alive) return;
      alive = false;
      trace.note(name, how === 'died' ? 'is killed' : 'runs into its timeout');
      onEnd(how);
    };
    const finish = timeline.at(endsAt, () => {
      if (!outlivesTimeout) end('timedOut');
    });
    /** Goes on with it at a moment, or when it is not frozen any more. */
    const resume = (moment: number, then: () => void) => {
      const at = Math.max(moment, frozenUntil);
      const go = () => {
        if (!alive) return;
        if (frozenUntil > timeline.now()) return resume(frozenUntil, then);
        local = Math.max(local, timeline.now());
        then();
      };
      if (at <= timeline.now()) go();
      else timeline.at(at, go);
    };

    function call<T>(called: string, about: string, effect: () => Promise<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (!alive) return;
        const number = ++counts.calls;
        if (!name.startsWith('sweep')) worked = timeline.now();
        const fault = callFaults.get(number);
        const kind: CallFault | undefined =
          fault?.kind === 'twice' && !isRepeatable(called) ? undefined : fault?.kind;
        if (fault && kind) {
          strike(kind);
          isWell = false;
        }
        trace.call(number, name, called, about, kind);
        if (kind === 'dieBefore') return end('died');
        if (fault && kind === 'freeze') {
          frozenUntil = time() + fault.ms;
          // What a client waits for ends with its timeout, whatever it is at.
          outlivesTimeout = seconds > GATEWAY_SECONDS;
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
        timeline.at(time() + CALL_MS + (mixed(seed, number) % CALL_JITTER_MS), () => {
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

    return {
      outside,
      endsAt,
      finish,
      isWell: () => isWell,
      isAlive: () => alive,
      now: () => Math.floor(time()) + skewMs,
      monotonicMs() {
        local = time() + scenario.lookMs;
        return local - BEGINNING + MONOTONIC_BASE;
      },
      sleep: (ms) => new Promise((resolve) => resume(time() + ms, resolve)),
      turn: (then) => resume(time(), then),
      call,
    };
  }

  const numberOf = new Map<string, number>();
  /** Runs a function in a process of its own, once. */
  function run(
    name: SimulatedFunction,
    event: unknown,
    seconds: number,
    skewMs: number,
  ): Promise<InvokeOutcome> {
    const number = (numberOf.get(name) ?? 0) + 1;
    numberOf.set(name, number);
    const label = `${name} ${number}`;
    return new Promise((resolve) => {
      const process = createProcess(label, seconds, skewMs, (end) => {
        const outcome: InvokeOutcome =
          end === 'died'
            ? { ok: false, errorType: 'Runtime.ExitError', errorMessage: 'The process has ended.' }
            : { ok: false, errorType: 'Sandbox.Timedout', errorMessage: 'The function timed out.' };
        timeline.at(timeline.now() + EXIT_MS, () => resolve(outcome));
      });
      const context: Context = {
        ...lambdaContext(),
        getRemainingTimeInMillis: () => Math.max(0, process.endsAt - (process.now() - skewMs)),
      };
      running.run(process, () => {
        functions[name](structuredClone(event), context).then(
          (payload: unknown) => {
            process.finish();
            if (process.isAlive()) resolve({ ok: true, payload });
          },
          (error: unknown) => {
            process.finish();
            if (!process.isAlive()) return;
            const { name: errorType, message } = error instanceof Error ? error : new Error();
            if (name !== 'api') trace.note(label, `throws ${errorType}`);
            if (errorType === WORKFLOW_ERRORS.leaseLost && process.isWell()) lostLeases.push(label);
            resolve({ ok: false, errorType, errorMessage: message });
          },
        );
      });
    });
  }

  async function invoke(
    name: SimulatedFunction,
    event: unknown,
    { of, seconds }: { readonly of: keyof typeof faults; readonly seconds: number },
  ): Promise<InvokeOutcome> {
    counts.invocations++;
    const number = ++invoked[of];
    const fault = faults[of].get(number);
    const kind: InvocationFault | undefined = fault?.kind;
    trace.invocation(`${of} ${number}`, name, kind);
    if (kind) strike(`${of} ${kind}`);
    if (kind === 'throttled') {
      await pause(EXIT_MS);
      return {
        ok: false,
        errorType: 'Lambda.TooManyRequestsException',
        errorMessage: 'Rate Exceeded.',
      };
    }
    await pause(fault && kind === 'late' ? fault.ms : CALL_MS);
    const skewMs = fault && kind === 'skewed' ? fault.ms : 0;
    if (skewMs !== 0) skewed.push(name);
    const first = run(name, event, seconds, skewMs);
    if (fault && kind === 'twice') {
      timeline.at(timeline.now() + fault.ms, () => {
        // Whoever is first answers; what becomes of the other is nobody's matter.
        void run(name, event, seconds, 0);
      });
    }
    const outcome = await first;
    return kind === 'answerLost'
      ? { ok: false, errorType: 'Lambda.SdkClientException', errorMessage: 'The connection broke.' }
      : outcome;
  }

  const workflows = createWorkflows(deployment.machines, {
    clock: {
      now: () => Math.floor(timeline.now()),
      sleep: (ms) => pause(ms),
      alarm: (ms, ring) => timeline.at(timeline.now() + ms, ring),
    },
    random,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (message, fields) => void broken.push({ message, fields }),
    },
    onUnrecorded: (error) => void broken.push(error),
    async invoke(arn, payload) {
      const target = deployment.functions[arn];
      if (!target || !isSimulated(target.name))
        throw new Error(`Nobody knows the function ${arn}.`);
      return invoke(target.name, payload, { of: 'step', seconds: target.seconds });
    },
    objects: {
      read: (_, key) => objects.read(key),
      write: async (_, key, body) => void (await objects.put(key, body)),
    },
  });

  MONOTONIC_BASE += LONGEST_MS;
  return {
    scenario,
    timeline,
    trace,
    table,
    objects,
    workflows,
    connections,
    requests,
    logged,
    counts,
    broken,
    lostLeases,
    skewed,
    workedAt: () => worked,
    calmDown() {
      callFaults = new Map();
      faults = { step: new Map(), request: new Map() };
    },
    request: (name, event, seconds = GATEWAY_SECONDS) =>
      invoke(name, event, { of: 'request', seconds }),
    pause,
  };
}

/**
 * Where monotonic clocks stand when a world begins: behind everything that an earlier world has noted in
 * this process, as a connection that is slow.
 */
let MONOTONIC_BASE = 0;
const LONGEST_MS = 1e12;

async function settled<T>(effect: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  try {
    return { status: 'fulfilled', value: await effect() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

/**
 * Lets time pass up to a moment, whether anything happens or not; without end, until nothing is planned.
 * @param isOver asked between two events: whether to stop
 */
export async function passTime(
  { timeline }: Pick<World, 'timeline'>,
  until: number,
  isOver: () => boolean = () => false,
): Promise<void> {
  await quiet();
  // So that time passes up to there.
  if (Number.isFinite(until)) timeline.at(until, () => undefined);
  while (!isOver()) {
    const next = timeline.nextAt();
    if (next === undefined || next > until) return;
    timeline.step();
    await quiet();
  }
}
