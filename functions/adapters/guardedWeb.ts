/**
 * The port to servers of others, over Node's own client: the one way in which this application sends
 * anything to an address that somebody named. The look-up that a connection is made with is the one that is
 * judged, so a name cannot lead elsewhere between the two (DNS rebinding). It follows no redirect, keeps no
 * connection, and knows no proxy.
 */
import { lookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
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

function send(
  url: URL,
  { method, headers, body, timeoutMs, maxBytes }: WebRequest,
  look: LookupFunction,
): Promise<WebAnswer> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions & { rejectUnauthorized: true } = {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
      lookup: look,
      // A connection of its own for each request: its address was judged for this one.
      agent: false,
      // Whatever the environment says.
      rejectUnauthorized: true,
    };
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
      request.destroy();
    };
    const fail = (error: Error) => end(() => reject(error));
    const timer = setTimeout(() => fail(new WebError('timeout')), timeoutMs);
    let isAnswered = false;
    request.on('error', fail);
    request.on('close', () => {
      if (!isAnswered) fail(new WebError('broken'));
    });
    request.on('response', (response) => {
      isAnswered = true;
      const { statusCode: status = 0 } = response;
      readBody(response, maxBytes).then(
        (read) => end(() => resolve({ status, headers: headersOf(response), ...read })),
        fail,
      );
    });
    request.end(body);
  });
}

/**
 * @param resolve finds the addresses of a name; default: as the system does
 */
export function createGuardedWeb(rules: EgressRules, resolve: Resolve = resolveByDns): Web {
  const look = guardedLookup(rules, resolve);
  return {
    async request(request) {
      const target = readTarget(request.url, rules);
      if ('fault' in target) return { failure: 'not_allowed' };
      try {
        return await send(target.url, request, look);
      } catch (error) {
        return { failure: failureOf(error) };
      }
    },
  };
}
