/**
 * Stands for functions/runtime/ports and what else of functions/runtime touches the outside, in the bundle
 * of the simulator: each port is that of the process that runs.
 */
import type {
  Clock,
  Connections,
  ConnectionSecrets,
  Log,
  Metrics,
  MultipartUpload,
  ObjectStore,
  Ports,
  Random,
  Secrets,
  Table,
  Web,
  Workflow,
} from '../../../shared/ports.ts';
import { describeError } from '../../../functions/runtime/errors.ts';
import { thisProcess, type Outside } from './process.ts';

export const clock: Clock = {
  now: () => thisProcess().now(),
  monotonicMs: () => thisProcess().monotonicMs(),
  sleep: (ms) => thisProcess().sleep(ms),
};

const random: Random = { bytes: (count) => thisProcess().outside.random.bytes(count) };

const writer =
  (level: keyof Log) =>
  (message: string, fields: Record<string, unknown> = {}) => {
    const told = Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? describeError(value) : value,
    ]);
    const { outside } = thisProcess();
    outside.write({ level, message, fields: Object.fromEntries(told) as unknown });
  };
export const log: Log = { info: writer('info'), warn: writer('warn'), error: writer('error') };

export const metrics: Metrics = { count: () => undefined };
export const publishMetrics = (): void => undefined;
export const logInvocation = (): void => undefined;
export const traced = <T>(_: string, run: () => Promise<T>): Promise<T> => run();

/** A call of this process to the outside. */
function called<T>(
  name: string,
  about: string,
  effect: (outside: Outside) => Promise<T>,
): Promise<T> {
  const process = thisProcess();
  return process.call(name, about, () => effect(process.outside));
}

const keyText = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => `${pk} ${sk}`;

const table: Table = {
  get(key) {
    return called('table.get', keyText(key), (outside) => outside.table.get(key));
  },
  put(key, item, condition) {
    return called('table.put', keyText(key), (outside) => outside.table.put(key, item, condition));
  },
  update(key, change, condition) {
    return called('table.update', keyText(key), (outside) =>
      outside.table.update(key, change, condition),
    );
  },
  delete(key, condition) {
    return called('table.delete', keyText(key), (outside) => outside.table.delete(key, condition));
  },
  query(query) {
    const about = `${query.index ?? ''} ${query.partition} ${query.prefix ?? ''}`;
    return called('table.query', about, (outside) => outside.table.query(query));
  },
};

function uploadOf(key: string, upload: MultipartUpload): MultipartUpload {
  return {
    uploadPart: (partNumber, body) =>
      called('upload.part', `${key} ${partNumber}`, () => upload.uploadPart(partNumber, body)),
    copyPart: (partNumber, sourceKey, range) =>
      called('upload.copy', `${key} ${partNumber} of ${sourceKey}`, () =>
        upload.copyPart(partNumber, sourceKey, range),
      ),
    complete: (options) => called('upload.complete', key, () => upload.complete(options)),
    abort: () => called('upload.abort', key, () => upload.abort()),
  };
}

async function gather(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

const objects: ObjectStore = {
  put(key, body, options) {
    return called('objects.put', key, (outside) => outside.objects.put(key, body, options));
  },
  head(key) {
    return called('objects.head', key, (outside) => outside.objects.head(key));
  },
  read(key, range) {
    return called('objects.read', key, (outside) => outside.objects.read(key, range));
  },
  async *stream(key, range) {
    yield* await called('objects.stream', key, (outside) =>
      gather(outside.objects.stream(key, range)),
    );
  },
  list(prefix, limit) {
    return called('objects.list', prefix, (outside) => outside.objects.list(prefix, limit));
  },
  delete(key) {
    return called('objects.delete', key, (outside) => outside.objects.delete(key));
  },
  async startUpload(key, options) {
    const start = (outside: Outside) => outside.objects.startUpload(key, options);
    return uploadOf(key, await called('upload.start', key, start));
  },
  // Signing asks nobody.
  presignPut: (...call) => thisProcess().outside.objects.presignPut(...call),
  presignGet: (...call) => thisProcess().outside.objects.presignGet(...call),
};

const connections: Connections = {
  send(connectionId, message) {
    return called('connections.send', connectionId, (outside) =>
      outside.connections.send(connectionId, message),
    );
  },
};

const workflow: Workflow = {
  start(name, executionName, input) {
    return called('workflow.start', `${name} ${executionName}`, (outside) =>
      outside.workflow.start(name, executionName, input),
    );
  },
  stop(name, executionName) {
    return called('workflow.stop', `${name} ${executionName}`, (outside) =>
      outside.workflow.stop(name, executionName),
    );
  },
  limitMaps(name, executionName, children) {
    return called('workflow.limitMaps', `${name} ${executionName}`, (outside) =>
      outside.workflow.limitMaps(name, executionName, children),
    );
  },
  answerTask(token, output) {
    return called('workflow.answerTask', token, (outside) =>
      outside.workflow.answerTask(token, output),
    );
  },
};

const web: Web = {
  request(request) {
    const { startedAt } = thisProcess();
    return called('web.request', request.url, (outside) => outside.web.request(request, startedAt));
  },
};

const secrets: Secrets = { webhookMaster: async () => 'the master secret of every simulation' };

const noConnections = () => Promise.reject(new Error('Nobody makes connections here.'));
const connectionSecrets: ConnectionSecrets = {
  keep: noConnections,
  read: noConnections,
  forget: noConnections,
};

export const ownPorts = (): Pick<Ports, 'clock' | 'random' | 'log' | 'metrics'> => ({
  clock,
  random,
  log,
  metrics,
});
export const openTable = (): Table => table;
export const openObjects = (): ObjectStore => objects;
export const openConnections = (): Connections => connections;
export const openWorkflow = (): Workflow => workflow;
export const openDeliveries = (): Pick<Workflow<'delivery'>, 'start' | 'answerTask'> => workflow;
export const openSecrets = (): Secrets => secrets;
export const openConnectionSecrets = (): ConnectionSecrets => connectionSecrets;
export const openWeb = (): Web => web;
export const openServiceWeb = (): Web => web;
export const openWork = () => ({
  ...ownPorts(),
  table,
  objects,
  connections,
  workflow,
});

const ENVIRONMENT: Readonly<Record<string, string>> = {
  taskConcurrency: '8',
  eventStreams: '5',
  apiUrl: 'https://api.invalid/api/v2',
  websocketUrl: 'wss://stream.invalid/v2',
  eventsUrl: 'https://events.invalid/',
};
export const readEnvironment = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, ENVIRONMENT[name] ?? '']));
export const readApiUrl = () => readEnvironment(['apiUrl']);
export const readStreamUrls = () => readEnvironment(['websocketUrl', 'eventsUrl']);
export const readEgressRules = () => ({ allowLoopback: false });
export const readServiceEgressRules = () => ({ allowLoopback: false });
