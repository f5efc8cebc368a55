/** A client over a scripted network, on a clock that only sleeping moves. */
import * as z from 'zod';
import { createClient, type ClientOptions } from '../../client/client.ts';
import type { ClientClock } from '../../client/clock.ts';

export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What the network does with a request; an error is thrown as fetch throws it. */
export type Turn = Response | Error | ((request: SentRequest) => Response | Promise<Response>);

export const API_URL = 'https://api.invalid/api/v2';

/** Jumps instead of waiting; sleeps are recorded, and may be watched by `onSleep`. */
export function jumpingClock(onSleep?: (ms: number) => void): ClientClock & { slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    date: () => Date.UTC(2026, 0, 1) + now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
      onSleep?.(ms);
    },
  };
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

/** A client whose requests meet the turns one after the other; the last one stays. */
export function scriptedClient(turns: readonly Turn[], options: Partial<ClientOptions> = {}) {
  const clock = jumpingClock();
  const requests: SentRequest[] = [];
  const client = createClient({
    apiUrl: API_URL,
    apiKey: 'key-0000',
    clock,
    random: () => 0.5,
    fetch: async (input, init) => {
      const body = init?.body;
      const request = {
        url: input instanceof Request ? input.url : input.toString(),
        method: init?.method ?? 'GET',
        headers: new Headers(init?.headers),
        body: typeof body === 'string' ? z.json().parse(JSON.parse(body)) : body,
      };
      const turn = turns[Math.min(requests.length, turns.length - 1)];
      requests.push(request);
      if (turn instanceof Error) throw turn;
      if (typeof turn === 'function') return turn(request);
      if (!turn) throw new Error('The script is empty.');
      return turn.clone();
    },
    ...options,
  });
  return { client, clock, requests };
}
