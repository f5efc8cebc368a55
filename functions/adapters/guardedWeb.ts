/**
 * The port to servers of others, over Node's own client: the one way in which this application sends
 * anything to an address that somebody named. The look-up that a connection is made with is the one that is
 * judged, so a name cannot lead elsewhere between the two (DNS rebinding). It follows no redirect, knows no
 * proxy, and keeps no connection unless it is told to.
 */
import { lookup, type LookupAddress } from 'node:dns';
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { whyRefused, type EgressRules } from '../../shared/egress/addresses.ts';
import { readTarget } from '../../shared/egress/targets.ts';
import type { Web, WebAnswer, WebFailure, WebRequest } from '../../shared/ports.ts';

/** All addresses of a name. */
export type Resolve = (
  name: string,
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

const resolveByDns: Resolve = (name, done) => lookup(name, { all: true }, done);

/** Connections that stay open for further requests to the same host. */
export interface KeptSockets {
  /** To one host at a time, at most; further requests wait for one of them, within their time. */
  readonly perHost: number;
  /** One that nobody used for so long is closed, in ms. */
  readonly idleMs: number;
}

export interface GuardedWebOptions {
  /** Finds the addresses of a name; default: as the system does. */
  readonly resolve?: Resolve;
  /**
   * Absent: a connection for each request. A connection that is kept was judged when it was made, and leads nowhere
   * else since. All that is sent to a host through the same port shares its connections.
   */
  readonly keep?: KeptSockets;
}

/** An error of ours, with what it means. */
class WebError extends Error {
  readonly failure: WebFailure;
  constructor(failure: WebFailure) {
    super(`The request failed: ${failure}.`);
    this.name = 'WebError';
    this.failure = failure;
  }
}

/** Codes of Node's errors (errno, c-ares, OpenSSL), by what they mean. */
const CODES: readonly (readonly [RegExp, WebFailure])[] = [
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, 'unresolved'],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL|EHOSTDOWN)$/, 'unreachable'],
  [/CERT|SELF_SIGNED|UNABLE_TO|TLS|SSL|^EPROTO$/, 'insecure'],
];

function failureOf(error: unknown): WebFailure {
  if (error instanceof WebError) return error.failure;
  const code = String((error as NodeJS.ErrnoException | undefined)?.code ?? '');
  return CODES.find(([pattern]) => pattern.test(code))?.[1] ?? 'broken';
}

/** What a socket resolves its host with: the addresses that are judged are those that it connects to. */
function guardedLookup(rules: EgressRules, resolve: Resolve): LookupFunction {
  return (name, { all }, done) =>
    resolve(name, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return done(error ?? new WebError('unresolved'), []);
      // One that is refused spoils all: which of them is taken is left to chance.
      const refused = addresses.some(({ address }) => whyRefused(address, rules) !== undefined);
      if (refused) return done(new WebError('not_allowed'), []);
      return all === true ? done(null, addresses) : done(null, first.address, first.family);
    });
}

/** As much of the body as is wanted. */
async function readBody(
  response: IncomingMessage,
  maxBytes: number,
): Promise<{ body: Uint8Array; isWhole: boolean }> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  if (maxBytes > 0) {
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxBytes) break;
    }
  }
  const isWhole = response.complete && bytes <= maxBytes;
  return { body: Buffer.concat(pieces).subarray(0, maxBytes), isWhole };
}

/** The first value of each header. */
const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first]];
    }),
  );

/** Methods of which a second request does what the first one did (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set<WebRequest['method']>(['GET', 'PUT', 'DELETE']);

const mayRepeat = ({ method, headers }: WebRequest): boolean =>
  IDEMPOTENT.has(method) ||
  Object.keys(headers).some((name) => name.toLowerCase() === 'idempotency-key');

type Agents = Readonly<Record<string, HttpAgent>>;

/** By the protocol of a URL. */
function agentsOf({ perHost, idleMs }: KeptSockets): Agents {
  const options = {
    keepAlive: true,
    maxSockets: perHost,
    maxFreeSockets: perHost,
    timeout: idleMs,
    // The one that was used last: those that are too many become idle.
    scheduling: 'lifo',
  } as const;
  return { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
}

/** One that was closed at the other end says so at once: whatever breaks later may have been worked on. */
const STALE_MS = 1_000;

/** A kept connection had ended before the request arrived, as far as can be told. */
class StaleConnection extends Error {}

function send(
  url: URL,
  { method, headers, body, timeoutMs, maxBytes }: WebRequest,
  look: LookupFunction,
  agent: HttpAgent | undefined,
): Promise<WebAnswer> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions & { rejectUnauthorized: true } = {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
      // Whoever makes a connection for this request makes it by this.
      lookup: look,
      // Without one, a connection of its own: its address was judged for this request.
      agent: agent ?? false,
      // Whatever the environment says.
      rejectUnauthorized: true,
    };
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    const settled = (settle: () => void, isKept = false) => {
      clearTimeout(timer);
      settle();
      if (!isKept) request.destroy();
    };
    let isAnswered = false;
    const begunAt = performance.now();
    const fail = (error: Error) => {
      const isStale =
        !isAnswered &&
        request.reusedSocket &&
        performance.now() - begunAt < STALE_MS &&
        failureOf(error) === 'broken';
      settled(() => reject(isStale ? new StaleConnection() : error));
    };
    const timer = setTimeout(() => fail(new WebError('timeout')), timeoutMs);
    request.on('error', fail);
    request.on('close', () => {
      if (!isAnswered) fail(new WebError('broken'));
    });
    request.on('response', (response) => {
      isAnswered = true;
      const { statusCode: status = 0 } = response;
      readBody(response, maxBytes).then(
        (read) =>
          settled(
            () => resolve({ status, headers: headersOf(response), ...read }),
            agent !== undefined && read.isWhole,
          ),
        fail,
      );
    });
    request.end(body);
  });
}

/** A port to servers of others at addresses that these rules let through. */
export function createGuardedWeb(
  rules: EgressRules,
  { resolve = resolveByDns, keep }: GuardedWebOptions = {},
): Web {
  const look = guardedLookup(rules, resolve);
  const agents = keep && agentsOf(keep);

  async function sendOnce(url: URL, request: WebRequest): Promise<WebAnswer> {
    const begun = performance.now();
    try {
      return await send(url, request, look, agents?.[url.protocol]);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      const timeoutMs = request.timeoutMs - (performance.now() - begun);
      if (timeoutMs <= 0 || !mayRepeat(request)) throw new WebError('broken');
      return send(url, { ...request, timeoutMs }, look, undefined);
    }
  }

  return {
    async request(request) {
      const target = readTarget(request.url, rules);
      if ('fault' in target) return { failure: 'not_allowed' };
      try {
        return await sendOnce(target.url, request);
      } catch (error) {
        return { failure: failureOf(error) };
      }
    },
  };
}
