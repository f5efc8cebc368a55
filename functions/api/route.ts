/** Implementing the contract: a handler for every route, or it does not compile. */
import type * as z from 'zod';
import type {
  Answer,
  BodyOf,
  DataAnswer,
  EmptyAnswer,
  PageAnswer,
  LinkAnswer,
  ParamsOf,
  QueryOf,
  RouteDescription,
  Routes,
} from '../../shared/api/route.ts';
import type { Ports } from '../../shared/ports.ts';
import type { Page } from '../../shared/schemas/common.ts';
import type { Download } from '../../shared/schemas/taskApi.ts';
import { parseBody, parseParams, parseQuery } from './validation.ts';

/** The ports that the use cases behind the routes need. */
export type ApiPorts = Ports;

/** A document as it is sent, time and again. */
export interface PreparedDocument {
  /** JSON. */
  readonly text: string;
  /** An entity tag (RFC 9110, section 8.8.3). */
  readonly etag: string;
}

/** What a handler returns for an answer. */
type ReplyTo<A extends Answer> =
  A extends DataAnswer<infer S>
    ? { data: z.output<S> }
    : A extends PageAnswer<infer S>
      ? Page<z.output<S>>
      : A extends LinkAnswer
        ? { link: Download }
        : A extends EmptyAnswer
          ? { empty: true }
          : { document: PreparedDocument };

/** A reply before it is made an HTTP response. */
export type Reply =
  | { data: unknown }
  | Page<unknown>
  | { link: Download }
  | { document: PreparedDocument }
  | { empty: true };

type Output<S> = S extends z.ZodType ? z.output<S> : Record<string, never>;

/** The use case behind a route: it gets what the schemas say, and answers what they say. */
type Handler<R extends RouteDescription> = (
  ports: ApiPorts,
  request: {
    readonly ownerId: string;
    readonly params: Output<ParamsOf<R>>;
    readonly query: Output<QueryOf<R>>;
    readonly body: Output<BodyOf<R>>;
  },
) => Promise<ReplyTo<R['answers'][number]>>;

/** A handler for each of these routes. */
export type Handlers<C extends Routes> = { readonly [K in keyof C]: Handler<C[K]> };

/** A request's parts, as they came. */
export interface RawRequest {
  /** Whose API key it was; empty on public routes only. */
  readonly ownerId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined when there is none. */
  readonly body: unknown;
}

export interface Route extends RouteDescription {
  readonly operationId: string;
  /** Validates the request and passes it on to the use case. */
  respond(ports: ApiPorts, request: RawRequest): Promise<Reply>;
}

/** Routes with the handlers that answer them. */
export function implement<const C extends Routes>(routes: C, handlers: Handlers<C>): Route[] {
  return Object.entries(routes).map(([operationId, route]) => {
    // What the schemas of this very route give is what its handler takes.
    const handle = handlers[operationId] as unknown as (
      ports: ApiPorts,
      request: Record<'ownerId' | 'params' | 'query' | 'body', unknown>,
    ) => Promise<Reply>;
    return {
      operationId,
      ...route,
      respond: async (ports, request) =>
        handle(ports, {
          ownerId: request.ownerId,
          params: parseParams(route.params, request.params),
          query: parseQuery(route.query, request.query),
          body: parseBody(route.body, request.body),
        }),
    };
  });
}
