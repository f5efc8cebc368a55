/** The API under test: a deployed stack or the local cloud that the set-up started. */
import { inject } from 'vitest';
import * as z from 'zod';
import { createClient } from '../../cli/target/client.ts';
import type { SheafClient } from '../../client/client.ts';
import { contract, type OperationId } from '../../shared/api/contract.ts';
import { fillPath } from '../../shared/api/paths.ts';
export { docx } from '../support/docx.ts';

export const client = (): SheafClient =>
  createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** What is sent besides method and path, as it is: also what the client would never send. */
export interface RawCall {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One raw call of a route with the API key; redirects are shown, not followed. */
export async function api(
  operation: OperationId,
  { params, query = '', body, headers }: RawCall = {},
): Promise<Answer> {
  const { method, path } = contract[operation];
  const url = `${inject('apiUrl')}${fillPath(path, params)}${query === '' ? '' : `?${query}`}`;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${inject('apiKey')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: z.looseObject({}).parse(text === '' ? {} : JSON.parse(text)),
  };
}
