/**
 * The service that rows of simulated tasks are sent to. It answers every fifth call that it is busy, and does its work once
 * under each Idempotency-Key. Where it is asked to, it answers by calling back: as often, and as late, as is planned.
 */
import * as z from 'zod';
import type { WebAnswer, WebRequest } from '../../shared/ports.ts';
import { MARKER } from './rows.ts';
import type { TaskPlan } from './scenario.ts';

const ORIGIN = 'https://service.example.com/';
const BUSY_EACH = 5;
/** A callback that is not taken is sent again so often, and so long after, in ms. */
const [CALLBACK_TRIES, CALLBACK_PAUSE_MS] = [5, 20_000];

/** The step by which a task calls it. @param task index in the scenario */
export const stepOf = (task: number, { callbacks }: Pick<TaskPlan, 'callbacks'>) => ({
  name: 'service',
  request: {
    url: `${ORIGIN}${task}`,
    body: { n: '{n}', ...(callbacks && { callback: '{callbackUrl}' }) },
  },
  response: { values: { said: '/said' } },
  rateLimit: { perSecond: 20, concurrent: 10 },
  ...(callbacks
    ? { mode: 'callback' as const, timeoutSeconds: callbacks.timeoutSeconds }
    : { timeoutSeconds: 30 }),
  retries: 10,
});

const BodySchema = z.object({ n: z.number(), callback: z.string().optional() });

/** An answer, to a request or by a callback. */
export interface SentAnswer {
  readonly said: string;
  /** When it was sent first, in virtual ms since 1970. */
  readonly sentAt: number;
  /** When the service knew that it was taken. */
  takenAt: number | undefined;
}

/** Work that was done under one key. */
export interface Served {
  readonly key: string;
  /** When it was asked for first. */
  readonly askedAt: number;
  readonly answers: SentAnswer[];
}

export interface Service {
  /** Undefined for a request to somebody else. */
  answer(request: WebRequest): WebAnswer | undefined;
  /** What it did for a number of a task's rows, in the order in which it was asked. */
  servedFor(task: number, n: number): readonly Served[];
}

/** What the service needs of the world. */
export interface ServiceWorld {
  readonly now: () => number;
  readonly later: (ms: number, what: () => void) => void;
  /** @returns the status; undefined when there was no answer */
  readonly post: (url: string, body: string) => Promise<number | undefined>;
}

/** @param tasks of the scenario */
export function createService(tasks: readonly TaskPlan[], world: ServiceWorld): Service {
  const served = new Map<string, Served[]>();
  let calls = 0;

  /** Calls back, until it is taken, or nobody is there for it. */
  async function callBack(url: string, answer: SentAnswer, tries = 1): Promise<void> {
    const status = await world.post(url, JSON.stringify({ said: answer.said }));
    if (status === 202) answer.takenAt = world.now();
    if (status === 202 || status === 404 || tries === CALLBACK_TRIES) return;
    world.later(CALLBACK_PAUSE_MS, () => void callBack(url, answer, tries + 1));
  }

  /** Does the work of a request whose key is new. */
  function serve(task: string, n: number, key: string, callback: string | undefined): Served {
    const of = `${task} ${n}`;
    const before = served.get(of) ?? [];
    const work: Served = { key, askedAt: world.now(), answers: [] };
    served.set(of, [...before, work]);
    const say = (index: number) => {
      const said = `${MARKER} ${n} ${before.length} ${index}`;
      const answer: SentAnswer = { said, sentAt: world.now(), takenAt: undefined };
      work.answers.push(answer);
      return answer;
    };
    const { callbacks } = tasks[Number(task)] ?? {};
    if (callback === undefined || !callbacks) {
      say(0);
      return work;
    }
    const { after } = callbacks;
    for (const [index, ms] of (after[(n + before.length) % after.length] ?? []).entries()) {
      world.later(ms, () => void callBack(callback, say(index)));
    }
    return work;
  }

  return {
    answer({ url, headers, body = '' }) {
      if (!url.startsWith(ORIGIN)) return undefined;
      const json = { headers: { 'content-type': 'application/json' }, isWhole: true };
      if (++calls % BUSY_EACH === 0) return { status: 503, body: new Uint8Array(), ...json };
      const { n, callback } = BodySchema.parse(JSON.parse(body));
      const task = url.slice(ORIGIN.length);
      const key = headers['idempotency-key'] ?? '';
      const before = served.get(`${task} ${n}`)?.find((work) => work.key === key);
      const { answers } = before ?? serve(task, n, key, callback);
      const given = callback === undefined ? { said: answers[0]?.said } : {};
      return { status: 200, body: Buffer.from(JSON.stringify(given)), ...json };
    },
    servedFor: (task, n) => served.get(`${task} ${n}`) ?? [],
  };
}
