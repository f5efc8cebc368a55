/** The composition of the local cloud: every part is made here, in order, and ended in reverse. */
import { get } from 'node:http';
import { availableParallelism } from 'node:os';
import { linkTo, servicePaths } from '../shared/api/paths.ts';
import { ENV } from '../shared/names.ts';
import { createAdmission } from './stepFunctions/admission.ts';
import { keepInUse, prepareAssembly, projectRoot } from './cloudFormation/assembly/assembly.ts';
import { createCloudLog } from './cloudLog.ts';
import { openDataFolder, type ReadyFile } from './disk/dataFolder.ts';
import { makePrivately } from './disk/folders.ts';
import { developerEnvironment } from './developerEnvironment.ts';
import { createEndings, type AtEnd } from './endings.ts';
import { startSchedules } from './eventBridge/schedules.ts';
import { functionEnvironment, type LocalAddresses } from './lambda/environment.ts';
import { createHolds } from './holds.ts';
import { createFunctionLog } from './lambda/functionLog.ts';
import { createFunctionPool } from './lambda/functionPool.ts';
import { giveLeasesBack } from './giveLeasesBack.ts';
import { LOCAL_OWNER, newApiKey, setDevelopmentKey } from './keys/apiKeys.ts';
import { setTaskLimit } from './keys/taskLimit.ts';
import { openServers } from './servers.ts';
import type { Settings } from './settings.ts';
import { DEVELOPER, openStorage } from './storage.ts';
import { cloudModel, type CloudModel } from './cloudFormation/cloudModel.ts';
import type { GatewayApi } from './cloudFormation/gateways.ts';
import { functionsOnTheWay } from './cloudFormation/stateMachines.ts';
import { loadAssembly } from './cloudFormation/cloudTemplate.ts';
import { createMeters } from './billing/meter.ts';
import { USAGE_FILE } from './billing/usage.ts';
import { monotonicNow } from './time.ts';
import { keepUsageFile } from './billing/usageFile.ts';
import { createWorkflowEngine } from './stepFunctions/engine.ts';
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
  /** It cannot go on and is to be stopped; what it answered is there at the next start. */
  readonly onBroken: (error: Error) => void;
  /** Told when nobody holds it any more, where it is to stop then. */
  readonly onUnused?: () => void;
}

/**
 * Children of distributed maps that run at once, for each core: one that works and one that is between
 * two of its steps or waits for a retry.
 */
const CHILDREN_PER_CORE = 2;

/**
 * Starts the local cloud; it is ready when this returns.
 * @param createPool makes what runs the functions: threads of this process, unless given
 * @throws Error that says what to do, after everything that was begun has ended
 */
export async function startLocalCloud(
  settings: Settings,
  notices: Notices,
  createPool: typeof createFunctionPool = createFunctionPool,
): Promise<LocalCloud> {
  const endings = createEndings((error) => notices.onError(`While stopping: ${String(error)}`));
  try {
    const ready = await compose(settings, notices, createPool, endings.atEnd);
    return { ...ready, dataDir: settings.dataDir, stop: () => endings.endAll() };
  } catch (error) {
    await endings.endAll();
    throw error;
  }
}

