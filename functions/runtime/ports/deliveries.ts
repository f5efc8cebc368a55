/** The delivery workflow alone, for functions that tell of events; whoever may also tells executions that wait. */
import type { Workflow } from '../../../shared/ports.ts';
import { openWorkflow } from './workflow.ts';

/** Needs DELIVERY_WORKFLOW_ARN. */
export const openDeliveries = (): Pick<Workflow<'delivery'>, 'start' | 'answerTask'> =>
  openWorkflow('delivery');
