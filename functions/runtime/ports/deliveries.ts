/** The delivery workflow alone, for functions that tell of events. */
import type { Workflow } from '../../../shared/ports.ts';
import { openWorkflow } from './workflow.ts';

/** Needs DELIVERY_WORKFLOW_ARN. */
export const openDeliveries = (): Pick<Workflow<'delivery'>, 'start'> => openWorkflow('delivery');