async function compose(
  settings: Settings,
  notices: Notices,
  createPool: typeof createFunctionPool,
  atEnd: AtEnd,
): Promise<Omit<ReadyFile, 'pid'>> {
  const cores = availableParallelism();
  const data = openDataFolder(settings.dataDir, (text) => notices.onError(text));
  atEnd(() => data.release());
  const functionLog = createFunctionLog(data.path('logs'), (line) => notices.onError(line));
  const log = createCloudLog((line, isError) => functionLog.print('local-cloud', line, isError));

  const now = () => Date.now();
  const meters = createMeters(monotonicNow);

  // ── The template ──
  const assembly = await prepareAssembly(projectRoot(), () => notices.onSynthesis());
  atEnd(keepInUse(assembly));
  makePrivately();
  const model = cloudModel(await loadAssembly(assembly.folder));

  // ── Storage ──
  const storage = await openStorage(model, data, meters, log, atEnd, notices.onBroken);
  const { access, credentials, objects } = storage;
  atEnd(
    keepUsageFile({
      meters,
      now,
      storedBytes: () => objects.storedBytes(),
      write: (text) => data.writePrivately(USAGE_FILE, text),
      onError: (error) => log.error('The usage cannot be written.', { error }),
    }),
  );
  const { tableName, bucketName } = model;
  const apiKey = settings.apiKey ?? data.keptKey(newApiKey);
  const keyTable = { tableName, call: storage.tables.call };
  await setDevelopmentKey(keyTable, apiKey);
  if (settings.taskLimit !== undefined) {
    await setTaskLimit(keyTable, LOCAL_OWNER, settings.taskLimit);
  }

  // ── Functions ──
  /** Known once the servers listen, and before any function starts. */
  let addresses: LocalAddresses = { servicesUrl: '', apiUrl: '', websocketUrl: '', eventsUrl: '' };
  const pool = createPool({
    definitions: model.functions,
    bootstrapPath: assembly.bootstrapPath,
    cores,
    keptWarm: functionsOfHttpApi(model),
    streaming: new Set([model.functionUrl.functionArn]),
    environmentOf: (definition) =>
      functionEnvironment(
        definition,
        credentials.issue(model.roles.roleOf(definition.roleArn)),
        addresses,
        settings,
      ),
    print(definition, text, isError) {
      meters.logs.printed(text);
      functionLog.print(definition.logicalId, text, isError);
    },
    onTimeout: ({ logicalId }, ms) => functionLog.timedOut(logicalId, ms),
    meter: meters.functions,
  });
  // Once no function runs any more. What cannot be given back runs out by itself.
  atEnd(() => giveLeasesBack(storage.tables.call, tableName).catch(() => undefined));
  atEnd(() => pool.stop());

  // ── Workflows ──
  const rolesOfMachines = new Map(
    model.stateMachines.map(({ arn, roleArn }) => [arn, model.roles.roleOf(roleArn)]),
  );
  const engine = createWorkflowEngine({
    ...workflowServices({
      invoke: pool.invoke,
      objects,
      access,
      roleOfMachine: (arn) => rolesOfMachines.get(arn) ?? arn,
      log,
      meter: meters.workflow,
      onBroken: notices.onBroken,
    }),
    admitChild: createAdmission(cores * CHILDREN_PER_CORE),
    dataDir: data.path('workflow'),
    stateMachines: model.stateMachines,
  });
  atEnd(() => engine.close());

  // ── Servers ──
  const holds = createHolds(apiKey, settings.stopWhenUnused ? notices.onUnused : undefined);
  addresses = await openServers(model, settings, storage, engine, pool, meters, holds, atEnd);

  // ── Ready ──
  for (const functionArn of functionsOfHttpApi(model)) void pool.warm([functionArn]);
  await requireHealth(addresses.apiUrl, data.path('logs'));
  engine.resumeAll();
  atEnd(startSchedules({ rules: model.rules, invoke: pool.invoke, log }));
  const ready = { ...addresses, apiKey, tableName, bucketName };
  const developer = credentials.issue(DEVELOPER);
  data.writePrivately('aws.env', developerEnvironment(addresses, model, developer));
  data.announce({ pid: process.pid, ...ready });
  void pool.warm(functionsOfATask(model));
  return ready;
}

/** The functions that answer people: one instance of each stays loaded. */
const functionsOfHttpApi = ({ httpApi }: CloudModel): Set<string> => functionsOfApi(httpApi);

function functionsOfApi({ routes }: GatewayApi): Set<string> {
  return new Set(
    routes.flatMap(({ functionArn, authorizer }) =>
      authorizer ? [functionArn, authorizer.functionArn] : [functionArn],
    ),
  );
}

/** The functions that a task meets if nothing goes wrong, in that order. */
function* functionsOfATask(model: CloudModel): Generator<string, void, undefined> {
  yield* functionsOfHttpApi(model);
  yield* functionsOfApi(model.socketApi);
  for (const variable of [ENV.ingestWorkflow, ENV.taskWorkflow]) {
    const arns = new Set(model.functions.map(({ environment }) => environment[variable]));
    const machine = model.stateMachines.find(({ arn }) => arns.has(arn));
    if (machine) yield* functionsOnTheWay(machine.definition);
  }
}

async function requireHealth(apiUrl: string, logs: string): Promise<void> {
  // Not by fetch, which nothing else here needs: it takes a tenth of a second to load.
  const status = await new Promise((resolve, reject) => {
    get(`${apiUrl}${servicePaths.health}`, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
  if (status === 200) return;
  throw new Error(
    `The API function does not start: GET ${linkTo(servicePaths.health)} answered ${String(status)}. ` +
      `What it printed is in ${logs}.`,
  );
}
