/**
 * Counts what is used while it is served. Each part of the local cloud is given its own meter, and
 * knows of no other; a meter only adds numbers.
 */
import type { Spent } from '../lambda/protocol.ts';
import type { Usage } from './usage.ts';

export interface ObjectMeter {
  /**
   * A request that S3 served, or refused after it knew who asked.
   * @param byLink whether a presigned link was used
   */
  request(operation: string, sentBytes: number, byLink: boolean): void;
}

export interface TableMeter {
  call(operation: string, readUnits: number, writeUnits: number): void;
}

export interface WorkflowMeter {
  /** A Standard execution begins, which is a transition too. */
  execution(): void;
  /** A state of a Standard workflow is entered or tried again. */
  transition(): void;
  /** A distributed map starts a child, which is a transition too. */
  mapChild(): void;
  /** An Express execution ended. */
  expressEnd(durationMs: number): void;
}

export interface FunctionMeter {
  coldStart(functionId: string, memoryMegabytes: number, spent: Spent): void;
  invocation(functionId: string, memoryMegabytes: number, spent: Spent): void;
}

export interface HttpMeter {
  /** A request that was answered; bytes are those of the bodies. */
  request(receivedBytes: number, sentBytes: number): void;
}

export interface SocketMeter {
  connected(): void;
  disconnected(): void;
  received(bytes: number): void;
  sent(bytes: number): void;
}

export interface LogMeter {
  /** Lines that a function printed. */
  printed(text: string): void;
}

/** The meters of one local cloud. */
export interface Meters {
  readonly objects: ObjectMeter;
  readonly table: TableMeter;
  readonly workflow: WorkflowMeter;
  readonly functions: FunctionMeter;
  readonly http: HttpMeter;
  readonly socket: SocketMeter;
  readonly logs: LogMeter;
  /** What they show, but for what the buckets hold; parts of it change when more is counted. */
  readonly read: () => Omit<Usage, 'pid' | 'since' | 'until' | 's3'> & {
    s3: Omit<Usage['s3'], 'storedBytes'>;
  };
}

/** Units of API Gateway: HTTP requests are metered in 512 KB, WebSocket messages in 32 KB. */
const HTTP_UNIT_BYTES = 512 * 1024;
const SOCKET_UNIT_BYTES = 32 * 1024;
/** Express workflows are billed in steps of 100 ms. */
const EXPRESS_STEP_MS = 100;
/** CloudWatch Logs adds this to each event (PutLogEvents). */
const LOG_EVENT_BYTES = 26;

const units = (bytes: number, unit: number) => Math.max(1, Math.ceil(bytes / unit));

/** New meters, all at nought. @param now monotonic, in ms */
export function createMeters(now: () => number): Meters {
  const s3 = { requests: {} as Record<string, number>, sentBytes: 0, sentByLinkBytes: 0 };
  const dynamoDb: Usage['dynamoDb'] = {};
  const stepFunctions = {
    executions: 0,
    transitions: 0,
    mapChildren: 0,
    expressRequests: 0,
    expressMs: 0,
  };
  const lambda: Usage['lambda'] = {};
  const httpApi = { requests: 0, units: 0, sentBytes: 0 };
  const webSocketApi = { messages: 0, units: 0, sentBytes: 0, connections: 0 };
  const logs = { bytes: 0 };
  let open = 0;
  /** Ends minus beginnings of connections: with the present for each that is open, their time. */
  let connectionMs = 0;

  const ofFunction = (id: string, memoryMegabytes: number) =>
    (lambda[id] ??= {
      memoryMegabytes,
      invocations: 0,
      billedMs: 0,
      cpuMs: 0,
      coldStarts: 0,
      initMs: 0,
      initCpuMs: 0,
    });
  const message = (bytes: number) => {
    webSocketApi.messages++;
    webSocketApi.units += units(bytes, SOCKET_UNIT_BYTES);
  };

  return {
    objects: {
      request(operation, sentBytes, byLink) {
        s3.requests[operation] = (s3.requests[operation] ?? 0) + 1;
        if (byLink) s3.sentByLinkBytes += sentBytes;
        else s3.sentBytes += sentBytes;
      },
    },
    table: {
      call(operation, readUnits, writeUnits) {
        const counted = (dynamoDb[operation] ??= { calls: 0, readUnits: 0, writeUnits: 0 });
        counted.calls++;
        counted.readUnits += readUnits;
        counted.writeUnits += writeUnits;
      },
    },
    workflow: {
      execution() {
        stepFunctions.executions++;
        stepFunctions.transitions++;
      },
      transition() {
        stepFunctions.transitions++;
      },
      mapChild() {
        stepFunctions.mapChildren++;
        stepFunctions.transitions++;
      },
      expressEnd(durationMs) {
        stepFunctions.expressRequests++;
        stepFunctions.expressMs += units(durationMs, EXPRESS_STEP_MS) * EXPRESS_STEP_MS;
      },
    },
    functions: {
      coldStart(id, memoryMegabytes, { durationMs, cpuMs }) {
        const counted = ofFunction(id, memoryMegabytes);
        counted.coldStarts++;
        counted.initMs += Math.ceil(durationMs);
        counted.initCpuMs += cpuMs;
      },
      invocation(id, memoryMegabytes, { durationMs, cpuMs }) {
        const counted = ofFunction(id, memoryMegabytes);
        counted.invocations++;
        counted.billedMs += Math.ceil(durationMs);
        counted.cpuMs += cpuMs;
      },
    },
    http: {
      request(receivedBytes, sentBytes) {
        httpApi.requests++;
        httpApi.units += units(Math.max(receivedBytes, sentBytes), HTTP_UNIT_BYTES);
        httpApi.sentBytes += sentBytes;
      },
    },
    socket: {
      connected() {
        webSocketApi.connections++;
        open++;
        connectionMs -= now();
      },
      disconnected() {
        open--;
        connectionMs += now();
      },
      received: message,
      sent(bytes) {
        message(bytes);
        webSocketApi.sentBytes += bytes;
      },
    },
    logs: {
      printed(text) {
        let events = 0;
        for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) events++;
        logs.bytes += Buffer.byteLength(text) + events * LOG_EVENT_BYTES;
      },
    },
    read: () => ({
      s3,
      dynamoDb,
      stepFunctions,
      lambda,
      httpApi,
      webSocketApi: {
        ...webSocketApi,
        connectionMs: Math.round(connectionMs + open * now()),
      },
      logs,
    }),
  };
}
