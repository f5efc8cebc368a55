/**
 * What is outside, as a deployed function sees it. A function composes the ports that it needs, so
 * that its bundle holds no client, and its role no right, that it does not use.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Clock,
  Connections,
  ObjectStore,
  Ports,
  Table,
  Workflow,
} from '../../shared/ports.ts';
import { createDynamoTable } from '../adapters/dynamoTable.ts';
import { createConnections } from '../adapters/managedConnections.ts';
import { createS3ObjectStore } from '../adapters/s3ObjectStore.ts';
import { createWorkflow } from '../adapters/stepFunctionsWorkflow.ts';
import { readEnvironment } from './environment.ts';
import { log } from './logging.ts';
import { metrics } from './metrics.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms) => {
    await sleep(ms);
  },
};

/** The ports that need no permission. */
export const ownPorts = (): Pick<Ports, 'clock' | 'random' | 'log' | 'metrics'> => ({
  clock,
  random: { bytes: (count) => randomBytes(count) },
  log,
  metrics,
});

/** Needs TABLE_NAME. */
export function openTable(): Table {
  const { table } = readEnvironment(['table']);
  return createDynamoTable({ tableName: table, clock });
}

/** Needs BUCKET_NAME. */
export function openObjects(): ObjectStore {
  const { bucket } = readEnvironment(['bucket']);
  return createS3ObjectStore({ bucketName: bucket });
}

/** Needs WEBSOCKET_MANAGEMENT_URL. */
export function openConnections(): Connections {
  const { websocketManagementUrl } = readEnvironment(['websocketManagementUrl']);
  return createConnections({ managementUrl: websocketManagementUrl });
}

/** Needs TASK_WORKFLOW_ARN and INGEST_WORKFLOW_ARN. */
export function openWorkflow(): Workflow {
  const { taskWorkflow, ingestWorkflow } = readEnvironment(['taskWorkflow', 'ingestWorkflow']);
  return createWorkflow({ task: taskWorkflow, ingest: ingestWorkflow });
}

/** Needs WEBSOCKET_URL. */
export const readWebsocketUrl = (): string => readEnvironment(['websocketUrl']).websocketUrl;
