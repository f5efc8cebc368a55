/** Implementing the contract: a handler for every route, or it does not compile. */
import type * as z from 'zod';
import type {
  Answer,
  BodyOf,
  Creates,
  DataAnswer,
  EmptyAnswer,
  FreshOf,
  PageAnswer,
  PageOf,
  LinkAnswer,
  ParamsOf,
  QueryOf,
  RouteDescription,
  Routes,
} from '../../shared/api/route.ts';
import type { CallbackBody } from '../../shared/callbacks/callbackBodies.ts';
import type { Creation } from '../../shared/creation.ts';
import type { ApiPorts, AnyCreatingHandler, ParsedRequest, RawRequest } from './request.ts';
import type { Page } from '../../shared/schemas/common.ts';
import type { Download } from '../../shared/schemas/taskApi.ts';
import { create } from './creation.ts';
import { parseBody, parseParams, parseQuery } from './validation.ts';

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
    : A extends PageAnswer
      ? PageOf<A>
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

/** A request as the schemas of its route say. */
interface RequestTo<R extends RouteDescription> {
  readonly ownerId: string;
  readonly params: Output<ParamsOf<R>>;
  readonly query: Output<QueryOf<R>>;
  readonly body: R extends { readonly takesBytes: true } ? CallbackBody : Output<BodyOf<R>>;
}

/** The use case behind a route: it gets what the schemas say, and answers what they say. */
type Handler<R extends RouteDescription> = (
  ports: ApiPorts,
  request: RequestTo<R>,
) => Promise<ReplyTo<R['answers'][number]>>;

/** What a creating route answers with. */
type CreatedBy<R extends RouteDescription> =
  R['answers'][number] extends DataAnswer<infer S> ? z.output<S> : never;

/** The use case behind a route that creates, in the two steps that make a repetition safe. */
interface CreatingHandler<R extends RouteDescription> {
  /**
   * Makes it under the id, by a conditional write, unless it is a repeat and is there. What is returned is
   * kept: no secret, no ticket, no value of a row.
   */
  make(
    ports: ApiPorts,
    request: RequestTo<R>,
    creation: Creation,
  ): Promise<Omit<CreatedBy<R>, FreshOf<R>>>;
  /** The rest of the answer, made anew for each. */
  fresh(
    ports: ApiPorts,
    request: RequestTo<R>,
    kept: Omit<CreatedBy<R>, FreshOf<R>>,
  ): Promise<Pick<CreatedBy<R>, FreshOf<R> & keyof CreatedBy<R>>>;
}

/** A handler for each of these routes. */
export type Handlers<C extends Routes> = {
  readonly [K in keyof C]: C[K] extends { readonly creates: Creates }
    ? CreatingHandler<C[K]>
    : Handler<C[K]>;
};

export interface Route extends RouteDescription {
  readonly operationId: string;
  /** Validates the request and passes it on to the use case. */
  respond(ports: ApiPorts, request: RawRequest): Promise<Reply>;
}

/** A handler of any route; what the schemas of this very route give is what it takes. */
type AnyHandler = (ports: ApiPorts, request: ParsedRequest) => Promise<Reply>;
/** Routes with the handlers that answer them. */
export function implement<const C extends Routes>(routes: C, handlers: Handlers<C>): Route[] {
  return Object.entries(routes).map(([operationId, route]) => {
    const handler = handlers[operationId] as unknown as AnyHandler | AnyCreatingHandler;
    return {
      operationId,
      ...route,
      respond: async (ports, request) => {
        const parsed = {
          ownerId: request.ownerId,
          params: parseParams(route.params, request.params),
          query: parseQuery(route.query, request.query),
          body: route.takesBytes ? request.body : parseBody(route.body, request.body),
        };
        return typeof handler === 'function'
          ? handler(ports, parsed)
          : create(ports, { operationId, route }, handler, request, parsed);
      },
    };
  });
}
