/**
 * The services of the example, on this machine alone: slow, limited and now and then broken, as real ones are, and with the
 * one virtue that row steps count on: what was made under an Idempotency-Key is kept, and given out again.
 */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import { SERVICES, type Answer, type Service } from './answers.ts';

export interface ServicesOptions {
  /** On 127.0.0.1; 0, unless given, is any free one. */
  readonly port?: number;
  /** What all services take as their key. */
  readonly key: string;
  /** Calls that each service takes in any second; unlimited unless given. */
  readonly perSecond?: number;
  /** The shortest and the longest that work takes, in ms; default none. */
  readonly workMs?: readonly [number, number];
  /** Of the calls, the shares that are answered with 503, and that are worked on and never answered; default none. */
  readonly brokenShare?: number;
  readonly silentShare?: number;
  /** Decides which those are; the same seed and the same calls give the same. */
  readonly seed?: number;
}

/** Services as they are met: limited, slow, and now and then broken. */
export const LIKE_REAL_ONES = {
  key: 'example-key-of-nobody',
  perSecond: 20,
  workMs: [100, 500],
  brokenShare: 0.06,
  silentShare: 0.02,
  seed: 7,
} as const satisfies ServicesOptions;

/** What has been counted since the start. */
export interface Figures {
  /** Calls that came. */
  readonly asked: number;
  /** Pieces of work that were done, each of which somebody would have to pay for. */
  readonly paid: number;
  /** Questions that work was done for more than once, under whatever key: must be none. */
  readonly paidTwice: number;
  /** Calls that were answered with what had been made before. */
  readonly repeated: number;
  /** Calls that were refused with 429, answered with 503, and never answered. */
  readonly throttled: number;
  readonly broken: number;
  readonly silent: number;
  /** Answers that were taken by whoever wanted to be called back. */
  readonly calledBack: number;
  /** Most calls that were taken in a second, and under way at the same time. */
  readonly mostInASecond: number;
  readonly mostAtOnce: number;
}

export interface RunningServices {
  /** Scheme, host and port. */
  readonly url: string;
  readonly figures: () => Figures;
  stop(): Promise<void>;
}

const SECOND_MS = 1_000;
/** Between two pieces of a streamed answer, in ms. */
const PIECE_MS = 10;
const MAX_BODY_BYTES = 1_000_000;
/** Whoever is called back and does not take it is called again after so many ms, and for so long. */
const CALL_AGAIN_MS = 500;
const CALL_FOR_MS = 60_000;
/** Of the calls of a question every so many is answered: whoever tries again three times is always served. */
const LUCKY = 3;

/** A number from 0 up to 1 that follows from what it is of. */
const shareOf = (...of: readonly (string | number)[]): number =>
  hash('sha256', JSON.stringify(of), 'buffer').readUInt32BE(0) / 2 ** 32;

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** Calls of one service in the last second: a window that slides, so no second has more than the limit. */
function createWindow(limit: number) {
  let taken: number[] = [];
  return {
    /** @returns how long the caller is to wait, in ms; 0 where its call is taken */
    take(now: number): number {
      taken = taken.filter((at) => at > now - SECOND_MS);
      const [oldest = now] = taken;
      if (taken.length >= limit) return oldest + SECOND_MS - now;
      taken.push(now);
      return 0;
    },
    get size() {
      return taken.length;
    },
  };
}

/** @returns undefined where it is too large */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes <= MAX_BODY_BYTES) pieces.push(piece);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(pieces).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}

const CallbackSchema = z.looseObject({ callback_url: z.url() });

/** A body whose answer is to be sent somewhere on this machine: where, and what is asked. */
function calledBackAt(body: string): { url: string; asked: string } | undefined {
  const found = CallbackSchema.safeParse(parsed(body));
  if (!found.success) return undefined;
  const { callback_url: url, ...asked } = found.data;
  const { hostname } = new URL(url);
  const isHere = hostname === 'localhost' || hostname === '127.0.0.1';
  return isHere ? { url, asked: JSON.stringify(asked) } : undefined;
}

/** @returns whether it was taken */
async function callBack(url: string, { headers, pieces }: Answer): Promise<boolean> {
  const body = new Blob(pieces.map((piece) => new Uint8Array(Buffer.from(piece))));
  const until = Date.now() + CALL_FOR_MS;
  while (Date.now() < until) {
    const isTaken = await fetch(url, { method: 'POST', headers, body }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isTaken) return true;
    await pause(CALL_AGAIN_MS);
  }
  return false;
}

const ACCEPTED: Answer = {
  status: 202,
  headers: { 'content-type': 'application/json' },
  pieces: ['{"accepted":true}'],
};

