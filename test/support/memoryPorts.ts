/** All ports in memory: what unit tests give to a use case. */
import { isDeepStrictEqual } from 'node:util';
import { STATE_BYTES_MAX } from '../../shared/limits.ts';
import type {
  Clock,
  Connections,
  ConnectionSecrets,
  Log,
  Metrics,
  Ports,
  Random,
  Web,
  WebAnswer,
  WebRequest,
  Workflow,
  WorkflowName,
} from '../../shared/ports.ts';
import { WORKFLOW_ERRORS } from '../../shared/names.ts';
import { WorkflowError } from '../../shared/problems.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from './memoryObjectStore.ts';
import { createMemoryTable, type MemoryTable } from './memoryTable.ts';

export interface FakeClock extends Clock {
  /** Lets time pass until then; a moment that has passed sets the clock back. */
  set(ms: number): void;
  /** Lets time pass. */
  advance(ms: number): void;
  /** Puts the clock forward or back, while no time passes. */
  jump(ms: number): void;
}

export interface RecordingConnections extends Connections {
  /** Every message that was delivered, in order. */
  readonly sent: { connectionId: string; message: string }[];
  /** Connections whose client has left. */
  readonly gone: Set<string>;
  /** Whether nobody can be reached. */
  unreachable: boolean;
}

export interface RecordingWorkflow extends Workflow {
  /** Every start that was asked for, repeated ones included. */
  readonly starts: { workflow: WorkflowName; executionName: string; input: unknown }[];
  /** Every stop that was asked for. */
  readonly stops: { workflow: WorkflowName; executionName: string }[];
  /** Every limit that was asked for. */
  /** Tokens that were answered. */
  readonly answered: string[];
  readonly limits: { workflow: WorkflowName; executionName: string; children: number }[];
  /** Whether the maps of executions have begun, and go on. */
  mapsGoOn: boolean;
}

export interface ScriptedWeb extends Web {
  /** Every request that was made, in order. */
  readonly requests: WebRequest[];
  /** What a server answers; 204 unless it is set. */
  answer: (request: WebRequest) => WebAnswer | Promise<WebAnswer>;
}

export interface MemoryConnectionSecrets extends ConnectionSecrets {
  /** What is kept, by its name. */
  readonly kept: Map<string, Readonly<Record<string, string>>>;
}

export interface SilentLog extends Log {
  readonly entries: { level: keyof Log; message: string; fields: Record<string, unknown> }[];
}

export interface RecordingMetrics extends Metrics {
  /** Sums by name. */
  readonly counts: Record<string, number>;
}

export interface MemoryPorts extends Ports {
  readonly table: MemoryTable;
  readonly objects: MemoryObjectStore;
  readonly connections: RecordingConnections;
  readonly workflow: RecordingWorkflow;
  readonly web: ScriptedWeb;
  readonly connectionSecrets: MemoryConnectionSecrets;
  readonly clock: FakeClock;
  readonly log: SilentLog;
  readonly metrics: RecordingMetrics;
}

/** All ports in memory, or those of `overrides` instead; a clock given is the table's too. */
export function createMemoryPorts<Overrides extends Partial<Ports> = Record<never, never>>(
  overrides?: Overrides,
): Omit<MemoryPorts, keyof Overrides> & Overrides {
  const clock = overrides?.clock ?? createFakeClock();
  const ports = {
    clock,
    table: createMemoryTable(clock),
    objects: createMemoryObjectStore(),
    connections: createRecordingConnections(),
    workflow: createRecordingWorkflow(),
    web: createScriptedWeb(),
    secrets: { webhookMaster: async () => 'the master secret of every test run' },
    connectionSecrets: createMemoryConnectionSecrets(),
    egress: { allowLoopback: false },
    serviceEgress: { allowLoopback: false },
    random: createSeededRandom(),
    log: createSilentLog(),
    metrics: createRecordingMetrics(),
    apiUrl: 'https://api.invalid/api/v2',
    websocketUrl: 'wss://stream.invalid/v2',
    eventsUrl: 'https://events.invalid/',
  };
  return { ...ports, ...overrides } as Omit<MemoryPorts, keyof Overrides> & Overrides;
}

