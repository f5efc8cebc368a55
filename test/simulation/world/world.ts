/**
 * The simulated world: table, bucket, workflows, WebSocket gateway, clocks and other people's servers, and
 * processes in which the functions run. Time passes only between events, and all that is random follows from the
 * scenario's seed.
 */
import { createService, type Service } from '../service.ts';
import type { InvokeOutcome } from '../../../local/stepFunctions/services.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';
import { createSeededRandom } from '../../support/memoryPorts.ts';
import { createMemoryTable } from '../../support/memoryTable.ts';
import type { Item } from '../../../shared/ports.ts';
import type { Scenario } from '../scenario.ts';
import { isSimulated, type SimulatedFunction } from './functions.ts';
import { throughGateway } from './httpGateway.ts';
import { createLambda, GATEWAY_SECONDS, type Lambda } from './lambda.ts';
import type { LogLine, Outside } from './process.ts';
import { createProcesses, type Processes } from './processes.ts';
import { createStepWatch, type StepWatch } from '../invariants/steps.ts';
import { useViolations, type UsingTask } from '../invariants/uses.ts';
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
/** Who answers so wants nothing any more. */
const GONE = 410;
/** Where an owner's endpoint is, by its index in the scenario. */
export const endpointUrl = (index: number) => `https://hooks.example.org/of-owner/${index}`;
/** What a message of the WebSocket may hold. */
const MESSAGE_BYTES_MAX = 128 * 1024;

/** Whoever reads an answer that comes piece by piece. */
export interface AnswerListener {
  begin(status: number): void;
  take(text: string): void;
}

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
    readonly url: string;
    /** When the process that sent it was started. */
    readonly startedAt: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly status: number;
  }[];
  readonly service: Service;
  readonly logged: LogLine[];
  readonly steps: StepWatch;
  /** Violations of what was deleted though a task is made from it. */
  readonly misused: ReadonlySet<string>;
  /** When endpoints were deleted, or found to be gone, by id. */
  readonly closedAt: ReadonlyMap<string, number>;
  /** Hears what is written to the answer of a request, by its id. */
  readonly listeners: Map<string, AnswerListener>;
  readonly processes: Processes;
  readonly lambda: Lambda;
  /** Faults that struck, by kind. */
  readonly struck: ReadonlyMap<string, number>;
  /** What went wrong with the simulation itself. */
  readonly broken: unknown[];
  /** From now on nothing goes wrong any more. */
  calmDown(): void;
  /** Invokes a function as gateways and schedules do, and waits for its answer. */
  request(name: SimulatedFunction, event: unknown, seconds?: number): Promise<InvokeOutcome>;
  /** Waits, in virtual time. */
  pause(ms: number): Promise<void>;
}

/** The endpoint of an owner to which nothing may be sent after this write. */
function closedEndpoint(before: Item | undefined, after: Item | undefined): string | undefined {
  const { endpointId, goneAt } = after ?? before ?? {};
  if (
    typeof endpointId !== 'string' ||
    !String((after ?? before)?.['sk']).startsWith('ENDPOINT#')
  ) {
    return undefined;
  }
  const isClosed = !after || (goneAt !== undefined && before?.['goneAt'] === undefined);
  return isClosed ? endpointId : undefined;
}

/** What a server of webhooks answers to the next request: what is planned, then what it ended with. */
function answerTo({ receiver, endpoints }: Scenario, url: string, before: number): number {
  const index = endpoints.findIndex((_, i) => url === endpointUrl(i));
  const answers = endpoints[index]?.answers ?? receiver;
  const planned = answers[before];
  if (planned !== undefined) return planned;
  return answers.at(-1) === GONE ? GONE : 204;
}

export function createWorld(
  scenario: Scenario,
  deployment: Deployment,
  { keepsTrace }: { keepsTrace: boolean },
): World {
  const timeline = createTimeline(BEGINNING);
  const trace = createTrace(() => timeline.now() - BEGINNING, keepsTrace);
  const random = createSeededRandom(scenario.seed);
  const steps = createStepWatch();
  const closedAt = new Map<string, number>();
  const table = createMemoryTable(
    { now: () => Math.floor(timeline.now()) },
    {
      written(before, after) {
        steps.written(before, after);
        const endpointId = closedEndpoint(before, after);
        if (endpointId !== undefined) closedAt.set(endpointId, timeline.now());
      },
    },
  );
  const misused = new Set<string>();
  const listeners: World['listeners'] = new Map();
  const tasksThere = () =>
    table
      .items()
      .filter(({ pk, sk }) => sk === 'META' && String(pk).startsWith('TASK#'))
      .filter(({ expiresAt = Infinity }) => Number(expiresAt) * 1000 > timeline.now());
  const objects = createMemoryObjectStore({
    before(call, key) {
      if (call !== 'delete') return;
      for (const sentence of useViolations(key, tasksThere() as unknown as UsingTask[])) {
        misused.add(sentence);
      }
    },
  });
  const connections: World['connections'] = new Map();
  const requests: World['requests'] = [];
  const service = createService(scenario.tasks, {
    now: () => timeline.now(),
    later: (ms, what) => void timeline.at(timeline.now() + ms, what),
    async post(url, body) {
      const { pathname: path } = new URL(url);
      const headers = { 'content-type': 'application/json' };
      const answer = await throughGateway(
        { invoke: (event) => request('api', event), pause },
        { method: 'POST', path, headers, body },
      );
      return answer?.statusCode;
    },
  });
  const logged: World['logged'] = [];
  const broken: unknown[] = [];

  const struck = new Map<string, number>();
  const onFault = (kind: string) => void struck.set(kind, (struck.get(kind) ?? 0) + 1);
  const pause = (ms: number) =>
    new Promise<void>((resolve) => void timeline.at(timeline.now() + ms, resolve));

  const request: World['request'] = (name, event, seconds = GATEWAY_SECONDS) =>
    lambda.invoke(name, event, { of: 'request', seconds });

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
      answerTask: (...call) => workflows.answerTask(...call),
    },
    answers: {
      begin: (requestId, status) => listeners.get(requestId)?.begin(status),
      write: (requestId, text) => listeners.get(requestId)?.take(text),
    },
    web: {
      async request(request, startedAt) {
        const answer = service.answer(request);
        if (answer) return answer;
        const { url, headers, body = '' } = request;
        const before = requests.filter((request) => request.url === url).length;
        const status = answerTo(scenario, url, before);
        requests.push({ url, startedAt, headers, body, status });
        if (status === 0) return { failure: 'timeout' };
        return { status, headers: {}, body: new Uint8Array(), isWhole: true };
      },
    },
  };

  const processes = createProcesses({ scenario, timeline, trace, outside, onFault });
  const lambda = createLambda({ scenario, timeline, trace, processes, pause, onFault });
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
      return lambda.invoke(target.name, payload, { of: 'step', seconds: target.seconds });
    },
    objects: {
      read: (_, key) => objects.read(key),
      write: async (_, key, body) => void (await objects.put(key, body)),
    },
  });

  return {
    scenario,
    timeline,
    trace,
    table,
    objects,
    workflows,
    connections,
    requests,
    service,
    logged,
    steps,
    misused,
    closedAt,
    listeners,
    broken,
    processes,
    lambda,
    struck,
    calmDown() {
      processes.calmDown();
      lambda.calmDown();
    },
    request,
    pause,
  };
}
