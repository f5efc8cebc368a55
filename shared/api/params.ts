/** Parameters in paths, and what a malformed one is answered with. */
import * as z from 'zod';
import {
  CheckIdSchema,
  ConnectionIdSchema,
  DataSourceIdSchema,
  DeliveryIdSchema,
  EndpointIdSchema,
  SampleIdSchema,
  TaskIdSchema,
  TemplateIdSchema,
} from '../schemas/common.ts';

export const taskParams = {
  schema: z.object({ taskId: TaskIdSchema }),
  notFound: { taskId: 'TASK_NOT_FOUND' },
} as const;

/** A row of a task; rows are counted from 1. */
export const documentParams = {
  schema: taskParams.schema.extend({
    row: z.coerce.number<number>().int().min(1).describe('1-based number of the row.'),
  }),
  notFound: taskParams.notFound,
} as const;

/** What was sent of a task. */
export const deliveryParams = {
  schema: taskParams.schema.extend({ deliveryId: DeliveryIdSchema }),
  notFound: { ...taskParams.notFound, deliveryId: 'NOT_FOUND' },
} as const;

export const checkParams = {
  schema: z.object({ checkId: CheckIdSchema }),
  notFound: { checkId: 'NOT_FOUND' },
} as const;

export const sampleParams = {
  schema: z.object({ sampleId: SampleIdSchema }),
  notFound: { sampleId: 'NOT_FOUND' },
} as const;

export const endpointParams = {
  schema: z.object({ endpointId: EndpointIdSchema }),
  notFound: { endpointId: 'NOT_FOUND' },
} as const;

export const connectionParams = {
  schema: z.object({ connectionId: ConnectionIdSchema }),
  notFound: { connectionId: 'NOT_FOUND' },
} as const;

export const templateParams = {
  schema: z.object({ templateId: TemplateIdSchema }),
  notFound: { templateId: 'TEMPLATE_NOT_FOUND' },
} as const;

export const dataSourceParams = {
  schema: z.object({ dataSourceId: DataSourceIdSchema }),
  notFound: { dataSourceId: 'DATA_SOURCE_NOT_FOUND' },
} as const;
