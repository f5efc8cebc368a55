/** One call of a route of the contract: from typed input to a typed answer. */
import type * as z from 'zod';
import { bodySchema } from '../shared/api/envelope.ts';
import { fillPath } from '../shared/api/paths.ts';
import {
  isRepeatable,
  type Answer,
  type BodyOf,
  type DataAnswer,
  type EmptyAnswer,
  type LinkAnswer,
  type PageAnswer,
  type PageOf,
  type ParamsOf,
  type QueryOf,
  type RouteDescription,
} from '../shared/api/route.ts';
import type { Download } from '../shared/schemas/taskApi.ts';
import { ConnectionFailed, refusalOf, UnexpectedAnswer } from './errors.ts';
import { withRetries, type Patience } from './retry.ts';
import { ANSWER_TIMEOUT_MS } from './timing.ts';

type Input<S> = S extends z.ZodType ? z.input<S> : unknown;
/** Whether a body may be left out. */
type BodyInput<R> = R extends { readonly body: { readonly optional: true } }
  ? { readonly body?: Input<BodyOf<R>> }
  : R extends { readonly body: object }
    ? { readonly body: Input<BodyOf<R>> }
    : unknown;

/** What a route is called with: its parameters of path and query by their names, and its `body`. */
export type CallInput<R> = Input<ParamsOf<R>> & Input<QueryOf<R>> & BodyInput<R>;

/** What a success gives. */
type ResultOf<A extends Answer> =
  A extends DataAnswer<infer S>
    ? z.output<S>
    : A extends PageAnswer
      ? PageOf<A>
      : A extends LinkAnswer
        ? Download
        : A extends EmptyAnswer
          ? undefined
          : Record<string, unknown>;
export type CallResult<R extends RouteDescription> = ResultOf<R['answers'][number]>;

export interface CallOptions {
  /** Ends the call, and its waits between tries. */
  readonly signal?: AbortSignal;
  /**
   * Of a call that creates: what it creates is created once for this key, also by another process within
   * 24 hours. Without it each call has a key of its own, so that its tries create one thing.
   */
  readonly idempotencyKey?: string | undefined;
}

/** Where and how requests are sent. */
export interface Connection extends Patience {
  /** With the base path, such as http://localhost:3000/api/v2. */
  readonly apiUrl: string;
  readonly apiKey: string | undefined;
  readonly fetch: typeof fetch;
}

/**
 * Calls a route.
 * @throws ApiError (a refusal), ConnectionFailed, UnexpectedAnswer; the signal's reason
 */
export async function call(
  connection: Connection,
  route: RouteDescription,
  input: Readonly<Record<string, unknown>>,
  { signal, idempotencyKey }: CallOptions = {},
): Promise<unknown> {
  const key = route.creates && (idempotencyKey ?? newKey());
  const request = requestOf(connection, route, input, key);
  const trial = { repeatable: isRepeatable(route) || key !== undefined, signal };
  const name = `${route.method} ${route.path}`;
  const body = await withRetries(connection, trial, () => send(connection, name, request, signal));
  return resultOf(route, name, body);
}

function requestOf(
  { apiUrl, apiKey }: Connection,
  route: RouteDescription,
  input: Readonly<Record<string, unknown>>,
  idempotencyKey: string | undefined,
): { url: string; init: RequestInit } {
  const query = new URLSearchParams();
  for (const name of Object.keys(route.query?.shape ?? {})) {
    const value = input[name];
    if (typeof value === 'string' || typeof value === 'number') query.set(name, String(value));
  }
  const search = query.toString();
  const body = route.body && (input['body'] ?? {});
  return {
    url: `${apiUrl}${fillPath(route.path, input)}${search === '' ? '' : `?${search}`}`,
    init: {
      method: route.method,
      headers: {
        // A link comes as data then, instead of a redirect to follow without the key.
        accept: 'application/json',
        ...(apiKey !== undefined && !route.public && { authorization: `Bearer ${apiKey}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
  };
}

/** Nobody else has it: 128 bits. Not randomUUID, which browsers have on secure pages only. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

/** One try: the body of a success, as JSON. */
async function send(
  { fetch, clock }: Connection,
  name: string,
  { url, init }: { url: string; init: RequestInit },
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      ...init,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    if (!response.ok) throw await refusalOf(response, clock.date());
    const text = await response.text();
    return response.status === 204 ? undefined : parse(name, text);
  } catch (error) {
    throw failureOf(name, error, signal);
  }
}

/** What the platform throws where no answer came becomes one kind of error. */
export function failureOf(name: string, error: unknown, signal?: AbortSignal): unknown {
  signal?.throwIfAborted();
  const isPlatforms = error instanceof TypeError || error instanceof DOMException;
  if (!isPlatforms) return error;
  return new ConnectionFailed(`${name}: no answer came.`, { cause: error });
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnexpectedAnswer(`${name}: the answer is not JSON.`);
  }
}

function resultOf(route: RouteDescription, name: string, body: unknown): unknown {
  for (const answer of route.answers) {
    const parsed = bodySchema(answer).safeParse(body);
    if (parsed.success) return unwrap(answer, parsed.data);
  }
  throw new UnexpectedAnswer(`${name}: the answer has another shape than this client knows.`);
}

function unwrap(answer: Answer, body: unknown): unknown {
  const isInside = answer.kind === 'data' || answer.kind === 'link';
  return isInside ? (body as { data: unknown }).data : body;
}
