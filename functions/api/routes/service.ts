/** The service itself: is it there, and what does it offer? Both are public. */
import * as z from 'zod';
import { defineRoute, type Route } from '../route.ts';
import { VERSION } from '../version.ts';

const HealthSchema = z.object({ status: z.literal('ok'), version: z.string() });

const healthRoute = defineRoute({
  operationId: 'getHealth',
  method: 'GET',
  path: '/health',
  tag: 'Service',
  summary: 'Whether the service answers',
  public: true,
  answers: [{ kind: 'data', status: 200, name: 'Health', schema: HealthSchema }],
  problems: [],
  handle: async () => ({ data: { status: 'ok' as const, version: VERSION } }),
});

/** @param describe makes the OpenAPI document of all routes, this one among them */
const openApiRoute = (describe: () => unknown) =>
  defineRoute({
    operationId: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    tag: 'Service',
    summary: 'This API as an OpenAPI 3.1 document',
    public: true,
    answers: [{ kind: 'document', description: 'The document.' }],
    problems: [],
    handle: async () => ({ document: describe() }),
  });

export const serviceRoutes = (describe: () => unknown): readonly Route[] => [
  healthRoute,
  openApiRoute(describe),
];
