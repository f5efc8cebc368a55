/** The HTTPS API in this process: the api function's wrapper, app and routes over ports in memory. */
import * as z from 'zod';
import { createApp } from '../../functions/api/app.ts';
import { routes } from '../../functions/api/routes/index.ts';
import { http } from '../../functions/runtime/http.ts';
import { ProblemBodySchema } from '../../shared/api/problemSchema.ts';
import { createClient, type SheafClient } from '../../client/client.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import type { Ports } from '../../shared/ports.ts';
import { httpEvent, lambdaContext } from './gatewayEvents.ts';

/** Where the client believes the API to be. */
const ORIGIN = 'https://api.invalid';

export interface ApiRequest {
  /** Below the base path. */
  readonly path: string;
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string;
  /** Undefined: the gateway named no owner. */
  readonly ownerId?: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body, which must be JSON. */
  json(): z.core.util.JSONType;
  /** The problem document that the body must be. */
  problem(): z.output<typeof ProblemBodySchema>;
}

/** Sends requests to the API as API Gateway would. */
export function createApiClient(ports: Ports): (request: ApiRequest) => Promise<ApiAnswer> {
  const handler = http(ports, createApp(ports, routes));
  return async ({ path, json, body, headers, ownerId, ...request }) => {
    const text = json === undefined ? body : JSON.stringify(json);
    const event = httpEvent({
      ...request,
      path: API_BASE_PATH + path,
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
      ...(ownerId === undefined ? {} : { ownerId }),
    });
    const answer = await handler(event, lambdaContext());
    const parse = () => z.json().parse(JSON.parse(answer.body ?? ''));
    return {
      status: answer.statusCode ?? 0,
      headers: z.record(z.string(), z.string()).parse(answer.headers),
      text: answer.body ?? '',
      json: parse,
      problem: () => ProblemBodySchema.parse(parse()),
    };
  };
}

/** The typed client of an owner, whose requests go through the API in this process. */
export function createTypedClient(ports: Ports, ownerId: string): SheafClient {
  const send = createApiClient(ports);
  return createClient({
    apiUrl: ORIGIN + API_BASE_PATH,
    apiKey: 'key-of-the-owner',
    fetch: async (input, init) => {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input);
      const answer = await send({
        ownerId,
        method: init?.method ?? 'GET',
        path: pathname.slice(API_BASE_PATH.length),
        query: search.slice(1),
        headers: Object.fromEntries(new Headers(init?.headers)),
        ...(typeof init?.body === 'string' && { body: init.body }),
      });
      return new Response(answer.text === '' ? null : answer.text, answer);
    },
  });
}