async function send(response: ServerResponse, { status, headers, pieces }: Answer) {
  response.writeHead(status, headers);
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await pause(PIECE_MS);
    response.write(piece);
  }
  response.end();
}

/** What was made under a key, and what for. */
interface Made {
  readonly question: string;
  readonly answer: Promise<Answer>;
}

/** Starts them. */
export async function startServices(options: ServicesOptions): Promise<RunningServices> {
  const { key, perSecond = Infinity, workMs = [0, 0], seed = 1 } = options;
  const { brokenShare = 0, silentShare = 0 } = options;
  const windows = new Map(Object.keys(SERVICES).map((path) => [path, createWindow(perSecond)]));
  const made = new Map<string, Made>();
  /** How often each question came, and how often work was done for it. */
  const times = new Map<string, number>();
  const paidFor = new Map<string, number>();
  const counts = { asked: 0, repeated: 0, throttled: 0, broken: 0, silent: 0, calledBack: 0 };
  let mostInASecond = 0;
  let mostAtOnce = 0;
  let underWay = 0;

  const figures = (): Figures => {
    const paid = [...paidFor.values()];
    return {
      ...counts,
      paid: paid.reduce((sum, each) => sum + each, 0),
      paidTwice: paid.filter((each) => each > 1).length,
      ...{ mostInASecond, mostAtOnce },
    };
  };

  /** Works, for as long as it takes; a refusal costs nothing. */
  async function work(service: Service, question: string, body: string): Promise<Answer> {
    const [least, most] = workMs;
    await pause(least + (most - least) * shareOf(seed, 'work', question));
    const answer = service.work(parsed(body), hash('sha256', question, 'hex').slice(0, 12));
    if (answer.status === 200) paidFor.set(question, (paidFor.get(question) ?? 0) + 1);
    return answer;
  }

  /** @returns undefined where nothing is to be answered, ever */
  async function answer(path: string, request: IncomingMessage): Promise<Answer | undefined> {
    const service = SERVICES[path];
    const body = await bodyOf(request);
    if (!service || request.method !== 'POST') {
      return {
        status: 404,
        headers: { 'content-type': 'text/plain' },
        pieces: ['Nothing is here.'],
      };
    }
    if (!service.accepts(request.headers, key)) {
      return service.refuse(401, 'unauthorized', 'The key is not valid.');
    }
    if (body === undefined) return service.refuse(413, 'too_large', 'The body is too large.');
    const window = windows.get(path);
    const waitMs = window?.take(performance.now()) ?? 0;
    if (waitMs > 0) {
      counts.throttled++;
      const refusal = service.refuse(429, 'too_many_requests', 'Too many calls. Come back later.');
      const seconds = Math.ceil(waitMs / SECOND_MS);
      return { ...refusal, headers: { ...refusal.headers, 'retry-after': String(seconds) } };
    }
    mostInASecond = Math.max(mostInASecond, window?.size ?? 0);
    const later = calledBackAt(body);
    const question = `${path}\n${later?.asked ?? body}`;
    const time = (times.get(question) ?? 0) + 1;
    times.set(question, time);
    const fate = time % LUCKY === 0 ? 1 : shareOf(seed, 'fate', question, time);
    if (fate < brokenShare) {
      counts.broken++;
      return service.refuse(503, 'service_unavailable', 'A worker is restarting.');
    }
    const given = request.headers['idempotency-key'];
    const name = typeof given === 'string' ? given : undefined;
    const before = name === undefined ? undefined : made.get(name);
    if (before && before.question !== question) {
      return service.refuse(422, 'idempotency_key_reused', 'The key was used for something else.');
    }
    if (before) counts.repeated++;
    const answering = before?.answer ?? work(service, question, body);
    if (name !== undefined) made.set(name, { question, answer: answering });
    if (later) {
      void answering.then(async (given) => {
        if (await callBack(later.url, given)) counts.calledBack++;
      });
      return ACCEPTED;
    }
    const answered = await answering;
    // What was refused is no work: a request that is sent again may fare better.
    if (answered.status !== 200 && name !== undefined) made.delete(name);
    if (fate >= brokenShare + silentShare) return answered;
    counts.silent++;
    return undefined;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.method === 'GET' && path === '/figures') {
      const pieces = [`${JSON.stringify(figures())}\n`];
      return send(response, {
        status: 200,
        headers: { 'content-type': 'application/json' },
        pieces,
      });
    }
    counts.asked++;
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    response.once('close', () => underWay--);
    const answered = await answer(path, request);
    if (answered) await send(response, answered);
  }

  const server = createServer((request, response) => {
    // Whoever asked may be gone meanwhile.
    response.on('error', () => response.destroy());
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    figures,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
