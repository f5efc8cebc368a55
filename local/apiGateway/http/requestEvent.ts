/**
 * Events of an HTTP API, payload format 2.0 (API Gateway Developer Guide, "Work with AWS Lambda proxy
 * integrations for HTTP APIs"). A key without a value is absent, never null.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT } from '../../cloudFormation/resourceTypes.ts';

/** A request as the gateway received it. */
export interface GatewayRequest {
  readonly method: string;
  /** Path and query as on the wire. */
  readonly target: string;
  readonly httpVersion: string;
  /** Names and values in turn, as node:http gives `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly port: number;
}

/** What the gateway found out about a request before it asks a function. */
export interface RequestFacts {
  readonly request: GatewayRequest;
  readonly apiId: string;
  readonly stage: string;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  /** Lower-case names; duplicates joined by a comma; no cookies. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly query: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** An id in API Gateway's form: 15 characters and a sign of equality. */
export const gatewayRequestId = () => randomBytes(11).toString('base64');

/** Between client and gateway alone (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads a request.
 * @throws URIError when the path is not properly percent-encoded
 */
export function requestFacts(
  request: GatewayRequest,
  api: { readonly id: string; readonly stage: string },
  match: { readonly routeKey: string; readonly pathParameters: Readonly<Record<string, string>> },
  now: number,
): RequestFacts {
  const { path, rawQueryString } = splitTarget(request.target);
  const { headers, cookies } = readHeaders(request);
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    query[name] = name in query ? `${query[name]},${value}` : value;
  }
  return {
    request,
    apiId: api.id,
    stage: api.stage,
    ...match,
    headers,
    cookies,
    // HTTP APIs hand the path over decoded, in spite of the field's name.
    rawPath: decodeURIComponent(path),
    rawQueryString,
    query,
    requestId: gatewayRequestId(),
    now,
  };
}

/** Path and query of a request target, both as on the wire. */
export function splitTarget(target: string): { path: string; rawQueryString: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, rawQueryString: '' }
    : { path: target.slice(0, mark), rawQueryString: target.slice(mark + 1) };
}

function readHeaders({ rawHeaders, sourceIp, port }: GatewayRequest) {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/; */).filter((cookie) => cookie !== ''));
    else if (!HOP_BY_HOP.has(name)) {
      headers[name] = name in headers ? `${headers[name]},${value}` : value;
    }
  }
  const forwarded = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`;
  headers['x-forwarded-port'] = String(port);
  headers['x-forwarded-proto'] = 'http';
  headers['x-amzn-trace-id'] ??= traceId();
  return { headers, cookies };
}

function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}

/** The event for a route's function. */
export function requestEvent(facts: RequestFacts, authorizerContext: unknown): object {
  const { body } = facts.request;
  const isText = isTextType(facts.headers['content-type']);
  return {
    version: '2.0',
    ...commonFields(facts, authorizerContext),
    ...(body.length > 0 ? { body: body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** The event for an authorizer: the same without body, with the values it is to judge. */
export function authorizerEvent(
  facts: RequestFacts,
  routeArn: string,
  identitySource: readonly string[],
): object {
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn,
    identitySource,
    ...commonFields(facts, undefined),
  };
}

function commonFields(facts: RequestFacts, authorizerContext: unknown) {
  const { request, headers, cookies, query, pathParameters } = facts;
  return {
    routeKey: facts.routeKey,
    rawPath: facts.rawPath,
    rawQueryString: facts.rawQueryString,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    ...unlessEmpty('queryStringParameters', query),
    ...unlessEmpty('pathParameters', pathParameters),
    requestContext: {
      accountId: LOCAL_ACCOUNT,
      apiId: facts.apiId,
      ...(authorizerContext === undefined ? {} : { authorizer: { lambda: authorizerContext } }),
      domainName: hostName(headers.host),
      domainPrefix: hostName(headers.host).split('.')[0],
      http: {
        method: request.method,
        path: facts.rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: facts.requestId,
      routeKey: facts.routeKey,
      stage: facts.stage,
      time: commonLogTime(new Date(facts.now)),
      timeEpoch: facts.now,
    },
  };
}

const unlessEmpty = (name: string, values: Readonly<Record<string, string>>) =>
  Object.keys(values).length > 0 ? { [name]: values } : {};

const hostName = (host = 'localhost') => host.replace(/:\d+$/, '');

/** Types that the gateway passes on as text; every other body, a missing type included, is base64. */
function isTextType(contentType: string | undefined): boolean {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^(text\/.*|application\/(json|xml|javascript))$/.test(type);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Such as 12/Mar/2020:19:03:58 +0000. */
export function commonLogTime(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${day}:${time} +0000`;
}
