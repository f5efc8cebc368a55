/** A route's reply as an HTTP response. */
import type { Download } from '../../shared/schemas/taskApi.ts';
import { SECURITY_HEADERS } from '../runtime/problemResponse.ts';
import type { Reply, RouteDescription } from './route.ts';

/** @param accept the request's Accept header */
export function toResponse(
  { answers }: RouteDescription,
  reply: Reply,
  accept: string | undefined,
): Response {
  if ('link' in reply) return linkResponse(reply.link, accept);
  if ('document' in reply) return json(200, reply.document);
  const status = answers.find((answer) => answer.kind === 'data')?.status ?? 200;
  return json(status, reply);
}

function linkResponse(link: Download, accept: string | undefined): Response {
  if (wantsJson(accept)) return json(200, { data: link });
  return new Response(null, { status: 302, headers: { ...SECURITY_HEADERS, location: link.url } });
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
