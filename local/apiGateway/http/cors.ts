/** CORS of an HTTP API: once configured, the gateway alone speaks of it. */
import type { CorsConfiguration } from '../../cloudFormation/gateways.ts';
import type { GatewayResponse } from './functionResponse.ts';

/** The answer to a preflight: no function and no authorizer takes part. */
export function preflight(cors: CorsConfiguration, origin: string | undefined): GatewayResponse {
  const allowed = allowedOrigin(cors, origin);
  const list = (name: string, values: readonly string[]) =>
    values.length > 0 ? { [name]: values.join(',') } : {};
  return {
    status: 204,
    headers:
      allowed === undefined
        ? {}
        : {
            ...originHeaders(cors, allowed),
            ...list('access-control-allow-methods', cors.AllowMethods),
            ...list('access-control-allow-headers', cors.AllowHeaders),
            ...(cors.MaxAge === undefined ? {} : { 'access-control-max-age': String(cors.MaxAge) }),
          },
    body: Buffer.alloc(0),
  };
}

/** Replaces what an integration said of CORS by what the configuration says. */
export function withCors(
  response: GatewayResponse,
  cors: CorsConfiguration,
  origin: string | undefined,
): GatewayResponse {
  const kept = Object.entries(response.headers).filter(
    ([name]) => !name.startsWith('access-control-'),
  );
  const allowed = allowedOrigin(cors, origin);
  const expose = cors.ExposeHeaders.join(',');
  return {
    ...response,
    headers: {
      ...Object.fromEntries(kept),
      ...(allowed === undefined ? {} : originHeaders(cors, allowed)),
      ...(allowed !== undefined && expose !== ''
        ? { 'access-control-expose-headers': expose }
        : {}),
    },
  };
}

/** What access-control-allow-origin says to this origin; undefined when it is not allowed. */
function allowedOrigin(cors: CorsConfiguration, origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  if (cors.AllowOrigins.includes('*')) return '*';
  const allowed = cors.AllowOrigins.some(
    (pattern) =>
      pattern === origin ||
      ((pattern === 'https://*' || pattern === 'http://*') &&
        origin.startsWith(pattern.slice(0, -1))),
  );
  return allowed ? origin : undefined;
}

const originHeaders = (cors: CorsConfiguration, allowed: string) => ({
  'access-control-allow-origin': allowed,
  ...(cors.AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
  ...(allowed === '*' ? {} : { vary: 'Origin' }),
});
