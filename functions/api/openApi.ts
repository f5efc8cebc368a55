/** The OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html), made from the routes. */
import { createHash } from 'node:crypto';
import { GatewayMessageSchema, ProblemBodySchema } from '../../shared/api/problemSchema.ts';
import type { Answer, RouteDescription, Routes } from '../../shared/api/route.ts';
import { MAX_IDEMPOTENCY_KEY_CHARACTERS } from '../../shared/limits.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import { DownloadSchema } from '../../shared/schemas/taskApi.ts';
import { toJsonSchema, type JsonSchema } from './jsonSchema.ts';
import { failureResponses, problemExamples } from './openApiFailures.ts';
import type { PreparedDocument } from './route.ts';
import { VERSION } from './version.ts';

const DESCRIPTION = `Word templates and tables of rows in; documents, live progress and one ZIP out.

Success is \`{"data": …}\`; a list is \`{"data": […], "nextCursor": …}\`. What goes wrong is a problem document (RFC 9457) with a \`code\`. What the gateway answers by itself (a missing or refused key, throttling) is \`{"message": …}\`. Events are described in docs/api.md.`;

const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });

const prepared = new WeakMap<Routes, PreparedDocument>();

/** The document as it is handed out: made at the first call, because the schemas take some 15 ms. */
export function prepareOpenApi(routes: Routes): PreparedDocument {
  const known = prepared.get(routes);
  if (known) return known;
  const text = JSON.stringify(buildOpenApi(routes));
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  const document = { text, etag };
  prepared.set(routes, document);
  return document;
}

/** The document; the same routes give the same document. */
export function buildOpenApi(routes: Routes): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [operationId, route] of Object.entries(routes)) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(operationId, route);
  }
  const descriptions = Object.values(routes);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sheaf',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: API_BASE_PATH }],
    security: [{ apiKey: [] }],
    tags: [...new Set(descriptions.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'Authorization: Bearer <API key>' },
      },
      schemas: componentSchemas(descriptions),
      examples: problemExamples(),
    },
  };
}

function operation(operationId: string, route: RouteDescription): object {
  const { tag, summary, description, body } = route;
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(route.public ? { security: [] } : {}),
    parameters: [
      ...parameters('path', toObject(route.params?.schema)),
      ...parameters('query', toObject(route.query)),
      ...(route.creates ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(route.takesBytes && {
      requestBody: { required: false, content: { '*/*': { schema: {} } } },
    }),
    ...(body && {
      requestBody: { required: !body.optional, content: json(schemaRef(body.name)) },
    }),
    responses: { ...successResponses(route.answers), ...failureResponses(route) },
  };
}

/** What every creating route takes. */
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Made up by the client, such as a UUID: the same request with the same key creates once, and is answered with the first result, for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_IDEMPOTENCY_KEY_CHARACTERS },
};

const toObject = (schema: RouteDescription['query']) => schema && toJsonSchema(schema, 'input');

function parameters(place: 'path' | 'query', schema: JsonSchema | undefined): object[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property as JsonSchema;
    return {
      name,
      in: place,
      required: place === 'path' || (schema?.required ?? []).includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function successResponses(answers: readonly Answer[]): Record<string, object> {
  const responses: Record<string, object> = {};
  if (answers.some(({ kind }) => kind === 'empty')) return { 204: { description: 'Done.' } };
  const bodies = answers.map(successBody);
  const status = answers.find((answer) => answer.kind === 'data')?.status ?? 200;
  responses[status] = {
    description: status === 202 ? 'Accepted: the work goes on.' : 'Success.',
    content: json(bodies.length === 1 ? bodies[0]! : { oneOf: bodies }),
  };
  const link = answers.find((answer) => answer.kind === 'link');
  if (link) {
    responses['302'] = {
      description: `A link to follow, signed for a short time. ${link.description} With \`Accept: application/json\` the link comes as data instead.`,
      headers: { Location: { required: true, schema: { type: 'string', format: 'uri' } } },
    };
  }
  if (answers.some((answer) => answer.kind === 'document')) {
    responses['304'] = {
      description: 'The document is still the one whose `ETag` was sent as `If-None-Match`.',
    };
  }
  return responses;
}

function successBody(answer: Answer): object {
  switch (answer.kind) {
    case 'data':
      return envelope({ data: schemaRef(answer.name) });
    case 'page':
      return envelope({
        data: { type: 'array', items: schemaRef(answer.name) },
        nextCursor: {
          type: ['string', 'null'],
          description: 'Give it as ?cursor= for the next page; null on the last.',
        },
        ...(answer.beside && toJsonSchema(answer.beside, 'output').properties),
      });
    case 'link':
      return envelope({ data: schemaRef('Download') });
    case 'document':
      return { type: 'object', description: answer.description };
    case 'empty':
      return {};
  }
}

const envelope = (properties: Record<string, object>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

function componentSchemas(routes: readonly RouteDescription[]): Record<string, JsonSchema> {
  const schemas: Record<string, JsonSchema> = {
    Problem: toJsonSchema(ProblemBodySchema, 'output'),
    GatewayMessage: toJsonSchema(GatewayMessageSchema, 'output'),
    Download: toJsonSchema(DownloadSchema, 'output'),
  };
  for (const { body, answers } of routes) {
    if (body) schemas[body.name] = toJsonSchema(body.schema, 'input');
    for (const answer of answers) {
      if ('name' in answer) schemas[answer.name] ??= toJsonSchema(answer.schema, 'output');
    }
  }
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}
