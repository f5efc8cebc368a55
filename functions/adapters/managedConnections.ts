/**
 * The connections port over API Gateway's @connections (API Gateway Developer Guide, "Use @connections
 * commands in your backend service").
 */
import { SENDS_AT_ONCE } from '../../shared/limits.ts';
import type { Connections } from '../../shared/ports.ts';
import { calling } from './calling.ts';
import { CALL_LIMITS, type CallLimits } from './callLimits.ts';
import { createTransport, type SmallAnswer } from './clients/httpTransport.ts';
import { ServiceError, type ServicePlace } from './clients/jsonService.ts';
import { createSigner } from './requestSignature.ts';
import { isNamed } from './sdkErrors.ts';

const SERVICE = 'execute-api';

function refusal({ status, headers }: SmallAnswer): ServiceError {
  const { 'x-amzn-errortype': type = '' } = headers;
  const name = String(type).split(':', 1)[0] || `Status${status}`;
  const message = `API Gateway answered ${status} to a message for a connection.`;
  return new ServiceError(name, message, status);
}

/**
 * Open WebSocket connections of one stage. Throws WorkflowError serviceUnavailable when API Gateway
 * fails in a way that may pass; a client that reads too slowly is one of them (LimitExceeded).
 */
export function createConnections({
  managementUrl,
  placeOf,
  limits = CALL_LIMITS,
}: {
  managementUrl: string;
  /** Asked at the first message. */
  placeOf: () => Pick<ServicePlace, 'region' | 'credentials'>;
  limits?: Pick<CallLimits, 'post'>;
}): Connections {
  const url = new URL(managementUrl);
  const base = `${url.pathname.replace(/\/$/, '')}/@connections/`;
  const send = createTransport(url, SENDS_AT_ONCE);
  let opened: ReturnType<typeof open> | undefined;

  function open() {
    const { region, credentials } = placeOf();
    return { credentials, sign: createSigner({ region, service: SERVICE }) };
  }

  async function deliver(connectionId: string, body: string, stop: AbortSignal) {
    const { credentials, sign } = (opened ??= open());
    const path = base + encodeURIComponent(connectionId);
    const request = { method: 'POST', path, body } as const;
    const headers = sign({ ...request, host: url.host }, credentials, Date.now());
    const answer = await send({ ...request, headers }, stop);
    if (answer.status >= 300 && answer.status !== 410) throw refusal(answer);
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
