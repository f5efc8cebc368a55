import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildOpenApi, prepareOpenApi } from '../../../functions/api/openApi.ts';
import { routes } from '../../../functions/api/routes/index.ts';
import { contract } from '../../../shared/api/contract.ts';
import { problemsOf } from '../../../shared/api/route.ts';
import { PROBLEMS, type ProblemCode } from '../../../shared/problems.ts';
import { createMemoryPorts } from '../../support/memoryPorts.ts';

const CODES = Object.keys(PROBLEMS) as ProblemCode[];
const text = `${JSON.stringify(buildOpenApi(contract), null, 2)}\n`;

const ParameterSchema = z.looseObject({ name: z.string(), description: z.string().optional() });
const OperationSchema = z.looseObject({
  operationId: z.string(),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(ParameterSchema),
  responses: z.record(
    z.string(),
    z.looseObject({
      content: z
        .record(
          z.string(),
          z.looseObject({ examples: z.record(z.string(), z.unknown()).optional() }),
        )
        .optional(),
    }),
  ),
});
const PropertiesSchema = z.looseObject({
  properties: z.record(
    z.string(),
    z.looseObject({ description: z.string().optional(), enum: z.array(z.string()).optional() }),
  ),
});
const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), OperationSchema)),
    components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
  })
  .parse(JSON.parse(text));
const operationOf = ({ path, method }: (typeof routes)[number]) =>
  document.paths[path]?.[method.toLowerCase()];
const schemaOf = (name: string) => PropertiesSchema.parse(document.components.schemas[name]);

describe('the OpenAPI document', () => {
  it('is docs/openapi.json: run `npm run openapi` after a change of the routes', () => {
    const committed = new URL('../../../docs/openapi.json', import.meta.url);
    expect(readFileSync(committed, 'utf8') === text).toBe(true);
  });

  it('is the same every time', () => {
    expect(`${JSON.stringify(buildOpenApi(contract), null, 2)}\n`).toBe(text);
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const json = z.looseObject({}).parse(JSON.parse(text));
    expect(await validator.validate(json)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('refers only to what it holds', () => {
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(Object.keys(document.components.schemas)));
  });

  it('has every route, each under a name of its own', () => {
    const operations = routes.map(operationOf);
    expect(operations).not.toContain(undefined);
    expect(new Set(operations.map((operation) => operation?.operationId)).size).toBe(routes.length);
  });

  it('asks for a key everywhere but on three routes', () => {
    const open = routes.filter((route) => operationOf(route)?.security?.length === 0);
    expect(open.map(({ path }) => path)).toEqual([
      '/callbacks/{callback}',
      '/health',
      '/openapi.json',
    ]);
  });

  it.each(routes.map((route) => [route.operationId, route] as const))(
    'names the parameters in the path of %s',
    (_name, route) => {
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(route.params?.schema.shape ?? {})).toEqual(inPath);
      expect(Object.keys(route.params?.notFound ?? {}).every((name) => inPath.includes(name))).toBe(
        true,
      );
    },
  );
});

describe('the registry of problems', () => {
  it('is the list of codes of the document', () => {
    expect(schemaOf('Problem').properties['code']?.enum).toEqual(CODES);
  });

  it.each(routes.map((route) => [route.operationId, route] as const))(
    'is what %s answers from, each code with its status',
    (_name, route) => {
      const described = Object.entries(operationOf(route)?.responses ?? {}).flatMap(
        ([status, { content }]) => {
          const codes = Object.keys(content?.['application/problem+json']?.examples ?? {});
          return codes.map((code) => `${code} ${status}`);
        },
      );
      const expected = problemsOf(route).map((code) => `${code} ${PROBLEMS[code].status}`);
      expect(described.sort()).toEqual(expected.sort());
    },
  );
});

describe('what the gateway answers by itself', () => {
  it.each(routes.map((route) => [route.operationId, route] as const))(
    'is told of %s, in its own shape',
    (_name, route) => {
      const responses = operationOf(route)?.responses ?? {};
      const shaped = Object.entries(responses).filter(([status, { content }]) =>
        Number(status) >= 400 ? content?.['application/json'] !== undefined : false,
      );
      const expected = ['429', '500', '503'];
      if (!route.public) expected.unshift('401', '403');
      if (route.method === 'POST') expected.push('413');
      expect(shaped.map(([status]) => status).sort()).toEqual(expected.sort());
    },
  );
});

describe('the prepared document', () => {
  it('is the document, made once', () => {
    const first = prepareOpenApi(contract);
    expect(JSON.parse(first.text)).toEqual(buildOpenApi(contract));
    const other = prepareOpenApi({ getHealth: contract.getHealth });
    expect(other.etag).not.toBe(first.etag);
  });

  it('is not made anew by a call', async () => {
    const [route] = routes.filter(({ operationId }) => operationId === 'getOpenApi');
    const ports = createMemoryPorts();
    const request = {
      ownerId: '',
      params: {},
      query: new URLSearchParams(),
      body: undefined,
      idempotencyKey: undefined,
    };
    const replies = [await route?.respond(ports, request), await route?.respond(ports, request)];
    const documents = replies.map((reply) => reply && 'document' in reply && reply.document);
    expect(documents[0]).toBe(documents[1]);
  });
});

describe('the documentation of requests', () => {
  it('describes every parameter', () => {
    const silent = routes.flatMap((route) =>
      (operationOf(route)?.parameters ?? [])
        .filter(({ description }) => description === undefined)
        .map(({ name }) => `${route.operationId} ${name}`),
    );
    expect(silent).toEqual([]);
  });

  it('describes every field of every body', () => {
    const silent = routes.flatMap(({ body }) =>
      Object.entries(body ? schemaOf(body.name).properties : {})
        .filter(([, { description }]) => description === undefined)
        .map(([field]) => `${body?.name} ${field}`),
    );
    expect(silent).toEqual([]);
  });
});