/** A clock that stands still: sleeping moves it on at once. Starts at 2026-01-01T00:00:00Z. */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let time = start;
  let passed = 0;
  const advance = (ms: number) => {
    time += ms;
    passed += Math.max(0, ms);
  };
  return {
    now: () => time,
    monotonicMs: () => passed,
    set: (ms) => {
      advance(ms - time);
    },
    advance,
    jump: (ms) => void (time += ms),
    async sleep(ms) {
      advance(ms);
      // Lets others go on, as a real pause would.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** The same bytes in every test run (a 32-bit linear congruential generator's high bytes). */
export function createSeededRandom(seed = 1): Random {
  let state = seed >>> 0;
  return {
    bytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 24;
      }),
  };
}

/** A message to a client has at most this size (API Gateway, "WebSocket quotas"). */
const MESSAGE_BYTES_MAX = 128 * 1024;

export function createRecordingConnections(): RecordingConnections {
  const sent: RecordingConnections['sent'] = [];
  const gone = new Set<string>();
  const fake: RecordingConnections = {
    sent,
    gone,
    unreachable: false,
    async send(connectionId, message) {
      if (fake.unreachable) {
        throw new WorkflowError(WORKFLOW_ERRORS.serviceUnavailable, 'Nobody is there.');
      }
      if (Buffer.byteLength(message) > MESSAGE_BYTES_MAX) {
        throw Object.assign(new Error('The message is too large.'), {
          name: 'PayloadTooLargeException',
        });
      }
      if (gone.has(connectionId)) return 'gone';
      sent.push({ connectionId, message });
      return 'sent';
    },
  };
  return fake;
}

function createRecordingWorkflow(): RecordingWorkflow {
  const starts: RecordingWorkflow['starts'] = [];
  const stops: RecordingWorkflow['stops'] = [];
  const limits: RecordingWorkflow['limits'] = [];
  const answered: string[] = [];
  const fake: RecordingWorkflow = {
    starts,
    stops,
    limits,
    answered,
    mapsGoOn: false,
    stop: async (workflow, executionName) => void stops.push({ workflow, executionName }),
    async start(workflow, executionName, input) {
      if (!/^[\w-]{1,80}$/.test(executionName)) throw new Error(`Invalid Name: '${executionName}'`);
      if (Buffer.byteLength(JSON.stringify(input)) > STATE_BYTES_MAX) {
        throw new Error('The input is too large.');
      }
      const before = starts.find(
        (start) => start.workflow === workflow && start.executionName === executionName,
      );
      if (before && !isDeepStrictEqual(before.input, input)) {
        throw new Error(`${executionName} was started before with another input.`);
      }
      starts.push({ workflow, executionName, input: structuredClone(input) });
    },
    async limitMaps(workflow, executionName, children) {
      limits.push({ workflow, executionName, children });
      return fake.mapsGoOn;
    },
    async answerTask(token) {
      if (answered.includes(token)) return false;
      answered.push(token);
      return true;
    },
  };
  return fake;
}

/** What a server answers that has nothing to say. */
export const answerOf = (status: number, headers: Record<string, string> = {}): WebAnswer => ({
  status,
  headers,
  body: new Uint8Array(),
  isWhole: true,
});

function createScriptedWeb(): ScriptedWeb {
  const requests: WebRequest[] = [];
  const fake: ScriptedWeb = {
    requests,
    answer: () => answerOf(204),
    async request(request) {
      requests.push(request);
      return fake.answer(request);
    },
  };
  return fake;
}

export function createMemoryConnectionSecrets(): MemoryConnectionSecrets {
  const kept: MemoryConnectionSecrets['kept'] = new Map();
  return {
    kept,
    async keep(name, headers) {
      if (kept.has(name)) throw new Error(`There is a secret ${name} already.`);
      kept.set(name, { ...headers });
    },
    read: async (name) => kept.get(name),
    forget: async (name) => void kept.delete(name),
  };
}

function createSilentLog(): SilentLog {
  const entries: SilentLog['entries'] = [];
  const write =
    (level: keyof Log) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void entries.push({ level, message, fields });
  return { entries, info: write('info'), warn: write('warn'), error: write('error') };
}

function createRecordingMetrics(): RecordingMetrics {
  const counts: Record<string, number> = {};
  return {
    counts,
    count(name, value) {
      counts[name] = (counts[name] ?? 0) + value;
    },
  };
}
