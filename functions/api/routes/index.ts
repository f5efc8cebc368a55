/** The contract with what answers it. */
import { contract } from '../../../shared/api/contract.ts';
import { implement } from '../route.ts';
import { callbackHandlers } from './callbacks.ts';
import { checkHandlers } from './checks.ts';
import { connectionHandlers } from './connections.ts';
import { dataSourceHandlers } from './dataSources.ts';
import { sampleHandlers } from './samples.ts';
import { serviceHandlers } from './service.ts';
import { streamHandlers } from './stream.ts';
import { taskResultHandlers } from './taskResults.ts';
import { taskHandlers } from './tasks.ts';
import { templateHandlers } from './templates.ts';
import { usageHandlers } from './usage.ts';
import { webhookHandlers } from './webhooks.ts';

export const routes = implement(contract, {
  ...templateHandlers,
  ...dataSourceHandlers,
  ...checkHandlers,
  ...sampleHandlers,
  ...taskHandlers,
  ...taskResultHandlers,
  ...usageHandlers,
  ...streamHandlers,
  ...webhookHandlers,
  ...connectionHandlers,
  ...callbackHandlers,
  ...serviceHandlers,
});
