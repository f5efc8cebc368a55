/**
 * The contract: every route of the HTTPS API. functions/api implements it, client/ calls it,
 * docs/openapi.json and the tests of docs/api.md are made from it; no path is spelt elsewhere.
 */
import { callbackRoutes } from './callbacks.ts';
import { checkRoutes } from './checks.ts';
import { connectionRoutes } from './connections.ts';
import { dataSourceRoutes } from './dataSources.ts';
import { sampleRoutes } from './samples.ts';
import { serviceRoutes } from './service.ts';
import { streamRoutes } from './stream.ts';
import { taskResultRoutes } from './taskResults.ts';
import { taskRoutes } from './tasks.ts';
import { templateRoutes } from './templates.ts';
import { usageRoutes } from './usage.ts';
import { webhookRoutes } from './webhooks.ts';

export const contract = {
  ...templateRoutes,
  ...dataSourceRoutes,
  ...checkRoutes,
  ...sampleRoutes,
  ...taskRoutes,
  ...taskResultRoutes,
  ...usageRoutes,
  ...streamRoutes,
  ...webhookRoutes,
  ...connectionRoutes,
  ...callbackRoutes,
  ...serviceRoutes,
};
export type Contract = typeof contract;
export type OperationId = keyof Contract;
