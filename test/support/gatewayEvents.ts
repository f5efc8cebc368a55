/** Events as API Gateway and Lambda send them, cut down to one of each kind. */
import type { Context } from 'aws-lambda';

interface HttpRequest {
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
  /** Undefined: a route without an authorizer. */
  ownerId?: string;
}

/** HTTP API, payload format 2.0: absent, not null, is what is empty. */
export function httpEvent(request: HttpRequest = {}): Record<string, unknown> {
  const { method = 'GET', path = '/api/v2/health', query = '', headers = {}, body } = request;
  return {
    version: '2.0',
    routeKey: 'ANY /api/v2/{proxy+}',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'id.execute-api.us-east-1.amazonaws.com', accept: '*/*', ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'id',
      ...(request.ownerId === undefined
        ? {}
        : { authorizer: { lambda: { ownerId: request.ownerId } } }),
      domainName: 'id.execute-api.us-east-1.amazonaws.com',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.1', userAgent: 'curl/8' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: 'ANY /api/v2/{proxy+}',
      stage: '$default',
      time: '12/Mar/2026:19:03:58 +0000',
      timeEpoch: 1_773_342_238_390,
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: request.isBase64Encoded ?? false,
  };
}

/** Lambda authorizer of an HTTP API, request format 2.0. */
export function keyAuthorizerEvent(authorization: string): Record<string, unknown> {
  const event = httpEvent({ headers: { authorization } });
  delete event['isBase64Encoded'];
  const routeArn = 'arn:aws:execute-api:us-east-1:123456789012:id/$default/GET/api/v2/batch/tasks';
  return { ...event, type: 'REQUEST', routeArn, identitySource: [authorization] };
}

const CONNECTION = {
  extendedRequestId: 'BFHPhFe3IAMF95g=',
  requestTime: '11/Nov/2026:11:35:24 +0000',
  messageDirection: 'IN',
  stage: 'v2',
  connectedAt: 1_731_324_924_553,
  requestTimeEpoch: 1_731_324_924_561,
  identity: { sourceIp: '203.0.113.1' },
  requestId: 'BFHPhFe3IAMF95g=',
  domainName: 'x.execute-api.us-east-1.amazonaws.com',
  connectionId: 'BFHPhfCWIAMCKlQ=',
  apiId: 'x',
};

const CONNECT_HEADERS = {
  Host: 'x.execute-api.us-east-1.amazonaws.com',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

/** REQUEST authorizer of a WebSocket API, on $connect. */
export function ticketAuthorizerEvent(ticket: string | undefined): Record<string, unknown> {
  const query = ticket === undefined ? {} : { queryStringParameters: { ticket } };
  return {
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:123456789012:x/v2/$connect',
    headers: CONNECT_HEADERS,
    ...query,
    requestContext: { ...CONNECTION, routeKey: '$connect', eventType: 'CONNECT' },
  };
}

/** An event of the WebSocket API: a message when there is a body. */
export function socketEvent(
  eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT',
  { ownerId = 'owner-a', body }: { ownerId?: string; body?: string } = {},
): Record<string, unknown> {
  const authorizer = { principalId: ownerId, ownerId, integrationLatency: 7 };
  const context = { ...CONNECTION, eventType, authorizer };
  switch (eventType) {
    case 'CONNECT':
      return {
        headers: CONNECT_HEADERS,
        requestContext: { ...context, routeKey: '$connect' },
        isBase64Encoded: false,
      };
    case 'MESSAGE':
      return {
        requestContext: { ...context, routeKey: '$default', messageId: 'BFaVtfGSIAMCKug=' },
        body,
        isBase64Encoded: false,
      };
    case 'DISCONNECT':
      return {
        headers: { Host: 'x.execute-api.us-east-1.amazonaws.com', 'x-api-key': '' },
        requestContext: {
          ...CONNECTION,
          eventType,
          routeKey: '$disconnect',
          disconnectStatusCode: 1005,
          disconnectReason: 'Client-side close frame status not set',
        },
        isBase64Encoded: false,
      };
  }
}

/** The context of an invocation, with `remainingMs` left. */
export function lambdaContext(remainingMs = 30_000): Context {
  return {
    functionName: 'sheaf-function',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:sheaf-function',
    memoryLimitInMB: '512',
    awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e812345678',
    logGroupName: '/aws/lambda/sheaf-function',
    logStreamName: '2026/03/12/[$LATEST]0123456789abcdef',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => remainingMs,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
