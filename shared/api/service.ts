/** The service itself: is it there, and what does it offer? Both are public. */
import * as z from 'zod';
import { servicePaths } from './paths.ts';
import { defineRoutes } from './route.ts';

const HealthSchema = z.object({ status: z.literal('ok'), version: z.string() });

export const serviceRoutes = defineRoutes({
  getHealth: {
    method: 'GET',
    path: servicePaths.health,
    tag: 'Service',
    summary: 'Whether the service answers',
    public: true,
    answers: [{ kind: 'data', status: 200, name: 'Health', schema: HealthSchema }],
    problems: [],
  },
  getOpenApi: {
    method: 'GET',
    path: servicePaths.openApi,
    tag: 'Service',
    summary: 'This API as an OpenAPI 3.1 document',
    public: true,
    answers: [{ kind: 'document', description: 'The document.' }],
    problems: [],
  },
});
