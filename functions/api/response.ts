/** A route's reply as an HTTP response. */
import type { RouteDescription } from '../../shared/api/route.ts';
import type { Download } from '../../shared/schemas/taskApi.ts';
import { SECURITY_HEADERS } from '../runtime/problemResponse.ts';
import type { PreparedDocument, Reply } from './route.ts';

/** Headers of the request that change how the same reply is sent. */
export interface Preferences {
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export function toResponse(
  { answers }: RouteDescription,
  reply: Reply,
  { accept, ifNoneMatch }: Preferences,
): Response {
  if ('link' in reply) return linkResponse(reply.link, accept);
  if ('document' in reply) return documentResponse(reply.document, ifNoneMatch);
  if ('empty' in reply) return new Response(null, { status: 204, headers: SECURITY_HEADERS });
  const status = answers.find((answer) => answer.kind === 'data')?.status ?? 200;
  return json(status, reply);
}

function linkResponse(link: Download, accept: string | undefined): Response {
  if (wantsJson(accept)) return json(200, { data: link });
  return new Response(null, { status: 302, headers: { ...SECURITY_HEADERS, location: link.url } });
}

/** May be kept, and is asked for anew each time: then 304 says that it is still the same. */
function documentResponse({ text, etag }: PreparedDocument, ifNoneMatch = ''): Response {
  const headers = { ...SECURITY_HEADERS, 'cache-control': 'no-cache', etag };
  // Weak comparison (RFC 9110, section 13.1.2): a gateway that compresses may have added W/.
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(text, { headers: { ...headers, 'content-type': 'application/json' } });
}

/** Whether JSON is asked for by name: browsers and curl, which follow links, accept anything. */
function wantsJson(accept = ''): boolean {
  return accept.split(',').some((range) => {
    const [mediaType = '', ...parameters] = range.toLowerCase().split(';');
    const refused = parameters.some((parameter) => /^\s*q=0(\.0*)?\s*$/.test(parameter));
    return mediaType.trim() === 'application/json' && !refused;
  });
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...SECURITY_HEADERS, 'content-type': 'application/json' },
  });
}
