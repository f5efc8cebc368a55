/**
 * What a route is: a plain value, from which come the router, validation, the OpenAPI document, the
 * client and the tests that no route can forget. Nothing here knows a server or a client.
 */
import type * as z from 'zod';
import type { IdKind } from '../ids.ts';
import type { ProblemCode } from '../problems.ts';
import type { Page } from '../schemas/common.ts';

/** Parameters in a path. An id that cannot exist is answered like one that does not. */
export interface PathParams<S extends z.ZodObject = z.ZodObject> {
  readonly schema: S;
  /** By parameter: the problem of a malformed one, where it is not VALIDATION_ERROR. */
  readonly notFound: Readonly<Record<string, ProblemCode>>;
}

/** A JSON body. `name` is the schema's name in the OpenAPI document. */
export interface RequestBody<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: S;
  /** A request without a body counts as `{}`. */
  readonly optional?: true;
  /** The field that holds rows: what is wrong with one is DATA_INVALID and names its number. */
  readonly rows?: string;
}

/** `{"data": …}` with this status. */
export interface DataAnswer<S extends z.ZodType = z.ZodType> {
  readonly kind: 'data';
  readonly status: 200 | 201 | 202;
  readonly name: string;
  readonly schema: S;
}
/** 200 `{"data": […], "nextCursor": …}`; the schema is that of one element. */
export interface PageAnswer<S extends z.ZodType = z.ZodType> {
  readonly kind: 'page';
  readonly name: string;
  readonly schema: S;
  /** What else a page tells, beside its elements. */
  readonly beside?: z.ZodObject;
}
/** What a page of this answer holds. */
export type PageOf<A extends PageAnswer> = Page<z.output<A['schema']>> &
  (A extends { readonly beside: infer B extends z.ZodObject } ? z.output<B> : unknown);
/** 302 to a signed link, or 200 with the link as data when the client accepts JSON. */
export interface LinkAnswer {
  readonly kind: 'link';
  readonly description: string;
}
/** 200 with a JSON document of its own form, which changes with the version of the service only. */
export interface DocumentAnswer {
  readonly kind: 'document';
  readonly description: string;
}

/** 204 without a body: what was asked for is done, and there is nothing to tell of it. */
export interface EmptyAnswer {
  readonly kind: 'empty';
}

/** What a POST makes; the answer is a `data` one. */
export interface Creates {
  readonly kind: IdKind;
  /**
   * Fields of the answer that are made anew for each, such as links and tickets that end soon, or are good
   * once, and secrets, which are derived and stored nowhere; the others are kept, and are the same in every answer to the same Idempotency-Key.
   */
  readonly fresh: readonly string[];
}

/** A success that a route may answer with. `name` is the schema's name in the OpenAPI document. */
export type Answer = DataAnswer | PageAnswer | LinkAnswer | DocumentAnswer | EmptyAnswer;

export interface RouteDescription {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below API_BASE_PATH, in OpenAPI form: /batch/tasks/{taskId}. */
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Without an API key. */
  readonly public?: true;
  /**
   * A POST that changes nothing more when it is sent again: a client may repeat it without knowing
   * whether it arrived. GET and DELETE always may be.
   */
  readonly repeatable?: true;
  /**
   * A POST that makes something: it takes the header Idempotency-Key, with which it may be sent again. Every
   * POST either is `repeatable` or says what it makes.
   */
  readonly creates?: Creates;
  readonly params?: PathParams;
  readonly query?: z.ZodObject;
  readonly body?: RequestBody;
  /** The body is taken as it is, of whatever type. */
  readonly takesBytes?: true;
  readonly answers: readonly Answer[];
  /** Problems of the use case; those of every route are added (problemsOf). */
  readonly problems: readonly ProblemCode[];
}

/** Routes by their names, which are the operation ids and the client's methods. */
export type Routes = Readonly<Record<string, RouteDescription>>;

/** Keeps what is said of each route as a type. */
export const defineRoutes = <const R extends Routes>(routes: R): R => routes;

/** A field of a route's description, where it has one. */
type Part<R, K extends string> = R extends { readonly [P in K]: infer V } ? V : undefined;
type SchemaOf<D> = D extends { readonly schema: infer S extends z.ZodType } ? S : undefined;

/** Schemas of a request's parts; undefined for a part that the route does not have. */
export type ParamsOf<R> = SchemaOf<Part<R, 'params'>>;
export type QueryOf<R> = Part<R, 'query'>;
export type BodyOf<R> = SchemaOf<Part<R, 'body'>>;
/** Names of the fields of its answer that a creating route makes anew. */
export type FreshOf<R> = R extends {
  readonly creates: { readonly fresh: readonly (infer F extends string)[] };
}
  ? F
  : never;

/** Whether the same request may be sent again without harm. */
export const isRepeatable = ({ method, repeatable }: RouteDescription) =>
  method !== 'POST' || repeatable === true;

/** Every problem that a route may answer with: its own, and those that its form brings. */
export function problemsOf(route: RouteDescription): ProblemCode[] {
  const codes: ProblemCode[] = ['VALIDATION_ERROR', 'INTERNAL', ...route.problems];
  codes.push(...Object.values(route.params?.notFound ?? {}));
  if (!route.public) codes.push('UNAUTHORIZED');
  if (route.method === 'POST') codes.push('PAYLOAD_TOO_LARGE');
  if (route.creates) codes.push('IDEMPOTENCY_CONFLICT', 'IDEMPOTENCY_KEY_REUSED');
  return [...new Set(codes)];
}
