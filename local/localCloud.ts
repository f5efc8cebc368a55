/** The composition of the local cloud: every part is made here, in order, and ended in reverse. */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { API_BASE_PATH } from '../shared/names.ts';
import { prepareAssembly } from './assembly/assembly.ts';
import type { Access } from './aws/access.ts';
import { createCredentialsRegistry } from './aws/credentials.ts';
import { createObjectEngine } from './aws/objects/objectEngine.ts';
import { compilePermissions } from './aws/permissions.ts';
import { createTableEngine } from './aws/table/tableEngine.ts';
import { createCloudLog } from './cloudLog.ts';
import { openDataFolder, type ReadyFile } from './dataFolder.ts';
import { functionEnvironment } from './functions/environment.ts';
import { createFunctionLog } from './functions/functionLog.ts';
import { createFunctionPool } from './functions/functionPool.ts';
import { createHttpGateway } from './http/httpGateway.ts';
import { close, listen, LOOPBACK } from './net/listen.ts';
import { seedApiKey } from './seedApiKey.ts';
import { createServicesServer } from './services.ts';
import type { Settings } from './settings.ts';
import { createConnectionsApi } from './socket/connectionsApi.ts';
import { createSocketGateway, streamPath } from './socket/socketGateway.ts';
import { createStepFunctionsEndpoint } from './stepFunctionsEndpoint.ts';
import { cloudModel, type CloudModel } from './template/cloudModel.ts';
import { loadAssembly } from './template/cloudTemplate.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './template/resourceTypes.ts';
import { createWorkflowEngine } from './workflow/engine.ts';
import { workflowServices } from './workflowServices.ts';

export interface LocalCloud extends Omit<ReadyFile, 'pid'> {
  readonly dataDir: string;
  /** Ends everything, within seconds; state stays for the next start. */
  stop(): Promise<void>;
}

