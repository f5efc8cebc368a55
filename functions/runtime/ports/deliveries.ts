/** The delivery workflow alone, for functions that tell of events. */
import type { Workflow } from '../../../shared/ports.ts';
import { readEnvironment } from '../environment.ts';

type Deliveries = Pick<Workflow<'delivery'>, 'start'>;

/**
 * Needs DELIVERY_WORKFLOW_ARN. The client is loaded when there is a delivery to start: most tasks have none,
 * and each of these functions would load it at its cold start.
 */
export function openDeliveries(): Deliveries {
  const { deliveryWorkflow } = readEnvironment(['deliveryWorkflow']);
  let opened: Promise<Deliveries> | undefined;
  const open = async () => {
    const { createWorkflow } = await import('../../adapters/stepFunctionsWorkflow.ts');
    return createWorkflow({ delivery: deliveryWorkflow });
  };
  return {
    async start(...execution) {
      opened ??= open();
      return (await opened).start(...execution);
    },
  };
}
