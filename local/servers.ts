/** The three servers: HTTP API, WebSocket API and services. */
import { API_BASE_PATH } from '../shared/names.ts';
import { createHttpGateway } from './apiGateway/http/httpGateway.ts';
import { createConsoleServer } from './console/consoleServer.ts';
import type { AtEnd } from './endings.ts';
import type { LocalAddresses } from './lambda/environment.ts';
import type { Holds } from './holds.ts';
import type { FunctionPool } from './lambda/functionPool.ts';
import { createFunctionUrl, EVENTS_PATH } from './functionUrl/functionUrl.ts';
import { close, listen, LOOPBACK } from './net/listen.ts';
import { createServicesServer } from './services.ts';
import type { Settings } from './settings.ts';
import { createConnectionsApi } from './apiGateway/webSocket/connectionsApi.ts';
import { createSocketGateway, streamPath } from './apiGateway/webSocket/socketGateway.ts';
import { createStepFunctionsEndpoint } from './stepFunctions/endpoint.ts';
import { createSecretsEndpoint } from './secretsManager/endpoint.ts';
import type { Storage } from './storage.ts';
import type { CloudModel } from './cloudFormation/cloudModel.ts';
import type { Meters } from './billing/meter.ts';
import type { WorkflowEngine } from './stepFunctions/engine.ts';

/** Answers that are under way when a server is closed get this long. */
const GRACE_MS = 1_000;

/** @throws Error that names the port and its setting when a port is taken */
export async function openServers(
  model: CloudModel,
  settings: Settings,
  { access, tables, objects, secrets }: Storage,
  engine: WorkflowEngine,
  { invoke, stream }: Pick<FunctionPool, 'invoke' | 'stream'>,
  meters: Pick<Meters, 'http' | 'socket'>,
  holds: Holds,
  atEnd: AtEnd,
): Promise<LocalAddresses> {
  const sockets = createSocketGateway(model.socketApi, invoke, meters.socket);
  const services = createServicesServer({
    dynamoDb: (request, response) => tables.handle(request, response),
    stepFunctions: createStepFunctionsEndpoint(engine, access),
    secretsManager: createSecretsEndpoint(secrets, access),
    connections: createConnectionsApi({
      apiId: model.socketApi.id,
      stage: model.socketApi.stage,
      access,
      find: (connectionId) => sockets.find(connectionId),
    }),
    s3: (request, response) => objects.handle(request, response),
    holds: (request, response) => holds.handle(request, response),
  });
  const events = createFunctionUrl(model.functionUrl, stream);
  const open: { addresses?: LocalAddresses } = {};
  const page = model.console && createConsoleServer(model.console, () => known(open.addresses));
  const beside = page ? [events, page] : [events];
  const http = createHttpGateway(model.httpApi, invoke, meters.http, beside);

  // The services are there first and last: functions that run need them.
  const servicesPort = await listen(services, settings.servicesPort, 'SERVICES_PORT');
  atEnd(() => close(services, GRACE_MS));
  const wsPort = await listen(sockets.server, settings.wsPort, 'WS_PORT');
  atEnd(() => close(sockets.server, GRACE_MS));
  atEnd(() => withinGrace(sockets.closeAll()));
  const httpPort = await listen(http, settings.httpPort, 'HTTP_PORT');
  atEnd(() => close(http, GRACE_MS));

  const addresses = {
    servicesUrl: `http://${LOOPBACK}:${servicesPort}`,
    websocketUrl: `ws://localhost:${wsPort}${streamPath(model.socketApi.stage)}`,
    apiUrl: `http://localhost:${httpPort}${API_BASE_PATH}`,
    eventsUrl: `http://localhost:${httpPort}${EVENTS_PATH}`,
  };
  open.addresses = addresses;
  return addresses;
}

/** Nobody asks before the last port is open, but by chance. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The servers are not open yet.');
  return value;
}

/** Waits, but not for long. */
async function withinGrace(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GRACE_MS)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