export interface Notices {
  /** Told when the template is to be made first, which takes some seconds. */
  onSynthesis(): void;
  /** A line about something that went wrong inside. */
  onError(line: string): void;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Answers that are under way when the local cloud stops get this long. */
const GRACE_MS = 1_000;

/** DynamoDB and S3 remove what has expired "within days"; here it is a quarter of an hour. */
const SWEEP_MS = 15 * 60 * 1000;

/**
 * Starts the local cloud; it is ready when this returns.
 * @throws Error that says what to do, after everything that was started has ended
 */
export async function startLocalCloud(settings: Settings, notices: Notices): Promise<LocalCloud> {
  const endings: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    return await assembleCloud(settings, notices, endings, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assembleCloud(
  settings: Settings,
  notices: Notices,
  endings: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<LocalCloud> {
  const data = openDataFolder(settings.dataDir);
  endings.push(() => data.release());
  const assembly = await prepareAssembly(ROOT, () => notices.onSynthesis());
  const model = cloudModel(await loadAssembly(assembly.folder));

  // ── Storage ──
  const { access, credentials } = createAccess(model, data.path('credentials'));
  const tables = await createTableEngine({ dir: data.path('table'), tables: model.tables, access });
  endings.push(() => tables.close());
  const objects = await createObjectEngine({
    dir: data.path('objects'),
    buckets: model.buckets,
    access,
  });
  endings.push(() => objects.close());
  const apiKey = settings.apiKey ?? data.generatedKey();
  await seedApiKey(tables, model.tableName, apiKey);
  const sweep = setInterval(() => {
    void Promise.all([tables.sweepExpired(), objects.sweepExpired()]).catch((error: unknown) =>
      log.error('Expired items could not be removed.', { error }),
    );
  }, SWEEP_MS);
  endings.push(() => clearInterval(sweep));

  // ── Functions ──
  const functionLog = createFunctionLog(data.path('logs'), (line) => notices.onError(line));
  const log = createCloudLog((line, isError) => functionLog.print('local-cloud', line, isError));
  /** Known once the servers listen; functions start later. */
  const addresses = { servicesUrl: '', websocketUrl: '' };
  const routes = [...model.httpApi.routes, ...model.socketApi.routes];
  const pool = createFunctionPool({
    definitions: model.functions,
    bootstrapPath: assembly.bootstrapPath,
    cores: cpus().length,
    keptWarm: new Set(
      routes.flatMap((r) => [r.functionArn, ...(r.authorizer ? [r.authorizer.functionArn] : [])]),
    ),
    environmentOf: (definition) =>
      functionEnvironment(
        definition,
        credentials.issue(model.roles.roleOf(definition.roleArn)),
        addresses,
      ),
    print: (definition, text, isError) => functionLog.print(definition.logicalId, text, isError),
  });
  endings.push(() => pool.stop());

  // ── Workflows ──
  const machineRoles = new Map(
    model.stateMachines.map(({ arn, roleArn }) => [arn, model.roles.roleOf(roleArn)]),
  );
  const engine = createWorkflowEngine({
    ...workflowServices({
      invoke: pool.invoke,
      objects,
      access,
      roleOfMachine: (arn) => machineRoles.get(arn) ?? arn,
      log,
    }),
    dataDir: data.path('workflow'),
    stateMachines: model.stateMachines,
  });
  endings.push(() => engine.close());

  // ── Servers ──
  const sockets = createSocketGateway(model.socketApi, pool.invoke);
  const services = createServicesServer({
    dynamoDb: (request, response) => tables.handle(request, response),
    stepFunctions: createStepFunctionsEndpoint(engine, access),
    connections: createConnectionsApi({
      apiId: model.socketApi.id,
      stage: model.socketApi.stage,
      access,
      find: (connectionId) => sockets.find(connectionId),
    }),
    s3: (request, response) => objects.handle(request, response),
  });
  const http = createHttpGateway(model.httpApi, pool.invoke);

  const servicesPort = await listen(services, settings.servicesPort, 'SERVICES_PORT');
  endings.push(() => close(services, GRACE_MS));
  const wsPort = await listen(sockets.server, settings.wsPort, 'WS_PORT');
  endings.push(() => close(sockets.server, GRACE_MS));
  endings.push(() => withinGrace(sockets.closeAll()));
  const httpPort = await listen(http, settings.httpPort, 'HTTP_PORT');
  endings.push(() => close(http, GRACE_MS));

  addresses.servicesUrl = `http://${LOOPBACK}:${servicesPort}`;
  addresses.websocketUrl = `ws://localhost:${wsPort}${streamPath(model.socketApi.stage)}`;
  const apiUrl = `http://localhost:${httpPort}${API_BASE_PATH}`;
  await requireHealth(`http://${LOOPBACK}:${httpPort}${API_BASE_PATH}/health`, data.path('logs'));
  engine.resumeAll();
  for (const { authorizer } of routes) if (authorizer) pool.warm(authorizer.functionArn);

  const cloud = { apiUrl, ...addresses, apiKey };
  data.announce({ pid: process.pid, ...cloud });
  return { ...cloud, dataDir: settings.dataDir, stop };
}

/** Access keys for the template's roles, checked against the policies that it gives them. */
function createAccess({ roles }: CloudModel, dir: string) {
  const credentials = createCredentialsRegistry(dir);
  const permissions = compilePermissions(roles.byRole);
  // Known from the start, so that links signed before a restart stay good.
  for (const role of Object.keys(roles.byRole)) credentials.issue(role);
  const access: Access = {
    region: LOCAL_REGION,
    accountId: LOCAL_ACCOUNT,
    now: () => Date.now(),
    secretOf: (accessKeyId) => credentials.secretOf(accessKeyId),
    allows: (...question) => permissions.allows(...question),
  };
  return { access, credentials };
}

async function requireHealth(url: string, logs: string): Promise<void> {
  const response = await fetch(url);
  if (response.status === 200) return;
  throw new Error(
    `The API function does not start: GET ${API_BASE_PATH}/health answered ${response.status}. ` +
      `What it printed is in ${logs}.`,
  );
}

/** Waits, but not for long. */
async function withinGrace(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GRACE_MS)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
