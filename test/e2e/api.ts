/** The API under test: a deployed stack or the local cloud that the set-up started. */
import { inject } from 'vitest';
import { createClient, type SheafClient } from '../../cli/client.ts';
export { docx } from '../support/docx.ts';

export const client = (): SheafClient =>
  createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** One raw call with the API key; redirects are shown, not followed. */
export async function api(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${inject('apiUrl')}${path}`, {
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
  const json: unknown = text === '' ? {} : JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers,
    body: json as Record<string, unknown>,
  };
}
