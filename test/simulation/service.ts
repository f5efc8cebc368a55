/**
 * The service that rows of simulated tasks are sent to. It answers every fifth call that it is busy, and does its work once
 * under each Idempotency-Key.
 */
import * as z from 'zod';
import type { WebAnswer, WebRequest } from '../../shared/ports.ts';

const ORIGIN = 'https://service.example.com/';
const BUSY_EACH = 5;

/** The step by which a task calls it. @param task index in the scenario */
export const stepOf = (task: number) => ({
  name: 'service',
  request: { url: `${ORIGIN}${task}`, body: { n: '{n}' } },
  response: { values: { said: '/said' } },
  rateLimit: { perSecond: 20, concurrent: 10 },
  timeoutSeconds: 30,
  retries: 10,
});

const BodySchema = z.object({ n: z.number() });

export interface Service {
  /** Undefined for a request to somebody else. */
  answer(request: WebRequest): WebAnswer | undefined;
  /** Keys under which work was done for a number of a task's rows. */
  keysOf(task: number, n: number): ReadonlySet<string>;
}

export function createService(): Service {
  const done = new Map<string, Set<string>>();
  let calls = 0;
  return {
    answer({ url, headers, body = '' }) {
      if (!url.startsWith(ORIGIN)) return undefined;
      const json = { headers: { 'content-type': 'application/json' }, isWhole: true };
      if (++calls % BUSY_EACH === 0) return { status: 503, body: new Uint8Array(), ...json };
      const { n } = BodySchema.parse(JSON.parse(body));
      const of = `${url.slice(ORIGIN.length)} ${n}`;
      const keys = done.get(of) ?? new Set();
      done.set(of, keys.add(headers['idempotency-key'] ?? ''));
      return { status: 200, body: Buffer.from(JSON.stringify({ said: `${n}` })), ...json };
    },
    keysOf: (task, n) => done.get(`${task} ${n}`) ?? new Set(),
  };
}
