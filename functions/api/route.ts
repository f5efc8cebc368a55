/**
 * What a route is: one object, from which come routing, validation, the OpenAPI document and the
 * tests that no route can forget.
 */
import type * as z from 'zod';
import type { Ports } from '../../shared/ports.ts';
import type { ProblemCode } from '../../shared/problems.ts';
import type { Page } from '../../shared/schemas/common.ts';
import type { Download } from '../../shared/schemas/taskApi.ts';
import { parseBody, parseParams, parseQuery, type PathParams } from './validation.ts';

/** The ports that the use cases behind the routes need. */
export type ApiPorts = Ports;

/** A success that a route may answer with. `name` is the schema's name in the OpenAPI document. */
export type Answer =
  /** `{"data": …}` with this status. */
  | DataAnswer
  /** 200 `{"data": […], "nextCursor": …}`. */
  | PageAnswer
  /** 302 to a signed link, or 200 with the link as data when the client accepts JSON. */
  | { readonly kind: 'link'; readonly description: string }
  /** 200 with a JSON document of its own form. */
  | { readonly kind: 'document'; readonly description: string };

interface DataAnswer<S extends z.ZodType = z.ZodType> {
  readonly kind: 'data';
  readonly status: 200 | 201 | 202;
  readonly name: string;
  readonly schema: S;
}
interface PageAnswer<S extends z.ZodType = z.ZodType> {
  readonly kind: 'page';
  readonly name: string;
  readonly schema: S;
}

/** What a handler returns for an answer. */
type ReplyTo<A extends Answer> =
  A extends DataAnswer<infer S>
    ? { data: z.output<S> }
    : A extends PageAnswer<infer S>
      ? Page<z.output<S>>
      : A extends { kind: 'link' }
        ? { link: Download }
        : { document: unknown };

/** A reply before it is made an HTTP response. */
export type Reply = { data: unknown } | Page<unknown> | { link: Download } | { document: unknown };

/** A request's parts, as they came. */
export interface RawRequest {
  /** Whose API key it was; empty on public routes only. */
  readonly ownerId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined when there is none. */
  readonly body: unknown;
}

/** What the documentation and the router need of a route. */
export interface RouteDescription {
  readonly operationId: string;
  readonly method: 'GET' | 'POST';
  /** Below API_BASE_PATH, in OpenAPI form: /batch/tasks/{taskId}. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Without an API key. */
  readonly public?: true;
  readonly params?: PathParams;
  readonly query?: z.ZodObject;
  /** `optional`: a request without a body counts as `{}`. */
  readonly body?: { readonly name: string; readonly schema: z.ZodType; readonly optional?: true };
  readonly answers: readonly Answer[];
  /** Problems of the use case; those of every route are added (problemsOf). */
  readonly problems: readonly ProblemCode[];
}

export interface Route extends RouteDescription {
  /** Validates the request and passes it on to the use case. */
  respond(ports: ApiPorts, request: RawRequest): Promise<Reply>;
}

interface RouteDefinition<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends Answer,
> extends RouteDescription {
  readonly params?: PathParams<P>;
  readonly query?: Q;
  readonly body?: { readonly name: string; readonly schema: B; readonly optional?: true };
  readonly answers: readonly A[];
  readonly handle: (
    ports: ApiPorts,
    request: {
      readonly ownerId: string;
      readonly params: z.output<P>;
      readonly query: z.output<Q>;
      readonly body: z.output<B>;
    },
  ) => Promise<ReplyTo<A>>;
}

/** Makes a route of its definition: `handle` gets what the schemas say. */
export function defineRoute<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  const A extends Answer,
>({ handle, ...description }: RouteDefinition<P, Q, B, A>): Route {
  return {
    ...description,
    respond: async (ports, request) =>
      handle(ports, {
        ownerId: request.ownerId,
        params: parseParams(description.params, request.params),
        query: parseQuery(description.query, request.query),
        body: parseBody(description.body, request.body),
      }),
  };
}

/** Every problem that a route may answer with: its own, and those that its form brings. */
export function problemsOf(route: RouteDescription): ProblemCode[] {
  const codes: ProblemCode[] = ['VALIDATION_ERROR', 'INTERNAL', ...route.problems];
  codes.push(...Object.values(route.params?.notFound ?? {}));
  if (!route.public) codes.push('UNAUTHORIZED');
  if (route.method === 'POST') codes.push('PAYLOAD_TOO_LARGE');
  return [...new Set(codes)];
}
