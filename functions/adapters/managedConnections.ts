/**
 * The connections port over API Gateway's @connections (API Gateway Developer Guide, "Use @connections
 * commands in your backend service"). A push is one request for each client, so this is done without the
 * SDK's client, of which only region and credentials are taken.
 */
import type { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { SENDS_AT_ONCE } from '../../shared/limits.ts';
import type { Connections } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createConnectionsClient } from './clients/connections.ts';
import { createSigner } from './requestSignature.ts';
import { isNamed } from './sdkErrors.ts';

const SERVICE = 'execute-api';
const SOCKETS = { keepAlive: true, maxSockets: SENDS_AT_ONCE } as const;

interface Answer {
  readonly status: number;
  /** The name of the error, as the service gives it. */
  readonly error: string;
}

/** An error that the service answered, in the shape of the SDK's. */
class ConnectionsError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  constructor({ status, error }: Answer) {
    super(`API Gateway answered ${status} to a message for a connection.`);
    this.name = error;
    this.$metadata = { httpStatusCode: status };
  }
}

/** The connection to the service was closed before the message was sent on it. */
class ClosedBefore extends Error {
  override readonly name = 'ClosedBefore';
  readonly code = 'ECONNRESET';
}

const isNetworkError = (error: Error, ...codes: string[]) =>
  codes.includes((error as NodeJS.ErrnoException).code ?? '');

const answerOf = async (response: IncomingMessage): Promise<Answer> => {
  const status = response.statusCode ?? 0;
  const { 'x-amzn-errortype': type = '' } = response.headers;
  // Read to its end in any case, so that the connection is free for the next message.
  await text(response);
  return { status, error: String(type).split(':', 1)[0] || `Status${status}` };
};

/**
 * Open WebSocket connections of one stage. Throws WorkflowError serviceUnavailable when API Gateway
 * fails in a way that may pass; a client that reads too slowly is one of them (LimitExceeded).
 */
export function createConnections({
  managementUrl,
  client = createConnectionsClient(managementUrl),
  limits = CALL_LIMITS,
}: {
  managementUrl: string;
  client?: ApiGatewayManagementApiClient;
  limits?: Pick<CallLimits, 'post'>;
}): Connections {
  const url = new URL(managementUrl);
  const base = `${url.pathname.replace(/\/$/, '')}/@connections/`;
  const secure = url.protocol === 'https:';
  const agent = secure ? new HttpsAgent(SOCKETS) : new HttpAgent(SOCKETS);
  const send = secure ? httpsRequest : httpRequest;
  const sign = client.config.region().then((region) => createSigner({ region, service: SERVICE }));
  // Whoever asks for it hears of it; until then nobody does.
  sign.catch(() => undefined);

  /** @throws ClosedBefore, and Node's errors of the network */
  function post(
    path: string,
    headers: Record<string, string>,
    body: string,
    stop: AbortSignal,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = send(url, {
        agent,
        path,
        method: 'POST',
        signal: stop,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      });
      request.on('response', (response) => {
        answerOf(response).then(resolve, reject);
      });
      request.on('error', (error) => {
        // The service may close a connection that was idle in the moment in which it is used again.
        const closed = request.reusedSocket && isNetworkError(error, 'ECONNRESET', 'EPIPE');
        reject(closed ? new ClosedBefore() : error);
      });
      request.end(body);
    });
  }

  async function deliver(connectionId: string, body: string, stop: AbortSignal): Promise<Answer> {
    const path = base + encodeURIComponent(connectionId);
    const identity = await client.config.credentials();
    const signed = (await sign)(
      { method: 'POST', path, host: url.host, body },
      identity,
      Date.now(),
    );
    const answer = await post(path, signed, body, stop).catch((error: unknown) => {
      if (error instanceof ClosedBefore) return post(path, signed, body, stop);
      throw error;
    });
    if (answer.status >= 300 && answer.status !== 410) throw new ConnectionsError(answer);
    return answer;
  }

  return {
    async send(connectionId, message) {
      try {
        const { status } = await calling('API Gateway', limits.post, ({ abortSignal }) =>
          deliver(connectionId, message, abortSignal),
        );
        return status === 410 ? 'gone' : 'sent';
      } catch (error) {
        // Nobody knows whether the message arrived.
        if (error instanceof Error && isNamed(error.cause, 'TimeoutError')) return 'unanswered';
        throw error;
      }
    },
  };
}
